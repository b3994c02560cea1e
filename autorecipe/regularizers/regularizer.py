"""What a regularizer's record says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from autorecipe.config import Preset
from autorecipe.families import family_named
from autorecipe.recipe import Recipe, Value
from autorecipe.run import Run

Level = Literal["light", "moderate", "strong"]
LEVELS: tuple[Level, ...] = ("light", "moderate", "strong")
MOST_PRESETS: tuple[Preset, ...] = ("standard", "thorough")
ALL_PRESETS: tuple[Preset, ...] = ("quick", *MOST_PRESETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """One strength of a regularizer: its level and the edits of the recipe."""

    level: Level
    edits: tuple[tuple[str, Value], ...]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Regularizer:
    """Something that holds a network back from memorising, with its strengths from mild to strong.

    Attributes
    ----------
    suits : callable
        (recipe, run) -> whether it makes sense there.
    source : str
        Where it was published and where its strengths come from.
    evidence : str
        Published evidence strong enough to reverse the burden of proof for the light strengths, with the data it
        speaks for; else "".
    presets : tuple of str
        Where it is offered: each record costs a trial, so the quick preset is for the strongest evidence and some
        are for the thorough one alone.
    """

    name: str
    title: str
    strengths: tuple[Strength, ...]
    suits: Callable[[Recipe, Run], bool]
    source: str
    evidence: str = ""
    presets: tuple[Preset, ...] = MOST_PRESETS


def always(recipe: Recipe, run: Run) -> bool:
    """Suit every recipe and run."""
    return True


def has_hidden_layers(recipe: Recipe, run: Run) -> bool:
    """Suit networks whose hidden layers the recipe describes, not an architecture of the user's."""
    return family_named(recipe.family).grows


def strength(level: Level, field: str, value: Value, title: str) -> Strength:
    """Return a strength that edits one field."""
    return Strength(level=level, edits=((field, value),), title=title)
