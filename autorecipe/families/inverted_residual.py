"""Blocks that widen, look at each channel by itself, weigh the channels, and narrow again."""

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

EXPANSION = 4  # channels inside a block over those it is given: a CPU cannot afford the 6 of MobileNetV2; choice
SQUEEZE = 4  # channels of a block over the units that weigh them: MobileNetV3, arXiv 1905.02244
CPU_WIDTHS, GPU_WIDTHS = (24, 16, 8), (32, 24)
EPOCHS = (8, 25)


def work(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the work of an image's way through the convolutions and the weighing of their channels."""
    place = begin(image).conv(recipe.width, kernel=stem_kernel(image), stride=stem_stride(image))
    for stage, channels in enumerate(stage_channels(recipe)):
        for block in range(recipe.n_blocks):
            inside = EXPANSION * place.channels
            wide = place.conv(inside, kernel=1).depthwise(stride=2 if stage and block == 0 else 1)
            place = wide.plus(2.0 * inside * (inside // SQUEEZE)).conv(channels, kernel=1)
    return place.total


def defaults(size: DataSize) -> Edits:
    """Return stages of two inverted residual blocks with squeeze-and-excitation, Swish as in EfficientNet."""
    start: Edits = (
        ("family", "inverted_residual"),
        *training_edits(size),
        ("activation", "swish"),
        ("depth", n_stages(size.image)),
        ("n_blocks", 2),
    )
    return sized(size, start, work, widths=GPU_WIDTHS if size.has_gpu else CPU_WIDTHS, epochs=EPOCHS)


FAMILY = Family(
    name="inverted_residual",
    title="inverted residual net",
    start_width=8,
    start_depth=3,
    max_width=64,
    max_depth=5,
    starts_at_prior=True,
    suits_rate_test=True,
    source="Sandler et al. (2018), MobileNetV2, arXiv 1801.04381; squeeze-and-excitation: Hu et al. (2018), arXiv "
    "1709.01507, placed as in MobileNetV3, arXiv 1905.02244",
    suits="photos of 64 pixels and more; few weights to serve",
    defaults=defaults,
    space=image_space(widths=(8, 16, 24, 32, 48), blocks=(1, 2, 3), depths=(2, 3, 4, 5)),
    ignores=(*NOT_READ, "pooling"),
    offered=lambda size: bool(size.image),
    modality="image",
    work=work,
)
