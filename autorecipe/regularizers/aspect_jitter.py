"""Stretch images along one side."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="aspect_jitter",
    title="stretching",
    strengths=(
        strength("moderate", "aspect_jitter", 0.15, "sides stretched up to 15 %"),
        strength("strong", "aspect_jitter", 0.33, "sides stretched up to 33 %"),
    ),
    suits=sees_images,
    source="Szegedy et al. (2015), Going deeper with convolutions, arXiv 1409.4842 (3/4 to 4/3); recipe rule D8",
    presets=("thorough",),
)
