"""What names a fit, and what follows from the name: its seed and its rows."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
from numpy.typing import NDArray

from autorecipe.decide import seed_for
from autorecipe.families.pretrained import backbone_title
from autorecipe.recipe import Recipe

KEY_DIGITS = 16  # hexadecimal


def hashed(*parts: str) -> str:
    """Return sixteen hexadecimal digits that name these parts."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:KEY_DIGITS]


def seeded(recipe: Recipe, seed: int, fold: int) -> Recipe:
    """Return the recipe with the seed of its own that it has on a fold."""
    return dataclasses.replace(recipe, seed=seed_for(seed, recipe.key, fold))


def share_of(rows: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """Return a random share of rows, at least two, in their order."""
    if share >= 1.0:
        return rows
    n = max(2, round(share * len(rows)))
    return np.sort(np.random.default_rng(seed).permutation(rows)[:n])


def evenly(rows: NDArray[np.int64], at_most: int) -> NDArray[np.int64]:
    """Return about `at_most` of the rows, evenly spaced."""
    return rows[:: max(1, len(rows) // at_most)]


def title(recipe: Recipe) -> str:
    """Return a recipe in a few words: "residual mlp 2x128, dropout 0.1, rate 1.0e-03".

    The optimizer and the activation are named where they are not the usual ones.
    """
    usual = Recipe()
    parts = [_network(recipe)]
    parts += ["linear path"] if recipe.linear_path else []
    parts += ["numbers embedded"] if recipe.numeric_embedding != "none" else []
    parts += [recipe.activation.replace("_", " ")] if recipe.activation != usual.activation else []
    parts += [f"dropout {recipe.dropout:g}"] if recipe.dropout else []
    parts += [recipe.optimizer_title] if recipe.optimizer_title != usual.optimizer_title else []
    parts += [f"rate {recipe.learning_rate:.1e}"]
    return ", ".join(parts)


def _network(recipe: Recipe) -> str:
    if recipe.family == "custom":
        knobs = " ".join(f"{name}={value}" for name, value in recipe.knobs)
        return f"{recipe.architecture.rpartition(':')[2] or 'custom'} {knobs}".strip()
    if recipe.family == "pretrained":
        return backbone_title(recipe)
    members = f"{recipe.n_members} x " if recipe.n_members > 1 else ""
    size = f" {members}{recipe.depth}x{recipe.width}" if recipe.width else ""
    return f"{recipe.family.replace('_', ' ')}{size}{' funnel' if recipe.funnel else ''}"
