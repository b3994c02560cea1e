"""What a regularizer's record says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from autorecipe.config import Modality, Preset
from autorecipe.families import family_named
from autorecipe.recipe import Recipe, Value
from autorecipe.record.run import Run
from autorecipe.simplicity import REGULARIZING

Level = Literal["light", "moderate", "strong"]
LEVELS: tuple[Level, ...] = ("light", "moderate", "strong")
MOST_PRESETS: tuple[Preset, ...] = ("standard", "thorough")
ALL_PRESETS: tuple[Preset, ...] = ("quick", *MOST_PRESETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """One strength of a regularizer.

    Attributes
    ----------
    edits : tuple of (field, value)
        What it makes of the recipe.
    least : tuple of (field, number)
        Fields that it raises to a number, where they are above 0 and lower.
    presets : tuple of str
        Where it is offered, of those of its regularizer.
    """

    level: Level
    edits: tuple[tuple[str, Value], ...]
    title: str
    least: tuple[tuple[str, int], ...] = ()
    presets: tuple[Preset, ...] = ALL_PRESETS

    def edits_of(self, recipe: Recipe) -> tuple[tuple[str, Value], ...]:
        """Return all edits that it makes of a recipe."""
        return (*self.edits, *((name, least) for name, least in self.least if 0 < getattr(recipe, name) < least))

    def is_milder(self, recipe: Recipe) -> bool:
        """Tell whether a recipe is held back so, or more so, already."""
        own = [name for name, _ in self.edits if name in REGULARIZING and name != "max_norm"]  # of which less is more
        return bool(own) and all(dict(self.edits)[name] <= getattr(recipe, name) for name in own)


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
    evidence_for : str
        What the rows are that it speaks for.
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
    evidence_for: Modality = "table"
    presets: tuple[Preset, ...] = MOST_PRESETS


def always(recipe: Recipe, run: Run) -> bool:
    """Suit every recipe and run."""
    return True


def has_hidden_layers(recipe: Recipe, run: Run) -> bool:
    """Suit networks whose hidden layers the recipe describes, not an architecture of the user's."""
    return family_named(recipe.family).grows


def sees_images(recipe: Recipe, run: Run) -> bool:
    """Suit networks that see the images in every step, not features of them that are computed once."""
    is_frozen = recipe.family == "pretrained" and not recipe.n_unfrozen
    return run.schema.modality == "image" and not is_frozen


def sees_colours(recipe: Recipe, run: Run) -> bool:
    """Suit networks that see images with colours in every step."""
    images = run.profile.images if run.profile else None
    has_colours = images is not None and images.spec is not None and images.spec.channels > 1
    return has_colours and sees_images(recipe, run)


def strength(level: Level, field: str, value: Value, title: str) -> Strength:
    """Return a strength that edits one field."""
    return Strength(level=level, edits=((field, value),), title=title)
