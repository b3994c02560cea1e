"""The networks of the final model, one by one, with what each counts."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One network of the final model.

    Attributes
    ----------
    share : float in (0, 1]
        Its weight in the mean; all sum to 1.
    temperature : float > 0
        Its logits are divided by it.
    part : int
        Which part of the ensemble it belongs to: networks of one recipe, which stand in for each other.
    """

    recipe: Recipe
    fit: Fit
    share: float
    temperature: float = 1.0
    part: int = 0


def chosen_members(run: Run) -> tuple[Member, ...]:
    """Return the networks that Squeeze chose, largest part first, else the best trial's, evenly.

    Raises
    ------
    ValueError
        When no network was trained.
    """
    squeeze = run.stage("squeeze")
    if squeeze is not None and squeeze.ensemble is not None:
        return _weighted(squeeze)
    if squeeze is not None and squeeze.members:  # of a run from before there were weights
        return _evenly([(r, f) for r, f in _known(squeeze).values() if f.key in squeeze.members])
    best = run.best
    if best is None or best.recipe is None:
        raise ValueError("the run has no trained network")
    return _evenly([(best.recipe, fit) for fit in best.fits if fit.status == "ok"])


def _weighted(squeeze: StageResult) -> tuple[Member, ...]:
    parts = squeeze.ensemble.parts if squeeze.ensemble is not None else ()
    known = _known(squeeze)
    total = sum(part.weight for part in parts)
    return tuple(
        Member(
            recipe=known[key][0],
            fit=known[key][1],
            share=part.weight / total / len(part.keys),
            temperature=part.temperature,
            part=i,
        )
        for i, part in enumerate(parts)
        for key in part.keys
    )


def _evenly(fits: list[tuple[Recipe, Fit]]) -> tuple[Member, ...]:
    return tuple(Member(recipe=recipe, fit=fit, share=1 / len(fits)) for recipe, fit in fits)


def _known(squeeze: StageResult) -> dict[str, tuple[Recipe, Fit]]:
    return {f.key: (t.recipe, f) for t in squeeze.trials for f in t.fits if t.recipe is not None}
