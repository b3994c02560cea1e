"""Images that come as arrays."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autorecipe.config import Config
from autorecipe.data.image_arrays import ArrayImages, looks_like_images, read_npz, to_uint8
from autorecipe.data.images import images_from_arrays, read_images
from autorecipe.errors import UserError

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 5, 4, 3), dtype=np.uint8)
LABELS = np.array([0, 1] * 3)


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
@given(st.sampled_from(("float32", "float64", "int64", "uint16", "bool", "float16")))
def test_whole_levels_are_kept_whatever_their_dtype(dtype):
    levels = PIXELS // 128 if dtype == "bool" else PIXELS
    shown, notes = to_uint8(levels.astype(dtype), name="X")
    np.testing.assert_array_equal(shown, levels * (255 if dtype == "bool" else 1))
    assert notes == ()


def test_floats_up_to_one_are_scaled_and_that_is_said():
    shown, notes = to_uint8(PIXELS / 255, name="X")
    np.testing.assert_array_equal(shown, PIXELS)
    assert notes == ("X: pixels from 0 to 1, times 255",)


def test_of_16_bits_the_upper_8_are_kept_and_that_is_said():
    wide = PIXELS.astype(np.uint16) * 256 + 77
    shown, notes = to_uint8(wide, name="X")
    np.testing.assert_array_equal(shown, PIXELS)
    assert notes == ("X: of 16 bits the upper 8 are kept",)


def test_transparent_pixels_are_put_on_white_and_that_is_said():
    alpha = np.array([[[[10, 20, 30, 0], [10, 20, 30, 255], [10, 20, 30, 128]]]], np.uint8)
    shown, notes = to_uint8(alpha, name="X")
    assert shown.tolist() == [[[[255, 255, 255], [10, 20, 30], [132, 137, 142]]]]
    assert notes == ("X: transparent pixels are put on white",)


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
