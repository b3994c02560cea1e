"""Blank a square of each image."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="cutout",
    title="cutout",
    strengths=(
        strength("moderate", "cutout", 0.25, "cutout of a quarter of the side"),
        strength("strong", "cutout", 0.5, "cutout of half of the side"),
    ),
    suits=sees_images,
    source="DeVries and Taylor (2017), Cutout, arXiv 1708.04552 (8 of 32 pixels on CIFAR-100, 16 on CIFAR-10); D9",
)
