"""Encoded files to grey or RGB pixels inside the graph, one function for each format."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from autorecipe.layers.image_bytes import (
    UPRIGHT,
    bytes_at,
    exif_orientation,
    is_turned_aside,
    jpeg_exif_start,
    number_at,
    png_exif_start,
    turned,
    webp_exif_start,
)
from autorecipe.preprocessing.image_spec import BACKGROUND, Fit

Tensor = Any  # TensorFlow ships no types

RATIOS = (1, 2, 4, 8)  # by which the JPEG decoder itself shrinks
# A JPEG is shrunk while it is decoded only to twice the size that is wanted at least, so that the resize that follows
# has pixels to average; choice
SPARE = 2
ALPHA_CHANNELS = 4
PNG_DEPTH_AT = 24  # bits a channel, then the kind of colour: 0 is grey (PNG, section 11.2.2)
MOST_BLOCKS = 256  # in front of the first frame of a GIF or WebP: comments and the like; choice
WEBP_FLAGS_AT, WEBP_ANIMATION, WEBP_EXIF = 20, 0x02, 0x08  # Google, "WebP container specification"
FRAME_HEADER_BYTES = 16  # of a WebP's frame: place, size, duration, flags
GIF_CONTROL, GIF_EXTENSION, GIF_FRAME = 0xF9, 0x21, 0x2C  # GIF89a, sections 20, 23 and 24
BMP_HEADER_BYTES = 40  # BITMAPINFOHEADER, the first with a field for compression
BMP_PALETTE = 256  # colours at most
RED_MASK = 0x00FF0000  # of 32-bit pixels that lie as blue, green, red and alpha


def jpeg_pixels(contents: Tensor, height: int, width: int, fit: Fit) -> Tensor:
    """Return the grey or RGB pixels of a JPEG file, turned as its EXIF says.

    Files much larger than what is wanted are shrunk by 2, 4 or 8 while they are decoded.

    Parameters
    ----------
    contents : scalar string tensor
    height, width : int
        What the image is to be brought to.

    Returns
    -------
    uint8 tensor of shape (height, width, 1 or 3)
    """
    raw = tf.io.decode_raw(contents, tf.uint8)
    orientation = exif_orientation(raw, jpeg_exif_start(raw))
    stored = tf.image.extract_jpeg_shape(contents)[:2]
    seen = tf.where(is_turned_aside(orientation), stored[::-1], stored)
    # the accurate transform is that of other decoders, Pillow's among them
    decoded = tf.switch_case(
        _ratio_index(seen, height, width, fit),
        [lambda r=ratio: tf.io.decode_jpeg(contents, ratio=r, dct_method="INTEGER_ACCURATE") for ratio in RATIOS],
    )
    return turned(decoded, orientation)


def _ratio_index(size: Tensor, height: int, width: int, fit: Fit) -> Tensor:
    """Return which of the ratios leaves enough pixels."""
    times = size // tf.constant([height, width])
    spare = tf.reduce_max(times) if fit == "pad" else tf.reduce_min(times)
    return tf.reduce_sum(tf.cast(spare >= SPARE * tf.constant(RATIOS[1:]), tf.int32))


def png_pixels(contents: Tensor) -> Tensor:
    """Return the grey or RGB pixels of a PNG file, turned as its EXIF says.

    Of 16 bits the upper eight are kept, and transparent pixels are put on white.
    """
    raw = tf.io.decode_raw(contents, tf.uint8)
    bits, kind = tf.unstack(bytes_at(raw, PNG_DEPTH_AT, 2))
    # the decoder shows one transparent colour of an image without alpha only when alpha is asked for
    has_hidden = ((tf.equal(kind, 0)) | tf.equal(kind, 2)) & tf.strings.regex_full_match(contents, r"\C*tRNS\C*")
    image = tf.cond(has_hidden, lambda: _png_with_hidden(contents, bits), lambda: _png_as_it_is(contents))
    # chunks are walked only where one may be the one: a large file has thousands
    orientation = tf.cond(
        tf.strings.regex_full_match(contents, r"\C*eXIf\C*"),
        lambda: exif_orientation(raw, png_exif_start(raw)),
        lambda: tf.constant(UPRIGHT),
    )
    return turned(image, orientation)


def _png_as_it_is(contents: Tensor) -> Tensor:
    image = tf.io.decode_png(contents)
    return tf.cond(tf.equal(tf.shape(image)[2] % 2, 0), lambda: on_background(image), lambda: image)


def _png_with_hidden(contents: Tensor, bits: Tensor) -> Tensor:
    image = tf.io.decode_png(contents, ALPHA_CHANNELS)
    # "tRNS" may be part of the pixels: then, below 8 bits, the decoder says 1, 3 or 15 in place of 255 for visible
    visible = tf.cast(tf.where(image[..., 3:] > 0, 255, 0), tf.uint8)
    return on_background(tf.cond(bits < 8, lambda: tf.concat([image[..., :3], visible], -1), lambda: image))


def webp_pixels(contents: Tensor) -> Tensor:
    """Return the RGB pixels of a WebP file (its first frame), transparent ones on white, turned as its EXIF says."""
    raw = tf.io.decode_raw(contents, tf.uint8)
    has_flags, flags = _is_at(raw, 12, b"VP8X"), bytes_at(raw, WEBP_FLAGS_AT, 1)[0]
    is_moving = has_flags & tf.not_equal(tf.bitwise.bitwise_and(flags, WEBP_ANIMATION), 0)
    has_exif = has_flags & tf.not_equal(tf.bitwise.bitwise_and(flags, WEBP_EXIF), 0)
    # TensorFlow 2.21 writes beyond its memory when it decodes moving images
    image = tf.cond(is_moving, lambda: _first_webp_frame(contents, raw), lambda: _still_webp(contents))
    orientation = tf.cond(has_exif, lambda: exif_orientation(raw, webp_exif_start(raw)), lambda: tf.constant(UPRIGHT))
    return turned(image, orientation)


def _still_webp(contents: Tensor) -> Tensor:
    return on_background(_with_alpha(tf.io.decode_image(contents, expand_animations=False)))


def _with_alpha(image: Tensor) -> Tensor:
    """Return pixels of 3 or 4 channels, which only the file says, as 4."""
    return tf.cond(
        tf.equal(tf.shape(image)[2], ALPHA_CHANNELS),
        lambda: tf.ensure_shape(image, (None, None, ALPHA_CHANNELS)),
        lambda: tf.pad(tf.ensure_shape(image, (None, None, 3)), [[0, 0], [0, 0], [0, 1]], constant_values=255),
    )


def _first_webp_frame(contents: Tensor, raw: Tensor) -> Tensor:
    """Return the RGB pixels of the first frame of a moving WebP file, on its canvas.

    References
    ----------
    Google, "WebP container specification": the chunks VP8X and ANMF.
    """

    def goes_on(at: Tensor) -> Tensor:
        return (at < tf.size(raw)) & ~_is_at(raw, at, b"ANMF")

    def step(at: Tensor) -> tuple[Tensor]:
        size = tf.clip_by_value(number_at(raw, at + 4, 4), 0, tf.size(raw))
        return (at + 8 + size + size % 2,)

    (at,) = tf.while_loop(goes_on, step, (tf.constant(12),), maximum_iterations=MOST_BLOCKS)
    frame = _with_alpha(tf.io.decode_image(_webp_of_frame(contents, raw, at), expand_animations=False))
    left, top = 2 * number_at(raw, at + 8, 3), 2 * number_at(raw, at + 11, 3)
    width, height = 1 + number_at(raw, 24, 3), 1 + number_at(raw, 27, 3)
    right, below = width - left - tf.shape(frame)[1], height - top - tf.shape(frame)[0]
    around = tf.maximum(tf.convert_to_tensor([[top, below], [left, right], [0, 0]]), 0)
    return on_background(tf.pad(frame, around))


def _webp_of_frame(contents: Tensor, raw: Tensor, at: Tensor) -> Tensor:
    """Return the frame whose chunk begins at a place as a file of its own, "" where there is none."""
    size = number_at(raw, at + 4, 4) - FRAME_HEADER_BYTES
    head = [b"VP8X", _four_bytes(tf.constant(10)), b"\x10\0\0\0", _part(contents, at + 14, 6)]  # alpha; width, height
    parts = [b"RIFF", _four_bytes(size + 22), b"WEBP", *head, _part(contents, at + 8 + FRAME_HEADER_BYTES, size)]
    return tf.cond(_is_at(raw, at, b"ANMF") & (size > 0), lambda: tf.strings.join(parts), lambda: tf.constant(b""))


def _four_bytes(number: Tensor) -> Tensor:
    """Return a whole number as four bytes, the lowest first."""
    each = tf.bitwise.bitwise_and(tf.bitwise.right_shift(number, tf.constant([0, 8, 16, 24])), 255)
    return tf.strings.reduce_join(tf.gather(tf.constant([bytes([i]) for i in range(256)]), each))


def _part(contents: Tensor, start: Tensor, n: Tensor) -> Tensor:
    """Return n bytes from a place on, fewer where the file ends."""
    start = tf.clip_by_value(start, 0, tf.strings.length(contents))
    return tf.strings.substr(contents, start, tf.maximum(n, 0))


def _is_at(raw: Tensor, start: Any, word: bytes) -> Tensor:
    return tf.reduce_all(tf.equal(bytes_at(raw, start, len(word)), tf.constant(list(word))))


def gif_pixels(contents: Tensor) -> Tensor:
    """Return the RGB pixels of a GIF file's first frame, transparent pixels on white."""
    image = tf.io.decode_image(_with_background(contents), 3, expand_animations=False)
    return tf.ensure_shape(image, (None, None, 3))


def on_background(image: Tensor) -> Tensor:
    """Return uint8 pixels (..., 4) with alpha as RGB on white; (..., 2) as grey."""
    colours, alpha = image[..., :-1], image[..., -1:]
    return tf.cond(tf.reduce_all(tf.equal(alpha, 255)), lambda: colours, lambda: _blended(colours, alpha))


def _blended(colours: Tensor, alpha: Tensor) -> Tensor:
    share = tf.cast(alpha, tf.int32)
    sum_ = tf.cast(colours, tf.int32) * share + BACKGROUND * (255 - share)
    return tf.cast((sum_ + 127) // 255, tf.uint8)


def _with_background(contents: Tensor) -> Tensor:
    """Return a GIF file whose transparent colour is white and to be seen: decoders show it as whatever they like."""
    raw = tf.io.decode_raw(contents, tf.uint8)
    table, at = _colour_table(raw, 10, 13)
    control, frame = _first_frame(raw, at)
    own, _ = _colour_table(raw, frame + 9, frame + 10)
    entry = tf.where(own >= 0, own, table) + 3 * bytes_at(raw, control + 6, 1)[0]
    is_transparent = (control > 0) & tf.equal(tf.bitwise.bitwise_and(bytes_at(raw, control + 3, 1)[0], 1), 1)
    is_known = is_transparent & ((own >= 0) | (table >= 0)) & (entry + 3 <= tf.size(raw))
    return tf.cond(
        is_known,
        lambda: _overwritten(_overwritten(contents, entry, bytes([BACKGROUND] * 3)), control + 3, b"\0"),
        lambda: contents,
    )


def _colour_table(raw: Tensor, flags_at: Any, start: Any) -> tuple[Tensor, Tensor]:
    """Return where a colour table begins, -1 where there is none, and where what follows it begins."""
    flags = bytes_at(raw, flags_at, 1)[0]
    has_table = tf.not_equal(tf.bitwise.bitwise_and(flags, 0x80), 0)
    n_bytes = tf.bitwise.left_shift(6, tf.bitwise.bitwise_and(flags, 0x07))
    return tf.where(has_table, start, -1), tf.where(has_table, start + n_bytes, start)


def _first_frame(raw: Tensor, at: Tensor) -> tuple[Tensor, Tensor]:
    """Return where the block that says how the first frame is shown begins, -1 for none, and where the frame does."""

    def goes_on(at: Tensor, control: Tensor) -> Tensor:
        return tf.equal(bytes_at(raw, at, 1)[0], GIF_EXTENSION)

    def step(at: Tensor, control: Tensor) -> tuple[Tensor, Tensor]:
        is_control = tf.equal(bytes_at(raw, at + 1, 1)[0], GIF_CONTROL)
        return _behind_blocks(raw, at + 2), tf.where(is_control, at, control)

    start = (tf.convert_to_tensor(at), tf.constant(-1))
    at, control = tf.while_loop(goes_on, step, start, maximum_iterations=MOST_BLOCKS)
    return tf.where(tf.equal(bytes_at(raw, at, 1)[0], GIF_FRAME), control, -1), at


def _behind_blocks(raw: Tensor, at: Tensor) -> Tensor:
    """Return what follows a chain of blocks, each headed by its length, that one of no length ends."""

    def goes_on(at: Tensor) -> Tensor:
        return bytes_at(raw, at, 1)[0] > 0

    (end,) = tf.while_loop(goes_on, lambda at: (at + 1 + bytes_at(raw, at, 1)[0],), (at,))
    return end + 1


def _overwritten(contents: Tensor, start: Tensor, with_: bytes) -> Tensor:
    rest = start + len(with_)
    end = tf.strings.length(contents)
    return tf.strings.join([_part(contents, 0, start), tf.constant(with_), _part(contents, rest, end - rest)])


def bmp_pixels(contents: Tensor) -> Tensor:
    """Return the RGB pixels of a BMP file that is not compressed, of 1, 4, 8, 24 or 32 bits a pixel.

    TensorFlow's own decoder takes places in a palette for shades of grey, and refuses files with bytes behind the
    pixels.

    References
    ----------
    Microsoft, "Bitmap storage" and "BITMAPV5HEADER" (Windows GDI).
    """
    raw = tf.io.decode_raw(contents, tf.uint8)
    start, header, width, height = (number_at(raw, at, 4) for at in (10, 14, 18, 22))
    bits, compression, red = number_at(raw, 28, 2), number_at(raw, 30, 4), number_at(raw, 54, 4)
    n_rows, row_bytes = tf.abs(height), (width * bits + 31) // 32 * 4
    is_plain = tf.equal(compression, 0) | (tf.equal(bits, 32) & tf.equal(compression, 3) & tf.equal(red, RED_MASK))
    is_whole = (width > 0) & (n_rows > 0) & (start > 0) & (tf.size(raw) - start >= row_bytes * n_rows)
    known = tf.reduce_any(tf.equal(bits, tf.constant([1, 4, 8, 24, 32])))
    fine = tf.debugging.Assert(
        (header >= BMP_HEADER_BYTES) & is_plain & is_whole & known,
        ["this BMP file is damaged, compressed or of 16 bits a pixel: save it as PNG; bits a pixel:", bits],
    )
    with tf.control_dependencies([fine] if fine is not None else []):  # eager, it has spoken already
        bits, width = tf.identity(bits), tf.identity(width)
    rows = tf.reshape(raw[start : start + row_bytes * n_rows], (n_rows, row_bytes))
    has_alpha = tf.equal(compression, 3) & (header >= 56) & tf.not_equal(number_at(raw, 66, 4), 0)
    image = tf.switch_case(
        tf.where(bits <= 8, 0, tf.where(tf.equal(bits, 24), 1, 2)),
        [
            lambda: _of_palette(raw, rows, header, bits)[:, :width],
            lambda: tf.reshape(rows[:, : 3 * width], (n_rows, width, 3))[..., ::-1],
            lambda: _of_32_bits(tf.reshape(rows, (n_rows, width, 4)), has_alpha),
        ],
    )
    return tf.cond(height > 0, lambda: image[::-1], lambda: image)  # rows are stored from the bottom up


def _of_palette(raw: Tensor, rows: Tensor, header: Tensor, bits: Tensor) -> Tensor:
    palette = tf.reshape(bytes_at(raw, 14 + header, 4 * BMP_PALETTE), (BMP_PALETTE, 4))[:, 2::-1]
    shifts = tf.range(8 - bits, -1, -bits)
    places = tf.bitwise.right_shift(tf.cast(rows, tf.int32)[..., None], shifts)
    places = tf.bitwise.bitwise_and(places, tf.bitwise.left_shift(1, bits) - 1)
    return tf.cast(tf.gather(palette, tf.reshape(places, (tf.shape(rows)[0], -1))), tf.uint8)


def _of_32_bits(image: Tensor, has_alpha: Tensor) -> Tensor:
    colours = image[..., 2::-1]
    return tf.cond(has_alpha, lambda: on_background(tf.concat([colours, image[..., 3:]], -1)), lambda: colours)
