"""Which strengths of augmentation are worth turning around a recipe for images, and how far."""

from __future__ import annotations

from autorecipe.augmentations import COLOURS, MIXTURES, MOVES
from autorecipe.change import value_of
from autorecipe.effects import Knob
from autorecipe.recipe import Recipe

REACH = 2.0  # from half of a strength to twice it: the levels of the regularizers lie so far apart
FLIPS = ("flip_horizontal", "flip_vertical")
# beyond these an image is hardly the same: the ends of the ranges that a recipe may have, or of what was published
LIMITS = {
    "translation": 0.3,
    "rotation": 45.0,
    "zoom": 0.5,
    "shear": 0.5,
    "aspect_jitter": 0.5,
    "crop": 0.9,
    "brightness": 0.5,
    "contrast": 0.9,
    "saturation": 0.9,
    "hue": 0.5,
    "cutout": 0.6,
    "rand_augment": 10.0,
    "cutmix": 1.0,
    "mixup": 1.0,
    "manifold_mixup": 2.0,
}


def augmentation_knobs(recipe: Recipe) -> tuple[Knob, ...]:
    """Return a knob for each augmentation that the recipe has; what is off stays off, as its stage has decided.

    Examples
    --------
    >>> [(knob.field, knob.low, knob.high) for knob in augmentation_knobs(Recipe(translation=0.1, flip_horizontal=0.5))]
    [('translation', 0.05, 0.2)]
    """
    fields = (*MOVES, *COLOURS, "cutout", "rand_augment", *MIXTURES)
    on = [(field, float(value_of(recipe, field))) for field in fields if field not in FLIPS]
    return tuple(
        Knob(field=field, low=value / REACH, high=max(value, min(REACH * value, LIMITS[field])))
        for field, value in on
        if value > 0
    )
