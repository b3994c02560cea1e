"""How long may one of several networks train that must all be trained, in the time that is left or beyond it?"""

from __future__ import annotations

import math

from autorecipe.effects import Clock

# seconds of training that each of them has, whatever the clock, besides compiling: one epoch is no network. Some thirty
# epochs of two layers of 64 on 290 rows (measured: 171 epochs in 2.7 s); five folds take 2.5 s of the reserve
LEAST_S = 0.5


class TimeShare:
    """When a network's training must end: with its clock, or with an equal share of what is left of it, from now on.

    Without shares the first fold of a network would take all the time, and the others would be cut short in epoch 1.

    Parameters
    ----------
    clock : Clock
    n_more : int or None
        Networks that must be trained after this one, which must be trained too; None where the clock alone decides.
    """

    def __init__(self, clock: Clock, *, n_more: int | None = None) -> None:
        self._clock, self._must_be_trained = clock, n_more is not None
        self._end_s = math.inf if n_more is None else clock.now_s() + clock.left_s() / (1 + n_more)
        self._least_end_s = math.inf

    def is_over(self) -> bool:
        """Return whether the training must end; the least seconds count from when this is first asked."""
        now_s = self._clock.now_s()
        is_over = now_s >= self._end_s or self._clock.left_s() <= 0
        if not self._must_be_trained:
            return is_over
        self._least_end_s = min(self._least_end_s, now_s + LEAST_S)
        return is_over and now_s >= self._least_end_s
