"""Make images brighter and darker."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="brightness",
    title="brightness",
    strengths=(
        strength("moderate", "brightness", 0.1, "brightness up to 10 % of the range"),
        strength("strong", "brightness", 0.25, "brightness up to 25 % of the range"),
    ),
    suits=sees_images,
    source="Howard (2014), arXiv 1312.5402 (factors of 0.5 to 1.5: a middle grey by 25 % of the range); rule D8",
)
