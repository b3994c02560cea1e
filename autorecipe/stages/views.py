"""Is a network surer of an image when it sees it from more than one side? Nothing is trained for it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from autorecipe.change import Change
from autorecipe.choices import TestTimeAugmentation
from autorecipe.effects import Effects
from autorecipe.families.pretrained import CPU_WORK_PER_S, takes_features, work
from autorecipe.metrics.choose import metric_named
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.trial import Decision, Trial
from autorecipe.stages.portfolio import image_of
from autorecipe.stages.trials import has_time_for, judged, try_recipe

# in this order, while each is kept
VIEWS: tuple[tuple[TestTimeAugmentation, str], ...] = (
    ("mirror", "averaged with its mirror image"),
    ("mirror_and_shifts", "averaged with shifts by a pixel too"),
)
N_VIEWS: dict[TestTimeAugmentation, int] = {"mirror": 2, "mirror_and_shifts": 6}
REASON = "what is seen twice is judged more surely; nothing is trained for it"
# of the trials that may be averaged, how many see what the best one does: weights of more are seldom above 0; choice
MOST_SEEN = 5
# epochs of a network that learns all of its weights whose seconds predicting for all views takes: six passes forward,
# each a third of one with its gradients, of a quarter as many rows, and what compiling them takes; choice
EPOCHS_OF_VIEWS = 1.0
SAME_WEIGHTS = 1e-12  # spread between seeds where both trials have the same weights; 0 would say that it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What views at prediction gave.

    Attributes
    ----------
    best : Trial
        With the views that were kept.
    """

    best: Trial
    decisions: tuple[Decision, ...] = ()

    @property
    def views(self) -> TestTimeAugmentation:
        """What was kept."""
        return self.best.recipe.test_time if self.best.recipe is not None else "none"


def try_views(best: Trial, run: Run, effects: Effects) -> Seen:
    """Try test-time augmentation of a network for images, judged out of fold; of other networks nothing is tried.

    Where a recipe was given, or views were kept before, they stand. A network that the clock cut short would be trained
    again for its views, and is left as it is.
    """
    seen, plain = Seen(best=best), best.recipe
    if (
        plain is None
        or best.is_cut
        or not _can_have_views(best, run)
        or run.config.recipe is not None
        or plain.test_time != "none"
    ):
        return seen
    for views, title in VIEWS:
        if not has_time_for(views_s(best, views, run), effects):
            break
        change = Change(edits=(("test_time", views),), title=title, reason=REASON)
        trial = try_recipe(change.apply(plain), effects, name=best.name)
        decision = judged(change, (seen.best, trial), run, effects, seed_spread=SAME_WEIGHTS)
        seen = Seen(best=trial if decision.kept else seen.best, decisions=(*seen.decisions, decision))
        if not decision.kept:
            break
    return seen


def with_views(trials: tuple[Trial, ...], seen: Seen, run: Run, effects: Effects) -> tuple[Trial, ...]:
    """Return trials, the best one first, the best few of images with the views that were kept, as time allows.

    Parameters
    ----------
    trials : tuple of Trial
        That may be averaged.
    """
    if seen.views == "none":
        return trials
    sign = 1 if metric_named(run.deciding_metric, run.schema.task).direction == "max" else -1
    by_score = sorted((t for t in trials if _can_have_views(t, run)), key=lambda t: -sign * t.validation_score)
    few = [id(trial) for trial in by_score[:MOST_SEEN]]
    found = [seen.best, *(_with(trial, seen.views, run, effects) if id(trial) in few else trial for trial in trials)]
    unique: dict[tuple[str, ...], Trial] = {}
    for trial in found:
        unique.setdefault(tuple(fit.key for fit in trial.fits), trial)
    return tuple(unique.values())


def views_s(trial: Trial, views: TestTimeAugmentation, run: Run) -> float:
    """Return the seconds that predicting a trial's validation images for all views takes, about.

    An epoch of a head on features that were kept says nothing of the backbone that the views pass through: that was
    measured when the features were made.
    """
    recipe, n_views = trial.recipe, N_VIEWS.get(views, 1)
    if recipe is not None and takes_features(recipe):
        return n_views * run.split.n_validation * len(trial.fits) * _backbone_s(recipe, run)
    epochs = EPOCHS_OF_VIEWS
    if recipe is not None and recipe.family == "pretrained":  # whose epochs have few gradients or none
        epochs = max(epochs, n_views * run.split.n_validation / max(run.split.n_train, 1))
    return epochs * sum(fit.seconds / max(fit.epochs, 1) for fit in trial.fits)


def _backbone_s(recipe: Recipe, run: Run) -> float:
    """Return an image's seconds through a frozen backbone: as measured, or without a measurement as its record says."""
    trials = (trial for stage in run.stages for trial in (*stage.ladder, *stage.trials))
    tried = ((trial.recipe, trial.fits) for trial in trials if trial.recipe is not None)
    alike = (fits for own, fits in tried if takes_features(own) and own.backbone == recipe.backbone)
    pass_s = max((fit.setup_s for fits in alike for fit in fits), default=0.0)
    through = dataclasses.replace(recipe, n_unfrozen=1)  # the work of pixels, not of features
    return pass_s / max(run.data.n_rows, 1) or work(through, image_of(run)) / CPU_WORK_PER_S


def _with(trial: Trial, views: TestTimeAugmentation, run: Run, effects: Effects) -> Trial:
    recipe = trial.recipe
    if (
        recipe is None
        or trial.is_cut
        or recipe.test_time != "none"
        or not has_time_for(views_s(trial, views, run), effects)
    ):
        return trial
    seen = try_recipe(dataclasses.replace(recipe, test_time=views), effects, name=trial.name)
    return seen if seen.status == "ok" else trial


def _can_have_views(trial: Trial, run: Run) -> bool:
    return trial.recipe is not None and not trial.is_cut and run.schema.modality == "image"
