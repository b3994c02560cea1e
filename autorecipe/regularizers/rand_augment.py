"""Change each image by two operations drawn at random."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="rand_augment",
    title="RandAugment",
    strengths=(
        strength("moderate", "rand_augment", 4.0, "RandAugment, magnitude 4"),
        strength("strong", "rand_augment", 9.0, "RandAugment, magnitude 9"),
    ),
    suits=sees_images,
    source="Cubuk et al. (2019), RandAugment, arXiv 1909.13719 (4 to 5 for CIFAR-10, 9 for ImageNet); recipe rule D8",
)
