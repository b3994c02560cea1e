"""What an image file is by its content, and its pixels."""

from __future__ import annotations

import math
import sys
import types

import numpy as np
import pytest
from image_samples import encoded, exif, picture, png
from PIL import Image

from autorecipe.data import image_formats
from autorecipe.data.image_formats import decode, for_decoder, sniff, why_transcoded

HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 40


def pixels(data: bytes, *, draft: bool = False) -> np.ndarray:
    return np.asarray(decode(data, draft=draft).image)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "JPEG2000"])
def test_a_format_is_known_by_its_first_bytes(name):
    assert sniff(encoded(picture(), name)) == name


@pytest.mark.parametrize("head", [b"", b"hello, world", b"BMW is a car", b"RIFF1234WAVE", b"PK\x03\x04", b"\0" * 32])
def test_what_is_no_image_has_no_format(head):
    assert sniff(head) == ""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (encoded(picture(), "JPEG"), ""),
        (encoded(picture(), "JPEG", exif=exif(6)), ""),
        (png(), ""),
        (encoded(picture(), "BMP"), ""),
        (encoded(picture().convert("1"), "BMP"), ""),
        (encoded(picture(), "GIF"), ""),
        (encoded(picture(), "WEBP"), ""),
        (encoded(picture(), "PNG", exif=exif(6)), ""),
        (encoded(picture(), "PNG", exif=exif(1)), ""),
        (encoded(picture(), "WEBP", exif=exif(3)), ""),
        (encoded(picture(), "GIF", save_all=True, append_images=[picture(1)]), "animated GIF"),
        (encoded(picture(), "WEBP", save_all=True, append_images=[picture(1)]), "animated WebP"),
        (encoded(picture(), "TIFF"), "TIFF"),
        (encoded(picture(), "AVIF"), "AVIF"),
        (encoded(picture(), "PPM"), "PPM"),
    ],
)
def test_what_the_networks_decoder_does_not_take_becomes_png(data, why):
    assert why_transcoded(data) == why
    given = for_decoder(data)
    assert given == data if not why else sniff(given) == "PNG"
    np.testing.assert_array_equal(pixels(given), pixels(data))


def test_of_an_animation_the_first_frame_counts():
    animated = encoded(picture(0), "WEBP", save_all=True, append_images=[picture(1)], lossless=True)
    np.testing.assert_array_equal(pixels(animated), np.asarray(picture(0)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
def test_images_are_turned_as_their_exif_says(orientation, file_format):
    image = picture(width=32, height=16)
    found = decode(encoded(image, file_format, exif=exif(orientation)), draft=False)
    aside = orientation >= 5
    assert (found.width, found.height) == found.image.size == ((16, 32) if aside else (32, 16))
    upright = np.asarray(decode(encoded(image, file_format), draft=False).image)
    turned = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1], 5: upright.swapaxes(0, 1)}
    turned |= {6: np.rot90(upright, -1), 7: np.rot90(upright, 2).swapaxes(0, 1), 8: np.rot90(upright)}
    np.testing.assert_array_equal(np.asarray(found.image), turned[orientation])


@pytest.mark.parametrize(
    ("mode", "as_"), [("L", "L"), ("RGB", "RGB"), ("P", "RGB"), ("1", "L"), ("CMYK", "RGB"), ("LAB", "RGB")]
)
def test_modes_become_grey_or_rgb(mode, as_):
    image = picture().convert("RGB")
    if mode == "LAB":
        image = Image.merge("LAB", image.split())
    data = encoded(image if mode == "LAB" else image.convert(mode), "TIFF")
    found = decode(data, draft=False)
    assert (found.mode, found.image.mode, found.n_bits) == (mode, as_, 8)


def test_transparent_pixels_are_put_on_white():
    grey = Image.fromarray(np.full((4, 4), 100, np.uint8))
    grey.putalpha(Image.fromarray(np.array([[0, 255, 128, 255]] * 4, np.uint8)))
    for image, n_channels in ((grey, 1), (grey.convert("RGBA"), 3)):
        shown = pixels(encoded(image)).reshape(4, 4, n_channels)[0, :, 0]
        assert shown.tolist() == [255, 100, 177, 100]


def test_a_palettes_transparent_colour_is_put_on_white():
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([10, 20, 30, 40, 50, 60])
    assert pixels(encoded(image, transparency=0)).tolist() == [[[255, 255, 255], [40, 50, 60]]]


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_of_16_bits_the_upper_8_are_kept(file_format):
    values = np.array([[0, 255, 256, 65_535]], np.uint16)
    found = decode(encoded(Image.fromarray(values), file_format), draft=False)
    assert found.n_bits == 16
    assert np.asarray(found.image).tolist() == [[0, 0, 1, 255]]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 12.4, 255.0]], np.float32), [0, 12, 255]),
        (np.array([[0, 7, 255]], np.int32), [0, 7, 255]),
        (np.array([[0, 256, 65_535]], np.int32), [0, 1, 255]),
    ],
)
def test_wide_pixels_are_read_by_their_range(values, shown):
    assert pixels(encoded(Image.fromarray(values), "TIFF"))[0].tolist() == shown


@pytest.mark.parametrize("value", [-1.0, 70_000.0, math.nan])
def test_pixels_that_no_rule_reads_are_refused(value):
    data = encoded(Image.fromarray(np.array([[0.0, value]], np.float32)), "TIFF")
    with pytest.raises(ValueError, match="0 to 255 or 0 to 65535 are expected"):
        decode(data, draft=False)


def test_a_truncated_file_is_noticed_at_full_and_at_reduced_size():
    for size, draft in (((200, 200), False), ((1200, 1000), True)):
        data = encoded(picture(width=size[0], height=size[1]), "JPEG")
        with pytest.raises(OSError, match="truncated"):
            decode(data[: len(data) - 200], draft=draft)


def test_large_jpeg_files_are_decoded_small_but_know_their_size():
    found = decode(encoded(picture(width=2400, height=1200), "JPEG", exif=exif(6)), draft=True)
    assert (found.width, found.height) == (1200, 2400)
    assert found.image.size == (300, 600)


def test_exif_tells_when_and_by_what():
    data = encoded(picture(), "JPEG", exif=exif(taken="2024:02:29 12:00:00", camera="K 1"))
    found = decode(data, draft=False)
    assert (found.taken_at, found.camera) == (19_782.5, "K 1")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("block", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + b"\xff" * 60])
def test_damaged_exif_counts_as_none(block):
    found = decode(encoded(picture(), "JPEG", exif=block), draft=False)
    assert (found.orientation, found.camera) == (1, "")
    assert math.isnan(found.taken_at)


@pytest.mark.parametrize(("orientation", "taken"), [(0, "yesterday"), (9, "0000:00:00 00:00:00")])
def test_exif_without_meaning_counts_as_none(orientation, taken):
    found = decode(encoded(picture(), "JPEG", exif=exif(orientation, taken=taken)), draft=False)
    assert found.orientation == 1
    assert math.isnan(found.taken_at)


def test_without_its_extra_heic_is_refused_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ValueError, match=r"pip install 'autorecipe\[heic\]'"):
        decode(HEIC, draft=False)


def test_with_its_extra_heic_is_read(monkeypatch):
    known = types.ModuleType("pillow_heif")
    known.register_heif_opener = lambda: monkeypatch.setattr(Image, "open", lambda file: picture(3))
    monkeypatch.setitem(sys.modules, "pillow_heif", known)
    assert image_formats.why_transcoded(HEIC) == "HEIF"
    np.testing.assert_array_equal(pixels(for_decoder(HEIC)), np.asarray(picture(3)))


def test_a_pointer_to_an_image_is_said_to_be_one():
    with pytest.raises(ValueError, match="a Git LFS pointer, not the image itself"):
        decode(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", draft=False)


def test_an_empty_file_is_said_to_be_empty():
    with pytest.raises(ValueError, match="the file is empty"):
        decode(b"", draft=False)
