"""Convolutions with ever wider gaps in place of further pooling: wide views at full detail."""

from __future__ import annotations

from autorecipe.families.family import DataSize, Edits, Family
from autorecipe.families.images import (
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

# DRN, arXiv 1705.09914, keeps an eighth of the size
N_POOLED = 2  # stages in front of which is a pooling; later ones keep their size
CPU_WIDTHS, GPU_WIDTHS = (24, 16, 8), (48, 32)
EPOCHS = (8, 25)


def dilation(stage: int) -> int:
    """Return the step between the places that a stage's convolutions look at: 1, 1, 1, 2, 4, ...

    >>> [dilation(stage) for stage in range(5)]
    [1, 1, 1, 2, 4]
    """
    return int(2 ** max(0, stage - N_POOLED))


def work(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the work of an image's way through the convolutions."""
    place = begin(image)
    for stage, channels in enumerate(dilated_channels(recipe)):
        place = place.pool(recipe.pooling) if 0 < stage <= N_POOLED else place
        for block in range(recipe.n_blocks):
            is_first = stage == block == 0
            kernel, stride = (stem_kernel(image), stem_stride(image)) if is_first else (3, 1)
            place = place.conv(channels, kernel=kernel, stride=stride)
    return place.total


def dilated_channels(recipe: Recipe) -> tuple[int, ...]:
    """Return the channels of each stage, which double with each pooling alone.

    >>> dilated_channels(Recipe(width=16, depth=5))
    (16, 32, 64, 64, 64)
    """
    channels = stage_channels(recipe)
    return tuple(min(own, channels[min(N_POOLED, recipe.depth - 1)]) for own in channels)


def defaults(size: DataSize) -> Edits:
    """Return two pooled stages and at least one of wider gaps behind them."""
    start: Edits = (
        ("family", "dilated_convnet"),
        *training_edits(size),
        ("depth", max(N_POOLED + 2, n_stages(size.image))),
        ("n_blocks", 1),
        ("pooling", "max"),
    )
    return sized(size, start, work, widths=GPU_WIDTHS if size.has_gpu else CPU_WIDTHS, epochs=EPOCHS)


FAMILY = Family(
    name="dilated_convnet",
    title="dilated convnet",
    start_width=8,
    start_depth=3,
    max_width=96,
    max_depth=6,
    starts_at_prior=True,
    suits_rate_test=True,
    source="Yu and Koltun (2016), Multi-scale context aggregation by dilated convolutions, arXiv 1511.07122; for "
    "classes: Yu et al. (2017), Dilated residual networks, arXiv 1705.09914",
    suits="fine detail whose place in a wide view counts: textures, scans, maps",
    defaults=defaults,
    space=image_space(widths=(8, 16, 24, 32, 48), blocks=(1, 2), depths=(3, 4, 5)),
    ignores=(*NOT_READ, "stochastic_depth"),
    offered=lambda size: bool(size.image),
    modality="image",
    work=work,
)
