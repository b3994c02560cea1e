"""From the name of an optimizer to Keras' own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from autorecipe.choices import OptimizerName

BETA_2 = 0.999  # Keras' default: Kingma and Ba (2015), arXiv 1412.6980
MOMENTUM = 0.9  # of SGD: Sutskever et al. (2013), "On the importance of initialization and momentum"


@keras.saving.register_keras_serializable(package="autorecipe")
class MomentumSGD(keras.optimizers.SGD):
    """SGD whose momentum may be a tensor, so that a schedule can cycle it.

    Keras' own asks `momentum != 0` in Python at every step, which a tensor cannot answer while a graph is traced.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Take one step: m = momentum * m - rate * gradient; variable += m.

        Nesterov's looks ahead: variable += momentum * m - rate * gradient.
        """
        slot = self.momentums[self._get_variable_index(variable)]
        slot.assign(slot * self.momentum - gradient * learning_rate)
        variable.assign_add(slot * self.momentum - gradient * learning_rate if self.nesterov else slot)


def build_optimizer(
    name: OptimizerName, learning_rate: float, *, beta_2: float = BETA_2, nesterov: bool = False
) -> keras.optimizers.Optimizer:
    """Return a new optimizer, with Keras' defaults besides its rate, `beta_2` (and momentum 0.9 for SGD).

    Parameters
    ----------
    nesterov : bool
        Whether SGD's momentum looks ahead.
    """
    if name == "sgd":
        return MomentumSGD(learning_rate, momentum=MOMENTUM, nesterov=nesterov)
    if name == "adam":
        return keras.optimizers.Adam(learning_rate, beta_2=beta_2)
    if name == "nadam":
        return keras.optimizers.Nadam(learning_rate, beta_2=beta_2)
    classes = {
        "rmsprop": keras.optimizers.RMSprop,
        "adagrad": keras.optimizers.Adagrad,
        "lion": keras.optimizers.Lion,
    }
    return classes[name](learning_rate)


def momentum_attribute(optimizer: keras.optimizers.Optimizer) -> str | None:
    """Return where an optimizer keeps its momentum, or None where a step could not be given another one."""
    if hasattr(optimizer, "beta_1"):
        return "beta_1"
    return "momentum" if isinstance(optimizer, MomentumSGD) else None


def optimizer_state(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    """Return all variables that steps change, its learning rate left out.

    Nadam's running product is one of them, which Keras does not list among the optimizer's variables.
    """
    product = getattr(optimizer, "_u_product", None)
    listed = [v for v in optimizer.variables if v is not optimizer.learning_rate and v is not product]
    return listed if product is None else [*listed, product]


@contextmanager
def set_momentum(optimizer: keras.optimizers.Optimizer, momentum: Any) -> Iterator[None]:
    """Let an optimizer's steps use this momentum meanwhile, a number or a tensor; None leaves it its own."""
    name = momentum_attribute(optimizer)
    if momentum is None or name is None:
        yield
        return
    own = getattr(optimizer, name)
    setattr(optimizer, name, momentum)
    try:
        yield
    finally:
        setattr(optimizer, name, own)
