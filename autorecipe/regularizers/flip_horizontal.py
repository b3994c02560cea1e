"""Mirror images from left to right."""

from autorecipe.regularizers.regularizer import ALL_PRESETS, Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="flip_horizontal",
    title="flips from left to right",
    strengths=(strength("light", "flip_horizontal", 0.5, "flips left to right"),),
    suits=sees_images,
    source="Krizhevsky, Sutskever and Hinton (2012), ImageNet classification, NeurIPS; recipe rule D8",
    evidence="Hernández-García and König (2018), arXiv 1806.03852: flips and shifts up to a tenth (CIFAR, ImageNet)",
    evidence_for="image",
    presets=ALL_PRESETS,
)
