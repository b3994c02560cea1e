"""Images that come as arrays."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autorecipe.config import Config
from autorecipe.data.image_arrays import ArrayImages, looks_like_images, read_npz
from autorecipe.data.image_scale import BITS_8, BITS_16, TO_255, TO_ONE, decide_scale, to_uint8
from autorecipe.data.images import images_from_arrays, read_images
from autorecipe.errors import UserError
from autorecipe.intake import take_in

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 5, 4, 3), dtype=np.uint8)
LABELS = np.array([0, 1] * 3)


def as_learned(array):
    """Pixels by the scale that an array alone decides, and what is said of it."""
    scale, notes = decide_scale({"X": array})
    return to_uint8(array, name="X", scale=scale), notes


def npz(tmp_path, **arrays):
    path = tmp_path / "set.npz"
    np.savez_compressed(path, **arrays)
    return path


def test_arrays_become_a_table_of_images():
    table = images_from_arrays(PIXELS, name="X", labels=LABELS)
    assert list(table.frame.columns) == ["image", "label"]
    assert table.frame["image"].tolist() == [f"X[{i}]" for i in range(6)]
    assert table.frame["label"].tolist() == LABELS.tolist()
    assert (table.name, table.path, table.image_column, table.images.parts) == ("X", "", "image", ())


def test_without_labels_there_are_images_alone():
    assert list(images_from_arrays(PIXELS, name="X").frame.columns) == ["image"]


@pytest.mark.parametrize("array", [PIXELS, PIXELS[..., :1], PIXELS[..., 0]], ids=["colour", "grey", "no channels"])
def test_an_image_is_read_as_a_png_without_loss(array):
    source = images_from_arrays(array, name="X").images.source.take([4, 1])
    shown = np.asarray(Image.open(io.BytesIO(source.read(0))))
    np.testing.assert_array_equal(shown, array[4].squeeze())
    assert (len(source), source.name(1)) == (2, "X[1]")
    np.testing.assert_array_equal(source.pixels, array.reshape(6, 5, 4, -1)[[4, 1]])


def test_rows_are_taken_from_rows_that_were_taken():
    source = ArrayImages(array=PIXELS, rows=np.arange(6), names=tuple("abcdef"))
    assert [source.take([5, 3, 1]).take([2, 0]).name(row) for row in (0, 1)] == ["b", "f"]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(("float32", "float64", "int64", "int16", "bool", "float16")))
def test_whole_levels_are_kept_whatever_their_dtype(dtype):
    levels = PIXELS // 128 if dtype == "bool" else PIXELS
    shown, notes = as_learned(levels.astype(dtype))
    np.testing.assert_array_equal(shown, levels * (255 if dtype == "bool" else 1))
    assert notes == ()


def test_floats_up_to_one_are_scaled_and_that_is_said():
    shown, notes = as_learned(PIXELS / 255)
    np.testing.assert_array_equal(shown, PIXELS)
    assert notes == ("X: pixels from 0 to 1, times 255",)


def test_of_16_bits_the_upper_8_are_kept_and_that_is_said():
    wide = PIXELS.astype(np.uint16) * 256 + 77
    shown, notes = as_learned(wide)
    np.testing.assert_array_equal(shown, PIXELS)
    assert notes == ("X: of 16 bits the upper 8 are kept",)


def test_of_12_bits_in_16_few_levels_are_left_and_that_is_said():
    _, notes = as_learned(PIXELS.astype(np.uint16) * 16)
    assert notes == ("X: of 16 bits the upper 8 are kept; the largest is 4,080, so 16 levels are left",)


def test_uint16_is_16_bits_whatever_the_largest_value_is():
    with pytest.raises(UserError, match=r"uint16 pixels of at most 255; of 16 bits(.|\n)*X\.astype\('uint8'\)"):
        images_from_arrays(PIXELS.astype(np.uint16), name="X")
    assert to_uint8(np.full((1, 2, 2, 1), 200, np.uint16), name="X", scale=None).max() == 0


def test_what_interpolation_adds_beyond_white_is_cut_off():
    shown, notes = as_learned(np.array([[[[-1e-6], [1.000001]]]]))
    assert (shown.ravel().tolist(), notes) == ([0, 255], ("X: pixels from 0 to 1, times 255",))


def test_the_scale_of_all_parts_is_one(tmp_path):
    half = PIXELS / 255.0
    arrays = {"x_train": PIXELS.astype(float), "y_train": LABELS, "x_test": half, "y_test": LABELS}
    table = read_images(npz(tmp_path, **arrays), Config())
    np.testing.assert_array_equal(table.images.source.pixels[6:], np.rint(half))
    assert table.images.pixel_scale == TO_255
    arrays["x_test"] = PIXELS
    with pytest.raises(UserError, match="arrays of several kinds: x_train float64, x_test uint8"):
        read_images(npz(tmp_path, **arrays), Config())


def test_a_test_is_read_by_the_scale_of_what_is_learned_from(tmp_path):
    test = npz(tmp_path, x_test=PIXELS[:2] / 255.0, y_test=LABELS[:2])
    table = images_from_arrays(PIXELS.astype(float), name="X", labels=LABELS)
    config = Config(test_path=str(test), test_share=0.0)
    intake = take_in(table, config)
    assert intake.data.pixel_scale == intake.images.pixel_scale == TO_255
    assert intake.split.test.tolist() == [6, 7]
    shown = np.asarray(Image.open(io.BytesIO(intake.images.source.read(6))))
    np.testing.assert_array_equal(shown, np.rint(PIXELS[0] / 255.0))
    with pytest.raises(UserError, match=r"pixels of float64 from 0 to 0.97.*; the images learned from(.|\n)*x_test"):
        take_in(images_from_arrays(PIXELS, name="X", labels=LABELS), config)


@pytest.mark.parametrize(
    ("learned", "given", "message"),
    [
        (TO_ONE, PIXELS, "pixels of uint8 from 0 to 255; the images learned from were floats from 0 to 1"),
        (TO_ONE, PIXELS * 1.0, "pixels of float64 from 0 to 255; the images learned from were floats from 0 to 1"),
        (BITS_8, PIXELS.astype(int) * 257, "the images learned from were whole numbers from 0 to 255"),
        (BITS_8, PIXELS.astype(np.uint16), "pixels of uint16"),
        (BITS_16, PIXELS, "the images learned from were 16 bits, from 0 to 65,535"),
        (BITS_8, PIXELS / 255, "pixels of float64 from 0 to 1; the images learned from were whole numbers"),
        (None, PIXELS * 1.0, r"where files were learned from, such arrays are taken as floats from 0 to 1(.|\n)*uint8"),
        (TO_ONE, np.where(PIXELS > 200, np.nan, PIXELS / 255), "from nan to nan"),
    ],
)
def test_arrays_of_another_scale_than_was_learned_are_refused(learned, given, message):
    with pytest.raises(UserError, match=message):
        to_uint8(given, name="X", scale=learned)


def test_the_scale_does_not_follow_the_values_of_a_call():
    dim = np.full((1, 2, 2, 1), 0.9)
    assert to_uint8(dim, name="X", scale=TO_255).max() == 1
    assert to_uint8(dim, name="X", scale=TO_ONE).max() == 230
    wide = np.array([200, 60_000], np.uint16).reshape(2, 1, 1, 1)
    assert to_uint8(wide, name="X", scale=BITS_16).ravel().tolist() == [0, 234]
    assert to_uint8(wide[:1], name="X", scale=BITS_16).ravel().tolist() == [0]


def test_arrays_of_three_dimensions_are_taken_as_grey_images_and_that_is_said():
    series = np.random.default_rng(0).random((20, 24, 7))
    (_, note) = images_from_arrays(series, name="X").notes
    assert note.startswith("an array of three dimensions is taken as grey images; to learn from something else, ")
    assert "give a DataFrame with a column for each feature" in note
    assert images_from_arrays(PIXELS[..., 0], name="X").notes == ()


def test_transparent_pixels_are_put_on_white_and_that_is_said():
    alpha = np.array([[[[10, 20, 30, 0], [10, 20, 30, 255], [10, 20, 30, 128]]]], np.uint8)
    table = images_from_arrays(alpha, name="X")
    assert table.images.source.pixels.tolist() == [[[[255, 255, 255], [10, 20, 30], [132, 137, 142]]]]
    assert table.notes == ("X: transparent pixels are put on white",)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (PIXELS.transpose(0, 3, 2, 1), r"shape \(6, 3, 4, 5\)(.|\n)*moveaxis\(X, 1, -1\)"),
        (PIXELS[..., :2], "with 1, 3 or 4 channels(.|\n)*give grey, RGB or RGBA images"),
        (PIXELS[:, 0, 0], r"an array of shape \(6, 3\) and dtype uint8"),
        (PIXELS[:0], r"an array of shape \(0, 5, 4, 3\)"),
        (PIXELS.astype(str), "dtype <U3"),
        (np.array([PIXELS[0], PIXELS[0, :2]], dtype=object), "Python objects, as images of several sizes become"),
        (PIXELS / 127.5 - 1, "pixels from -1 to 1; expected 0 to 255, or 0 to 1(.|\n)*before they were normalized"),
        (PIXELS * 2.0, "pixels from 0 to 510"),
        (np.where(PIXELS > 200, np.nan, PIXELS), "pixels from nan to nan"),
    ],
)
def test_what_is_no_image_is_refused(array, message):
    with pytest.raises(UserError, match=message):
        images_from_arrays(array, name="X")


def test_shapes_of_images_are_told_from_those_of_tables():
    shapes = [looks_like_images(np.zeros(shape)) for shape in ((3,), (3, 4), (3, 4, 4), (3, 4, 4, 1), (1,) * 5)]
    assert shapes == [False, False, True, True, False]
    assert not looks_like_images([[1, 2]])


@pytest.mark.parametrize(
    ("x", "y"),
    [("x_train", "y_train"), ("images", "labels"), ("X", "y"), ("train_images", "train_labels"), ("data", "target")],
)
def test_images_and_labels_are_found_by_the_names_they_usually_have(tmp_path, x, y):
    table = read_images(npz(tmp_path, **{x: PIXELS, y: LABELS[:, None], "about": np.array(["text"])}), Config())
    assert table.frame["label"].tolist() == LABELS.tolist()
    assert table.frame["image"][0] == f"{x}[0]"
    assert (table.name, table.images.parts) == ("set.npz", ())


def test_train_validation_and_test_arrays_are_parts_in_this_order(tmp_path):
    path = npz(tmp_path, x_test=PIXELS[:1], y_test=LABELS[:1], x_val=PIXELS[1:2], y_val=LABELS[1:2])
    with np.load(path) as known:
        path = npz(tmp_path, **known, x_train=PIXELS[2:], y_train=LABELS[2:])
    table = read_images(path, Config())
    assert table.images.parts == (*["train"] * 4, "validation", "test")
    assert table.frame["image"].tolist()[-2:] == ["x_val[0]", "x_test[0]"]
    assert table.frame["label"].tolist() == [*LABELS[2:], LABELS[1], LABELS[0]]


def test_a_test_array_without_labels_is_left_out(tmp_path):
    table = read_images(npz(tmp_path, x_train=PIXELS, y_train=LABELS, x_test=PIXELS), Config())
    assert table.images.parts == ()
    assert table.notes == ("left out 'x_test': no labels beside it",)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": PIXELS, "b": LABELS}, "no array is called as images are; there are a, b(.|\n)*x_train and y_train"),
        ({"x": PIXELS}, "'x' has no labels beside it(.|\n)*fit"),
        ({"x": PIXELS, "y": LABELS[:5]}, r"'y' has the shape \(5,\); expected \(6,\), one for each of 'x'"),
        ({"x": PIXELS, "y": np.eye(6)}, r"'y' has the shape \(6, 6\)(.|\n)*argmax"),
        ({"x": PIXELS, "images": PIXELS, "y": LABELS}, "'x' and 'images' are both images"),
        (
            {"x_train": PIXELS, "y_train": LABELS, "x_test": PIXELS[:, :3], "y_test": LABELS},
            "images of different shapes: x_train",
        ),
        ({"x": np.array([None] * 3), "y": LABELS}, "cannot read the arrays: Object arrays"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, arrays, message):
    with pytest.raises(UserError, match=message):
        read_images(npz(tmp_path, **arrays), Config())


def test_a_damaged_file_is_refused(tmp_path):
    path = npz(tmp_path, x=PIXELS, y=LABELS)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(UserError, match="cannot read the arrays"):
        read_images(path, Config())


def test_an_array_file_holds_images_without_labels(tmp_path):
    np.save(tmp_path / "pixels.npy", PIXELS)
    (part,) = read_npz(tmp_path / "pixels.npy")
    assert (part.name, part.part, part.labels, part.images.shape) == ("pixels", "", None, PIXELS.shape)
    with pytest.raises(UserError, match="'pixels' has no labels beside it"):
        read_images(tmp_path / "pixels.npy", Config())


def test_the_fingerprint_follows_pixels_and_labels():
    def fingerprint(pixels, labels):
        return images_from_arrays(pixels, name="X", labels=labels).fingerprint

    changed = PIXELS.copy()
    changed[0, 0, 0, 0] ^= 1
    prints = {fingerprint(PIXELS, LABELS), fingerprint(changed, LABELS), fingerprint(PIXELS, LABELS[::-1])}
    assert len(prints) == 3
    assert fingerprint(PIXELS.astype(float), LABELS) in prints
