"""Mix what a random stage of the network gives for two images."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="manifold_mixup",
    title="manifold mixup",
    strengths=(
        strength("moderate", "manifold_mixup", 0.2, "manifold mixup 0.2"),
        strength("strong", "manifold_mixup", 2.0, "manifold mixup 2"),
    ),
    suits=sees_images,
    source="Verma et al. (2019), Manifold mixup, arXiv 1806.05236 (2 for CIFAR, 0.2 for Tiny ImageNet); recipe rule D9",
    presets=("thorough",),
)
