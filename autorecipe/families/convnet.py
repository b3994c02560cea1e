"""Convolutions in stages, a pooling between them: the baseline of images."""

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

CPU_WIDTHS, GPU_WIDTHS = (16, 8), (32,)
EPOCHS = (5, 20)


def work(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the work of an image's way through the convolutions."""
    place = begin(image)
    for stage, channels in enumerate(stage_channels(recipe)):
        place = place.pool(recipe.pooling) if stage else place
        for block in range(recipe.n_blocks):
            is_first = stage == block == 0
            kernel, stride = (stem_kernel(image), stem_stride(image)) if is_first else (3, 1)
            place = place.conv(channels, kernel=kernel, stride=stride)
    return place.total


def defaults(size: DataSize) -> Edits:
    """Return a small net of stages of one convolution each, 16-32-64 channels for 28 pixels.

    Measured on 8,000 images of Fashion-MNIST, validated on 2,000, one seed: accuracy 0.882 and log loss 0.325 after 6
    epochs, in 38 CPU-seconds with compiling.
    """
    start: Edits = (
        ("family", "convnet"),
        *training_edits(size),
        ("depth", n_stages(size.image)),
        ("n_blocks", 1),
        ("pooling", "max"),
    )
    return sized(size, start, work, widths=GPU_WIDTHS if size.has_gpu else CPU_WIDTHS, epochs=EPOCHS)


FAMILY = Family(
    name="convnet",
    title="convnet",
    start_width=16,
    start_depth=3,
    max_width=128,
    max_depth=5,
    starts_at_prior=True,
    suits_rate_test=True,
    source="LeCun et al. (1998), Gradient-based learning applied to document recognition; batch normalization: "
    "arXiv 1502.03167",
    suits="images of any size; the smallest net that learns them",
    defaults=defaults,
    space=image_space(widths=(8, 16, 24, 32, 48, 64), blocks=(1, 2, 3), depths=(2, 3, 4, 5)),
    ignores=(*NOT_READ, "stochastic_depth"),
    offered=lambda size: bool(size.image),
    modality="image",
    work=work,
)
