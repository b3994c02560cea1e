"""How a Keras model is to be trained, as values."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Literal, get_args

from autorecipe.choices import ScheduleName
from autorecipe.errors import UserError, nearest

# rows -> batch: pytabkit's "auto" rule for RealMLP, as the stages choose it
BATCH_BY_ROWS = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))
LARGEST_BATCH = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How a model is trained, besides what its own `compile` says.

    Attributes
    ----------
    epochs : int
    batch_size : int or "auto"
        "auto" goes by the number of rows: 64 up to 1,024 rows, 128 up to 8,192, 256 up to 30,000, 512 up to 100,000,
        1,024 beyond.
    schedule : str
        Of the learning rate, per step and over all epochs: constant, step, exponential, linear, cosine, flat_cosine,
        one_cycle, warm_restarts, coslog4 or inverse_sqrt. Its factors multiply the optimizer's rate, which callbacks
        may still change.
    warm_up_share : float in [0, 1)
        Share of all steps, in front of any schedule, in which the rate rises from 0.
    clip_norm : float >= 0
        Largest global norm of a step's gradient; 0 for none.
    ema_decay : float in [0, 1)
        Of the moving average of the weights that is validated and kept; 0 for none.
    seed : int
        Of the order of the rows. Layers keep their own seeds.
    shuffle : bool
        Whether each epoch has its own order.
    with_xla : bool or None
        Whether steps are compiled by XLA. None goes by counts: where the model's own `jit_compile` says so, or from
        3,000 planned steps on for networks of dense layers.
    memory_share : float in (0, 1]
        Largest share of the free memory that a copy of the data may take; larger data go through `Model.fit`.

    Raises
    ------
    UserError
        When a value is of another type, or lies outside its range.
    """

    epochs: int = 1
    batch_size: int | Literal["auto"] = "auto"
    schedule: ScheduleName = "constant"
    warm_up_share: float = 0.0
    clip_norm: float = 0.0
    ema_decay: float = 0.0
    seed: int = 0
    shuffle: bool = True
    with_xla: bool | None = None
    memory_share: float = 0.5

    def __post_init__(self) -> None:
        names = get_args(ScheduleName)
        near = nearest(str(self.schedule), names)
        is_batch = self.batch_size == "auto" or _is_whole(self.batch_size, least=1)
        _expect(_is_whole(self.epochs, least=1), "epochs", self.epochs, "a whole number from 1")
        _expect(is_batch, "batch_size", self.batch_size, "'auto' or a whole number from 1")
        _expect(
            self.schedule in names, "schedule", self.schedule, f"'{near}'" if near else f"one of {', '.join(names)}"
        )
        _expect(
            _is_number(self.warm_up_share) and 0 <= self.warm_up_share < 1,
            "warm_up_share",
            self.warm_up_share,
            "a number from 0 to below 1",
        )
        _expect(
            _is_number(self.clip_norm) and self.clip_norm >= 0,
            "clip_norm",
            self.clip_norm,
            "0 (no clipping) or a positive number",
        )
        _expect(
            _is_number(self.ema_decay) and 0 <= self.ema_decay < 1,
            "ema_decay",
            self.ema_decay,
            "a number from 0 to below 1",
        )
        _expect(_is_whole(self.seed, least=0), "seed", self.seed, "a whole number from 0")
        _expect(isinstance(self.shuffle, bool), "shuffle", self.shuffle, "True or False")
        _expect(self.with_xla in (True, False, None), "with_xla", self.with_xla, "True, False or None")
        is_share = _is_number(self.memory_share) and 0 < self.memory_share <= 1
        _expect(is_share, "memory_share", self.memory_share, "a number above 0 and up to 1")

    @property
    def is_scheduled(self) -> bool:
        """Whether the learning rate changes from step to step."""
        return self.schedule != "constant" or self.warm_up_share > 0

    def batch_for(self, n_rows: int) -> int:
        """Return the batch size for a number of training rows."""
        if self.batch_size == "auto":
            return next((batch for limit, batch in BATCH_BY_ROWS if n_rows <= limit), LARGEST_BATCH)
        return self.batch_size


def _is_whole(value: object, *, least: int) -> bool:
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= least


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real)


def _expect(is_right: bool, name: str, value: object, expected: str) -> None:
    if not is_right:
        raise UserError(
            f"{name} is {value!r}, expected {expected}", where="TrainingPlan", fix=f"TrainingPlan({name}=...)"
        )
