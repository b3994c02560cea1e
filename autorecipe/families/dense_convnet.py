"""Convolutions that are given all that earlier ones of their stage found."""

from __future__ import annotations

from autorecipe.families.family import DataSize, Edits, Family
from autorecipe.families.images import (
    NOT_READ,
    begin,
    image_space,
    n_stages,
    sized,
    stem_kernel,
    stem_stride,
    training_edits,
)
from autorecipe.recipe import Recipe

CPU_WIDTHS, GPU_WIDTHS = (32, 24, 16), (48, 32)
EPOCHS = (8, 25)


def growth(recipe: Recipe) -> int:
    """Return the channels that each convolution adds: half of the first one's, as in DenseNet."""
    return max(1, recipe.width // 2)


def work(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the work of an image's way through the convolutions and transitions."""
    place = begin(image).conv(recipe.width, kernel=stem_kernel(image), stride=stem_stride(image))
    for stage in range(recipe.depth):
        if stage:
            place = place.conv(max(1, place.channels // 2), kernel=1).pool(recipe.pooling)
        for _ in range(recipe.n_blocks):
            place = place.beside(place, place.conv(growth(recipe)))
    return place.total


def defaults(size: DataSize) -> Edits:
    """Return stages of four densely connected convolutions, average pooling between them, as published."""
    start: Edits = (
        ("family", "dense_convnet"),
        *training_edits(size),
        ("depth", n_stages(size.image)),
        ("n_blocks", 4),
        ("pooling", "average"),
    )
    return sized(size, start, work, widths=GPU_WIDTHS if size.has_gpu else CPU_WIDTHS, epochs=EPOCHS)


FAMILY = Family(
    name="dense_convnet",
    title="densely connected convnet",
    start_width=16,
    start_depth=3,
    max_width=96,
    max_depth=5,
    starts_at_prior=True,
    suits_rate_test=True,
    source="Huang et al. (2017), Densely connected convolutional networks, arXiv 1608.06993",
    suits="few images: it has few weights for its depth",
    defaults=defaults,
    space=image_space(widths=(16, 24, 32, 48, 64), blocks=(2, 3, 4, 6), depths=(2, 3, 4, 5)),
    ignores=(*NOT_READ, "stochastic_depth"),
    offered=lambda size: bool(size.image),
    modality="image",
    work=work,
)
