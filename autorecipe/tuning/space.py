"""Which knobs are worth turning around a recipe, and how far."""

from __future__ import annotations

import dataclasses
import math

from autorecipe.activations import ACTIVATIONS
from autorecipe.change import KNOB_PREFIX, value_of
from autorecipe.config import Modality, Task
from autorecipe.effects import Knob
from autorecipe.families import family_named, modality_of, unread_fields
from autorecipe.normalizations import NORMALIZATIONS, suits_batch
from autorecipe.optimizers import alike, optimizer_named
from autorecipe.recipe import Recipe, Value
from autorecipe.schedules import SCHEDULES
from autorecipe.tuning.image_space import augmentation_knobs

LEARNING_RATE_FACTOR = 5.0  # from a fifth to five times: a coarse scan has found the decade
BATCH_LIMITS = (8, 512)  # rows; E1
LARGE_BATCH_LIMIT = 1024  # rows; RealMLP's batch above 100k rows
LARGE_TABLE = 100_000  # rows
MIN_STEPS_PER_EPOCH = 8  # fewer leave an epoch without the noise that regularizes (D0)
WIDTH_LIMITS = (16, 1024)  # units; TabM's published space ends at 1,024
DEPTH_LIMITS = (1, 5)  # hidden layers; TabM's published space
DROPOUT_LIMITS = (0.0, 0.6)  # D3: seldom above
DROPOUT_REACH = 0.2  # either way; the published grids step by 0.15 to 0.2
FIRST_PENALTIES = (0.0, 1e-5, 1e-4)  # E2, around a recipe without a penalty
FIRST_DECAYS = (0.0, 0.02, 0.1)  # decoupled: RealMLP's 0.02 (arXiv 2407.04491) and the end of TabM's published space
PENALTY_LIMITS = (1e-6, 1e-1)  # D2, D3 for L2; TabM's space for weight decay
WARM_UPS = (0.0, 0.05)  # shares of all steps: E4
CLIP_NORMS = (0.0, 1.0)  # global norm; E5 says 1 to 10, and 10 hardly ever clips
EMA_DECAYS = (0.0, 0.99)  # Izmailov et al. (2018), arXiv 1803.05407
EMBEDDING_FIELDS = ("n_bins", "embedding_dim", "n_frequencies", "frequency_scale", "embedding_rate")  # of numbers
KNOB_FACTOR = 4.0  # a custom family's number, from a fourth to four times (house value)
EDGE_SHARE = 0.1  # of a range's length (in logarithms where sampled so): this close to its end is at its edge


def space_around(
    recipe: Recipe, *, n_rows: int, task: Task, thorough: bool = False, modality: Modality = "table"
) -> tuple[Knob, ...]:
    """Return the knobs that make sense for a recipe, in the order of their weight.

    Learning rate first, then batch size, width, depth, dropout and the penalty that the recipe has: Keras L2, or
    decoupled weight decay, which is also offered where it has neither. A custom family has its own knobs instead of
    width, depth and dropout. Where a family's record has a published range for a knob, it is that, as long as it holds
    the recipe's own value; every knob's range does. Of images the strengths of the augmentation that the recipe has are
    knobs too. Fields that change nothing there have none: what the family's
    network does not read, label smoothing of a regression, bins and frequencies of numbers that are not embedded.

    Parameters
    ----------
    n_rows : int
        Rows to train on.
    thorough : bool
        Whether to add activation, normalization, schedule, warm-up, clipping, the moving average of the weights and
        optimizers that take the same rates: for searches of some 60 trials. Where a training may stop early, only
        schedules that need no known end are offered.
    modality : str
        What the rows of the run are.

    Examples
    --------
    >>> [knob.field for knob in space_around(Recipe(), n_rows=1000, task="binary")]
    ['learning_rate', 'batch_size', 'width', 'depth', 'dropout', 'weight_decay']
    """
    family = family_named(recipe.family)
    is_sized = family.grows
    knobs = [
        learning_rate_knob(recipe, factor=LEARNING_RATE_FACTOR),
        Knob(field="batch_size", choices=_batch_sizes(recipe, n_rows)),
        *(_size_knobs(recipe, task) if is_sized else custom_knobs(recipe)),
    ]
    if recipe.l2 == 0 or recipe.weight_decay > 0:
        knobs.append(Knob(field="weight_decay", choices=_penalties(recipe.weight_decay, FIRST_DECAYS)))
    if recipe.l2 > 0:
        knobs.append(Knob(field="l2", choices=_penalties(recipe.l2, FIRST_PENALTIES)))
    is_image = modality_of(family, modality) == "image"
    if is_image:
        knobs += augmentation_knobs(recipe)
    if thorough:
        if is_sized and not is_image:
            knobs.append(Knob(field="activation", choices=tuple(record.name for record in ACTIVATIONS)))
            knobs.append(Knob(field="normalization", choices=_normalizations(recipe, _batch_sizes(recipe, n_rows))))
        knobs += _training_knobs(recipe)
    own = {knob.field: knob for knob in family.space if _holds(knob, recipe)}
    others = tuple(knob for name, knob in own.items() if name not in {known.field for known in knobs})
    found = (*(own.get(knob.field, knob) for knob in knobs), *others)
    idle = (*unread_fields(family, modality), *_without_effect(recipe, task))
    return tuple(knob for knob in found if knob.field not in idle)


def _without_effect(recipe: Recipe, task: Task) -> tuple[str, ...]:
    """Return fields that change nothing: of labels where there are none, of embeddings where there are none."""
    labels = ("label_smoothing",) if task == "regression" else ()
    return labels + (EMBEDDING_FIELDS if recipe.numeric_embedding == "none" else ())


def learning_rate_knob(recipe: Recipe, *, factor: float) -> Knob:
    """Return the learning rate from its `factor`-th part to `factor` times, within what its optimizer takes."""
    rate = recipe.learning_rate
    low, high = rate_limits(recipe)
    return Knob(
        field="learning_rate",
        low=min(rate, max(low, rate / factor)),
        high=max(rate, min(high, rate * factor)),
        sampling="log",
    )


def rate_limits(recipe: Recipe) -> tuple[float, float]:
    """Return the smallest and largest learning rate worth trying with the recipe's optimizer."""
    optimizer = optimizer_named(recipe.optimizer)
    return optimizer.low_rate, optimizer.high_rate


def knobs_at_edge(space: tuple[Knob, ...], recipe: Recipe) -> tuple[str, ...]:
    """Return the fields whose value lies at an end of its range that could be moved on.

    Choices have no edge, and neither has a range that ends where the field's own limits are.

    Examples
    --------
    >>> knobs_at_edge(space_around(Recipe(), n_rows=1000, task="binary"), Recipe(learning_rate=4.9e-3))
    ('learning_rate',)
    """
    return tuple(knob.field for knob in space if not knob.choices and _at_edge(knob, recipe))


def check_space(space: tuple[Knob, ...], start: Recipe) -> None:
    """Hold a space against the recipe it is laid around.

    Raises
    ------
    ValueError
        When a knob names no field of a recipe, or its choices or range leave out the start's value.
    """
    fields = {f.name for f in dataclasses.fields(Recipe)} | {f"{KNOB_PREFIX}{name}" for name, _ in start.knobs}
    for knob in space:
        if knob.field not in fields:
            raise ValueError(f"a knob names '{knob.field}', which is no field of a recipe")
        value = value_of(start, knob.field)
        inside = value in knob.choices if knob.choices else knob.low <= float(value) <= knob.high
        if not inside:
            raise ValueError(f"the space leaves out the start's {knob.field}: {value!r} is not in {knob}")


def _holds(knob: Knob, recipe: Recipe) -> bool:
    value = value_of(recipe, knob.field)
    return value in knob.choices if knob.choices else knob.low <= float(value) <= knob.high


def _at_edge(knob: Knob, recipe: Recipe) -> bool:
    value = float(value_of(recipe, knob.field))
    if knob.low == knob.high or not knob.low <= value <= knob.high:
        return False
    scale = math.log if knob.sampling == "log" else float
    reach = EDGE_SHARE * (scale(knob.high) - scale(knob.low))
    limits = {"learning_rate": rate_limits(recipe), "dropout": DROPOUT_LIMITS}
    floor, ceiling = limits.get(knob.field, (knob.low, knob.high))
    at_low = scale(value) - scale(knob.low) <= reach and knob.low > floor
    at_high = scale(knob.high) - scale(value) <= reach and knob.high < ceiling
    return at_low or at_high


def _size_knobs(recipe: Recipe, task: Task) -> tuple[Knob, ...]:
    return (
        Knob(field="width", choices=_widths(recipe.width, task)),
        Knob(field="depth", choices=_depths(recipe.depth)),
        _dropout_knob(recipe.dropout),
    )


def custom_knobs(recipe: Recipe) -> tuple[Knob, ...]:
    """Return the knobs of a custom family's own parameters; texts and numbers that are not positive stay as they are.

    >>> [k.choices for k in custom_knobs(Recipe(family="custom", knobs=(("units", 64), ("gated", True))))]
    [(32, 64, 128), (False, True)]
    """
    found = []
    for name, value in recipe.knobs:
        field = f"{KNOB_PREFIX}{name}"
        if isinstance(value, bool):
            found.append(Knob(field=field, choices=(False, True)))
        elif isinstance(value, int) and value > 0:
            found.append(Knob(field=field, choices=_sorted({max(1, value // 2), value, 2 * value})))
        elif isinstance(value, float) and value > 0:
            found.append(Knob(field=field, low=value / KNOB_FACTOR, high=_highest(value), sampling="log"))
    return tuple(found)


def _highest(value: float) -> float:
    # a number below 1 may be a share, as of dropout, which has to stay below 1
    return min(KNOB_FACTOR * value, (1 + value) / 2) if value < 1 else KNOB_FACTOR * value


def _training_knobs(recipe: Recipe) -> list[Knob]:
    knobs = []
    if not recipe.reduce_on_plateau:  # two that lower the rate would act at once
        knobs.append(Knob(field="schedule", choices=_schedules(recipe)))
    knobs += [
        Knob(field="warm_up_share", choices=_with(recipe.warm_up_share, WARM_UPS)),
        Knob(field="clip_norm", choices=_with(recipe.clip_norm, CLIP_NORMS)),
        Knob(field="ema_decay", choices=_with(recipe.ema_decay, EMA_DECAYS)),
    ]
    if len(alike(recipe.optimizer)) > 1:
        knobs.append(Knob(field="optimizer", choices=alike(recipe.optimizer)))
    return knobs


def _schedules(recipe: Recipe) -> tuple[Value, ...]:
    has_fixed_length = recipe.patience == 0 or recipe.patience >= recipe.epochs
    suiting = tuple(s.name for s in SCHEDULES if has_fixed_length or not s.needs_end)
    return _with(recipe.schedule, suiting)


def _normalizations(recipe: Recipe, batch_sizes: tuple[int, ...]) -> tuple[Value, ...]:
    suiting = tuple(
        record.name
        for record in NORMALIZATIONS
        if suits_batch(record.name, min(batch_sizes)) and not (record.name == "weight" and recipe.drop_connect > 0)
    )
    return _with(recipe.normalization, ("none", *suiting))


def _with(own: Value, others: tuple[Value, ...]) -> tuple[Value, ...]:
    return others if own in others else (*others, own)


def _batch_sizes(recipe: Recipe, n_rows: int) -> tuple[int, ...]:
    size = recipe.batch_size
    low, high = BATCH_LIMITS
    if n_rows > LARGE_TABLE:
        high = LARGE_BATCH_LIMIT
    high = max(low, min(high, n_rows // MIN_STEPS_PER_EPOCH))
    near = 2 ** round(math.log2(size))
    return _sorted({size, *(b for b in (near // 2, near, 2 * near) if low <= b <= high)})


def _widths(width: int, task: Task) -> tuple[int, ...]:
    # larger layers help regression most (RealMLP, appendix A.4)
    wider = (2 * width, 4 * width) if task == "regression" else (2 * width,)
    return _sorted({width, *(w for w in (width // 2, *wider) if WIDTH_LIMITS[0] <= w <= WIDTH_LIMITS[1])})


def _depths(depth: int) -> tuple[int, ...]:
    low, high = DEPTH_LIMITS
    return _sorted({depth, *(d for d in (depth - 1, depth + 1) if low <= d <= high)})


def _dropout_knob(rate: float) -> Knob:
    low, high = DROPOUT_LIMITS
    return Knob(
        field="dropout",
        low=max(low, rate - DROPOUT_REACH),
        high=max(rate, min(high, rate + DROPOUT_REACH)),
    )


def _penalties(strength: float, first: tuple[float, ...]) -> tuple[float, ...]:
    if strength <= 0:
        return first
    low, high = PENALTY_LIMITS
    near = (float(f"{strength * factor:.6g}") for factor in (0.1, 10.0))
    return tuple(sorted({0.0, strength, *(s for s in near if low <= s <= high)}))


def _sorted(sizes: set[int]) -> tuple[int, ...]:
    return tuple(sorted(sizes))
