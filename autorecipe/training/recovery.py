"""What saves a training: back to the last good epoch with a smaller rate, or smaller batches."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeVar

import tensorflow as tf

from autorecipe.recipe import Recipe
from autorecipe.training.steps import Steps

MAX_RESTARTS = 2  # "rate / 10", twice: a third would train at a thousandth of what was asked for
RATE_FACTOR = 0.1  # recipe rule H: "loss is NaN: rate / 10"
MAX_HALVINGS = 3  # of the batch; at an eighth the batch is no longer what fills the memory
NO_MEMORY = (tf.errors.ResourceExhaustedError, MemoryError)
PASSING = (*NO_MEMORY, OSError)  # causes that another session may not meet again

T = TypeVar("T")


class NotFinite(ArithmeticError):
    """The loss became NaN or infinite, and smaller learning rates did not help."""


class OutOfMemory(MemoryError):
    """Not even small batches fit into memory."""


class Recovery:
    """The state of the last epoch whose losses were finite.

    Parameters
    ----------
    steps : Steps
        Before the first epoch.

    Attributes
    ----------
    repairs : list of str
        One sentence for each restart.
    """

    def __init__(self, steps: Steps) -> None:
        self._steps, self._epoch = steps, 0
        self._snapshot = steps.snapshot()
        self.repairs: list[str] = []

    def keep(self, epoch: int) -> None:
        """Remember the present state as that after `epoch` (from 1)."""
        self._snapshot, self._epoch = self._steps.snapshot(), epoch

    def restore(self) -> None:
        """Set everything back to the last good state."""
        self._steps.restore(self._snapshot)

    def restart(self, epoch: int, loss: float) -> None:
        """Go back to the last good epoch with a tenth of the learning rate that `epoch` (from 1) began with.

        Raises
        ------
        NotFinite
            When that was done twice before.
        """
        if len(self.repairs) >= MAX_RESTARTS:
            raise NotFinite(
                f"the loss was no longer a finite number in epoch {epoch}, even after {MAX_RESTARTS} restarts "
                f"({'; '.join(self.repairs)})"
            )
        self.restore()
        rate = float(self._steps.optimizer.learning_rate)
        self._steps.optimizer.learning_rate.assign(rate * RATE_FACTOR)
        self._snapshot = self._steps.snapshot()  # the rate stays small if this epoch fails again
        back = f"epoch {self._epoch}" if self._epoch else "the start"
        value = "NaN" if loss != loss else "infinite"
        self.repairs.append(
            f"epoch {epoch}: the loss was {value}: back to {back}, learning rate {rate:.3g} -> {rate * RATE_FACTOR:.3g}"
        )


def with_smaller_batches(recipe: Recipe, train: Callable[[Recipe], T]) -> tuple[T, tuple[str, ...]]:
    """Train a recipe; where memory runs out, again with half the batch, three times at most.

    Returns
    -------
    result
        What `train` returned.
    repairs : tuple of str
        One sentence for each halving.

    Raises
    ------
    OutOfMemory
        When the smallest batch did not fit either.
    """
    repairs: list[str] = []
    while True:
        try:
            return train(recipe), tuple(repairs)
        except NO_MEMORY as error:
            half = recipe.batch_size // 2
            if len(repairs) == MAX_HALVINGS or not half:
                story = f" ({'; '.join(repairs)})" if repairs else ""
                raise OutOfMemory(f"a batch of {recipe.batch_size} rows does not fit into memory{story}") from error
            repairs.append(f"out of memory with batches of {recipe.batch_size} rows: trained with {half}")
        recipe = dataclasses.replace(recipe, batch_size=half)
