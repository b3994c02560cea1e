"""Shift images."""

from autorecipe.regularizers.regularizer import ALL_PRESETS, Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="translation",
    title="shifts",
    strengths=(
        strength("light", "translation", 0.0625, "shifts up to 6 % of the side"),
        strength("moderate", "translation", 0.125, "shifts up to 12 % of the side"),
        strength("strong", "translation", 0.2, "shifts up to 20 % of the side"),
    ),
    suits=sees_images,
    source="2 and 4 of 32 pixels: Jordan (2024), arXiv 2404.00498, for 94 % and 96 % of CIFAR-10; a fifth, for MNIST: "
    "An et al. (2020), arXiv 2008.10400; recipe rule D8",
    evidence="Hernández-García and König (2018), arXiv 1806.03852: flips and shifts up to a tenth (CIFAR, ImageNet)",
    evidence_for="image",
    presets=ALL_PRESETS,
)
