"""Which settings of the remaining knobs win?"""

from __future__ import annotations

import dataclasses

from autorecipe.change import KNOB_PREFIX, Change, setting_text
from autorecipe.effects import Effects
from autorecipe.errors import TrainingFailed
from autorecipe.recipe import Recipe, Value
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Confirmation, Decision, Measurement, Trial
from autorecipe.stages import Stage
from autorecipe.stages.planned import Wanted, failures_note, open_stage, train_whole, without_signal
from autorecipe.stages.soundness import appraise, told_of
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    confirm_if_time,
    has_time_for,
    judged,
    try_recipe,
    unconfirmed,
    whole,
    why_not,
)
from autorecipe.stages.tuning_rounds import Tuning, reserve_s
from autorecipe.tuning.space import knobs_at_edge

LEAST_TRIALS = 2  # with time for fewer nothing is searched


def work(run: Run, effects: Effects) -> StageResult:
    """Search the learning rate first and coarsely, then all knobs, then around the best.

    The best recipe found is kept when it gains more than the best of so many would by chance, and when its
    gain shows again on fresh seeds.

    Raises
    ------
    TrainingFailed
        When no recipe could be trained, the start included; with the first cause.
    """
    began = effects.clock.now_s()
    if nothing := without_signal("tune", STAGE.question, run):
        return nothing
    before = _start_trial(run, effects)
    if before.status == "failed" or not has_time_for(0.0, effects):
        return _without_time(before, effects, began)
    wanted = Wanted(stage="tune", n_trials=effects.max_tuner_trials, kept_s=reserve_s(before, run, effects))
    opening = open_stage(wanted, before, run, effects)
    if opening.plan.n_trials < min(LEAST_TRIALS, wanted.n_trials):
        return _without_time(before, effects, began)
    found = Tuning.of(opening, run, effects).scan().search().refine()
    ended = found.ended
    decision = _decide(found)
    winner, said = _whole_winner(found, decision)
    winner, confirmation, confirmed = _confirmed(before, winner, found)
    n_tried = len(found.trials)
    result = StageResult(
        stage="tune",
        question=STAGE.question,
        start=before.recipe,
        end=winner.recipe,
        best=winner,
        trials=(opening.reference, *found.trials),
        decisions=(decision,) if decision else (),
        measurements=(Measurement(kind="seed_spread", value=opening.seed_spread),),
        confirmation=confirmation,
        notes=(*opening.notes(run, n_tried=n_tried), *found.notes, *failures_note(found.trials), *said, *confirmed),
        seconds=effects.clock.now_s() - began,
        ended=ended,
        plan=opening.plan,
    )
    edges = knobs_at_edge(found.space, winner.recipe) if winner.recipe and winner is not before else ()
    return told_of(result, appraise(winner, run, when=("after",), edges=edges))


def _start_trial(run: Run, effects: Effects) -> Trial:
    start, best = run.recipe, run.best
    if start is None:
        raise ValueError("Tune needs the recipe that an earlier stage ended with")
    if best is not None and best.recipe == start and best.status == "ok":
        return whole(best, effects)
    if not has_time_for(0.0, effects):
        return Trial(name="start", recipe=start, fits=())
    trial = try_recipe(start, effects, name="start")
    if trial.status == "failed" and trial.cause != OUT_OF_TIME:
        raise TrainingFailed(f"no recipe could be trained in Tune: {trial.cause}")
    return trial


def _without_time(before: Trial, effects: Effects, began: float) -> StageResult:
    return StageResult(
        stage="tune",
        question=STAGE.question,
        start=before.recipe,
        end=before.recipe,
        best=before if before.status == "ok" else None,
        notes=(f"nothing was tuned: {why_not(effects)}",),
        seconds=effects.clock.now_s() - began,
        ended="interrupted" if effects.clock.interrupted() else "budget",
    )


def _decide(found: Tuning) -> Decision | None:
    """Hold the best recipe found against the start, both of one length."""
    before = found.opening.reference
    candidates = tuple(t for t in found.tried if t.status == "ok")
    if not candidates or before.recipe is None:
        return None
    winner = found.best_of(candidates)
    if winner.recipe is None:
        return None
    change = change_between(before.recipe, winner.recipe, n_tried=len(candidates))
    spread, n = found.opening.seed_spread, len(candidates)
    return judged(change, (before, winner), found.run, found.effects, seed_spread=spread, n_candidates=n)


def _whole_winner(found: Tuning, decision: Decision | None) -> tuple[Trial, tuple[str, ...]]:
    """Return the trial that the stage would end with before it is confirmed, and what to say of it."""
    opening = found.opening
    if decision is None or not decision.kept or opening.start.recipe is None:
        return opening.start, ()
    if not opening.is_short:
        return found.best_of(tuple(t for t in found.tried if t.status == "ok")), ()
    trial, note = train_whole(decision.change.apply(opening.start.recipe), opening, found.run, found.effects)
    return trial, (note,)


def _confirmed(before: Trial, winner: Trial, found: Tuning) -> tuple[Trial, Confirmation | None, tuple[str, ...]]:
    if winner is before:
        return before, None, ()
    spread = found.opening.seed_spread
    confirmation = confirm_if_time(before, winner, found.run, found.effects, seed_spread=spread)
    if confirmation is None:
        return winner, None, (unconfirmed(found.run, found.effects),)
    return winner if confirmation.confirmed else before, confirmation, ()


def change_between(before: Recipe, after: Recipe, *, n_tried: int) -> Change:
    """Return the change from one recipe to another of the same architecture, every edit named."""
    edits: list[tuple[str, Value]] = []
    words: list[str] = []
    old, new = _values(before), _values(after)
    for field, value in new.items():
        if old[field] != value:
            edits.append((field, value))
            name = field.removeprefix(KNOB_PREFIX).replace("_", " ")
            words.append(f"{name} {setting_text(old[field])} -> {setting_text(value)}")
    reason = f"the best of {n_tried} recipes tried" if n_tried > 1 else "the one recipe tried"
    return Change(edits=tuple(edits), title=", ".join(words), reason=reason)


def _values(recipe: Recipe) -> dict[str, Value]:
    fields = (field.name for field in dataclasses.fields(Recipe) if field.name != "knobs")
    return {name: getattr(recipe, name) for name in fields} | {KNOB_PREFIX + name: v for name, v in recipe.knobs}


STAGE = Stage(
    name="tune",
    question="Which settings of the remaining knobs win?",
    work=work,
)
