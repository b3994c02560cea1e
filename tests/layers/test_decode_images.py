"""Files become the pixels that Pillow reads of them, one by one and in batches, and in an exported model."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_bytes_made import encoded, in_mode, seen, waves, with_exif
from PIL import Image

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from autorecipe.layers.decode_images import DecodeImages  # noqa: E402  TensorFlow may be absent

HEIGHT, WIDTH = 19, 30
ROUNDING = 1  # level: two roundings of a mean may differ by it
IMAGE = waves(HEIGHT, WIDTH)
DECODE = tf.function(DecodeImages(HEIGHT, WIDTH, 3).call, input_signature=[tf.TensorSpec((None,), tf.string)])
MODES = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "L", "P", "1", "LA", "RGBA"),
    "BMP": ("RGB", "L", "P", "1"),
    "GIF": ("RGB", "L", "P", "1", "RGBA"),
    "WEBP": ("RGB", "L", "RGBA"),
}
EACH = [(file_format, mode) for file_format, modes in MODES.items() for mode in modes]
BASE = DecodeImages(24, 20, 3)


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(DECODE(tf.constant([data]))[0])


def at(data: bytes, height: int, width: int, channels: int = 3, fit: str = "stretch") -> np.ndarray:
    return np.asarray(DecodeImages(height, width, channels, fit)(tf.constant([data]))[0])


def assert_seen(data: bytes) -> None:
    np.testing.assert_array_equal(pixels(data), np.asarray(seen(data)))


@pytest.mark.parametrize(("file_format", "mode"), EACH)
def test_every_mode_of_every_format_is_what_pillow_reads_of_it(file_format, mode):
    options = {"lossless": True} if file_format == "WEBP" else {}
    assert_seen(encoded(in_mode(IMAGE, mode), file_format, **options))


@pytest.mark.parametrize(
    "options", [{"quality": 30}, {"subsampling": 0}, {"progressive": True}, {"restart_marker_rows": 1}]
)
def test_jpeg_files_however_written(options):
    assert_seen(encoded(IMAGE, "JPEG", **options))


def test_lossy_webp():
    assert_seen(encoded(IMAGE, "WEBP", quality=60))


def test_of_16_bits_the_upper_eight_are_kept():
    deep = np.arange(HEIGHT * WIDTH, dtype="uint16").reshape(HEIGHT, WIDTH) * 113
    expected = np.repeat((deep >> 8).astype("uint8")[..., None], 3, axis=-1)
    np.testing.assert_array_equal(pixels(encoded(Image.fromarray(deep), "PNG")), expected)


@pytest.mark.parametrize("file_format", ["GIF", "PNG"])
def test_a_transparent_colour_of_a_palette_is_white(file_format):
    image = IMAGE.convert("P")
    hidden = int(np.bincount(np.asarray(image).ravel()).argmax())
    data = encoded(image, file_format, transparency=hidden)
    assert_seen(data)
    assert (pixels(data)[np.asarray(image) == hidden] == 255).all()


def test_a_transparent_shade_of_a_grey_png_is_white():
    image = Image.fromarray(np.tile(np.array([0, 7, 200], "uint8"), (HEIGHT, WIDTH // 3)))
    found = pixels(encoded(image, "PNG", transparency=7))
    assert (found[0, :3, 0] == (0, 255, 200)).all()


@pytest.mark.parametrize("file_format", ["GIF", "WEBP"])
def test_of_moving_images_the_first_frame_is_taken(file_format):
    options = {"lossless": True} if file_format == "WEBP" else {"comment": b"a comment " * 60}
    others = [waves(HEIGHT, WIDTH, noise=40), IMAGE.transpose(Image.Transpose.ROTATE_180)]
    data = encoded(IMAGE, file_format, save_all=True, append_images=others, **options)
    assert Image.open(io.BytesIO(data)).n_frames == 3
    assert_seen(data)


def test_a_moving_webp_of_lossy_frames_with_alpha():
    first, second = in_mode(IMAGE, "RGBA"), in_mode(waves(HEIGHT, WIDTH, noise=40), "RGBA")
    data = encoded(first, "WEBP", save_all=True, append_images=[second], quality=80)
    assert b"ALPH" in data
    assert_seen(data)


@pytest.mark.parametrize("bits", [1, 4])
def test_bmp_files_of_few_bits_and_with_bytes_behind_them(bits):
    places = np.random.default_rng(0).integers(0, 2**bits, (5, 13)).astype("uint8")
    palette = np.random.default_rng(1).integers(0, 256, (2**bits, 4)).astype("uint8")
    packed = np.packbits(np.unpackbits(places[..., None], axis=-1)[..., -bits:].reshape(5, -1), axis=-1)
    row_bytes = -(-13 * bits // 32) * 4
    rows = np.zeros((5, row_bytes), "uint8")
    rows[:, : packed.shape[1]] = packed
    start = 54 + palette.nbytes
    head = struct.pack("<2sIHHI", b"BM", start + rows.nbytes, 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, 13, -5, 1, bits, 0, 0, 0, 0, 2**bits, 0)  # rows from the top down
    found = at(head + info + palette.tobytes() + rows.tobytes() + b"\0\0", 5, 13)
    np.testing.assert_array_equal(found, palette[places][..., 2::-1])


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("order", ["<", ">"])
def test_jpeg_files_are_turned_as_their_exif_says(orientation, order):
    data = with_exif(IMAGE, orientation, order=order)
    expected = np.asarray(seen(data))
    np.testing.assert_array_equal(at(data, *expected.shape[:2]), expected)


@pytest.mark.parametrize(("orientation", "order"), [(0, "<"), (2, ">"), (3, "<"), (6, ">"), (8, "<")])
@pytest.mark.parametrize(("file_format", "options"), [("PNG", {}), ("WEBP", {"lossless": True, "exact": True})])
def test_png_and_webp_files_are_turned_as_their_exif_says(orientation, order, file_format, options):
    data = with_exif(IMAGE, orientation, order=order, file_format=file_format, **options)
    expected = np.asarray(seen(data))
    np.testing.assert_array_equal(at(data, *expected.shape[:2]), expected)


def test_the_orientation_is_found_behind_other_segments():
    data = with_exif(IMAGE, 6)
    other = b"\xff\xe2" + struct.pack(">H", 300) + bytes(298) + b"\xff\xfe" + struct.pack(">H", 6) + b"Exif"
    np.testing.assert_array_equal(at(data[:2] + other + data[2:], WIDTH, HEIGHT), at(data, WIDTH, HEIGHT))


def test_the_orientation_of_a_png_is_found_behind_its_pixels():
    data = with_exif(IMAGE, 6, file_format="PNG")
    start = data.index(b"eXIf") - 4
    end = start + 12 + struct.unpack(">I", data[start : start + 4])[0]
    moved = data[:start] + data[end:-12] + data[start:end] + data[-12:]
    np.testing.assert_array_equal(at(moved, WIDTH, HEIGHT), at(data, WIDTH, HEIGHT))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60), st.binary(min_size=1, max_size=4))
def test_a_damaged_exif_block_never_stops_a_sound_image(place, damage):
    data = with_exif(IMAGE, 6)
    start = data.index(b"Exif\0\0") + 6
    place = min(place, struct.unpack(">H", data[start - 8 : start - 6])[0] - 8 - len(damage))
    damaged = data[: start + place] + damage + data[start + place + len(damage) :]
    assert pixels(damaged).shape == (HEIGHT, WIDTH, 3)


def test_colours_become_the_grey_that_pillow_makes_of_them():
    data = encoded(IMAGE, "PNG")
    np.testing.assert_array_equal(at(data, HEIGHT, WIDTH, 1)[..., 0], np.asarray(IMAGE.convert("L")))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 50), st.integers(1, 50))
def test_any_size_is_resized_as_pillow_does(height, width):
    data = encoded(waves(height, width), "PNG")
    expected = seen(data).resize((20, 24), Image.Resampling.BILINEAR)
    found = np.asarray(BASE(tf.constant([data]))[0]).astype(int)
    assert np.abs(found - np.asarray(expected).astype(int)).max() <= ROUNDING


@pytest.mark.parametrize(("size", "ratio"), [((96, 80), 2), ((192, 160), 4), ((384, 320), 8), ((95, 80), 1)])
def test_large_jpeg_files_shrunk_while_decoded_look_the_same(size, ratio, monkeypatch):
    asked = []
    decode = tf.io.decode_jpeg
    monkeypatch.setattr(tf.io, "decode_jpeg", lambda *a, **k: asked.append(k["ratio"]) or decode(*a, **k))
    data = encoded(waves(48, 40).resize(size[::-1], Image.Resampling.BICUBIC), "JPEG", quality=95)
    found = np.asarray(BASE(tf.constant([data]))[0]).astype(int)
    assert asked == [ratio]  # eagerly only the branch that is taken runs
    whole = np.asarray(seen(data).resize((20, 24), Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(found - whole).mean() < 2  # levels of 256


def test_a_turned_photo_is_shrunk_by_the_sides_that_are_seen():
    data = with_exif(waves(40, 400, noise=0), 6, quality=95)  # seen it is 400 high and 40 wide
    found = at(data, 100, 10)
    assert (
        np.abs(found.astype(int) - np.asarray(seen(data).resize((10, 100), Image.Resampling.BILINEAR))).mean() < 2
    )  # levels of 256


def test_one_image_is_the_same_alone_and_in_a_batch():
    files = [
        encoded(waves(h, w), f) for h, w, f in [(9, 40, "PNG"), (50, 20, "JPEG"), (19, 30, "GIF"), (200, 90, "JPEG")]
    ]
    together = np.asarray(DECODE(tf.constant(files)))
    np.testing.assert_array_equal(together, np.stack([pixels(file) for file in files]))
    assert DECODE(tf.constant([], tf.string)).shape == (0, HEIGHT, WIDTH, 3)


NO_IMAGES = {
    "nothing": b"",
    "text": b"hello, I am no image",
    "a TIFF file": b"II*\0" + bytes(40),
    "half a marker": b"\xff\xd8",
    "RIFF that is sound": b"RIFF\x24\0\0\0WAVEfmt ",
}


@pytest.mark.parametrize("data", NO_IMAGES.values(), ids=NO_IMAGES)
def test_bytes_that_are_no_image_are_refused(data):
    with pytest.raises(tf.errors.InvalidArgumentError, match="no image in JPEG, PNG, BMP, GIF or WebP"):
        DECODE(tf.constant([encoded(IMAGE, "PNG"), data]))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(EACH), st.floats(0.0, 0.9))
def test_a_truncated_file_is_an_error_and_nothing_worse(kind, share):
    file_format, mode = kind
    data = encoded(in_mode(IMAGE, mode), file_format)
    try:
        found = pixels(data[: int(share * len(data))])
    except tf.errors.InvalidArgumentError:
        return
    assert found.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_file_that_ends_in_its_first_half_is_an_error(file_format):
    data = encoded(waves(64, 64, noise=30), file_format)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"JPEG|PNG|GIF|WebP"):
        pixels(data[: len(data) // 2])


def test_a_compressed_bmp_is_an_error_that_says_so():
    data = bytearray(encoded(IMAGE.convert("P"), "BMP"))
    data[30] = 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="compressed"):
        pixels(bytes(data))


def test_a_saved_model_decodes_by_operations_alone(tmp_path):
    module = tf.Module()
    module.decode = DECODE
    tf.saved_model.save(module, str(tmp_path))
    saved = tf.saved_model.load(str(tmp_path)).decode
    files = tf.constant([encoded(IMAGE, "JPEG"), with_exif(IMAGE, 8), encoded(IMAGE.convert("P"), "GIF")])
    np.testing.assert_array_equal(np.asarray(saved(files)), np.asarray(DECODE(files)))
    with pytest.raises(tf.errors.InvalidArgumentError, match="no image in JPEG, PNG, BMP, GIF or WebP"):
        saved(tf.constant([b"hello"]))


@pytest.mark.parametrize(("name", "value"), [("channels", 4), ("fit", "squeeze")])
def test_what_it_cannot_do_is_refused_when_it_is_made(name, value):
    with pytest.raises(ValueError, match=f"Expected {name}="):
        DecodeImages(8, 8, **{name: value})
