"""Cut away a part of each image and bring the rest back to the size."""

from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength

REGULARIZER = Regularizer(
    name="crop",
    title="random crops",
    strengths=(
        strength("moderate", "crop", 0.3, "crops of 70 % of the area and more"),
        strength("strong", "crop", 0.65, "crops of 35 % of the area and more"),
    ),
    suits=sees_images,
    source="Szegedy et al. (2015), Going deeper with convolutions, arXiv 1409.4842, with crops of 8 % and more; milder "
    "here, as images and epochs are fewer: choice; recipe rule D8",
)
