"""Which families are worth trying on images, and in which order."""

from __future__ import annotations

from autorecipe.choices import FamilyName
from autorecipe.families.family import DataSize

# what was learned elsewhere first, where there are weights and photos; then what learns fastest from scratch, and what
# takes longer and errs otherwise. Choice, by the accuracies on CIFAR-10 that the sources of the records give for the
# work they take
IMAGE_ORDER: tuple[FamilyName, ...] = (
    "pretrained",
    "fast_convnet",
    "residual_convnet",
    "vgg",
    "inverted_residual",
    "wide_residual",
    "dense_convnet",
    "separable_convnet",
    "inception_convnet",
    "dilated_convnet",
)
IMAGE_DEFAULT: FamilyName = "fast_convnet"
IMAGE_DEFAULT_SOURCE = "airbench, arXiv 2404.00498 (94 % on CIFAR-10, 50,000 images of 32 pixels, in ten epochs)"
PRETRAINED_SOURCE = "Kornblith et al. (2019), arXiv 1805.08974 (frozen features of ImageNet on 12 sets of photos)"
SMALL_SIDE = 64  # pixels of the longer side up to which that evidence is taken to speak; choice: twice its own
# training photos up to which frozen features are taken to beat a net from scratch; choice
FEW_PHOTOS = 10_000


def image_source(name: FamilyName, size: DataSize) -> str:
    """Return the published evidence that speaks for a family on images of this kind; "" for none."""
    if name == IMAGE_DEFAULT and 0 < max(size.image[:2], default=0) <= SMALL_SIDE:
        return IMAGE_DEFAULT_SOURCE
    if name == "pretrained" and size.is_photo and size.n_train <= FEW_PHOTOS:
        return PRETRAINED_SOURCE
    return ""
