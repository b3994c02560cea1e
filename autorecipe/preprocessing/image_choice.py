"""Choose what every image is brought to: its size, its channels, and how its aspect ratio is treated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.config import Config
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.preprocessing.image_spec import Fit, ImageSpec

# Photos are told from drawings, scans and icons by three medians and shares; all three are choices. 64 pixels is where
# networks that were trained on photos begin to see something
PHOTO_SIDE, PHOTO_ENTROPY_BITS, PHOTO_COLOUR_SHARE = 64, 6.0, 0.5

# 95th over 5th percentile of width over height up to which a stretch hurts nothing: half of the 3/4 to 4/3 that
# networks for photos are trained to bear (Inception's crops, arXiv 1409.4842)
STRETCH_UP_TO = 1.33
# share of an image's pixels that a crop may cost on average; ImageNet's nets are tested on the middle 0.875 x 0.875,
# that is 0.77, of a photo (arXiv 1512.03385)
CROP_UP_TO = 0.25
NEARLY_SQUARE = 1.05  # a ratio that a square stands for; choice
WORTH_CUT = 0.05  # share of an image that another shape than a square has to save; choice
WIDEST = 4.0  # times the other side: beyond that a network's last stage has no second side left; choice

STEP = 4  # pixels that sides are multiples of, so that two strides divide them
LARGEST_SIDE = 224  # of ImageNet's nets: more than that is rarely worth its time
# pixels a side that images have at least, as far as they have them: CIFAR's, and half of the first networks' for photos
LEAST_SIDE, USUAL_SIDE = 32, 64
LEAST_PHOTO_SIDE = 96  # the smallest images that MobileNet was published for (arXiv 1704.04861)
FEW_PER_CLASS = 50  # images of a class below which only pretrained features are of use; choice
KEPT_SIDE = 64  # images of one size up to this one are not resampled at all, whatever their sides divide by; choice

FLOP_PER_S = 100e9  # two cores: measured, 1 TFLOP of a 32-64-128 convolutional net in some 10 s
# forward and backward, for each pixel of a training image: the same net takes 1 TFLOP for 10,000 images of 28 x 28, one
# with strides a tenth of that
FLOP_PER_PIXEL = 13e3
# epochs of such a net that the time limit has room for, all trials together: what a side is chosen for, and what one of
# 64 pixels must have; choices
WANTED_EPOCHS, FEWEST_EPOCHS = 200, 40
FEWEST_COUNTED = 2_000  # training images: fewer are trained on for more epochs, and in five folds

MINUTE_S = 60.0
DONE: dict[Fit, str] = {"stretch": "stretched", "crop": "cropped", "pad": "padded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """The aspect ratio (width over height) that images are brought to, how, and why."""

    aspect: float
    fit: Fit
    reason: str


def is_photo(measured: ImageMeasurements) -> bool:
    """Return whether images are natural photos: mostly in colour, not flat, and of 64 pixels and more.

    Parameters
    ----------
    measured : ImageMeasurements
        Of the training images.
    """
    if not len(measured.width):
        return False
    side = np.median(np.minimum(measured.width, measured.height))
    is_rich = np.median(measured.entropy) >= PHOTO_ENTROPY_BITS
    return bool(side >= PHOTO_SIDE and is_rich and np.mean(~measured.is_grey) >= PHOTO_COLOUR_SHARE)


def choose_image_spec(measured: ImageMeasurements, *, config: Config, n_train: int, n_classes: int) -> ImageSpec:
    """Choose size, channels and fit by the images' own sizes, their number, and the time limit.

    The image is as large as the time allows, by the work of a small convolutional net on two cores, and never larger
    than the median image, unless the user says so.

    Parameters
    ----------
    measured : ImageMeasurements
        Of the training images, one at least.
    config : Config
        Its time limit, and the side that the user wants.
    n_train : int
        Training images of a fold.
    n_classes : int
        0 for regression.
    """
    shape = _shape(measured)
    channels, colours = 1, "1 channel, as all are grey"
    if not measured.is_grey.all():
        channels, colours = 3, "3 channels, as some are in colour"
    if config.image_side:
        (height, width), why = _of_side(config.image_side, shape.aspect), _asked_text(measured, config.image_side)
    else:
        (height, width), why = _size(measured, shape, config=config, n_train=n_train, n_classes=n_classes)
    reason = f"{width} x {height}, as {why}; {DONE[shape.fit]}, as {shape.reason}; {colours}"
    return ImageSpec(height=height, width=width, channels=channels, fit=shape.fit, reason=reason)


def _shape(measured: ImageMeasurements) -> _Shape:
    aspects = measured.width / measured.height
    low, middle, high = np.quantile(aspects, (0.05, 0.5, 0.95))
    middle = 1.0 if 1 / NEARLY_SQUARE < middle < NEARLY_SQUARE else float(np.clip(middle, 1 / WIDEST, WIDEST))
    if high / low <= STRETCH_UP_TO:
        if high / low < 1.005:
            return _Shape(aspect=middle, fit="stretch", reason="all have about one aspect ratio")
        said = f"aspect ratios differ by a factor of {high / low:.2f}, little enough to bear"
        return _Shape(aspect=middle, fit="stretch", reason=said)
    aspect = middle if _cut(aspects, middle) < _cut(aspects, 1.0) - WORTH_CUT else 1.0
    cut, spread = _cut(aspects, aspect), f"aspect ratios are from {low:.2f} to {high:.2f}"
    if is_photo(measured) and cut <= CROP_UP_TO:
        said = f"{spread}, and the middle of a photo shows what it is of ({cut:.0%} of a typical one is cut)"
        return _Shape(aspect=aspect, fit="crop", reason=said)
    what = "a crop would cost too much of them" if is_photo(measured) else "nothing may be cut from what is no photo"
    return _Shape(aspect=aspect, fit="pad", reason=f"{spread}, and {what}")


def _cut(aspects: NDArray[np.floating], wanted: float) -> float:
    """Return the mean share of an image that is cut for an aspect ratio."""
    return float(np.mean(1 - np.minimum(aspects / wanted, wanted / aspects)))


def _size(
    measured: ImageMeasurements, shape: _Shape, *, config: Config, n_train: int, n_classes: int
) -> tuple[tuple[int, int], str]:
    largest = _largest_side(measured, shape)
    few = n_classes > 0 and n_train < FEW_PER_CLASS * n_classes and is_photo(measured)
    at_least = LEAST_PHOTO_SIDE if few else USUAL_SIDE
    within = _affordable_side(config.time_limit_s, n_train, WANTED_EPOCHS)
    if within < at_least:
        within = max(LEAST_SIDE, min(at_least, _affordable_side(config.time_limit_s, n_train, FEWEST_EPOCHS)))
    if within < largest:
        return _of_area(within, shape.aspect), _no_room_text(n_train, f"{config.time_limit_s / MINUTE_S:g} min")
    size = _own_size(measured)
    if size is not None:
        return size, "that is their own size"
    why = f"{LARGEST_SIDE} pixels a side are enough" if largest >= LARGEST_SIDE else "the median image has no more"
    return _of_area(largest, shape.aspect), why


def _asked_text(measured: ImageMeasurements, side: int) -> str:
    width, height = int(np.median(measured.width)), int(np.median(measured.height))
    asked = "you asked for this side"
    if side <= max(width, height):
        return asked
    return f"{asked}: it enlarges the median image of {width} x {height}, which adds no detail, and costs time"


def _no_room_text(n_train: int, time: str) -> str:
    if n_train >= FEWEST_COUNTED:
        return f"{n_train:,} training images leave no room for more in {time}"
    counted = f"fewer than {FEWEST_COUNTED:,} images count as {FEWEST_COUNTED:,}, as they are trained for more epochs"
    return f"{time} leave no room for more ({counted})"


def _own_size(measured: ImageMeasurements) -> tuple[int, int] | None:
    """Return the one small size that all images have."""
    height, width = int(measured.height[0]), int(measured.width[0])
    is_one = bool((measured.height == height).all() and (measured.width == width).all())
    return (height, width) if is_one and max(height, width) <= KEPT_SIDE else None


def _largest_side(measured: ImageMeasurements, shape: _Shape) -> float:
    """Return the side of a square of as many pixels as the median image fills or fits in this shape, at most 224."""
    width, height = float(np.median(measured.width)), float(np.median(measured.height))
    if shape.fit == "pad":  # all of the image is within
        longest = max(width, height)
        width, height = min(longest, longest * shape.aspect), min(longest, longest / shape.aspect)
    else:
        width, height = min(width, height * shape.aspect), min(height, width / shape.aspect)
    return min(math.sqrt(width * height), LARGEST_SIDE)


def _affordable_side(time_limit_s: float, n_train: int, n_epochs: int) -> float:
    images = max(n_train, FEWEST_COUNTED) * n_epochs
    return math.sqrt(time_limit_s * FLOP_PER_S / (FLOP_PER_PIXEL * images))


def _of_area(side: float, aspect: float) -> tuple[int, int]:
    """Return height and width of this aspect ratio with the pixels of a square, rounded down."""
    return _down(side / math.sqrt(aspect)), _down(side * math.sqrt(aspect))


def _of_side(longer: int, aspect: float) -> tuple[int, int]:
    """Return height and width of this aspect ratio by the longer side."""
    shorter = longer if 0.99 < aspect < 1.01 else _down(longer * min(aspect, 1 / aspect))
    return (longer, shorter) if aspect < 1 else (shorter, longer)


def _down(side: float) -> int:
    """Return the multiple of 4 below; small sides are only cut to whole pixels."""
    whole = int(side + 1e-6)  # a square root may be a hair short of a whole number
    return whole // STEP * STEP if whole > 2 * STEP else max(whole, 1)
