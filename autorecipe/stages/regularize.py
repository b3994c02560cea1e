"""What wins the validation rows back?"""

from __future__ import annotations

import dataclasses

from autorecipe import decide
from autorecipe.change import Change
from autorecipe.effects import Effects
from autorecipe.families import family_named
from autorecipe.metrics.choose import metric_named
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Confirmation, Decision, Measurement, Trial
from autorecipe.regularizers import regularizers_for
from autorecipe.regularizers.regularizer import LEVELS, Level, Regularizer
from autorecipe.row_words import row_noun
from autorecipe.stages import Stage
from autorecipe.stages.augmenting import Barred, bar_augmentations
from autorecipe.stages.planned import (
    Opening,
    Wanted,
    failures_note,
    has_time_to_try,
    open_stage,
    train_whole,
    without_signal,
)
from autorecipe.stages.soundness import appraise, told_of
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    confirm_if_time,
    confirmation_s,
    effect_of,
    ended_by,
    has_time_for,
    judged,
    try_recipe,
    unconfirmed,
)

CURVE_SHARES = (0.25, 0.5)  # of the training rows; all of them are the current trial: recipe rule D4
CURVE_TRIALS = 8  # the curve is drawn when there is time for so many trials


def work(run: Run, effects: Effects) -> StageResult:
    """Regularize level by level, one change at a time; take back what does not help beyond the noise."""
    began = effects.clock.now_s()
    grown = run.stages[-1].best
    if grown is None or grown.recipe is None:
        raise ValueError("Regularize needs the network that Overfit ended with")
    if nothing := without_signal("regularize", STAGE.question, run):
        return nothing
    start = best_so_far(run) or grown
    kept_s = confirmation_s(grown.seconds, effects) if run.config.preset != "quick" else 0.0
    barred = bar_augmentations(grown.recipe, run, effects)
    own = regularizers_for(run.schema.modality)
    n_wanted = sum(
        len(_strengths(r, level, grown.recipe, run, barred=barred)) for level in levels_for(run) for r in own
    )
    opening = open_stage(Wanted(stage="regularize", n_trials=n_wanted, kept_s=kept_s), grown, run, effects)
    state = _Taming(
        run=run, effects=effects, opening=opening, barred=barred, recipe=grown.recipe, best=opening.reference
    )
    curve, not_known = _curve(opening, run, effects)
    for level in levels_for(run):
        state = state.level(level)
    tamed, note = train_whole(state.recipe, opening, run, effects) if opening.is_short else (state.best, "")
    notes = [*opening.notes(run, n_tried=len(state.trials)), *state.notes, *(m.text for m in curve), *not_known]
    notes += [note] if note else []
    best, confirmation, said = _settled(start, tamed, run, effects, seed_spread=opening.seed_spread)
    result = StageResult(
        stage="regularize",
        question=STAGE.question,
        start=start.recipe,
        end=best.recipe,
        best=best,
        trials=state.trials,
        decisions=state.decisions,
        measurements=(Measurement(kind="seed_spread", value=opening.seed_spread), *curve),
        confirmation=confirmation,
        notes=(*notes, *failures_note(state.trials), *said),
        seconds=effects.clock.now_s() - began,
        ended=ended_by(effects, out_of_time=state.out_of_time),
        plan=opening.plan,
    )
    return told_of(result, appraise(best, run, when=("during",)))


def levels_for(run: Run) -> tuple[Level, ...]:
    """Return the levels to try: the light one alone with the quick preset, and for a network that does not overfit."""
    diagnosis = run.stages[-1].diagnosis
    is_light = diagnosis is not None and diagnosis.name in ("underfit", "good fit", "cut short")
    return LEVELS[:1] if is_light or run.config.preset == "quick" else LEVELS


def _settled(
    start: Trial, tamed: Trial, run: Run, effects: Effects, *, seed_spread: float
) -> tuple[Trial, Confirmation | None, tuple[str, ...]]:
    """Hold what came out against the best network so far; return what stands, its confirmation, and what to say."""
    if _worse(tamed, start, run):
        return start, None, (f"what came out does not beat '{start.name}': that recipe stands",)
    if tamed.recipe == start.recipe:
        return tamed, None, ()
    confirmation = confirm_if_time(start, tamed, run, effects, seed_spread=seed_spread)
    if confirmation is None:
        return tamed, None, (unconfirmed(run, effects),)
    return tamed if confirmation.confirmed else start, confirmation, ()


def _strengths(
    regularizer: Regularizer, level: Level, recipe: Recipe, run: Run, *, barred: Barred
) -> tuple[Change, ...]:
    """Changes to a regularizer's strengths of a level, where it makes sense and was not barred."""
    if run.config.preset not in regularizer.presets or not regularizer.suits(recipe, run):
        return ()
    speaks = level == "light" and regularizer.evidence_for == run.schema.modality
    source = regularizer.evidence if speaks else ""
    ignored = family_named(recipe.family).ignores
    # the recipes of networks for images begin with what their papers hold them back by
    offered = [s for s in regularizer.strengths if run.schema.modality == "table" or not s.is_milder(recipe)]
    return tuple(
        Change(edits=strength.edits_of(recipe), title=strength.title, reason=regularizer.title, source=source)
        for strength in offered
        if strength.level == level
        and strength.title not in barred.titles
        and run.config.preset in strength.presets
        and not any(field in ignored for field, _ in strength.edits)
    )


def _curve(opening: Opening, run: Run, effects: Effects) -> tuple[tuple[Measurement, ...], tuple[str, ...]]:
    if run.config.preset == "quick" or opening.is_short:
        return (), ()
    return learning_curve(opening.start, run, effects, spread=opening.seed_spread)


def best_so_far(run: Run) -> Trial | None:
    """Return the best network that the stages ended with or that stands on the ladder, by validation score.

    Candidates that were rejected do not count: the best of them would be the luckiest.
    """
    sign = 1 if metric_named(run.deciding_metric, run.schema.task).direction == "max" else -1
    k = run.split.n_folds
    tried = [
        t
        for stage in run.stages
        for t in (*stage.ladder, *([stage.best] if stage.best else []))
        if t.recipe is not None and t.status == "ok" and len(t.fits) == k and t.fits[0].fold == 0
    ]
    return max(tried, key=lambda t: sign * t.validation_score, default=None)


def learning_curve(
    trial: Trial, run: Run, effects: Effects, *, spread: float
) -> tuple[tuple[Measurement, ...], tuple[str, ...]]:
    """Say what twice the rows might give: the same recipe on a quarter, half and all of the training rows.

    The gain of the next doubling is the last one's times its ratio to the one before, held within 0 and 1.

    Returns
    -------
    measured : tuple of Measurement
        The curve; empty where there is no time for it, or where one of its trials failed.
    not_known : tuple of str
        Which trial failed, and of what.
    """
    if trial.recipe is None or not has_time_for(CURVE_TRIALS * trial.seconds, effects):
        return (), ()
    parts, row = [], row_noun(run.schema.modality)
    for share in CURVE_SHARES:
        recipe = dataclasses.replace(trial.recipe, row_share=share)
        parts.append(try_recipe(recipe, effects, name=f"{share:.0%} of the {row}s"))
        if parts[-1].status == "failed":
            said = f"what twice the {row}s might give is not known: the trial on {parts[-1].name} failed"
            return (), (f"{said} ({parts[-1].cause})",)
    first, _ = effect_of(parts[0], parts[1], run, effects, seed_spread=spread)
    last, error = effect_of(parts[1], trial, run, effects, seed_spread=spread)
    ratio = min(max(last / first, 0.0), 1.0) if first > 0 else 0.0
    gain = max(last, 0.0) * ratio
    points = (
        (0.25, parts[0].validation_score),
        (0.5, parts[1].validation_score),
        (1.0, trial.validation_score),
    )
    if last <= error:
        text = f"the learning curve is flat: the last doubling of the {row}s gave {decide.signed(last)}, its error "
        text += decide.unsigned(error)
    else:
        low, high = max(gain - 2 * error, 0.0), gain + 2 * error
        text = f"twice the {row}s might give {decide.signed(gain)} [{decide.unsigned(low)}, {decide.unsigned(high)}]"
    return (Measurement(kind="learning_curve", value=gain, text=text, curve=points),), ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Taming:
    """How far the network has been tamed: its recipe, and the trial that stands for it, shortened where they are."""

    run: Run
    effects: Effects
    opening: Opening
    barred: Barred
    recipe: Recipe
    best: Trial
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()
    given_up: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    out_of_time: bool = False

    def level(self, level: Level) -> _Taming:
        """Try every regularizer's strengths of a level; stronger ones only after the milder helped."""
        state = self._probed(level)
        for regularizer in regularizers_for(state.run.schema.modality):
            for change in _strengths(regularizer, level, state.recipe, state.run, barred=state.barred):
                if regularizer.name not in state.given_up and not state.out_of_time:
                    state = state._try(change, regularizer.name)
        return dataclasses.replace(state, given_up=state.given_up | state.barred.names(level))

    def _probed(self, level: Level) -> _Taming:
        """Ask of the network as it stands, where it has changed, what augmentation of a level it would bear."""
        barred, trained = self.barred, self.opening.candidate(self.recipe)
        if self.recipe != self.opening.start.recipe and barred.recipe != trained and not self.out_of_time:
            barred = bar_augmentations(trained, self.run, self.effects)
        notes = dict.fromkeys((*self.notes, *barred.notes(level, given_up=self.given_up)))
        return dataclasses.replace(self, barred=barred, notes=tuple(notes))

    def _try(self, change: Change, name: str) -> _Taming:
        recipe = change.apply(self.recipe)
        if recipe == self.recipe:
            return self
        kept_s = self.opening.plan.kept_s
        if not has_time_to_try(recipe, self.opening, self.run, self.effects, tried=self.trials, kept_s=kept_s):
            return dataclasses.replace(self, out_of_time=True)
        trial = try_recipe(self.opening.candidate(recipe), self.effects, name=change.title)
        decision = judged(change, (self.best, trial), self.run, self.effects, seed_spread=self.opening.seed_spread)
        return dataclasses.replace(
            self,
            recipe=recipe if decision.kept else self.recipe,
            best=trial if decision.kept else self.best,
            trials=(*self.trials, trial),
            decisions=(*self.decisions, decision),
            given_up=self.given_up if decision.kept else self.given_up | {name},
            out_of_time=trial.cause == OUT_OF_TIME,
        )


def _worse(trial: Trial, other: Trial, run: Run) -> bool:
    sign = 1 if metric_named(run.deciding_metric, run.schema.task).direction == "max" else -1
    return sign * trial.validation_score < sign * other.validation_score


STAGE = Stage(
    name="regularize",
    question="What wins the validation rows back?",
    work=work,
)
