"""Branches of several kernel sizes side by side."""

from __future__ import annotations

from autorecipe.families.family import DataSize, Edits, Family
from autorecipe.families.images import (
    CELL_WORK,
    NOT_READ,
    begin,
    image_space,
    n_stages,
    sized,
    stage_channels,
    stem_kernel,
    stem_stride,
    training_edits,
)
from autorecipe.recipe import Recipe

CPU_WIDTHS, GPU_WIDTHS = (32, 24, 16), (64, 32)
EPOCHS = (8, 25)


def branch_channels(channels: int) -> tuple[int, int, int, int]:
    """Return the channels of the branches: 1 x 1, 3 x 3, 5 x 5 and pooled, about as in GoogLeNet's first modules.

    >>> branch_channels(32)
    (8, 16, 4, 4)
    """
    small = max(1, channels // 8)
    return max(1, channels - channels // 2 - 2 * small), max(1, channels // 2), small, small


def work(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the work of an image's way through all branches."""
    place = begin(image).conv(recipe.width, kernel=stem_kernel(image), stride=stem_stride(image))
    for stage, channels in enumerate(stage_channels(recipe)):
        place = place.pool(recipe.pooling) if stage else place
        for _ in range(recipe.n_blocks):
            points, threes, fives, pooled = branch_channels(channels)
            place = place.beside(
                place.conv(points, kernel=1),
                place.conv(max(1, threes // 2), kernel=1).conv(threes),
                place.conv(fives, kernel=1).conv(fives).conv(fives),
                place.plus(CELL_WORK * place.height * place.width * place.channels).conv(pooled, kernel=1),
            )
    return place.total


def defaults(size: DataSize) -> Edits:
    """Return stages of two inception modules, a 5 x 5 kernel being two of 3 x 3 as in Inception-v3."""
    start: Edits = (
        ("family", "inception_convnet"),
        *training_edits(size),
        ("depth", n_stages(size.image)),
        ("n_blocks", 2),
        ("pooling", "max"),
    )
    return sized(size, start, work, widths=GPU_WIDTHS if size.has_gpu else CPU_WIDTHS, epochs=EPOCHS)


FAMILY = Family(
    name="inception_convnet",
    title="inception-like convnet",
    start_width=16,
    start_depth=3,
    max_width=128,
    max_depth=5,
    starts_at_prior=True,
    suits_rate_test=True,
    source="Szegedy et al. (2015), Going deeper with convolutions, arXiv 1409.4842; kernels: arXiv 1512.00567",
    suits="images whose parts come in several sizes",
    defaults=defaults,
    space=image_space(widths=(16, 24, 32, 48, 64), blocks=(1, 2, 3), depths=(2, 3, 4, 5)),
    ignores=(*NOT_READ, "stochastic_depth"),
    offered=lambda size: bool(size.image),
    modality="image",
    work=work,
)
