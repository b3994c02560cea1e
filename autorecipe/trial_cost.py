"""What will a trial cost? Its seconds and epochs, from what earlier ones took."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from autorecipe.families import family_named
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit, Trial
from autorecipe.simplicity import layer_widths
from autorecipe.topology import topology

# weights x rows that cost as much as a step's fixed part; fitted to steps of 3 hidden layers of 64 units at batch 32
# and 256 (102 and 348 microseconds on 2 cores)
STEP_OVERHEAD = 0.5e6
# the same of images, in the work that their families' records count: some 2 ms of two cores for a step, and 40 ms for
# what follows an epoch; estimates
IMAGE_STEP_OVERHEAD, IMAGE_EPOCH_OVERHEAD = 2e7, 5e8
# powers of two by which a machine may be slower or faster than the records take it to be; beyond it is something else
MOST_SLOWNESS, LEAST_SLOWNESS = 4, -2
USUAL_PATIENCES = 2.5  # a training's length over its patience; choice: 1.3 on titanic and 2 on adult, more on numbers
TRANSFORMER_WEIGHTS = 8.0  # of a block, in token dimensions squared: 4 of the attention, 4 of a ReGLU with factor 4/3
# seconds of a weight of networks of members over those of a plain net: their matrices are multiplied many at a time;
# measured on nine tables of 668 to 36,631 rows, where a plain net's cost foretold 1.3 to 3.4 times what TabM-mini took
MEMBERS_COST = 0.5
SAM_COST = 2.0  # gradients per step (Foret et al. 2021, arXiv 2010.01412)

# what makes two trainings alike, besides their size
KIND_FIELDS = ("family", "n_members", "architecture", "numeric_embedding", "normalization", "activation", "optimizer")


def predicted_s(
    recipe: Recipe,
    known: Sequence[Trial],
    *,
    n_folds: int,
    n_train: int,
    n_numbers: int | None = None,
    image: tuple[int, ...] = (),
) -> float:
    """Return the seconds that a trial will take, from what earlier ones took.

    Epochs until early stopping are what recipes of the same kind needed, at most the recipe's own. An epoch's seconds
    are interpolated between the recipes of that kind, in the work of an epoch (weights x rows and a fixed part per
    step). A network of new layers, sizes or batch, or with something switched on, has to be built and compiled.

    Parameters
    ----------
    recipe : Recipe
    known : sequence of Trial
        Trials so far; baselines among them are left out.
    n_folds, n_train : int
        Folds of the trial, and training rows of one.
    n_numbers : int, optional
        Columns of numbers, which embeddings widen; without it every feature counts as one.
    image : tuple of int
        (height, width, channels) of images, whose networks count their multiplications themselves; empty for tables.

    Returns
    -------
    float
        All folds together; 0 while no network was trained.
    """
    alike = _most_alike(recipe, _network_fits(known))
    if not alike:
        return 0.0
    n_inputs = 1.0 if image else median(_n_inputs(other, fit, n_numbers) for other, fit in alike)
    size = _Size(n_train=n_train, n_inputs=n_inputs, n_numbers=n_numbers, image=image)
    points = [(_epoch_work(other, size), max(fit.seconds - fit.setup_s, 0.0) / fit.epochs) for other, fit in alike]
    epoch_s = _interpolated(points, _epoch_work(recipe, size))
    is_new = all(topology(recipe) != topology(other) for other, _ in alike)
    setup_s = max(fit.setup_s for _, fit in alike) if is_new else 0.0
    return setup_s + n_folds * expected_epochs(recipe, known) * epoch_s


def slowness(trial: Trial, *, n_train: int, image: tuple[int, ...], work_per_s: float) -> float:
    """Return how many times as long a network for images took as its record lets expect: a power of two, as 0.5 or 4.

    Only a power of two, so that the same machine says the same again.

    Parameters
    ----------
    trial : Trial
        Trained.
    work_per_s : float
        What a machine is taken to do, in the work of the families' records.
    """
    fits = _network_fits([trial])
    if not fits:
        return 1.0
    size = _Size(n_train=n_train, n_inputs=1.0, n_numbers=None, image=image)
    ratios = [
        max(fit.seconds - fit.setup_s, 1e-3) / fit.epochs / (_epoch_work(recipe, size) / work_per_s)
        for recipe, fit in fits
    ]
    power = round(math.log2(median(ratios)))
    return float(2.0 ** min(max(power, LEAST_SLOWNESS), MOST_SLOWNESS))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """What a network's work depends on besides its recipe."""

    n_train: int
    n_inputs: float
    n_numbers: int | None
    image: tuple[int, ...]


def expected_epochs(recipe: Recipe, known: Sequence[Trial]) -> float:
    """Return after how many epochs a training will end, by what recipes of the same kind needed."""
    alike = _most_alike(recipe, _network_fits(known))
    needed = [_epochs_needed(other, fit) for other, fit in alike if _may_stop_early(other)]
    return min(recipe.epochs, median(needed)) if needed and _may_stop_early(recipe) else recipe.epochs


def _network_fits(trials: Iterable[Trial]) -> list[tuple[Recipe, Fit]]:
    return [
        (trial.recipe, fit)
        for trial in trials
        if trial.recipe is not None
        for fit in trial.fits
        if fit.epochs > 0 and fit.seconds > 0
    ]


def _most_alike(recipe: Recipe, fits: list[tuple[Recipe, Fit]]) -> list[tuple[Recipe, Fit]]:
    """Keep the fits of the recipes that share most of what makes two trainings alike."""
    shared = [sum(getattr(recipe, name) == getattr(other, name) for name in KIND_FIELDS) for other, _ in fits]
    return [fit for fit, n in zip(fits, shared, strict=True) if n == max(shared)]


def _may_stop_early(recipe: Recipe) -> bool:
    return 0 < recipe.patience < recipe.epochs


def _epochs_needed(recipe: Recipe, fit: Fit) -> float:
    """Epochs until early stopping; a guess where the clock came before it, without end where the epochs did."""
    if fit.epochs >= recipe.epochs:
        return math.inf
    return max(fit.epochs + recipe.patience, USUAL_PATIENCES * recipe.patience) if fit.is_cut else fit.epochs


def _n_inputs(recipe: Recipe, fit: Fit, n_numbers: int | None) -> float:
    """Features before any embedding, from the parameters that the hidden layers leave over."""
    if recipe.family == "custom":
        return max(1.0, float(fit.n_parameters))
    width = max(recipe.width, 1)
    first = max(fit.n_parameters - _hidden_weights(recipe), width)
    if n_numbers is None:
        return first / width / _embedding_factor(recipe)
    return max(first / width - n_numbers * (_embedding_factor(recipe) - 1), n_numbers, 1.0)


def _embedding_factor(recipe: Recipe) -> int:
    return recipe.embedding_dim if recipe.numeric_embedding != "none" else 1


def _hidden_weights(recipe: Recipe) -> int:
    widths = layer_widths(recipe)
    if recipe.family in ("residual_mlp", "modern_nca"):
        return 2 * sum(width * widths[0] for width in widths)
    if recipe.family == "ft_transformer":
        return round(recipe.depth * TRANSFORMER_WEIGHTS * recipe.width**2)
    return sum(a * b for a, b in pairwise(widths))


def _weights(recipe: Recipe, size: _Size) -> float:
    """Multiplications of one row's forward pass."""
    own_work, n_inputs, n_numbers = family_named(recipe.family).work, size.n_inputs, size.n_numbers
    if own_work is not None:
        return own_work(recipe, size.image)
    if recipe.family == "custom":
        return n_inputs * math.prod(max(1, v) for _, v in recipe.knobs if isinstance(v, int))
    widened = n_inputs if n_numbers is None else n_numbers
    first = n_inputs + widened * (_embedding_factor(recipe) - 1)
    hidden = _hidden_weights(recipe)
    if recipe.family == "ft_transformer":
        return n_inputs * hidden  # each feature is a token
    weights = hidden + first * max(recipe.width, 1)
    if recipe.family == "dcn":
        weights += recipe.n_cross_layers * first**2
    if recipe.family == "modern_nca":
        weights += recipe.width * recipe.batch_size
    return weights * recipe.n_members * (MEMBERS_COST if recipe.n_members > 1 else 1.0)


def _epoch_work(recipe: Recipe, size: _Size) -> float:
    """Weights x rows of an epoch, a step's fixed part counted as `STEP_OVERHEAD`."""
    weights = _weights(recipe, size)
    n_steps = max(1, math.ceil(recipe.row_share * size.n_train / recipe.batch_size))
    per_step, per_epoch = (IMAGE_STEP_OVERHEAD, IMAGE_EPOCH_OVERHEAD) if size.image else (STEP_OVERHEAD, 0.0)
    return (SAM_COST if recipe.sam > 0 else 1.0) * n_steps * (per_step + weights * recipe.batch_size) + per_epoch


def _interpolated(points: list[tuple[float, float]], work: float) -> float:
    """Seconds for an amount of work: along the known points in logarithms, in proportion beyond them; never falling."""
    known = _rising(points)
    (low, low_s), (high, high_s) = known[0], known[-1]
    if work <= low:
        return low_s * work / low
    if work >= high:
        return high_s * work / high
    (a, a_s), (b, b_s) = next(pair for pair in pairwise(known) if pair[0][0] <= work <= pair[1][0])
    return float(a_s * (b_s / a_s) ** (math.log(work / a) / math.log(b / a)))


def _rising(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points by rising work, their seconds made to rise too: neighbours that fall get their mean."""
    by_work: dict[float, list[float]] = {}
    for work, seconds in points:
        by_work.setdefault(work, []).append(max(seconds, 1e-9))  # logarithms need more than 0
    blocks: list[tuple[list[float], float]] = []
    for work in sorted(by_work):
        blocks.append(([work], median(by_work[work])))
        while len(blocks) > 1 and blocks[-2][1] > blocks[-1][1]:
            (works, seconds), (more, less) = blocks[-2:]
            mean = (len(works) * seconds + len(more) * less) / (len(works) + len(more))
            blocks[-2:] = [([*works, *more], mean)]
    return [(work, seconds) for works, seconds in blocks for work in works]
