"""Mirror images upside down."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="flip_vertical",
    title="flips upside down",
    strengths=(strength("moderate", "flip_vertical", 0.5, "flips upside down"),),
    suits=sees_images,
    source="for images that have no upright, as those from above or through a microscope: Cohen and Welling (2016), "
    "arXiv 1602.07576; recipe rule D8",
    presets=("thorough",),
)
