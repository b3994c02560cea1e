"""One record per family of networks, simplest first, the user's own last."""

from __future__ import annotations

from autorecipe.families import custom, mlp, residual_mlp
from autorecipe.families.family import Family
from autorecipe.recipe import FamilyName

FAMILIES: tuple[Family, ...] = (mlp.FAMILY, residual_mlp.FAMILY, custom.FAMILY)


def family_named(name: FamilyName) -> Family:
    """Return the record called `name`."""
    return next(f for f in FAMILIES if f.name == name)
