"""One record per activation of the hidden layers, with the initializer that fits it (recipe rules F1 and F2)."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.choices import Activation, InitializerName

LEAKY_SLOPE = 0.1  # of LeakyReLU below zero: recipe rule F1
PRELU_START = 0.25  # first slope of PReLU below zero: He et al. (2015), arXiv 1502.01852, section 2.1
MAXOUT_PIECES = 2  # linear pieces per unit: Goodfellow et al. (2013), section 5, use 2 to 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRecord:
    """One activation of the hidden layers.

    Attributes
    ----------
    initializer : str
        What "auto" stands for.
    suits : str
        What it is for.
    can_die : bool
        Whether a unit's gradient is zero on a whole half-line, so that it may never come back.
    source : str
        Where it was published.
    """

    name: Activation
    title: str
    initializer: InitializerName
    suits: str
    source: str
    can_die: bool = False


ACTIVATIONS: tuple[ActivationRecord, ...] = (
    ActivationRecord(
        name="relu",
        title="ReLU",
        initializer="he_normal",
        suits="the default: cheap, and trains well with He's initializer",
        source="Nair and Hinton (2010), Rectified linear units improve restricted Boltzmann machines, ICML",
        can_die=True,
    ),
    ActivationRecord(
        name="leaky_relu",
        title="LeakyReLU",
        initializer="he_normal",
        suits="units that die",
        source="Maas et al. (2013), Rectifier nonlinearities improve neural network acoustic models; slope: rule F1",
    ),
    ActivationRecord(
        name="prelu",
        title="PReLU",
        initializer="he_normal",
        suits="units that die, with rows enough to learn each unit's slope",
        source="He et al. (2015), Delving deep into rectifiers, arXiv 1502.01852",
    ),
    ActivationRecord(
        name="elu",
        title="ELU",
        initializer="he_normal",
        suits="units that die; its means lie nearer to zero",
        source="Clevert et al. (2016), Fast and accurate deep network learning by ELUs, arXiv 1511.07289",
    ),
    ActivationRecord(
        name="selu",
        title="SELU",
        initializer="lecun_normal",
        suits="dense stacks without normalization layers",
        source="Klambauer et al. (2017), Self-normalizing neural networks, arXiv 1706.02515",
    ),
    ActivationRecord(
        name="gelu",
        title="GELU",
        initializer="he_normal",
        suits="transformers, and smooth functions of numbers",
        source="Hendrycks and Gimpel (2016), Gaussian error linear units, arXiv 1606.08415",
    ),
    ActivationRecord(
        name="swish",
        title="Swish",
        initializer="he_normal",
        suits="deep networks",
        source="Ramachandran et al. (2017), Searching for activation functions, arXiv 1710.05941",
    ),
    ActivationRecord(
        name="mish",
        title="Mish",
        initializer="he_normal",
        suits="deep networks; RealMLP's choice for regression (arXiv 2407.04491)",
        source="Misra (2020), Mish: a self regularized non-monotonic activation function, arXiv 1908.08681",
    ),
    ActivationRecord(
        name="maxout",
        title="Maxout",
        initializer="he_normal",
        suits="units that die, at twice the weights; made for dropout",
        source="Goodfellow et al. (2013), Maxout networks, arXiv 1302.4389",
    ),
    ActivationRecord(
        name="tanh",
        title="tanh",
        initializer="glorot_uniform",
        suits="recurrent gates, and bounded hidden values",
        source="LeCun et al. (1998), Efficient BackProp",
    ),
)


def activation_named(name: Activation) -> ActivationRecord:
    """Return the record called `name`."""
    return next(a for a in ACTIVATIONS if a.name == name)
