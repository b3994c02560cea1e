"""One record per family of networks, simplest first."""

from __future__ import annotations

from autorecipe.families import mlp, residual_mlp
from autorecipe.families.family import Family
from autorecipe.recipe import FamilyName

FAMILIES: tuple[Family, ...] = (mlp.FAMILY, residual_mlp.FAMILY)


def family_named(name: FamilyName) -> Family:
    """Return the record called `name`."""
    return next(f for f in FAMILIES if f.name == name)
