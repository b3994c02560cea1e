"""Layers of convolutional networks: whitened patches, weighed channels, drawn regions, kernels that hand on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.families.images import FRACTIONAL_RATIO, pooled_side  # noqa: E402  TensorFlow may be absent
from autorecipe.layers.fractional_max_pooling import FractionalMaxPooling2D  # noqa: E402
from autorecipe.layers.identity_kernel import IdentityKernel  # noqa: E402
from autorecipe.layers.squeeze_excitation import SqueezeExcitation  # noqa: E402
from autorecipe.layers.whitening_conv import WhiteningConv2D, whitening_kernel  # noqa: E402

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.normal(size=(6, 9, 8, 3)).astype("float32")


def call(layer, inputs, **options) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(inputs, **options))


def correlated_patches(n: int = 4_000) -> np.ndarray:
    mixed = RANDOM.normal(size=(n, 12)) @ RANDOM.normal(size=(12, 12))
    return mixed.reshape(n, 2, 2, 3).astype("float32")


def test_whitened_patches_have_unit_spread_and_no_correlation():
    patches = correlated_patches()
    flat = patches.reshape(len(patches), -1) @ whitening_kernel(patches, n_directions=5).reshape(12, 10)
    np.testing.assert_allclose(np.mean(flat[:, :5].T[:, None] * flat[:, :5].T[None], axis=2), np.eye(5), atol=0.02)


def test_each_direction_is_looked_along_both_ways():
    kernel = whitening_kernel(correlated_patches(), n_directions=4)
    assert kernel.shape == (2, 2, 3, 8)
    np.testing.assert_allclose(kernel[..., 4:], -kernel[..., :4])


def test_the_strongest_directions_are_kept():
    patches = correlated_patches()
    patches[..., 0] *= 100.0
    kernel = whitening_kernel(patches, n_directions=1)
    flat = patches.reshape(len(patches), -1)
    leading = np.linalg.eigh(flat.T @ flat)[1][:, -1]
    own = kernel[..., 0].ravel() / np.linalg.norm(kernel[..., 0])
    assert abs(own @ leading) == pytest.approx(1.0, abs=1e-3)


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 100.0))
def test_the_contrast_of_images_does_not_change_what_is_seen(factor):
    patches = correlated_patches(200)
    plain, scaled = whitening_kernel(patches, n_directions=3), whitening_kernel(patches * factor, n_directions=3)
    np.testing.assert_allclose(np.abs(scaled * factor), np.abs(plain), rtol=1e-2, atol=1e-4)


def test_patches_of_one_colour_cannot_be_whitened():
    with pytest.raises(ValueError, match="Expected patches that differ"):
        whitening_kernel(np.ones((10, 2, 2, 1)), n_directions=2)


def test_the_kernel_of_a_whitening_layer_is_not_trained_and_its_bias_is():
    layer = WhiteningConv2D(4, 2, seed=1)
    assert call(layer, IMAGES).shape == (6, 9, 8, 8)
    assert [w.name for w in layer.trainable_weights] == ["bias"]
    assert [w.name for w in layer.non_trainable_weights] == ["kernel"]


def test_a_patch_has_no_more_directions_than_numbers():
    with pytest.raises(ValueError, match="Expected at most 12 directions"):
        WhiteningConv2D(13, 2).build(IMAGES.shape)


def test_an_identity_kernel_hands_the_first_channels_on():
    conv = keras.layers.Conv2D(5, 3, padding="same", use_bias=False, kernel_initializer=IdentityKernel(1))
    outputs = call(conv, IMAGES)
    np.testing.assert_allclose(outputs[..., :3], IMAGES, rtol=1e-6)
    assert np.abs(outputs[..., 3:]).min(axis=(0, 1, 2)).max() < outputs[..., 3:].std()


def test_an_identity_kernel_of_fewer_outputs_hands_those_on():
    conv = keras.layers.Conv2D(2, 3, padding="same", use_bias=False, kernel_initializer=IdentityKernel())
    np.testing.assert_allclose(call(conv, IMAGES), IMAGES[..., :2], rtol=1e-6)


def test_squeezed_channels_are_multiplied_by_shares():
    layer = SqueezeExcitation(2, seed=1)
    shares = call(layer, IMAGES) / IMAGES
    assert ((shares > 0) & (shares < 1)).all()
    np.testing.assert_allclose(shares, np.broadcast_to(shares[:, :1, :1], shares.shape), rtol=1e-4)


@pytest.mark.parametrize(("side", "ratio"), [(9, 1.6), (8, 1.2), (7, 2.0), (1, 1.5), (2, 1.9)])
def test_fractional_pooling_covers_the_image_by_neighbouring_regions(side, ratio):
    image = np.arange(side * side, dtype="float32").reshape(1, side, side, 1)
    pooled = call(FractionalMaxPooling2D(ratio, seed=1), image, training=False)[0, :, :, 0]
    n = max(1, int(side / ratio))
    assert pooled.shape == (n, n)
    rows = (pooled // side)[:, 0]
    assert (np.diff(rows) >= 1).all()
    assert (np.diff(rows) <= 2).all()


def test_each_value_of_a_fractional_pooling_is_the_largest_of_its_region():
    image = np.zeros((1, 8, 8, 1), "float32")
    image[0, 5, 3] = 7.0
    for training in (False, True):
        assert call(FractionalMaxPooling2D(1.6, seed=1), image, training=training).max() == 7.0


def test_regions_are_drawn_in_training_and_stay_in_inference():
    layer = FractionalMaxPooling2D(1.4, seed=1)
    drawn = [call(layer, IMAGES, training=True) for _ in range(8)]
    assert any((drawn[0] != other).any() for other in drawn[1:])
    np.testing.assert_array_equal(call(layer, IMAGES, training=False), call(layer, IMAGES, training=False))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 300))
def test_records_know_what_fractional_pooling_leaves(side):
    layer = FractionalMaxPooling2D(FRACTIONAL_RATIO)
    assert layer.compute_output_shape((None, side, side, 1))[1] == pooled_side(side, "fractional")


@pytest.mark.parametrize("ratio", [1.0, 2.1])
def test_a_ratio_lies_between_one_and_two(ratio):
    with pytest.raises(ValueError, match="Expected a ratio above 1"):
        FractionalMaxPooling2D(ratio)
