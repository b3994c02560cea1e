"""What wins the validation rows back?"""

from __future__ import annotations

import dataclasses

from autorecipe import decide
from autorecipe.effects import Effects
from autorecipe.metrics.choose import metric_named
from autorecipe.recipe import Change, Recipe
from autorecipe.regularizers import REGULARIZERS
from autorecipe.regularizers.regularizer import LEVELS, Level, Regularizer
from autorecipe.run import Decision, Measurement, Run, StageResult, Trial
from autorecipe.stages import Stage
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    confirm_if_time,
    confirmation_s,
    effect_of,
    ended_by,
    has_time_for,
    seed_spread,
    try_recipe,
    unconfirmed,
)

CURVE_SHARES = (0.25, 0.5)  # of the training rows; all of them are the current trial: recipe rule D4
N_QUICK = 2  # regularizers that the quick preset tries: its plan must fit its minute, and confirms nothing
CURVE_TRIALS = 8  # the curve is drawn when there is time for so many trials


def work(run: Run, effects: Effects) -> StageResult:
    """Regularize level by level, one change at a time; take back what does not help beyond the noise."""
    began = effects.clock.now_s()
    grown = run.stages[-1].best
    if grown is None or grown.recipe is None:
        raise ValueError("Regularize needs the network that Overfit ended with")
    start = best_so_far(run) or grown
    spread = seed_spread(grown, run, effects)
    kept_s = confirmation_s(grown.seconds, effects)
    state = _Taming(run=run, effects=effects, best=grown, spread=spread, kept_s=kept_s)
    curve = () if run.config.preset == "quick" else learning_curve(grown, run, effects, spread=spread)
    for level in LEVELS if run.config.preset != "quick" else LEVELS[:1]:
        state = state.level(level)
    best, notes = state.best, [m.text for m in curve]
    confirmation = None
    if _worse(best, start, run):
        best = start
        notes.append(f"what came out does not beat '{start.name}': that recipe stands")
    elif best.recipe != start.recipe:
        confirmation = confirm_if_time(start, best, run, effects, seed_spread=spread)
        if confirmation is None:
            notes.append(unconfirmed(run))
        elif not confirmation.confirmed:
            best = start
    return StageResult(
        stage="regularize",
        question=STAGE.question,
        start=start.recipe,
        end=best.recipe,
        best=best,
        trials=state.trials,
        decisions=state.decisions,
        measurements=(Measurement(kind="seed_spread", value=spread), *curve),
        confirmation=confirmation,
        notes=tuple(notes),
        seconds=effects.clock.now_s() - began,
        ended=ended_by(effects, out_of_time=state.out_of_time),
    )


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


def learning_curve(trial: Trial, run: Run, effects: Effects, *, spread: float) -> tuple[Measurement, ...]:
    """Say what twice the rows might give: the same recipe on a quarter, half and all of the training rows.

    The gain of the next doubling is the last one's times its ratio to the one before, held within 0 and 1.
    """
    if trial.recipe is None or not has_time_for(CURVE_TRIALS * trial.seconds, effects):
        return ()
    parts = []
    for share in CURVE_SHARES:
        recipe = dataclasses.replace(trial.recipe, row_share=share)
        parts.append(try_recipe(recipe, effects, name=f"{share:.0%} of the rows"))
        if parts[-1].status == "failed":
            return ()
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
        text = f"the learning curve is flat: the last doubling of the rows gave {decide.signed(last)}, its error "
        text += decide.unsigned(error)
    else:
        low, high = max(gain - 2 * error, 0.0), gain + 2 * error
        text = f"twice the rows might give {decide.signed(gain)} [{decide.unsigned(low)}, {decide.unsigned(high)}]"
    return (Measurement(kind="learning_curve", value=gain, text=text, curve=points),)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Taming:
    """How far the network has been tamed."""

    run: Run
    effects: Effects
    best: Trial
    spread: float
    kept_s: float
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()
    given_up: frozenset[str] = frozenset()
    out_of_time: bool = False

    def level(self, level: Level) -> _Taming:
        """Try every regularizer's strengths of a level; stronger ones only after the milder helped."""
        state = self
        is_quick = self.run.config.preset == "quick"
        for regularizer in REGULARIZERS[:N_QUICK] if is_quick else REGULARIZERS:
            state = state._strengths(regularizer, level)
        return state

    def _strengths(self, regularizer: Regularizer, level: Level) -> _Taming:
        state = self
        for strength in regularizer.strengths:
            recipe = state.best.recipe
            if strength.level != level or regularizer.name in state.given_up or recipe is None:
                continue
            if not regularizer.suits(recipe, state.run):
                continue
            if not has_time_for(state.best.seconds + state.kept_s, state.effects):
                return dataclasses.replace(state, out_of_time=True)
            change = Change(
                edits=strength.edits,
                title=strength.title,
                reason=regularizer.title,
                source=regularizer.evidence if level == "light" else "",
            )
            state = state._try(change, recipe, regularizer.name)
        return state

    def _try(self, change: Change, recipe: Recipe, name: str) -> _Taming:
        trial = try_recipe(change.apply(recipe), self.effects, name=change.title)
        trials = (*self.trials, trial)
        if trial.status == "failed":
            decision = Decision(change=change, kept=False, effect=0.0, error=0.0, rule=f"rejected: {trial.cause}")
        else:
            effect, error = effect_of(self.best, trial, self.run, self.effects, seed_spread=self.spread)
            losses = (self.best.train_loss, trial.train_loss)
            decision = decide.judge(change, effect=effect, error=error, losses=losses)
        return dataclasses.replace(
            self,
            best=trial if decision.kept else self.best,
            trials=trials,
            decisions=(*self.decisions, decision),
            given_up=self.given_up if decision.kept else self.given_up | {name},
            out_of_time=self.out_of_time or trial.cause == OUT_OF_TIME,
        )


def _worse(trial: Trial, other: Trial, run: Run) -> bool:
    sign = 1 if metric_named(run.deciding_metric, run.schema.task).direction == "max" else -1
    return sign * trial.validation_score < sign * other.validation_score


STAGE = Stage(
    name="regularize",
    question="What wins the validation rows back?",
    work=work,
)
