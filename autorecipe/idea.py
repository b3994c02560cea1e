"""The user's own idea: a change of the best recipe, judged on the same folds by the same rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from autorecipe.budget import format_duration
from autorecipe.change import Change
from autorecipe.edits import Edit, change_of, read_edits
from autorecipe.effects import Effects
from autorecipe.errors import UserError
from autorecipe.record.run import Run
from autorecipe.record.stage import Idea
from autorecipe.record.trial import Trial
from autorecipe.stages.portfolio import image_of
from autorecipe.stages.trials import N_SPREAD_SEEDS, OUT_OF_TIME, judged, seed_spread, try_recipe, whole
from autorecipe.trial_cost import predicted_s

LIMIT_FACTOR = 3.0  # times the prediction, which may be wrong by as much where nothing alike was trained (house value)
LEAST_LIMIT_S = 60.0  # importing TensorFlow and building the network count too


def change_for(run: Run, edits: Sequence[Edit]) -> Change:
    """Return edits of a run's best recipe as one checked change.

    Parameters
    ----------
    edits : sequence of "field=value" or (field, value)

    Raises
    ------
    UserError
        When the run has no network yet, or an edit cannot be made.
    """
    best = best_with_ideas(run)
    if best is None or best.recipe is None:
        raise UserError("the run has no trained network to change", where="try", fix="finish the run first")
    recipe, modality = best.recipe, run.schema.modality
    pairs = [read_edits((edit,), recipe, modality=modality)[0] if isinstance(edit, str) else edit for edit in edits]
    return change_of(tuple(pairs), recipe, run)


def idea_s(change: Change, run: Run) -> float:
    """Return the predicted seconds of trying a change: its trial, and with one split two more seeds of the best."""
    best = best_with_ideas(run)
    if best is None or best.recipe is None:
        return 0.0
    known = [*(trial for stage in run.stages for trial in stage.trials), *(idea.trial for idea in run.ideas), best]
    n_folds, n_train = run.split.n_folds, run.split.n_train
    recipe = change.apply(best.recipe)
    trial_s = predicted_s(recipe, known, n_folds=n_folds, n_train=n_train, image=image_of(run))
    return trial_s + ((N_SPREAD_SEEDS - 1) * best.seconds if n_folds == 1 else 0.0)


def default_limit_s(change: Change, run: Run) -> float:
    """Return the seconds that an idea is given when nobody says: several times what is predicted."""
    return max(LEAST_LIMIT_S, LIMIT_FACTOR * idea_s(change, run))


def announcement(change: Change, run: Run, *, limit_s: float) -> str:
    """Say what will be trained, how long that should take, and how long it may."""
    folds = f"{run.split.n_folds} folds" if run.split.n_folds > 1 else "the validation split"
    seconds = format_duration(idea_s(change, run))
    return f"tries {change.title} on {folds}: about {seconds} of training, given {format_duration(limit_s)} at most"


def best_with_ideas(run: Run) -> Trial | None:
    """Return the best trial, ideas that were kept since the search included; None before the first network.

    An idea counts while the recipe that it was compared with is the best one: once a search went on from it, the
    search's own best stands.
    """
    best = run.best
    for idea in run.ideas:
        if idea.decision.kept and best is not None and best.recipe is not None and best.recipe.key == idea.base:
            best = idea.trial
    return best


def try_change(change: Change, run: Run, effects: Effects) -> Idea:
    """Train the best recipe with a change on every fold, and judge it as the stages judge theirs.

    It counts as the best of as many as were tried on the same base so far: of many ideas that change nothing, one
    looks good by chance.

    Raises
    ------
    UserError
        When the run has no network to change, or the time ended before every fold was trained.
    KeyboardInterrupt
        When the user asked to stop.
    """
    best = best_with_ideas(run)
    if best is None or best.recipe is None:
        raise UserError("the run has no trained network to change", where="try", fix="finish the run first")
    before = whole(best, effects)  # half-trained against trained would say nothing
    after = try_recipe(change.apply(best.recipe), effects, name=change.title)
    if effects.clock.interrupted():
        raise KeyboardInterrupt
    if after.cause == OUT_OF_TIME:
        raise UserError(
            "the time ended before every fold was trained: nothing was judged, nothing is entered",
            where="--time-limit",
            fix="give it longer; the folds that were trained are remembered",
        )
    spread = seed_spread(before, run, effects) if after.status == "ok" else 0.0
    n_candidates = 1 + sum(_is_rival(other, after, base=best.recipe.key) for other in run.ideas)
    return Idea(
        decision=judged(change, (before, after), run, effects, seed_spread=spread, n_candidates=n_candidates),
        trial=after,
        base=best.recipe.key,
        score_before=before.validation_score,
    )


def with_idea(run: Run, idea: Idea) -> Run:
    """Return the run with an idea entered as its last; the same idea, tried again, is not entered twice."""
    others = tuple(other for other in run.ideas if (other.base, other.trial.recipe) != (idea.base, idea.trial.recipe))
    return dataclasses.replace(run, ideas=(*others, idea))


def _is_rival(earlier: Idea, trial: Trial, *, base: str) -> bool:
    """Whether an earlier idea had its chance on the same base; the same recipe again is no second chance."""
    return earlier.base == base and earlier.trial.status == "ok" and earlier.trial.recipe != trial.recipe
