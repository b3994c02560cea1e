"""Can a larger network memorise the training rows?"""

from __future__ import annotations

import dataclasses

from autorecipe import decide
from autorecipe.config import Preset
from autorecipe.effects import Effects
from autorecipe.families import family_named
from autorecipe.recipe import Change, Recipe
from autorecipe.run import Decision, Ended, Measurement, Run, StageResult, Trial
from autorecipe.stages import Stage
from autorecipe.stages.trials import OUT_OF_TIME, effect_of, ended_by, has_time_for, seed_spread, try_recipe, whole

EMBEDDING_SOURCE = "piecewise-linear embeddings, arXiv 2203.05556 (tables of 10k rows and more)"
GROWTH_COST = 1.6  # seconds of a grown network over those of the one before: doubling the width of a small one
N_CHANGES: dict[Preset, int] = {"quick": 2, "standard": 10, "thorough": 20}  # of `growth`, at most
FLOOR_MARGIN = 1.1  # the floor counts as reached within 10 % of it
NO_FLOOR = 0.01  # nats, or share of the target's variance: below this a network has memorised
TURNED_SHARE = 1.05  # validation has turned when its last loss is 5 % above its best while training still falls


def work(run: Run, effects: Effects) -> StageResult:
    """Grow the baseline network, one change at a time, without regularization."""
    began = effects.clock.now_s()
    before = run.stages[-1].best
    if before is None or before.recipe is None:
        raise ValueError("Overfit needs the baseline's network")
    before = whole(before, effects)
    spread = seed_spread(before, run, effects)
    state = _Growth(run=run, effects=effects, best=before, spread=spread)
    out_of_time = False
    for change in growth(_recipe_of(before), run)[: N_CHANGES[run.config.preset]]:
        if state.at_floor() or (state.trials and state.trials[-1].cause == OUT_OF_TIME):
            break
        if not has_time_for(GROWTH_COST * state.best.seconds, effects):
            out_of_time = True
            break
        state = state.grow(change)
    ended = ended_by(effects, out_of_time=out_of_time or any(t.cause == OUT_OF_TIME for t in state.trials))
    return StageResult(
        stage="overfit",
        question=STAGE.question,
        start=before.recipe,
        end=state.best.recipe,
        best=state.best,
        trials=state.trials,
        decisions=state.decisions,
        measurements=(Measurement(kind="seed_spread", value=spread),),
        notes=(state.ending(ended),),
        seconds=effects.clock.now_s() - began,
        ended=ended,
    )


def growth(recipe: Recipe, run: Run) -> tuple[Change, ...]:
    """Return the changes to try, in order; where a linear model leads the ladder, the net first gets a linear path."""
    has_numbers = any(c.kind in ("numeric", "datetime") for c in run.schema.features)
    family = family_named(recipe.family)
    width, depth = recipe.width, recipe.depth
    changes = []
    if has_numbers:
        edits = (("numeric_embedding", "piecewise_linear"),)
        changes.append(
            Change(edits=edits, title="embed the numbers", reason="bends per column", source=EMBEDDING_SOURCE)
        )
    if linear_leads(run):
        reason = "the linear model predicts better than the net"
        path = Change(edits=(("linear_path", True),), title="a linear path beside the net", reason=reason)
        changes.insert(0, path)
    changes += [
        _wider(2 * width),
        Change(edits=(("depth", depth + 1),), title=f"depth {depth} -> {depth + 1}"),
    ]
    if 4 * width <= family.max_width:
        changes.append(_wider(4 * width))
    changes.append(Change(edits=(("normalization", "batch"),), title="batch normalization"))
    if has_numbers:
        changes.append(Change(edits=(("numeric_scaling", "quantile"),), title="numbers to normal scores"))
    residual = (("family", "residual_mlp"), ("normalization", "layer"))
    changes.append(Change(edits=residual, title="residual blocks", reason="a way around each block"))
    return tuple(changes)


def linear_leads(run: Run) -> bool:
    """Whether the linear model stands above the simplest net on the ladder."""
    baseline = run.stage("baseline")
    names = [t.name for t in baseline.ladder] if baseline else []
    nets = [i for i, name in enumerate(names) if name.startswith("net ")]
    return "linear" in names and bool(nets) and names.index("linear") > nets[0]


def _wider(width: int) -> Change:
    return Change(edits=(("width", width),), title=f"width {width}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Growth:
    """How far the network has grown."""

    run: Run
    effects: Effects
    best: Trial
    spread: float
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def grow(self, change: Change) -> _Growth:
        """Try one change, and return what is known then."""
        recipe = change.apply(_recipe_of(self.best))
        if recipe == self.best.recipe or recipe.width < _recipe_of(self.best).width:
            return self
        trial = try_recipe(recipe, self.effects, name=change.title)
        trials = (*self.trials, trial)
        if trial.status == "failed":
            decision = Decision(change=change, kept=False, effect=0.0, error=0.0, rule=f"rejected: {trial.cause}")
            return dataclasses.replace(self, trials=trials, decisions=(*self.decisions, decision))
        decision = self._decide(change, trial)
        best = trial if decision.kept else self.best
        return dataclasses.replace(self, best=best, trials=trials, decisions=(*self.decisions, decision))

    def _decide(self, change: Change, trial: Trial) -> Decision:
        effect, error = effect_of(self.best, trial, self.run, self.effects, seed_spread=self.spread)
        losses = losses_at_equal_epochs(self.best, trial)
        if has_turned(self.best) or change.source:
            means = (sum(losses[0]) / len(losses[0]), sum(losses[1]) / len(losses[1]))
            return decide.judge(change, effect=effect, error=error, losses=means)
        return decide.judge_growth(change, train_before=losses[0], train_after=losses[1], effect=effect, error=error)

    def at_floor(self) -> bool:
        """Whether the training loss is as low as conflicting rows allow."""
        floor = self.run.profile.floor if self.run.profile else None
        reached = sum(f.history.train_loss[-1] for f in self.best.fits) / len(self.best.fits)
        return reached <= max(NO_FLOOR, FLOOR_MARGIN * (floor or 0.0))

    def ending(self, ended: Ended) -> str:
        """Say why the stage ended."""
        if self.at_floor():
            return "done: the training rows are memorised, down to the floor"
        if ended != "done":
            return "ended by its share of the time" if ended == "budget" else "stopped by the user"
        if has_turned(self.best):
            return "done: validation has turned while training still falls"
        return "done: nothing larger learns more"


def has_turned(trial: Trial) -> bool:
    """Whether validation has turned while training still falls, on most folds."""
    turned = 0
    for fit in trial.fits:
        best = min(fit.history.validation_loss)
        after = fit.history.validation_loss[-1] > TURNED_SHARE * best
        falling = fit.history.train_loss[-1] < fit.history.train_loss[fit.best_epoch - 1]
        turned += after and falling
    return turned > len(trial.fits) / 2


def losses_at_equal_epochs(a: Trial, b: Trial) -> tuple[list[float], list[float]]:
    """Return both trials' training losses per fold after as many epochs as both have had."""
    pairs = [(x.history.train_loss, y.history.train_loss) for x, y in zip(a.fits, b.fits, strict=True)]
    ends = [min(len(x), len(y)) - 1 for x, y in pairs]
    return [x[e] for (x, _), e in zip(pairs, ends, strict=True)], [y[e] for (_, y), e in zip(pairs, ends, strict=True)]


def _recipe_of(trial: Trial) -> Recipe:
    if trial.recipe is None:
        raise ValueError(f"'{trial.name}' is a baseline, not a network")
    return trial.recipe


STAGE = Stage(
    name="overfit",
    question="Can a larger network memorise the training rows?",
    work=work,
)
