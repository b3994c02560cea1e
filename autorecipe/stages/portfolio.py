"""Which families are worth trying on the data, and in which order: a strong default early, diversity later."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from autorecipe.change import Change
from autorecipe.choices import FamilyName
from autorecipe.config import Modality, Preset
from autorecipe.families import FAMILIES, family_named
from autorecipe.families.family import DataSize
from autorecipe.families.images import CPU_WORK_PER_S
from autorecipe.recipe import Recipe, Value
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.stages.image_portfolio import IMAGE_ORDER, image_source
from autorecipe.stages.pretrained_rung import rung_backbone
from autorecipe.trial_cost import predicted_s, slowness

# the best single networks first, then those that err otherwise: ranks of 37 data sets in TabM (arXiv 2410.24210, figure
# 8) and the leaderboard of TabArena (2026)
TABLE_ORDER: tuple[FamilyName, ...] = (
    "tabm_mini",
    "modern_nca",
    "realmlp",
    "dcn",
    "tabm",
    "realmlp_s",
    "ft_transformer",
    "residual_mlp",
)
ORDER: dict[Modality, tuple[FamilyName, ...]] = {"table": TABLE_ORDER, "image": IMAGE_ORDER}
PLAIN_NETS: dict[Modality, FamilyName] = {"table": "mlp", "image": "convnet"}  # the simplest net of the ladder
N_FAMILIES: dict[Preset, int] = {"quick": 1, "standard": 3, "thorough": 8}  # of those that suit, at most
N_FIRST = 2  # families that Overfit has time for, if need be at the cost of the later stages: two that err apart
# of the run's time limit, that each further family may take: the time is worth more to a bag of what stands. Measured
# on california_housing and adult within 2 minutes: RealMLP took 15 % and 25 % and had no weight in the ensemble
MAX_LIMIT_SHARE = 0.1
STRONG_DEFAULT: FamilyName = "tabm_mini"
# what a family takes over as it is: what the data asked for, whatever the network
KEPT = ("seed", "row_share", "loss", "knobs", "text_encoding", "target_transform", "class_weight")
DEFAULT_SOURCE = "TabM with embedded numbers, arXiv 2410.24210 (best mean rank of 37 data sets, 700 rows and more)"


def data_size(run: Run, *, has_gpu: bool = False) -> DataSize:
    """Return what a family's sizes depend on."""
    kinds = [column.kind for column in run.schema.features]
    images = run.profile.images if run.profile else None
    return DataSize(
        n_train=run.split.n_train,
        n_features=len(kinds),
        n_numbers=sum(kind in ("numeric", "datetime") for kind in kinds),
        task=run.schema.task,
        n_classes=len(run.schema.classes) if run.schema.task != "regression" else 0,
        metric=run.deciding_metric,
        has_gpu=has_gpu,
        time_limit_s=run.config.time_limit_s,
        image=image_of(run),
        is_photo=images is not None and images.is_photo,
        n_folds=run.split.n_folds,
    )


def as_fast_as_here(size: DataSize, run: Run) -> DataSize:
    """Return the size of data with as much time as this machine's speed leaves of it, by the simplest net's seconds.

    Networks for images are sized by the time limit and what two free cores do in it. On a GPU small networks wait for
    each other, and say nothing of larger ones.
    """
    baseline = run.stage("baseline")
    trial = baseline.best if baseline is not None else None
    if not size.image or size.has_gpu or trial is None or trial.recipe is None or trial.recipe.family == "custom":
        return size
    slow = slowness(trial, n_train=size.n_train, image=size.image, work_per_s=CPU_WORK_PER_S)
    return dataclasses.replace(size, time_limit_s=size.time_limit_s / slow)


def image_of(run: Run) -> tuple[int, ...]:
    """Return (height, width, channels) of the images that networks see; nothing for a table."""
    images = run.profile.images if run.profile else None
    return images.spec.shape if images is not None and images.spec is not None else ()


def trial_s(recipe: Recipe, known: Sequence[Trial], run: Run) -> float:
    """Return the seconds that a recipe is predicted to take on all folds of a run, by the trials that are known."""
    size = data_size(run)
    return predicted_s(
        recipe, known, n_folds=size.n_folds, n_train=size.n_train, n_numbers=size.n_numbers, image=size.image
    )


def family_changes(plain: Recipe, run: Run, *, has_gpu: bool) -> tuple[Change, ...]:
    """Return the changes to the families that suit the data, with their own defaults, in the order to try them.

    Those that the user names are taken in their order, whatever suits. The strong default, and of images what
    published evidence speaks for, bears a reversed burden of proof; the others must win, or serve the ensemble.

    Parameters
    ----------
    plain : Recipe
        The simplest network's, whose loss and the like stay.
    """
    if plain.family == "custom":
        return ()
    size = as_fast_as_here(data_size(run, has_gpu=has_gpu), run)
    asked = [name for name in run.config.families if name != PLAIN_NETS[run.schema.modality]]
    if run.config.families:
        return tuple(_on_backbone(family_change(name, plain, size), run) for name in asked)
    offered = _offered(run, size)[: N_FAMILIES[run.config.preset]]
    changes = (family_change(name, plain, size) for name in offered)
    return tuple(_on_backbone(change, run) for change in changes)


def _on_backbone(change: Change, run: Run) -> Change:
    """Let a change to a pretrained net take the backbone that the ladder has, which is known to be there."""
    own = rung_backbone(run)
    if not own or dict(change.edits)["family"] != "pretrained":
        return change
    edits = tuple((field, own if field == "backbone" else value) for field, value in change.edits)
    return dataclasses.replace(change, edits=edits)


def family_change(name: FamilyName, plain: Recipe, size: DataSize) -> Change:
    """Return the change to a family with its own defaults; what was found for another one does not come along."""
    family = family_named(name)
    taken = {field: getattr(plain, field) for field in KEPT}
    edits: dict[str, Value] = {**taken, "family": name, **dict(family.defaults(size))}
    whole = dataclasses.replace(Recipe(), **edits)  # type: ignore[arg-type]  # a record's edits are typed as values
    fields = [f.name for f in dataclasses.fields(Recipe) if f.name not in KEPT]
    all_edits = tuple((field, getattr(whole, field)) for field in fields)
    source = DEFAULT_SOURCE if name == STRONG_DEFAULT else image_source(name, size)
    return Change(edits=all_edits, title=family.title, reason=family.suits, source=source)


def portfolio_s(run: Run, *, has_gpu: bool) -> float:
    """Return the seconds that the first families are predicted to take, the simplest net being trained."""
    best = run.best
    if best is None or best.recipe is None:
        return 0.0
    changes = family_changes(best.recipe, run, has_gpu=has_gpu)
    first = changes if run.config.families else [c for c in changes if c.edits[0][1] in _first_of(run)]
    recipes = [change.apply(best.recipe) for change in first[:N_FIRST]]
    return sum(trial_s(recipe, [best], run) for recipe in recipes)


def is_too_dear(change: Change, needed_s: float, run: Run) -> bool:
    """Whether a change is one to a further family, not named by the user, that takes too much of the time limit."""
    if not is_family_change(change) or run.config.families:
        return False
    return change.edits[0][1] not in _first_of(run) and needed_s > MAX_LIMIT_SHARE * run.config.time_limit_s


def _first_of(run: Run) -> tuple[FamilyName, ...]:
    is_image = run.schema.modality == "image"
    return (_offered(run, data_size(run)) if is_image else TABLE_ORDER)[:N_FIRST]


def _offered(run: Run, size: DataSize) -> tuple[FamilyName, ...]:
    known = [name for name in ORDER[run.schema.modality] if name != "pretrained" or rung_backbone(run)]
    return tuple(name for name in known if name == "pretrained" or family_named(name).offered(size))


def is_family_change(change: Change) -> bool:
    """Whether a change is one to another family with all its defaults."""
    return len(change.edits) > len(FAMILIES) and change.edits[0][0] == "family"
