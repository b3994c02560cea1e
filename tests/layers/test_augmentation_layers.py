"""Layers that change images while training: what each of them does, and that it does nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
from autorecipe import augmentations  # noqa: E402  TensorFlow may be absent
from autorecipe.layers import affine_jitter, colour_jitter  # noqa: E402
from autorecipe.layers.affine_jitter import AffineJitter  # noqa: E402
from autorecipe.layers.colour_jitter import ColourJitter  # noqa: E402
from autorecipe.layers.cut_mix import CutMix  # noqa: E402
from autorecipe.layers.cutout import Cutout  # noqa: E402
from autorecipe.layers.mix_rows import MixRows  # noqa: E402
from autorecipe.layers.rand_augment import OPERATIONS, RandAugment, _solarized  # noqa: E402
from autorecipe.layers.recolour_images import recolour_images  # noqa: E402
from autorecipe.layers.warp_images import turned_and_slanted, warp_images  # noqa: E402

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.normal(size=(64, 8, 6, 3)).astype("float32")
GREY = IMAGES[..., :1]
OF_SEVERAL = {
    **{name: lambda value, name=name: AffineJitter({name: value}, seed=1) for name in affine_jitter.STRENGTHS},
    **{name: lambda value, name=name: ColourJitter({name: value}, seed=1) for name in colour_jitter.STRENGTHS},
}
OF_ONE = {"cutout": lambda value: Cutout(value, seed=1), "rand_augment": lambda value: RandAugment(value, seed=1)}
MADE = {**OF_SEVERAL, **OF_ONE}
SOME = {"rotation": 20.0, "rand_augment": 8.0}
each = pytest.mark.parametrize("name", MADE)


def call(layer, images=IMAGES, *, training: bool = True) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(images, training=training))


def changed(name: str, value: float, images=IMAGES) -> np.ndarray:
    return call(MADE[name](value), images)


def of_all(value: float) -> np.ndarray:
    return np.full(len(IMAGES), value, "float32")


def recoloured(images=IMAGES, **edits) -> np.ndarray:
    amounts = {"shift": 0.0, "contrast": 1.0, "saturation": 1.0, "turn": 0.0, **edits}
    return np.asarray(recolour_images(images, **{name: of_all(value) for name, value in amounts.items()}))


@each
@pytest.mark.parametrize("images", [IMAGES, GREY], ids=["colour", "grey"])
def test_inference_leaves_images_alone_and_a_strength_of_zero_does_so_in_training(name, images):
    np.testing.assert_array_equal(call(MADE[name](0.5), images, training=False), images)
    np.testing.assert_array_equal(changed(name, 0.0, images), images)


@each
def test_a_strength_changes_images_each_in_its_own_way(name):
    images = np.repeat(IMAGES[:1], 64, axis=0)
    after = changed(name, SOME.get(name, 0.5), images)
    assert after.shape == images.shape
    assert np.isfinite(after).all()
    assert len(np.unique(after.reshape(64, -1), axis=0)) > 1


@each
def test_a_strength_is_a_weight_that_is_not_trained_and_can_change(name):
    layer = MADE[name](0.0)
    layer.build(IMAGES.shape)
    weight = getattr(layer, name, None) if name in OF_SEVERAL else layer.rate
    field = layer.recipe_fields[name] if name in OF_SEVERAL else layer.recipe_field
    assert field == name
    assert weight.shape == ()
    assert weight.name in [w.name for w in layer.non_trainable_weights]
    weight.assign(SOME.get(name, 0.5))
    assert np.abs(call(layer) - IMAGES).max() > 0.1


@each
def test_the_next_batch_is_changed_otherwise_and_a_seed_repeats_it(name):
    first, second = (MADE[name](SOME.get(name, 0.5)) for _ in range(2))
    batches = [call(first) for _ in range(2)]
    assert (batches[0] != batches[1]).any()
    for batch in batches:
        np.testing.assert_array_equal(call(second), batch)


def test_the_recipe_names_what_the_layers_know():
    assert augmentations.MOVES == affine_jitter.STRENGTHS
    assert augmentations.COLOURS == colour_jitter.STRENGTHS


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AffineJitter({"tilt": 0.1}), "Received: tilt"),
        (lambda: AffineJitter({"crop": 1.0}), "shares below 1"),
        (lambda: AffineJitter({"zoom": -0.1}), "zoom=-0.1"),
        (lambda: ColourJitter({"gamma": 0.1}), "Received: gamma"),
        (lambda: ColourJitter({"hue": -0.1}), "hue=-0.1"),
        (lambda: Cutout(1.0), r"rate in \[0, 1\)"),
        (lambda: RandAugment(11.0), r"magnitude in \[0, 10\]"),
    ],
)
def test_strengths_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(("name", "axis"), [("flip_horizontal", 2), ("flip_vertical", 1)])
def test_a_flip_mirrors_its_share_of_the_images_and_no_pixel_otherwise(name, axis):
    many = np.tile(IMAGES, (30, 1, 1, 1))
    after, mirrored = changed(name, 0.3, many), np.flip(many, axis)
    is_mirrored = (after == mirrored).all(axis=(1, 2, 3))
    is_same = (after == many).all(axis=(1, 2, 3))
    assert (is_mirrored ^ is_same).all()
    assert is_mirrored.mean() == pytest.approx(0.3, abs=0.05)  # four standard errors of 1,920


def test_shifts_are_whole_pixels_up_to_the_strength_with_reflected_borders():
    ramp = np.broadcast_to(np.arange(8, dtype="float32")[:, None, None], (400, 8, 8, 1))
    after = changed("translation", 0.25, ramp)[:, :, 0, 0]
    expected = {tuple(np.pad(np.arange(8.0), 2, mode="symmetric")[2 + by : 10 + by]) for by in range(-2, 3)}
    assert {tuple(row) for row in after} == expected
    counts = np.unique(after, axis=0, return_counts=True)[1]
    assert counts.min() > 40  # of 400 in five ways


def test_a_constant_border_is_the_mean():
    layer = AffineJitter({"translation": 0.4}, fill="constant", seed=1)
    after = call(layer, np.ones_like(IMAGES))
    assert set(np.unique(after)) == {0.0, 1.0}


def test_a_quarter_turn_is_a_quarter_turn():
    square = RANDOM.normal(size=(64, 7, 7, 1)).astype("float32")
    linear = turned_and_slanted(of_all(np.pi / 2), of_all(0.0), of_all(1.0), of_all(1.0))
    after = np.asarray(warp_images(square, linear, np.zeros((64, 2), "float32")))
    np.testing.assert_allclose(after, np.rot90(square, axes=(1, 2)), atol=1e-4)


def test_rotations_stay_within_their_angle():
    line = np.zeros((300, 41, 41, 1), "float32")
    line[:, 20, :] = 1.0
    after = changed("rotation", 15.0, line)[..., 0]
    at_end = after[:, :, 40].argmax(axis=1) - 20
    assert np.abs(at_end).max() <= 20 * np.tan(np.radians(15)) + 1
    assert np.abs(at_end).max() >= 4
    assert abs(at_end.mean()) < 0.7


@pytest.mark.parametrize(("name", "strength"), [("zoom", 0.5), ("crop", 0.6), ("aspect_jitter", 0.5), ("shear", 0.3)])
def test_maps_keep_flat_images_flat(name, strength):
    np.testing.assert_allclose(changed(name, strength, np.full_like(IMAGES, 1.7)), 1.7, rtol=1e-5)


def test_a_crop_shows_a_part_of_the_image_larger():
    ramp = np.broadcast_to(np.arange(32, dtype="float32")[:, None, None], (300, 32, 32, 1))
    after = changed("crop", 0.75, ramp)[:, :, 0, 0]
    kept = (after[:, -1] - after[:, 0]) / 31
    assert kept.min() >= 0.5 - 1e-3  # a quarter of the area is half of the side
    assert kept.max() <= 1.0 + 1e-5
    assert after.min() >= 0
    assert after.max() <= 31
    assert after.mean(axis=1).std() > 2  # anywhere


def test_brightness_moves_all_pixels_of_an_image_alike_and_no_further_than_its_share():
    layer = ColourJitter({"brightness": 0.25}, value_range=4.0, seed=1)
    moved = call(layer) - IMAGES
    by_image = moved.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(moved, np.broadcast_to(by_image[:, None, None, None], moved.shape), atol=1e-5)
    assert 0.8 < np.abs(by_image).max() <= 1.0


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 2.0), st.floats(0.0, 2.0), st.floats(-3.0, 3.0))
def test_colours_change_about_the_greys(contrast, saturation, turn):
    after = recoloured(contrast=contrast, saturation=saturation, turn=turn)
    mean = IMAGES.mean(axis=(1, 2, 3), keepdims=True)
    expected = mean + contrast * (IMAGES.mean(axis=-1, keepdims=True) - mean)
    np.testing.assert_allclose(after.mean(axis=-1, keepdims=True), expected, atol=1e-4)
    lengths = [np.linalg.norm(x - x.mean(axis=-1, keepdims=True), axis=-1) for x in (after, IMAGES)]
    np.testing.assert_allclose(lengths[0], contrast * saturation * lengths[1], atol=1e-4)


def test_a_third_of_the_circle_turns_red_to_green():
    red, green = np.zeros((2, 64, 2, 2, 3), "float32")
    red[..., 0], green[..., 1] = 1.0, 1.0
    np.testing.assert_allclose(recoloured(red, turn=2 * np.pi / 3), green, atol=1e-6)


def test_colours_of_odd_sizes_are_those_of_even_ones():
    odd = IMAGES[:, :7, :5]
    edits = {"saturation": 0.5, "turn": 0.3}
    np.testing.assert_allclose(recoloured(odd, **edits), recoloured(**edits)[:, :7, :5], atol=1e-5)


def test_an_image_of_one_channel_has_no_colours():
    np.testing.assert_array_equal(recoloured(GREY, saturation=0.3, turn=1.0), GREY)
    mean = GREY.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(recoloured(GREY, contrast=0.5), mean + 0.5 * (GREY - mean), atol=1e-5)


def test_cutout_blanks_one_square_of_its_side():
    after = call(Cutout(0.5, seed=1), np.ones((300, 16, 16, 3), "float32"))
    assert set(np.unique(after)) == {0.0, 1.0}
    blank = after[..., 0] == 0
    rows, columns = blank.any(axis=2).sum(axis=1), blank.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(blank.sum(axis=(1, 2)), rows * columns)
    assert rows.max() == columns.max() == 8
    assert (after[..., :1] == after).all()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.83, 1.0])
def test_cut_mix_pastes_the_mirror_row_and_says_how_much_stayed(share):
    layer = CutMix(seed=1)
    layer.build(IMAGES.shape)
    layer.share.assign(share)
    after, kept = call(layer), float(layer.kept_share())
    is_pasted = (after == IMAGES[::-1]).all(axis=-1)
    np.testing.assert_array_equal(np.where(is_pasted[..., None], IMAGES[::-1], IMAGES), after)
    assert (is_pasted == is_pasted[:1]).all()
    assert is_pasted[0].mean() == pytest.approx(1 - kept)
    assert kept == pytest.approx(share, abs=0.1)  # whole pixels of 8 x 6
    assert is_pasted[0].sum() == is_pasted[0].any(axis=1).sum() * is_pasted[0].any(axis=0).sum()


def test_cut_mix_reaches_every_corner():
    layer = CutMix(seed=1)
    layer.build(IMAGES.shape)
    layer.share.assign(0.75)
    pasted = np.mean([(call(layer) != IMAGES).any(axis=(0, 3)) for _ in range(40)], axis=0)
    assert pasted.min() > 0


def test_a_layer_that_mixes_rows_keeps_its_share():
    layer = MixRows(mixes="manifold_mixup")
    layer.build(IMAGES.shape)
    layer.share.assign(0.7)
    assert float(layer.kept_share()) == pytest.approx(0.7)
    np.testing.assert_allclose(call(layer), 0.7 * IMAGES + 0.3 * IMAGES[::-1], rtol=1e-5)
    assert MixRows.from_config(MixRows().get_config()).mixes == "mixup"


def test_rand_augment_draws_every_operation_and_two_of_them_for_an_image():
    layer = RandAugment(10.0, seed=1)
    layer.build(IMAGES.shape)
    amounts = {name: np.asarray(values) for name, values in layer._amounts(2000).items()}
    assert tuple(amounts) == OPERATIONS
    drawn = np.stack([np.abs(values) for values in amounts.values()], axis=1)
    assert set(np.unique(drawn)) <= {0.0, 1.0}
    assert (drawn.sum(axis=1) <= 2).all()
    assert (drawn.sum(axis=1) == 2).mean() == pytest.approx(0.9, abs=0.05)  # the same twice in one of ten
    assert drawn.mean(axis=0) == pytest.approx(np.full(10, 0.19), abs=0.04)
    assert abs(amounts["rotate"].mean()) < 0.05


def test_solarizing_inverts_the_bright_part_within_the_images_own_range():
    after = np.asarray(_solarized(IMAGES, of_all(0.25)))
    low, high = (reduce(IMAGES, axis=(1, 2, 3), keepdims=True) for reduce in (np.min, np.max))
    expected = np.where(high - 0.25 * (high - low) < IMAGES, low + high - IMAGES, IMAGES)
    np.testing.assert_allclose(after, expected, atol=1e-5)
    assert 0 < (after != IMAGES).mean() < 0.2


def test_a_model_of_all_of_them_compiles_for_any_batch():
    image = keras.Input((8, 6, 3))
    x = image
    for name in ("rotation", "hue", "rand_augment", "cutout"):
        x = MADE[name](SOME.get(name, 0.3))(x)
    model = keras.Model(image, CutMix(seed=2)(x))
    run = tf.function(lambda batch: model(batch, training=True), input_signature=[tf.TensorSpec([None, 8, 6, 3])])
    assert [run(IMAGES[:n]).shape for n in (1, 5)] == [(1, 8, 6, 3), (5, 8, 6, 3)]
