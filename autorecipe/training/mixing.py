"""Steps that learn from pairs of rows, mixed at one place of the network, and from the losses of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autorecipe.augmentations import MIXTURES
from autorecipe.recipe import Recipe
from autorecipe.training.steps import Floats

PLACE = "manifold_mixup_place"  # strength from 0 to 1: which of the layers that may mix does so in a step


def share_name(mixture: str) -> str:
    """Return the strength that a step's share is handed over by."""
    return f"{mixture}_share"


def no_shares(recipe: Recipe) -> dict[str, float]:
    """Return the strengths of steps that mix nothing, of a recipe that may mix."""
    named = {share_name(mixture): 1.0 for mixture in MIXTURES if getattr(recipe, mixture)}
    return {share_name("mixup"): 1.0, **named, **({PLACE: 0.0} if recipe.manifold_mixup else {})}


def drawn_shares(recipe: Recipe, rng: np.random.Generator, *, n_steps: int) -> dict[str, Floats]:
    """Return the strengths that mix, one number for each step: shares drawn from Beta distributions.

    Where a recipe mixes in several ways, each step mixes in one of them, at random: two at once would mix a row with
    the same partner twice.
    """
    ways = [mixture for mixture in MIXTURES if getattr(recipe, mixture)]
    drawn = {share_name(way): rng.beta(getattr(recipe, way), getattr(recipe, way), n_steps) for way in ways}
    if len(ways) > 1:
        turn = rng.integers(len(ways), size=n_steps)
        drawn = {name: np.where(turn == i, share, 1.0) for i, (name, share) in enumerate(drawn.items())}
    if recipe.manifold_mixup:
        drawn[PLACE] = rng.random(n_steps)
    return {name: values.astype("float32") for name, values in drawn.items()}


class Mixing:
    """The layers of a network that mix each row with the one at its place from the batch's end.

    Parameters
    ----------
    network : keras.Model
        Layers that mix have an attribute `mixes` (the field of the recipe), a weight `share` and a method
        `kept_share()`. Outside of a step all shares are one.
    """

    def __init__(self, network: keras.Model) -> None:
        found = [layer for layer in network.layers if hasattr(layer, "mixes")]
        self._layers = {name: own for name in MIXTURES if (own := [x for x in found if x.mixes == name])}

    @contextmanager
    def of_step(self, strengths: dict[str, Any]) -> Iterator[Any]:
        """Let the layers mix meanwhile as a step's strengths say; give what each row keeps of its own (a scalar)."""
        layers = [layer for own in self._layers.values() for layer in own]
        for name, own in self._layers.items():
            share = strengths[share_name(name)]
            chosen = tf.minimum(tf.cast(strengths[PLACE] * len(own), "int32"), len(own) - 1) if len(own) > 1 else 0
            for i, layer in enumerate(own):
                layer.share.assign(share if len(own) == 1 else tf.where(chosen == i, share, 1.0))
        kept = tf.constant(1.0)
        for layer in layers:  # at most one of them mixes
            kept *= layer.kept_share()
        yield kept
        for layer in layers:
            layer.share.assign(1.0)

    def losses(self, loss: Callable[[Any], Any], y: Any, weight: Any, *, kept: Any) -> Any:
        """Return each row's weighted loss (batch,): its own target's and its partner's, by the share that was kept.

        Parameters
        ----------
        loss : callable
            Targets -> loss of each row.
        """
        rows = loss(y) * weight
        if not self._layers:
            return rows
        return kept * rows + (1.0 - kept) * loss(tf.reverse(y, [0])) * tf.reverse(weight, [0])
