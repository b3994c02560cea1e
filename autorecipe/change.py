"""One edit of a recipe, and a recipe's fields by their names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from autorecipe.recipe import Recipe, Value

KNOB_PREFIX = "knobs."  # in front of a custom family's parameter, where fields of a recipe are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One edit of a recipe.

    Attributes
    ----------
    edits : tuple of (field, value)
        The fields of the recipe and what they become. One change may need two fields (a family and its depth).
    title : str
        What a person would call it: "width 64 -> 128".
    reason : str
        Why it was tried.
    source : str
        Published evidence, with the data it speaks for; "" when there is none. A change with a source bears a
        reversed burden of proof: it is kept unless it is worse by more than its error.
    """

    edits: tuple[tuple[str, Value], ...]
    title: str
    reason: str = ""
    source: str = ""

    def apply(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the edits made."""
        return with_edits(recipe, self.edits)


def with_edits(recipe: Recipe, edits: Iterable[tuple[str, Value]]) -> Recipe:
    """Return the recipe with fields set, "knobs.NAME" among them.

    Raises
    ------
    ValueError
        When a custom family has no knob of that name.
    """
    edits = tuple(edits)
    fields = {name: value for name, value in edits if not name.startswith(KNOB_PREFIX)}
    knobs = {name.removeprefix(KNOB_PREFIX): value for name, value in edits if name.startswith(KNOB_PREFIX)}
    own = dict(recipe.knobs)
    if unknown := sorted(set(knobs) - set(own)):
        raise ValueError(f"the architecture has no knob '{unknown[0]}'; it has {', '.join(own) or 'none'}")
    changed = tuple({**own, **knobs}.items())
    return dataclasses.replace(recipe, **fields, knobs=changed)  # type: ignore[arg-type]  # checked by name


def value_of(recipe: Recipe, field: str) -> Value:
    """Return the value of a field, or of the knob "knobs.NAME"."""
    if field.startswith(KNOB_PREFIX):
        return dict(recipe.knobs)[field.removeprefix(KNOB_PREFIX)]
    value: Value = getattr(recipe, field)
    return value


def setting_text(value: object) -> str:
    """Write the value of a field for a person: floats to three digits.

    >>> setting_text(0.00123456), setting_text(64), setting_text("relu")
    ('0.00123', '64', 'relu')
    """
    return f"{value:.3g}" if isinstance(value, float) else str(value)
