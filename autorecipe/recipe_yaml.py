"""A recipe as YAML: written for people to edit, and read with a word for what cannot be."""

from __future__ import annotations

import dataclasses

import msgspec

from autorecipe.errors import UserError, nearest
from autorecipe.recipe import Recipe


def to_yaml(recipe: Recipe, *, comment: str = "") -> str:
    """Write a recipe as YAML, fields in their order, a comment above."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return head + msgspec.yaml.encode(recipe, order=None).decode()


def from_yaml(text: str, *, where: str = "recipe.yaml") -> Recipe:
    """Read a recipe from YAML.

    Raises
    ------
    UserError
        When a field is unknown (the nearest name is suggested) or a value has the wrong type.
    """
    try:
        raw = msgspec.yaml.decode(text)
        known = [f.name for f in dataclasses.fields(Recipe)]
        for name in raw if isinstance(raw, dict) else ():
            if name not in known:
                near = nearest(str(name), known)
                raise UserError(
                    f"unknown field '{name}' in a recipe",
                    where=where,
                    fix=f"did you mean '{near}'?" if near else f"one of: {', '.join(known)}",
                )
        return msgspec.convert(raw, Recipe)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise UserError(f"not a recipe: {error}", where=where, fix="start from a run's recipe.yaml") from error
