"""What a family's record says."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.recipe import FamilyName


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of network, as plain facts; `autorecipe.training.build` makes the model.

    Attributes
    ----------
    start_width, start_depth : int
        The smallest sensible size: where Overfit begins to grow; 0 where the family has no such size.
    max_width, max_depth : int
        Bounds of growth and of the tuner's space; 0 likewise.
    starts_at_prior : bool
        Whether the loss before training equals the entropy of the prior (its last layer starts near zero and its
        bias at the prior).
    suits_rate_test : bool
        Whether the learning-rate range test says something about it.
    source : str
        Where it was published, or the rule it comes from.
    grows : bool
        Whether width, depth and what lies between the layers are fields of the recipe.
    """

    name: FamilyName
    title: str
    start_width: int
    start_depth: int
    max_width: int
    max_depth: int
    starts_at_prior: bool
    suits_rate_test: bool
    source: str
    grows: bool = True
