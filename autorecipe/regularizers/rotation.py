"""Turn images."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="rotation",
    title="rotations",
    strengths=(
        strength("moderate", "rotation", 10.0, "rotations up to 10 degrees"),
        strength("strong", "rotation", 20.0, "rotations up to 20 degrees"),
    ),
    suits=sees_images,
    source="within 20 degrees: recipe rule D8, and An et al. (2020), arXiv 2008.10400, for MNIST",
)
