"""Slant images."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="shear",
    title="slants",
    strengths=(
        strength("moderate", "shear", 0.1, "slants up to 0.1"),
        strength("strong", "shear", 0.3, "slants up to 0.3"),
    ),
    suits=sees_images,
    source="Cubuk et al. (2018), AutoAugment, arXiv 1805.09501, table 6 (0.3 at most); recipe rule D8",
    presets=("thorough",),
)
