"""Change the contrast of images."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="contrast",
    title="contrast",
    strengths=(
        strength("moderate", "contrast", 0.2, "contrast up to 20 %"),
        strength("strong", "contrast", 0.5, "contrast up to 50 %"),
    ),
    suits=sees_images,
    source="Howard (2014), arXiv 1312.5402 (factors of 0.5 to 1.5); recipe rule D8",
)
