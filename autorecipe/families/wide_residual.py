"""Few residual blocks of many channels, normalized and activated before each convolution."""

from __future__ import annotations

from autorecipe.families.family import DataSize, Edits, Family
from autorecipe.families.images import (
    MAX_CHANNELS,
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

STEM_CHANNELS = 16  # in front of the first stage: as published
CPU_WIDTHS, GPU_WIDTHS = (48, 32, 24, 16), (128, 64)
EPOCHS = (8, 25)


def work(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the work of an image's way through the convolutions, those of the shortcuts included."""
    place = begin(image).conv(STEM_CHANNELS, kernel=stem_kernel(image), stride=stem_stride(image))
    for stage, channels in enumerate(stage_channels(recipe)):
        for block in range(recipe.n_blocks):
            stride = 2 if stage and block == 0 else 1
            shortcut = place.conv(channels, kernel=1, stride=stride).total - place.total
            is_changed = stride > 1 or place.channels != channels
            place = place.conv(channels, stride=stride).conv(channels).plus(shortcut if is_changed else 0.0)
    return place.total


def defaults(size: DataSize) -> Edits:
    """Return a wide residual net: two blocks a stage on a GPU (WRN-16's), one on a CPU (WRN-10's), dropout 0.3."""
    start: Edits = (
        ("family", "wide_residual"),
        *training_edits(size),
        ("depth", n_stages(size.image)),
        ("n_blocks", 2 if size.has_gpu else 1),
        ("dropout", 0.3),
    )
    return sized(size, start, work, widths=GPU_WIDTHS if size.has_gpu else CPU_WIDTHS, epochs=EPOCHS)


FAMILY = Family(
    name="wide_residual",
    title="wide residual net",
    start_width=16,
    start_depth=3,
    max_width=MAX_CHANNELS // 2,
    max_depth=5,
    starts_at_prior=True,
    suits_rate_test=True,
    source="Zagoruyko and Komodakis (2016), Wide residual networks, arXiv 1605.07146",
    suits="small images of many kinds, with time or a GPU",
    defaults=defaults,
    space=image_space(widths=(16, 24, 32, 48, 64, 96, 128), blocks=(1, 2, 3), depths=(2, 3, 4, 5)),
    ignores=(*NOT_READ, "pooling"),
    offered=lambda size: bool(size.image),
    modality="image",
    work=work,
)
