"""Which recipe of a run its recipe.yaml holds, and what is said of it there."""

from __future__ import annotations

from autorecipe.ensemble.record import EnsemblePart
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run


def parts_of(run: Run) -> tuple[EnsemblePart, ...]:
    """Return the recipes of the final model, the largest weight first; none before it is chosen."""
    squeeze = run.stage("squeeze")
    return squeeze.ensemble.parts if squeeze is not None and squeeze.ensemble is not None else ()


def heaviest_recipe(run: Run) -> Recipe | None:
    """Return the recipe that counts most in the final model; before it is chosen, what the last stage ended with."""
    parts = parts_of(run)
    return max(parts, key=lambda part: part.weight).recipe if parts else run.recipe


def recipe_comment(run: Run) -> str:
    """Say what the recipe is, and what the final model is made of where that is more than this recipe."""
    parts = parts_of(run)
    lines = [f"{run.data.name}: the recipe of this run", "autorecipe fit DATA --recipe recipe.yaml"]
    if len(parts) > 1:
        lines.append("it is the one with most weight; the final model of the run is made of")
        lines += [f"  weight {p.weight:.2f}: {p.name} ({p.recipe.family}, {_networks(len(p.keys))})" for p in parts]
    return "\n".join(lines)


def _networks(n: int) -> str:
    return "1 network" if n == 1 else f"{n} networks"
