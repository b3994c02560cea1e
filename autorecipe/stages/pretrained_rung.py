"""The rung of the ladder that photos have: a linear head on what a pretrained backbone makes of them."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.backbones import choose_file, parse_backbone
from autorecipe.change import Change
from autorecipe.effects import Effects
from autorecipe.families.family import DataSize
from autorecipe.families.pretrained import SMALLEST_SIDE, backbone_for, backbone_title, fine_tune_edits
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.stages.trials import try_recipe

FROM_SCRATCH = "networks are trained from scratch"
FINE_TUNED_BLOCKS = (1, 3)  # at the end of a backbone: the more of it learns, the more it can forget; choice
FINE_TUNE_SOURCE = "Kumar et al. (2022), arXiv 2202.10054: the head first, then the backbone at a low rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What became of the rung.

    Attributes
    ----------
    trial : Trial or None
        None where there is none: `notes` say why, if it was to be expected.
    notes : tuple of str
        One line each.
    """

    trial: Trial | None = None
    notes: tuple[str, ...] = ()


def chosen_backbone(run: Run, size: DataSize) -> str:
    """Return the backbone to begin with, as a recipe has it: the user's file, or the one that suits; "" for none.

    Raises
    ------
    UserError
        When the user's file is not there, or is no backbone's.
    """
    if not size.image:
        return ""
    if run.config.weights:
        return str(choose_file(run.config.weights))
    found = backbone_for(size)
    return found.name if found is not None else ""


def rung_backbone(run: Run) -> str:
    """Return the backbone of the rung that stands in a run, as a recipe has it; "" for none.

    Later stages build on it alone: its weights are known to be there.
    """
    baseline = run.stage("baseline")
    recipes = (t.recipe for t in (baseline.trials if baseline else ()) if t.status == "ok" and t.recipe is not None)
    return next((recipe.backbone for recipe in recipes if recipe.family == "pretrained"), "")


def pretrained_rung(recipe: Recipe, effects: Effects, *, offline: bool) -> Rung:
    """Make a backbone's weights ready and train a head on its features; where that fails, the run goes on without.

    A download is told before it begins: what, how many megabytes, where to.

    Parameters
    ----------
    recipe : Recipe
        Of the family "pretrained", with its backbone.
    offline : bool
        Nothing may be downloaded.
    """
    choice = parse_backbone(recipe.backbone)
    record = choice.record
    if record is not None and not offline and not choice.weights_path.is_file():
        folder = choice.weights_path.parent
        effects.store.event(
            "plan", f"{choice.title}: its weights, {record.file_mb:.0f} MB, are downloaded to {folder} (--offline: not)"
        )
    ready = effects.trainer.ready_backbone(recipe.backbone, may_download=not offline)
    if ready.missing:
        return Rung(notes=(f"no rung of pretrained features: {choice.title}: {ready.missing}; {FROM_SCRATCH}",))
    trial = try_recipe(recipe, effects, name=f"{backbone_title(recipe)}, with a linear head")
    if trial.status == "failed":
        reason = f"no rung of pretrained features: {choice.title}: {trial.cause}; {FROM_SCRATCH}"
        return Rung(trial=trial, notes=(reason, *ready.notes))
    return Rung(trial=trial, notes=ready.notes)


def missing_rung(run: Run, size: DataSize) -> tuple[str, ...]:
    """Say why photos that are large enough have no backbone, where it is so."""
    is_expected = size.is_photo and max(size.image[:2], default=0) >= SMALLEST_SIDE
    if not is_expected or run.config.weights or backbone_for(size) is not None:
        return ()
    return (f"no rung of pretrained features: there is no time to send {size.n_train:,} images through a backbone",)


def fine_tuning(recipe: Recipe) -> tuple[Change, ...]:
    """Return the changes that train a frozen backbone's last blocks too, at a low rate; none for other recipes."""
    if recipe.family != "pretrained" or recipe.n_unfrozen:
        return ()
    title = parse_backbone(recipe.backbone).title
    return tuple(
        Change(
            edits=fine_tune_edits(n),
            title=f"train the last {n} blocks of {title} too" if n > 1 else f"train the last block of {title} too",
            reason="what it learned of other images may not be what these need",
            source=FINE_TUNE_SOURCE,
        )
        for n in FINE_TUNED_BLOCKS
    )
