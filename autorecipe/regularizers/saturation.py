"""Make the colours of images stronger and weaker."""

from autorecipe.regularizers.regularizer import Regularizer, sees_colours, strength

REGULARIZER = Regularizer(
    name="saturation",
    title="saturation",
    strengths=(
        strength("moderate", "saturation", 0.2, "saturation up to 20 %"),
        strength("strong", "saturation", 0.5, "saturation up to 50 %"),
    ),
    suits=sees_colours,
    source="Howard (2014), arXiv 1312.5402 (factors of 0.5 to 1.5); recipe rule D8",
    presets=("thorough",),
)
