"""What a network could grow by: numbers embedded, other families, units, layers, what lies between them."""

from __future__ import annotations

from autorecipe.architecture import grow_knobs
from autorecipe.change import Change
from autorecipe.choices import OPTIMIZER_TITLES, OptimizerName
from autorecipe.config import Preset
from autorecipe.effects import Effects
from autorecipe.families import family_named
from autorecipe.normalizations import NORMALIZATIONS, suits_batch
from autorecipe.optimizers import optimizer_edits, optimizer_named
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.stages.image_growth import image_growth
from autorecipe.stages.portfolio import family_changes, image_of
from autorecipe.stages.target_change import target_changes
from autorecipe.stages.text_change import text_changes

N_BINS = 32  # of embedded numbers, half by quantiles and half by a tree: `statistics.mixed_bins` says why
EMBEDDING_SOURCE = "piecewise-linear embeddings, arXiv 2203.05556 (tables of 10k rows and more)"
N_CHANGES: dict[Preset, int] = {"quick": 1, "standard": 10, "thorough": 20}  # of `growth`, at most
RATE_FACTOR = 3  # half a decade: the step of coarse learning rate scans; recipe rule F3 says only "higher"
OPTIMIZERS_TRIED: tuple[OptimizerName, ...] = (
    "sgd",
    "nadam",
    "lion",
    "adagrad",
)  # recipe rule E5; RMSprop is near Adam
FUNNEL_DEPTH = 3  # recipe rule C3: 256-128-64 above a start of 64


def early_changes(recipe: Recipe, run: Run, effects: Effects) -> tuple[Change, ...]:
    """Return what is tried first and never shortened: a linear path, numbers and texts embedded, other families.

    Where a linear model leads the ladder, the net first gets a linear path. Families that the user names come before
    all else.
    """
    changes = []
    if linear_leads(run) and run.schema.modality == "table":
        reason = "the linear model predicts better than the net"
        path = (("linear_path", True),)
        changes.append(Change(edits=path, title="a linear path beside the net", reason=reason))
    if has_numbers(run):
        bends = (("numeric_embedding", "piecewise_linear"), ("bin_edges", "quantile_and_tree"), ("n_bins", N_BINS))
        title, reason = "embed the numbers", "bends per column"
        changes.append(Change(edits=bends, title=title, reason=reason, source=EMBEDDING_SOURCE))
    changes += target_changes(recipe, run)
    families, texts = family_changes(recipe, run, has_gpu=effects.has_gpu), text_changes(recipe, run)
    if run.config.families:
        return (*families, *changes, *texts)
    # beside numbers a text seldom is the signal, and what reads its order is dear
    return (*changes, *families, *texts) if has_numbers(run) else (*changes, *texts, *families)


def changes_to_try(recipe: Recipe, run: Run) -> tuple[Change, ...]:
    """Return the changes that suit the preset and the diagnosis of the network, in order."""
    diagnosis = run.stages[-1].diagnosis
    changes = growth(recipe, run)
    if diagnosis is not None and diagnosis.name == "overfit":
        changes = tuple(change for change in changes if change.source)
    return changes[: N_CHANGES[run.config.preset]]


def optimizers_to_try(run: Run) -> tuple[OptimizerName, ...]:
    """Return the optimizers to try last: with the thorough preset, for a network that does not overfit already."""
    diagnosis = run.stages[-1].diagnosis
    is_overfit = diagnosis is not None and diagnosis.name == "overfit"
    return OPTIMIZERS_TRIED if run.config.preset == "thorough" and not is_overfit else ()


def with_optimizer(recipe: Recipe, name: OptimizerName) -> Change:
    """Return the change to another optimizer, the learning rate with it; no change where the recipe has it."""
    edits = optimizer_edits(recipe, name) if recipe.optimizer != name else ()
    return Change(edits=edits, title=OPTIMIZER_TITLES[name], reason=optimizer_named(name).suits)


def faster_change(before: Recipe, after: Recipe) -> Change | None:
    """Return the higher learning rate to try after a normalization was added that allows it; None without one."""
    record = next((n for n in NORMALIZATIONS if n.name == after.normalization), None)
    rate = float(f"{RATE_FACTOR * after.learning_rate:.3g}")
    is_too_high = rate > optimizer_named(after.optimizer).high_rate
    if before.normalization == after.normalization or record is None or not record.allows_higher_rates or is_too_high:
        return None
    title, reason = f"learning rate x{RATE_FACTOR}", f"{record.title} allows higher rates"
    return Change(edits=(("learning_rate", rate),), title=title, reason=reason)


def growth(recipe: Recipe, run: Run) -> tuple[Change, ...]:
    """Return the changes of size, and of what lies between the layers, to try in order."""
    if run.schema.modality == "image" and recipe.family != "custom":
        return image_growth(recipe, image_of(run), is_patient=run.config.preset == "thorough")
    sized = _layers_grown(recipe) if family_named(recipe.family).grows else grow_knobs(recipe)
    ignored = family_named(recipe.family).ignores
    scaled = Change(edits=(("numeric_scaling", "quantile"),), title="numbers to normal scores")
    changes = (*sized, *((scaled,) if has_numbers(run) else ()))
    return tuple(change for change in changes if not any(field in ignored for field, _ in change.edits))


def has_numbers(run: Run) -> bool:
    """Whether the table has columns of numbers or dates."""
    return any(column.kind in ("numeric", "datetime") for column in run.schema.features)


def _layers_grown(recipe: Recipe) -> tuple[Change, ...]:
    width, depth = recipe.width, recipe.depth
    family = family_named(recipe.family)
    changes = [_wider(2 * width), Change(edits=(("depth", depth + 1),), title=f"depth {depth} -> {depth + 1}")]
    if 4 * width <= family.max_width:
        changes.append(_wider(4 * width))
    if recipe.family not in ("mlp", "residual_mlp"):
        return tuple(changes)
    if suits_batch("batch", recipe.batch_size):
        changes.append(Change(edits=(("normalization", "batch"),), title="batch normalization"))
    residual = (("family", "residual_mlp"), ("normalization", "layer"))
    changes.append(Change(edits=residual, title="residual blocks", reason="a way around each block"))
    if 4 * width <= family.max_width:
        funnel = (("width", 4 * width), ("depth", FUNNEL_DEPTH), ("funnel", True))
        changes.append(Change(edits=funnel, title=f"a funnel of {4 * width}-{2 * width}-{width} units"))
    return tuple(changes)


def linear_leads(run: Run) -> bool:
    """Whether the linear model stands above the simplest net on the ladder."""
    baseline = run.stage("baseline")
    names = [t.name for t in baseline.ladder] if baseline else []
    nets = [i for i, name in enumerate(names) if name.startswith("net ")]
    return "linear" in names and bool(nets) and names.index("linear") > nets[0]


def _wider(width: int) -> Change:
    return Change(edits=(("width", width),), title=f"width {width}")
