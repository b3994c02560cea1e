"""What is measured of images."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_samples import encoded, exif, picture, png
from PIL import Image

from autorecipe.data import image_measure
from autorecipe.data.image_measure import CHUNK_ROWS, look_at_file, look_at_pixels, measure
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.data.image_statistics import perceptual_hashes, pixel_statistics


def measured(*files: bytes) -> ImageMeasurements:
    found = measure(len(files), lambda row: look_at_file(files[row], suffix=".jpg"))
    assert not found.unreadable
    return found.measurements


def plain(*colour: int) -> bytes:
    return encoded(Image.fromarray(np.full((8, 8, len(colour)), colour, np.uint8).squeeze()))


def test_facts_of_the_file_are_taken_down():
    data = encoded(picture(width=40, height=20), "JPEG", exif=exif(6, taken="1970:01:02 00:00:00", camera="K"))
    found = measured(data)
    assert (found.width[0], found.height[0], found.n_bytes[0]) == (20, 40, len(data))
    assert (found.file_format[0], found.suffix[0], found.mode[0]) == ("JPEG", ".jpg", "RGB")
    assert (found.orientation[0], found.taken_at[0], found.camera[0]) == (6, 1.0, "K")


def test_every_field_has_a_row_for_each_image_and_its_dtype():
    found = measured(png(0), png(1, width=300, height=500), encoded(picture(2).convert("L")))
    dtypes = {"width": "int32", "n_bytes": "int64", "orientation": "int8", "taken_at": "float64", "mode": "object"}
    dtypes |= {"pixel_hash": "uint64", "perceptual_hash": "uint64", "is_grey": "bool", "entropy": "float32"}
    for name in ImageMeasurements.__slots__:
        values = getattr(found, name)
        assert len(values) == 3, name
        assert str(values.dtype) == dtypes.get(name, str(values.dtype)), name
    assert found.thumbnails.shape == (3, 32, 32, 3)
    assert found.channel_mean.shape == found.channel_square.shape == (3, 3)


def test_plain_images_measure_what_they_are():
    found = measured(plain(0, 0, 0), plain(255, 255, 255), plain(255, 0, 0), plain(51))
    np.testing.assert_allclose(found.brightness, [0, 1, np.rint(255 * math.sqrt(0.241)) / 255, 0.2], rtol=1e-6)
    np.testing.assert_array_equal(found.dark, found.brightness)
    np.testing.assert_array_equal(found.light, found.brightness)
    assert found.is_grey.tolist() == [True, True, False, True]
    np.testing.assert_array_equal([found.contrast, found.entropy, found.sharpness], np.zeros((3, 4)))
    np.testing.assert_allclose(found.channel_mean, [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0.2, 0.2, 0.2]], rtol=1e-6)
    np.testing.assert_allclose(found.channel_square, np.square(found.channel_mean), rtol=1e-5)


def test_dark_and_light_are_quantiles_of_the_brightness():
    levels = np.zeros((10, 20), np.uint8)
    levels.flat[:100], levels.flat[-3:] = 51, 255
    found = measured(encoded(Image.fromarray(levels)))
    assert found.dark[0] == np.float32(1.0)  # 1.5 % are white
    assert found.light[0] == 0.0
    levels.flat[-3:] = 0
    levels.flat[:199] = 51
    np.testing.assert_allclose(measured(encoded(Image.fromarray(levels))).light, [0.2])


def test_entropy_counts_the_bits_of_the_grey_levels():
    levels = np.repeat(np.arange(8, dtype=np.uint8) * 30, 8).reshape(8, 8)
    np.testing.assert_allclose(measured(encoded(Image.fromarray(levels))).entropy, [3.0])


def test_a_blurred_image_is_less_sharp():
    sharp = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8))
    blurred = sharp.resize((16, 16)).resize((64, 64), Image.Resampling.BICUBIC)
    found = measured(encoded(sharp), encoded(blurred))
    assert found.sharpness[0] > 10 * found.sharpness[1] > 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9), st.sampled_from((1, 3)))
def test_many_at_once_measure_as_one_by_one(seed, height, width, n_channels):
    images = np.random.default_rng(seed).integers(0, 256, (4, height, width, n_channels), dtype=np.uint8)
    together = pixel_statistics(images)
    for name, values in together.items():
        alone = np.concatenate([pixel_statistics(images[row : row + 1])[name] for row in range(4)])
        np.testing.assert_allclose(values, alone, rtol=1e-4, atol=1e-5, err_msg=name)
    np.testing.assert_allclose(
        together["channel_mean"], np.broadcast_to(images.mean(axis=(1, 2)) / 255, (4, 3)), rtol=1e-4, atol=1e-5
    )


def test_a_grey_image_and_its_copy_in_colour_measure_alike():
    grey = picture(1).convert("L")
    one, other = measured(encoded(grey)), measured(encoded(grey.convert("RGB")))
    for name in ("pixel_hash", "perceptual_hash", "is_grey", "thumbnails", "dark", "light", "entropy"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for name in ("sharpness", "brightness", "contrast", "channel_mean", "channel_square"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-5, err_msg=name)


def test_equal_pixels_have_equal_hashes_whatever_the_format():
    first = picture(0)
    hashes = measured(encoded(first), encoded(first, "BMP"), encoded(first, "TIFF"), png(1)).pixel_hash
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]


def test_a_hash_does_not_depend_on_how_many_rows_are_hashed_at_once(monkeypatch):
    files = [encoded(picture(1)), encoded(picture(1).convert("L")), encoded(picture(1).convert("P"))]
    whole = measured(*files).pixel_hash
    monkeypatch.setattr(image_measure, "HASHED_PIXELS", 100)
    np.testing.assert_array_equal(measured(*files).pixel_hash, whole)


def test_the_size_counts_in_the_hash():
    hashes = measured(
        encoded(Image.new("L", (4, 8), 7)), encoded(Image.new("L", (8, 4), 7)), encoded(Image.new("L", (4, 8), 7))
    ).pixel_hash
    assert hashes[0] == hashes[2] != hashes[1]


def test_perceptual_hashes_of_an_image_in_other_sizes_differ_in_few_bits():
    large = picture(3, width=256, height=256)
    copies = measured(encoded(large), encoded(large.resize((90, 90))), encoded(large, "JPEG", quality=30), png(4))
    first, smaller, lossy, another = (int(value) for value in copies.perceptual_hash)
    assert (first ^ smaller).bit_count() <= 2
    assert (first ^ lossy).bit_count() <= 2
    assert (first ^ another).bit_count() > 12


def test_half_of_the_bits_of_a_perceptual_hash_are_set():
    thumbnails = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    assert [int(value).bit_count() for value in perceptual_hashes(thumbnails)] == [32] * 5


def test_images_of_an_array_measure_as_their_files():
    pixels = np.asarray(picture(5))
    found = measure(1, lambda row: look_at_pixels(pixels, n_bytes=pixels.nbytes)).measurements
    file = measured(encoded(Image.fromarray(pixels)))
    assert (found.file_format[0], found.suffix[0], found.n_bytes[0]) == ("array", "", pixels.nbytes)
    for name in ("width", "height", "mode", "pixel_hash", "perceptual_hash", "entropy", "sharpness", "channel_mean"):
        np.testing.assert_array_equal(getattr(found, name), getattr(file, name), err_msg=name)


def test_large_images_are_measured_on_a_copy_that_looks_the_same():
    small, large = measured(png(6, width=200, height=200)), measured(png(6, width=800, height=800))
    np.testing.assert_allclose(small.channel_mean, large.channel_mean, atol=0.02)
    np.testing.assert_allclose(small.contrast, large.contrast, atol=0.02)


def test_unreadable_rows_are_left_out_with_their_reason():
    whole = encoded(picture(), "JPEG")
    n = CHUNK_ROWS + 3
    files = dict.fromkeys(range(n), whole) | {1: b"", 5: b"hello", n - 1: whole[: len(whole) - 100]}
    found = measure(n, lambda row: look_at_file(files[row], suffix=""))
    assert [row for row, _ in found.unreadable] == [1, 5, n - 1]
    reasons = [reason for _, reason in found.unreadable]
    assert reasons[:2] == ["the file is empty", "its content is no image"]
    assert "truncated" in reasons[2]
    assert found.readable.tolist() == [row for row in range(n) if row not in (1, 5, n - 1)]
    assert len(found.measurements.width) == n - 3


def test_what_is_done_to_files_is_counted():
    files = (encoded(picture(), "TIFF"), encoded(picture(1), "TIFF"), png(), png16())
    found = measure(4, lambda row: look_at_file(files[row], suffix=""))
    assert (dict(found.transcoded), found.n_deep) == ({"TIFF": 2}, 1)


def png16() -> bytes:
    return encoded(Image.fromarray(np.array([[0, 65_535]], np.uint16)))


@pytest.mark.parametrize("n", [0, 2])
def test_nothing_readable_measures_nothing(n):
    found = measure(n, lambda row: look_at_file(b"", suffix=""))
    assert len(found.readable) == 0
    assert len(found.unreadable) == n
    assert found.measurements.thumbnails.shape == (0, 32, 32, 3)
    assert found.measurements.take([]).camera.dtype == object


def test_an_error_of_the_program_is_not_taken_for_an_unreadable_file():
    def faulty(row):
        return look_at_file(png(), suffix=None if row < 7 else len(row))

    with pytest.raises(TypeError, match=r"has no len") as raised:
        measure(9, faulty)
    assert raised.value.__notes__ == ["in image 8, in the order in which they are read"]


def test_an_interrupt_is_not_taken_for_an_unreadable_file():
    def interrupted(row):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        measure(5 * CHUNK_ROWS, interrupted)
