"""One record per initializer of the hidden kernels, with the activations that it fits (recipe rule F2)."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.activations import activation_named
from autorecipe.choices import InitializerName
from autorecipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class InitializerRecord:
    """One way to draw the first kernels.

    Attributes
    ----------
    suits : str
        What it is for.
    source : str
        Where it was published.
    """

    name: InitializerName
    title: str
    suits: str
    source: str


INITIALIZERS: tuple[InitializerRecord, ...] = (
    InitializerRecord(
        name="he_normal",
        title="He normal",
        suits="ReLU and its kin: variance 2 / inputs makes up for the half that they cut off",
        source="He et al. (2015), Delving deep into rectifiers, arXiv 1502.01852",
    ),
    InitializerRecord(
        name="glorot_uniform",
        title="Glorot uniform",
        suits="tanh and sigmoid: variance 2 / (inputs + units)",
        source="Glorot and Bengio (2010), Understanding the difficulty of training deep networks, AISTATS",
    ),
    InitializerRecord(
        name="lecun_normal",
        title="LeCun normal",
        suits="SELU: variance 1 / inputs",
        source="LeCun et al. (1998), Efficient BackProp; for SELU Klambauer et al. (2017), arXiv 1706.02515",
    ),
    InitializerRecord(
        name="orthogonal",
        title="orthogonal",
        suits="recurrent weights, and deep stacks whose signal must keep its length",
        source="Saxe et al. (2014), Exact solutions to the nonlinear dynamics of learning, arXiv 1312.6120",
    ),
)


def initializer_for(recipe: Recipe) -> InitializerName:
    """Return the initializer of a recipe's hidden kernels, "auto" resolved to the one that fits its activation.

    >>> initializer_for(Recipe(activation="tanh"))
    'glorot_uniform'
    """
    if recipe.initializer != "auto":
        return recipe.initializer
    return activation_named(recipe.activation).initializer
