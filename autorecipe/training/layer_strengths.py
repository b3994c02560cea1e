"""Which weights of a layer a recipe sets, and to what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from autorecipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerStrength:
    """A weight that a recipe sets.

    Attributes
    ----------
    weight : keras.Variable
        A scalar.
    field : str
        Of the recipe.
    share : float
        Of the field's value that the weight is.
    """

    weight: Any
    field: str
    share: float = 1.0

    def set_from(self, recipe: Recipe) -> None:
        """Give the weight what the recipe says."""
        self.weight.assign(getattr(recipe, self.field) * self.share)


def layer_strengths(network: keras.Model) -> Iterator[LayerStrength]:
    """Yield the weights of a network's layers that a recipe sets.

    A layer with an attribute `recipe_field` has one, `rate`, and takes the share `share_of_rate` of the field where it
    has that attribute; one with several has a mapping `recipe_fields` from their names to fields.
    """
    for layer in network.layers:
        if hasattr(layer, "recipe_field"):
            share = getattr(layer, "share_of_rate", 1.0)
            yield LayerStrength(weight=layer.rate, field=layer.recipe_field, share=share)
        for name, field in getattr(layer, "recipe_fields", {}).items():
            yield LayerStrength(weight=getattr(layer, name), field=field)
