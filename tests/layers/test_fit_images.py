"""Decoded pixels brought to a size, and normalized."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_bytes_made import encoded, in_mode, seen, waves
from PIL import Image, ImageOps

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from autorecipe.layers.decode_images import DecodeImages  # noqa: E402  TensorFlow may be absent
from autorecipe.layers.fit_images import FitImages  # noqa: E402
from autorecipe.layers.normalize_images import NormalizeImages  # noqa: E402

SIDES = st.integers(1, 40)


def fit(image: np.ndarray, *args) -> np.ndarray:
    return np.asarray(FitImages(*args)(image[None]))[0]


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([1, 3]), st.sampled_from(["stretch", "crop", "pad"]))
def test_fitting_what_was_decoded_is_decoding_to_the_size(height, width, rows, columns, channels, how):
    data = tf.constant([encoded(waves(height, width), "PNG")])
    whole = DecodeImages(height, width, 3)(data)
    directly = DecodeImages(rows, columns, channels, how)(data)
    np.testing.assert_array_equal(np.asarray(FitImages(rows, columns, channels, how)(whole)), np.asarray(directly))


@pytest.mark.parametrize(("height", "width"), [(60, 90), (90, 60), (45, 45)])
def test_padding_keeps_all_of_an_image_and_adds_black(height, width):
    image = waves(height, width, noise=0)
    expected = np.asarray(ImageOps.pad(image, (30, 30), Image.Resampling.BILINEAR)).astype(int)
    found = fit(np.asarray(image), 30, 30, 3, "pad").astype(int)
    assert np.abs(found - expected).max() <= 1
    assert (found[expected.sum(-1) == 0] == 0).all()


@pytest.mark.parametrize(("size", "kept"), [((40, 60), np.s_[:, 10:50]), ((60, 40), np.s_[10:50])])
def test_cropping_keeps_the_middle_of_the_longer_side(size, kept):
    image = np.asarray(waves(*size))
    np.testing.assert_array_equal(fit(image, 40, 40, 3, "crop"), image[kept])


def test_an_image_of_the_wanted_size_is_not_touched():
    image = np.random.default_rng(0).integers(0, 256, (21, 34, 3)).astype("uint8")
    for how in ("stretch", "crop", "pad"):
        np.testing.assert_array_equal(fit(image, 21, 34, 3, how), image)


def test_the_resize_is_tensorflows_own():
    images = np.random.default_rng(0).integers(0, 256, (3, 31, 50, 3)).astype("uint8")
    for height, width in ((7, 9), (31, 20), (80, 64)):
        found = np.asarray(FitImages(height, width)(images)).astype("float32")
        own = np.asarray(tf.image.resize(images, (height, width), antialias=True))
        assert np.abs(found - own).max() <= 0.501  # rounded


def test_grey_images_may_come_without_channels_and_become_three_of_them():
    image = np.asarray(waves(12, 9).convert("L"))
    expected = np.repeat(image[..., None], 3, axis=-1)
    np.testing.assert_array_equal(fit(image, 12, 9, 3), expected)
    np.testing.assert_array_equal(fit(image, 12, 9, 1), expected[..., :1])


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_put_on_white(mode):
    image = in_mode(waves(12, 30), mode)
    np.testing.assert_array_equal(fit(np.asarray(image), 12, 30, 3), np.asarray(seen(encoded(image, "PNG"))))


def test_floats_are_rounded_and_clipped():
    image = np.array([[[-3.0], [0.4], [7.6], [255.4], [300.0]]], "float32")
    np.testing.assert_array_equal(fit(image, 1, 5, 1)[0, :, 0], [0, 0, 8, 255, 255])


def test_five_channels_are_refused():
    with pytest.raises(ValueError, match="1 to 4 channels"):
        FitImages(4, 4)(np.zeros((1, 4, 4, 5), "uint8"))


def test_normalized_channels_have_mean_0_and_spread_1():
    images = np.random.default_rng(0).integers(0, 200, (20, 6, 5, 3)).astype("uint8")
    layer = NormalizeImages()
    layer.build(images.shape)
    np.testing.assert_allclose(np.asarray(layer(images)), images / 255, rtol=1e-6)  # before anything is measured
    layer.mean.assign((images / 255).mean(axis=(0, 1, 2)))
    layer.std.assign((images / 255).std(axis=(0, 1, 2)))
    normalized = np.asarray(layer(images))
    np.testing.assert_allclose(normalized.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(normalized.std(axis=(0, 1, 2)), 1, atol=1e-5)
    assert not layer.trainable_weights
