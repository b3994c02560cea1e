"""What happens to images while training alone: augmentation layers, as far as a recipe switches them on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autorecipe.augmentations import COLOURS, MOVES
from autorecipe.layers.affine_jitter import AffineJitter
from autorecipe.layers.colour_jitter import ColourJitter
from autorecipe.layers.cut_mix import CutMix
from autorecipe.layers.cutout import Cutout
from autorecipe.layers.mix_rows import MixRows
from autorecipe.layers.rand_augment import RandAugment
from autorecipe.recipe import Recipe


def augment(image: Any, recipe: Recipe, seeds: Iterator[int]) -> Any:
    """Return normalized images behind the augmentation of a recipe; they themselves where nothing is on.

    Order: moves, colours, RandAugment, Cutout, then what mixes two images. Strengths are weights of the layers, so that
    recipes that differ in them alone share a compiled graph.

    Parameters
    ----------
    image : Keras tensor of shape (batch, height, width, channels), float32
        Normalized: 0, which blanks and borders become, is the mean.
    seeds : iterator of int
        One is taken for each layer that draws.
    """
    if moves := _on(recipe, MOVES):
        image = AffineJitter(moves, seed=next(seeds), name="affine_jitter")(image)
    if colours := _on(recipe, COLOURS):
        image = ColourJitter(colours, seed=next(seeds), name="colour_jitter")(image)
    if recipe.rand_augment:
        image = RandAugment(recipe.rand_augment, seed=next(seeds), name="rand_augment")(image)
    if recipe.cutout:
        image = Cutout(recipe.cutout, seed=next(seeds), name="cutout")(image)
    if recipe.cutmix:
        image = CutMix(seed=next(seeds), name="cut_mix")(image)
    if recipe.mixup:
        image = MixRows(name="mix_rows")(image)
    return image


def mix_maps(maps: Any, recipe: Recipe, name: str) -> Any:
    """Return what a stage of a network gives, mixed between rows in training where a recipe has manifold mixup.

    Parameters
    ----------
    maps : Keras tensor of shape (batch, ...)
        Of all stages that are handed over, one is mixed in each step.
    name : str
        Of the layer: one for each stage.
    """
    return MixRows(mixes="manifold_mixup", name=name)(maps) if recipe.manifold_mixup else maps


def _on(recipe: Recipe, fields: tuple[str, ...]) -> dict[str, float]:
    found = {name: float(getattr(recipe, name)) for name in fields}
    return found if any(found.values()) else {}
