"""Which fields of a recipe change images while training, and which changes a probe rejects."""

from __future__ import annotations

from autorecipe.recipe import Recipe
from autorecipe.record.readings import AugmentationReading, AugmentedScore

# fields that share one layer: with the first of them that is above 0, all others are tensors too
MOVES = (
    "flip_horizontal",
    "flip_vertical",
    "translation",
    "rotation",
    "zoom",
    "shear",
    "aspect_jitter",
    "crop",
)
COLOURS = ("brightness", "contrast", "saturation", "hue")
OF_COLOUR = ("saturation", "hue")  # which images of one channel have none of
GROUPS = (MOVES, COLOURS)
# fields with a layer of their own
SINGLE = ("rand_augment", "cutout", "cutmix", "manifold_mixup")
# fields that change an image and leave it its label: what a probe tries
LABEL_KEEPING = (*MOVES, *COLOURS, "rand_augment", "cutout")
# fields that mix two rows and their losses, at most one of them in a step
MIXTURES = ("mixup", "cutmix", "manifold_mixup")
# a probe's accuracy (or R²) from which on it says something, and the share of it that may be lost on changed images:
# choices
LEAST_SCORE, MOST_LOST = 0.6, 0.2


def switches(recipe: Recipe) -> tuple[bool, ...]:
    """Return what of a recipe's augmentation is compiled in; how strong it is, is a tensor."""
    groups = (any(getattr(recipe, name) > 0 for name in group) for group in GROUPS)
    return (*groups, *(getattr(recipe, name) > 0 for name in SINGLE))


def can_tell(reading: AugmentationReading) -> bool:
    """Tell whether the probed network knows enough of plain images for what it says of changed ones to count."""
    return reading.plain_score > LEAST_SCORE


def is_rejected(scored: AugmentedScore, reading: AugmentationReading) -> bool:
    """Tell whether a change costs the network more than a fifth of what it knows: its label may not survive it."""
    return can_tell(reading) and scored.score < (1.0 - MOST_LOST) * reading.plain_score
