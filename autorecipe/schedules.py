"""Learning-rate schedules: one record and one function of the step each (recipe rule E4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.choices import ScheduleName, StrengthSchedule
from autorecipe.recipe import Recipe

MAX_WARM_UP_STEPS = 5000  # recipe rule E4
STEP_FACTOR, STEPS_AT = 0.1, (1 / 3, 2 / 3, 0.9)  # recipe rule E4
EXPONENTIAL_FACTOR = 0.98  # an epoch: recipe rule E4
N_CYCLES = 3  # of warm restarts, each twice as long as the one before (Loshchilov and Hutter: T_mult = 2)
ONE_CYCLE_RISE = 0.3  # share of the steps in which the rate rises: fastai's fit_one_cycle uses 0.25, PyTorch 0.3
ONE_CYCLE_START, ONE_CYCLE_END = 1 / 25, 1 / 250_000  # of the largest rate: PyTorch's and fastai's defaults
FLAT_SHARE = 0.5  # of the steps before a flat cosine falls: RealMLP's "flat_cos" (arXiv 2407.04491, appendix A)
N_COSLOG_CYCLES = 4  # each twice as long as the one before: RealMLP's "coslog4"
LOW_MOMENTUM, HIGH_MOMENTUM = 0.85, 0.95  # Smith (2018), arXiv 1803.09820
USUAL_MOMENTUM = 0.9  # of Adam, Nadam, Lion and SGD here, where no schedule cycles it

Floats = NDArray[np.float32]
_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """Where steps lie behind the warm-up: share of the remaining steps, steps, and steps per epoch and of warm-up."""

    share: _Values
    steps: _Values
    steps_per_epoch: int
    warm_up_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRecord:
    """One schedule.

    Attributes
    ----------
    needs_end : bool
        Whether its factors depend on the number of epochs: early stopping would cut it short.
    starts_at_zero : bool
        Whether it is its own warm-up; another one in front of it is left out.
    cycles_momentum : bool
        Whether momentum falls while the rate rises, and rises while it falls.
    """

    name: ScheduleName
    title: str
    source: str
    needs_end: bool = True
    starts_at_zero: bool = False
    cycles_momentum: bool = False


SCHEDULES: tuple[ScheduleRecord, ...] = (
    ScheduleRecord(
        name="constant",
        title="a constant rate",
        source="Kingma and Ba (2015), arXiv 1412.6980",
        needs_end=False,
    ),
    ScheduleRecord(
        name="step",
        title="a tenth of the rate at 1/3, 2/3 and 9/10 of the epochs",
        source="He et al. (2016), arXiv 1512.03385",
    ),
    ScheduleRecord(
        name="exponential",
        title="2 % less rate each epoch",
        source="Szegedy et al. (2015), arXiv 1409.4842: 4 % every 8 epochs; recipe rule E4",
        needs_end=False,
    ),
    ScheduleRecord(
        name="linear",
        title="a rate that falls in a straight line",
        source="Defazio et al. (2023), arXiv 2310.07831",
    ),
    ScheduleRecord(
        name="cosine",
        title="a rate that falls along a cosine",
        source="Loshchilov and Hutter (2017), arXiv 1608.03983",
    ),
    ScheduleRecord(
        name="flat_cosine",
        title="a rate that stays for half of the steps and then falls along a cosine",
        source="Holzmüller et al. (2024), Better by default, arXiv 2407.04491: how dropout and decay fall there",
    ),
    ScheduleRecord(
        name="one_cycle",
        title="one cycle of the rate, momentum against it",
        source="Smith (2018), arXiv 1803.09820",
        cycles_momentum=True,
    ),
    ScheduleRecord(
        name="warm_restarts",
        title="a cosine that starts again twice, each time for twice as long",
        source="Loshchilov and Hutter (2017), arXiv 1608.03983",
    ),
    ScheduleRecord(
        name="coslog4",
        title="four waves of the rate from zero, each twice as long as the one before",
        source="Holzmüller et al. (2024), Better by default, arXiv 2407.04491, section 3",
        starts_at_zero=True,
    ),
    ScheduleRecord(
        name="inverse_sqrt",
        title="a rate that falls with the root of the steps",
        source="Vaswani et al. (2017), arXiv 1706.03762",
        needs_end=False,
    ),
)


def schedule_named(name: ScheduleName) -> ScheduleRecord:
    """Return the record called `name`."""
    return next(s for s in SCHEDULES if s.name == name)


def cycles_momentum(recipe: Recipe) -> bool:
    """Return whether the recipe's schedule sets the momentum of each step."""
    return schedule_named(recipe.schedule).cycles_momentum


def rate_factors(recipe: Recipe, *, first_step: int, n_steps: int, n_total: int, steps_per_epoch: int) -> Floats:
    """Return what the learning rate is multiplied by at each step.

    Parameters
    ----------
    recipe : Recipe
        Its `schedule` and `warm_up_share` are read. In a warm-up (that share of all steps, at most 5,000) the factor
        rises in a straight line from 0 to where the schedule begins; the schedule has the other steps. A schedule that
        starts at zero has all of them.
    first_step, n_steps : int
        The steps asked for, counted from the start of training.
    n_total : int
        Steps of the whole training.
    steps_per_epoch : int

    Returns
    -------
    ndarray of shape (n_steps,), float32
        In [0, 1].
    """
    place = _place(recipe, first_step=first_step, n_steps=n_steps, n_total=n_total, steps_per_epoch=steps_per_epoch)
    factors = _FACTORS[recipe.schedule](place)
    if place.warm_up_steps:
        factors = factors * np.clip(1.0 + place.steps / place.warm_up_steps, 0.0, 1.0)
    return factors.astype("float32")


def momenta(recipe: Recipe, *, first_step: int, n_steps: int, n_total: int, steps_per_epoch: int) -> Floats:
    """Return the momentum of each step: 0.9, or between 0.85 and 0.95 against a rate that cycles.

    The parameters are those of `rate_factors`.
    """
    if not cycles_momentum(recipe):
        return np.full(n_steps, USUAL_MOMENTUM, dtype="float32")
    place = _place(recipe, first_step=first_step, n_steps=n_steps, n_total=n_total, steps_per_epoch=steps_per_epoch)
    return (HIGH_MOMENTUM - (HIGH_MOMENTUM - LOW_MOMENTUM) * _cycle(place, start=0.0, end=0.0)).astype("float32")


def strength_factors(schedule: StrengthSchedule, *, first_step: int, n_steps: int, n_total: int) -> Floats:
    """Return what dropout or weight decay is multiplied by at each step.

    Parameters
    ----------
    first_step, n_steps : int
        The steps asked for, counted from the start of training.
    n_total : int
        Steps of the whole training.

    Returns
    -------
    ndarray of shape (n_steps,), float32
        In [0, 1]: 1 throughout, or 1 in the first half and 1/2 (1 + cos(pi (2 t - 1))) after it, at a share t of the
        steps.
    """
    if schedule == "constant":
        return np.ones(n_steps, dtype="float32")
    steps = np.arange(first_step, first_step + n_steps, dtype="float64") + 0.5  # 0.5: a step's middle
    return _flat_then_falling(np.clip(steps / max(n_total, 1), 0.0, 1.0)).astype("float32")


def warm_up_steps(recipe: Recipe, *, n_total: int) -> int:
    """Return how many steps the warm-up takes; none where the schedule is its own."""
    if schedule_named(recipe.schedule).starts_at_zero:
        return 0
    return min(round(recipe.warm_up_share * n_total), MAX_WARM_UP_STEPS)


def _place(recipe: Recipe, *, first_step: int, n_steps: int, n_total: int, steps_per_epoch: int) -> _Place:
    n_warm = warm_up_steps(recipe, n_total=n_total)
    steps = np.arange(first_step, first_step + n_steps, dtype="float64") + 0.5 - n_warm  # 0.5: a step's middle
    return _Place(
        share=np.clip(steps / max(n_total - n_warm, 1), 0.0, 1.0),
        steps=steps,
        steps_per_epoch=steps_per_epoch,
        warm_up_steps=n_warm,
    )


def _constant(place: _Place) -> _Values:
    return np.ones_like(place.share)


def _step(place: _Place) -> _Values:
    passed = sum((place.share >= at).astype("float64") for at in STEPS_AT)
    return np.asarray(STEP_FACTOR**passed)


def _exponential(place: _Place) -> _Values:
    return np.asarray(EXPONENTIAL_FACTOR ** (np.maximum(place.steps, 0.0) / place.steps_per_epoch))


def _linear(place: _Place) -> _Values:
    return 1.0 - place.share


def _cosine(place: _Place) -> _Values:
    return _falling(place.share)


def _flat_cosine(place: _Place) -> _Values:
    return _flat_then_falling(place.share)


def _coslog4(place: _Place) -> _Values:
    waves = np.log2(1.0 + (2**N_COSLOG_CYCLES - 1) * place.share)
    return np.asarray(0.5 * (1.0 - np.cos(2.0 * np.pi * waves)))


def _one_cycle(place: _Place) -> _Values:
    return _cycle(place, start=ONE_CYCLE_START, end=ONE_CYCLE_END)


def _cycle(place: _Place, *, start: float, end: float) -> _Values:
    rising = 1.0 - (1.0 - start) * _falling(np.clip(place.share / ONE_CYCLE_RISE, 0.0, 1.0))
    falling = end + (1.0 - end) * _falling(np.clip((place.share - ONE_CYCLE_RISE) / (1.0 - ONE_CYCLE_RISE), 0.0, 1.0))
    return np.where(place.share < ONE_CYCLE_RISE, rising, falling)


def _warm_restarts(place: _Place) -> _Values:
    # cycles of 1, 2, 4, ... parts: the i-th begins after 2^i - 1 of them
    parts = place.share * (2**N_CYCLES - 1)
    cycle = np.minimum(np.floor(np.log2(parts + 1.0)), N_CYCLES - 1)
    return _falling((parts + 1.0 - 2.0**cycle) / 2.0**cycle)


def _inverse_sqrt(place: _Place) -> _Values:
    scale = place.warm_up_steps or place.steps_per_epoch
    return np.asarray(np.sqrt(scale / (scale + np.maximum(place.steps, 0.0))))


def _flat_then_falling(share: _Values) -> _Values:
    return _falling(np.clip((share - FLAT_SHARE) / (1.0 - FLAT_SHARE), 0.0, 1.0))


def _falling(share: _Values) -> _Values:
    return np.asarray(0.5 * (1.0 + np.cos(np.pi * share)))


_FACTORS: dict[ScheduleName, Callable[[_Place], _Values]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "linear": _linear,
    "cosine": _cosine,
    "flat_cosine": _flat_cosine,
    "one_cycle": _one_cycle,
    "warm_restarts": _warm_restarts,
    "coslog4": _coslog4,
    "inverse_sqrt": _inverse_sqrt,
}
