"""Paste a part of another image into each, and learn both labels by their areas."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="cutmix",
    title="CutMix",
    strengths=(
        strength("moderate", "cutmix", 0.25, "CutMix 0.25"),
        strength("strong", "cutmix", 1.0, "CutMix 1"),
    ),
    suits=sees_images,
    source="Yun et al. (2019), CutMix, arXiv 1905.04899, figure 3 (0.1 to 4 for CIFAR-100, the best 1); rule D9",
)
