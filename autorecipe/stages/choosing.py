"""Which trained recipes predict best together, at a cost that can be paid?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from autorecipe.config import DEFAULT_SERVE_ROWS_PER_S
from autorecipe.effects import Effects
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.ensemble.serving_cost import (
    MOST_NETWORKS,
    default_image_rate,
    is_too_slow,
    least_worth,
    n_networks,
    n_served,
    predicted_rate,
    too_many_text,
    with_networks,
)
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.row_words import row_noun
from autorecipe.stages.planned import networks_of
from autorecipe.stages.portfolio import image_of

LEAST_NETWORKS = 3  # of a part's folds; a part that cannot be served with so many is too slow; choice
# networks that the export's reserve of seconds is for, and the seconds that each further one takes to be joined,
# compiled, written and read again (measured: 0.5 s of one core for an MLP, 0.6 s for TabM)
N_RESERVED = 5
NETWORK_EXPORT_S = 0.6
WEIGH_S = 1.0  # seconds that choosing an ensemble of a small table takes at least; below it the best stands alone
MEASURE_S = 0.5  # seconds that a network's serving is timed for, and its compiling takes about; choice


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An ensemble, and the trials whose networks it is made of."""

    ensemble: Ensemble
    trials: tuple[Trial, ...]

    def trial(self, part: EnsemblePart) -> Trial:
        """Return the trial that a part was chosen as: its first network is the trial's first."""
        return next(t for t in self.trials if t.fits[0].key == part.keys[0])


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Drop:
    """A part that is too much, and why."""

    part: EnsemblePart
    reason: str
    is_slow: bool = False

    @property
    def text(self) -> str:
        return f"{self.part.name} (weight {self.part.weight:.2f}): {self.reason}"


def candidates(run: Run, best: Trial, effects: Effects) -> tuple[Trial, ...]:
    """Return the trials that may be averaged, the best first: trained on every fold, all rows and to their end.

    Their predictions line up, and cost nothing more. Where a recipe was given it is the only one.
    """
    if run.config.recipe is not None:
        return (best,)
    folds = tuple(range(effects.n_folds))
    whole = [
        t
        for t in networks_of(run)
        if t.status == "ok" and not t.is_cut and t.recipe is not None and t.recipe.row_share == 1.0
        if tuple(f.fold for f in t.fits) == folds
    ]
    found = {tuple(f.key for f in t.fits): t for t in (best, *whole)}
    return tuple(found.values())


def choose(trials: tuple[Trial, ...], run: Run, effects: Effects, *, measured: Sequence[EnsemblePart] = ()) -> Chosen:
    """Choose an ensemble, without the parts that serve too few rows per second or that there is no time to export.

    What is left is weighed anew as long as there is time; without, one recipe stands alone.

    Parameters
    ----------
    trials : tuple of Trial
        The best first.
    measured : sequence of EnsemblePart
        Whose recipes' rates are known.
    """
    rates = {part.recipe.key: part.rows_per_s * n_served(part) for part in measured if part.rows_per_s > 0}
    left_out: list[str] = []
    first, took_s = trials[0], WEIGH_S
    while has_time_to_weigh(effects, took_s=took_s):
        began = effects.clock.now_s()
        ensemble = effects.trainer.weigh(trials, in_order=bool(run.config.split_by_time))
        chosen = Chosen(ensemble=ensemble, trials=trials)
        parts = tuple(_with_rate(part, chosen.trial(part), rates, effects) for part in ensemble.parts)
        drops = _too_much(parts, run, left_s=effects.clock.left_s())
        left_out += [drop.text for drop in drops] if drops else ensemble.left_out
        if not drops:
            ensemble = dataclasses.replace(ensemble, parts=parts, left_out=tuple(left_out))
            return dataclasses.replace(chosen, ensemble=ensemble)
        trials = _left(chosen, drops)
        first = first if first in trials else next(chosen.trial(p) for p in parts if chosen.trial(p) in trials)
        took_s = max(WEIGH_S, effects.clock.now_s() - began)
    if len(trials) > 1:
        why = "interrupted" if effects.clock.interrupted() else "no time to choose it"
        left_out.append(f"an average of up to {len(trials)} recipes: {why}, {first.name} stands alone")
    return _alone(first, rates, effects, left_out=tuple(left_out))


def has_time_to_weigh(effects: Effects, *, took_s: float = WEIGH_S) -> bool:
    """Tell whether an ensemble can be chosen in what is left; it took so many seconds before."""
    return not effects.clock.interrupted() and effects.clock.left_s() >= took_s


def export_s(parts: Sequence[EnsemblePart], *, n_more: int = 0) -> float:
    """Return the seconds that exporting parts, and some networks more, takes beyond what is kept back for it."""
    return NETWORK_EXPORT_S * max(0, n_networks(parts) + n_more - N_RESERVED)


def can_be_served(parts: Sequence[EnsemblePart], run: Run) -> bool:
    """Tell whether parts together are few enough networks, which serve enough rows per second."""
    is_slow = is_too_slow(parts, limit=serving_limit(run), n_columns=n_columns(run))
    return not is_slow and n_networks(parts) <= MOST_NETWORKS


def serving_limit(run: Run) -> int:
    """Return how many rows or images a second the model should serve: what was asked for, or what suits images."""
    asked = run.config.serve_rows_per_s
    if asked is not None:
        return asked
    return default_image_rate(image_of(run)) if run.schema.modality == "image" else DEFAULT_SERVE_ROWS_PER_S


def unit_of(run: Run) -> str:
    """Return what a row is called: "rows" or "images"."""
    return f"{row_noun(run.schema.modality)}s"


def n_columns(run: Run) -> int:
    """Return how many columns a row is served from."""
    return sum(column.role == "feature" for column in run.schema.columns)


def _too_much(parts: tuple[EnsemblePart, ...], run: Run, *, left_s: float) -> list[_Drop]:
    """Return the parts that must go, one after the other, until the others can be exported and served."""
    # the last networks on folds can go, so that only those that a part should have are counted
    kept = [with_networks(part, part.keys[:LEAST_NETWORKS]) for part in parts]
    whole = {part.keys[0]: part for part in parts}
    drops: list[_Drop] = []
    while len(kept) > 1 and (drop := _next_drop(kept, [whole[p.keys[0]] for p in kept], run, left_s=left_s)):
        drops.append(drop)
        kept.remove(drop.part)
    return drops


def _next_drop(kept: list[EnsemblePart], whole: list[EnsemblePart], run: Run, *, left_s: float) -> _Drop | None:
    limit, columns = serving_limit(run), n_columns(run)
    if is_too_slow(kept, limit=limit, n_columns=columns):
        part = least_worth(kept)
        rate = predicted_rate(kept, n_columns=columns)
        reason = (
            f"with it {rate:,.0f} {unit_of(run)}/s, wanted {limit:,}"
            if part.rows_per_s
            else "its serving is not measured"
        )
        return _Drop(part=part, reason=reason, is_slow=True)
    if n_networks(kept) > MOST_NETWORKS:
        return _Drop(part=kept[-1], reason=too_many_text(unit_of(run)))
    return _Drop(part=kept[-1], reason="no time to export it") if export_s(whole) > left_s else None


def _left(chosen: Chosen, drops: list[_Drop]) -> tuple[Trial, ...]:
    """Return what to weigh anew: a faster recipe may stand in for a slow one; else those of the parts that stay."""
    gone = [chosen.trial(drop.part) for drop in drops]
    if all(drop.is_slow for drop in drops):
        return tuple(t for t in chosen.trials if t not in gone)
    used = [chosen.trial(part) for part in chosen.ensemble.parts]
    return tuple(t for t in chosen.trials if t in used and t not in gone)


def _alone(trial: Trial, rates: dict[str, float], effects: Effects, *, left_out: tuple[str, ...]) -> Chosen:
    if trial.recipe is None:
        raise ValueError(f"'{trial.name}' is a baseline, not a network")
    keys = tuple(f.key for f in trial.fits if f.status == "ok")
    score = trial.validation_score
    part = EnsemblePart(name=trial.name, recipe=trial.recipe, keys=keys, weight=1.0, score=score)
    part = _with_rate(part, trial, rates, effects)
    ensemble = Ensemble(parts=(part,), score=score, best_alone=score, gain=0.0, gain_error=0.0, n_rows=0)
    return Chosen(ensemble=dataclasses.replace(ensemble, left_out=left_out), trials=(trial,))


def _with_rate(part: EnsemblePart, trial: Trial, rates: dict[str, float], effects: Effects) -> EnsemblePart:
    """Return a part with what its networks serve; without it where there is no time to measure."""
    key = part.recipe.key
    if key not in rates:
        if not has_time_to_weigh(effects, took_s=MEASURE_S):
            return part
        rates[key] = effects.trainer.serving_rate(trial)
    return dataclasses.replace(part, rows_per_s=rates[key] / n_served(part))
