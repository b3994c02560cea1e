"""The size, the channels and the fit that images are brought to."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.config import Config
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.preprocessing.image_choice import FEWEST_EPOCHS, LARGEST_SIDE, choose_image_spec, is_photo


def measured(sizes, *, is_grey=False, entropy=7.2) -> ImageMeasurements:
    """What a look at images of these sizes (width, height) says."""
    n = len(sizes)
    values = {
        field.name: np.zeros(n, "float32") for field in dataclasses.fields(ImageMeasurements) if field.name != "width"
    }
    width, height = np.array(sizes, dtype="int32").T
    values |= {"width": width, "height": height, "entropy": np.full(n, entropy, "float32")}
    values["is_grey"] = np.broadcast_to(np.asarray(is_grey), n).copy()
    return ImageMeasurements(**values)


def choose(look, *, time_limit_s=300.0, n_train=3_000, n_classes=5, image_side=0):
    config = Config(time_limit_s=time_limit_s, image_side=image_side)
    return choose_image_spec(look, config=config, n_train=n_train, n_classes=n_classes)


def size(spec):
    return spec.height, spec.width


SIZES = st.lists(st.tuples(st.integers(4, 3_000), st.integers(4, 3_000)), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(SIZES, st.integers(10, 200_000), st.floats(10, 10_000), st.booleans())
def test_an_image_is_never_larger_than_the_median_one_nor_of_odd_sides(sizes, n_train, time_limit_s, is_grey):
    look = measured(sizes, is_grey=is_grey, entropy=7.0)
    spec = choose(look, n_train=n_train, time_limit_s=time_limit_s)
    width, height = np.median(np.array(sizes), axis=0)
    longest = max(width, height)
    assert max(size(spec)) <= longest
    assert spec.height * spec.width <= min(LARGEST_SIDE**2, longest**2)
    assert len(set(sizes)) == 1 or all(side % 4 == 0 or side <= 8 for side in size(spec))
    assert spec.channels == (1 if is_grey else 3)
    assert spec.reason.startswith(f"{spec.width} x {spec.height}, as ")


@settings(max_examples=50, deadline=None)
@given(SIZES, st.integers(10, 200_000), st.floats(10, 5_000))
def test_more_time_never_makes_images_smaller_and_more_images_never_larger(sizes, n_train, time_limit_s):
    look = measured(sizes)
    spec = choose(look, n_train=n_train, time_limit_s=time_limit_s)
    longer = choose(look, n_train=n_train, time_limit_s=2 * time_limit_s)
    fuller = choose(look, n_train=2 * n_train, time_limit_s=time_limit_s, n_classes=0)
    assert size(longer) >= size(spec)
    assert size(fuller) <= size(spec)


@pytest.mark.parametrize("side", [8, 28, 30])
def test_small_images_of_one_size_are_left_as_they_are(side):
    spec = choose(measured([(side, side)] * 5, is_grey=True), n_train=10_000)
    assert (*size(spec), spec.channels, spec.fit) == (side, side, 1, "stretch")
    assert "their own size" in spec.reason


def test_photos_of_128_pixels_get_64_in_five_minutes_and_all_of_them_in_an_hour():
    look = measured([(128, 128)] * 9)
    assert 64 <= choose(look).height <= 96
    assert choose(look, n_train=1_000).height <= 96
    assert size(choose(look, time_limit_s=3600)) == (128, 128)


def test_64_pixels_are_kept_while_some_epochs_fit():
    look = measured([(200, 200)] * 3)
    assert size(choose(look, n_train=10_000)) == (64, 64)
    assert size(choose(look, n_train=100_000)) == (32, 32)
    assert FEWEST_EPOCHS > 1


def test_few_images_are_not_blamed_for_what_they_are_counted_as():
    look = measured([(300, 300)] * 3)
    few, fewer = (choose(look, n_train=n, n_classes=0, time_limit_s=60) for n in (1_900, 40))
    assert few.reason == fewer.reason
    assert "1 min leave no room for more (fewer than 2,000 images count as 2,000" in few.reason
    many = choose(look, n_train=2_100, time_limit_s=60)
    assert "2,100 training images leave no room for more in 1 min" in many.reason


def test_few_photos_of_a_class_are_kept_large_enough_for_a_pretrained_net():
    look = measured([(640, 480)] * 20)
    few = choose(look, n_train=4_000, n_classes=100, time_limit_s=250)
    many = choose(look, n_train=4_000, n_classes=5, time_limit_s=250)
    assert few.height * few.width > many.height * many.width


def test_a_common_aspect_ratio_is_kept_by_stretching_to_it():
    spec = choose(measured([(640, 480), (660, 480), (620, 480)] * 4))
    assert spec.fit == "stretch"
    assert spec.width / spec.height == pytest.approx(4 / 3, rel=0.1)


def test_photos_that_lie_and_stand_are_cropped_to_squares():
    spec = choose(measured([(400, 300), (300, 400)] * 6))
    assert (spec.fit, spec.height) == ("crop", spec.width)
    assert "25% of a typical one is cut" in spec.reason


def test_most_photos_lying_are_cropped_to_their_ratio():
    spec = choose(measured([(400, 300)] * 7 + [(280, 300)] * 3))
    assert spec.fit == "crop"
    assert spec.width > spec.height


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (measured([(400, 300), (300, 400)] * 6, is_grey=True), "no photo"),
        (measured([(400, 300), (300, 400)] * 6, entropy=3.0), "no photo"),
        (measured([(900, 300), (300, 900)] * 6), "cost too much"),
    ],
)
def test_nothing_is_cut_from_scans_drawings_and_long_photos(look, why):
    spec = choose(look)
    assert spec.fit == "pad"
    assert why in spec.reason


def test_extreme_aspect_ratios_leave_a_second_side():
    spec = choose(measured([(2000, 100)] * 4))
    assert spec.width / spec.height <= 5
    assert spec.height >= 8


def test_one_image_in_colour_asks_for_three_channels():
    assert choose(measured([(50, 50)] * 4, is_grey=[True, True, False, True])).channels == 3


@pytest.mark.parametrize(
    ("aspect", "expected"), [((300, 300), (50, 50)), ((400, 300), (36, 50)), ((300, 400), (50, 36))]
)
def test_the_users_side_is_the_longer_one(aspect, expected):
    spec = choose(measured([aspect] * 3), image_side=50)
    assert size(spec) == expected
    assert "you asked" in spec.reason
    assert "enlarges" not in spec.reason


def test_a_side_that_enlarges_images_is_said_to_do_so():
    spec = choose(measured([(128, 96)] * 3), image_side=1_000)
    assert "it enlarges the median image of 128 x 96" in spec.reason


def test_photos_are_told_by_size_colour_and_entropy():
    assert is_photo(measured([(100, 80)] * 3))
    assert not is_photo(measured([(40, 40)] * 3))
    assert not is_photo(measured([(100, 80)] * 3, is_grey=True))
    assert not is_photo(measured([(100, 80)] * 3, entropy=2.0))
    assert not is_photo(measured(np.zeros((0, 2), "int32")))
