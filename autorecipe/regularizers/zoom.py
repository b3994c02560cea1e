"""Make images larger and smaller."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="zoom",
    title="zoom",
    strengths=(
        strength("moderate", "zoom", 0.1, "zoom up to 10 %"),
        strength("strong", "zoom", 0.25, "zoom up to 25 %"),
    ),
    suits=sees_images,
    source="Simard, Steinkraus and Platt (2003), Best practices for convolutional neural networks, ICDAR; strengths: "
    "choice; recipe rule D8",
    presets=("thorough",),
)
