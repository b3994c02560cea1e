"""Read numbers, and the EXIF orientation, from the bytes of a file inside the graph."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

Tensor = Any  # TensorFlow ships no types

UPRIGHT = 1  # the EXIF orientation of an image that is stored as it is seen
ORIENTATION_TAG = 0x0112  # CIPA DC-008 (EXIF 2.32), section 4.6.4
LONG = 4  # the type of a 32-bit number there
ENTRY_BYTES = 12  # of an entry of a TIFF directory: TIFF 6.0, section 2
MOST_ENTRIES = 512  # cameras write some fifteen; a damaged count must not cost memory
MOST_SEGMENTS = 1024  # a JPEG has some ten before its pixels; a profile of colours may be cut into 255
EXIF_MARKER, FIRST_APPLICATION, LAST_APPLICATION, COMMENT, FILL = 0xE1, 0xE0, 0xEF, 0xFE, 0xFF  # ITU-T T.81, table B.1
EXIF_NAME = (0x45, 0x78, 0x69, 0x66, 0x00, 0x00)
MOST_CHUNKS = 2**14  # of a PNG or WebP: a PNG of 100 MB in the usual pieces of 8 KB has 13,000
PNG_FIRST_CHUNK, WEBP_FIRST_CHUNK = 8, 12  # bytes in front: PNG (W3C 2003), section 5.2; the header of RIFF


def bytes_at(raw: Tensor, start: Tensor, n: Tensor) -> Tensor:
    """Return n bytes as int32 of shape (n,); 0 beyond the end, so that a damaged file cannot stop the graph.

    Parameters
    ----------
    raw : uint8 tensor of shape (n_bytes,)
        At least one byte.
    start, n : int32
    """
    places = start + tf.range(n)
    is_inside = (places >= 0) & (places < tf.size(raw))
    found = tf.gather(raw, tf.where(is_inside, places, 0))
    return tf.where(is_inside, tf.cast(found, tf.int32), 0)


def number_at(raw: Tensor, start: Tensor, n: int, *, is_little: Any = True) -> Tensor:
    """Return the whole number of n bytes at a place, as int32.

    Parameters
    ----------
    raw : uint8 tensor of shape (n_bytes,)
    n : int
        1 to 4; of 4 bytes the upper half of the numbers comes out negative.
    is_little : bool, or bool tensor
        Whether the lowest byte comes first.
    """
    found = bytes_at(raw, start, n)
    places = tf.where(is_little, tf.range(n), tf.range(n - 1, -1, -1))
    return tf.reduce_sum(tf.bitwise.left_shift(found, 8 * places))


def exif_orientation(raw: Tensor, start: Tensor) -> Tensor:
    """Return a file's EXIF orientation, int32 from 1 to 8; 1 where it has none.

    Parameters
    ----------
    raw : uint8 tensor of shape (n_bytes,)
        The whole file. Both byte orders are read; a damaged directory counts as none.
    start : int32
        Where the TIFF header of its EXIF begins, as the functions below find it; below 0 for none.

    References
    ----------
    CIPA DC-008-2019, Exchangeable image file format for digital still cameras: EXIF version 2.32.
    """
    return tf.cond(start < 0, lambda: tf.constant(UPRIGHT), lambda: _orientation(raw, start))


def turned(image: Tensor, orientation: Tensor) -> Tensor:
    """Return an image (height, width, channels) as it is to be seen, by its EXIF orientation."""
    return tf.cond(tf.equal(orientation, UPRIGHT), lambda: image, lambda: _turned(image, orientation))


def is_turned_aside(orientation: Tensor) -> Tensor:
    """Return whether height and width change places."""
    return orientation > 4  # 5 to 8: table 6 of the standard


def _turned(image: Tensor, orientation: Tensor) -> Tensor:
    upside_down, mirrored = _is_one_of(orientation, (3, 4, 7, 8)), _is_one_of(orientation, (2, 3, 6, 7))
    image = tf.cond(is_turned_aside(orientation), lambda: tf.transpose(image, (1, 0, 2)), lambda: image)
    return tf.reverse(image, tf.boolean_mask(tf.constant([0, 1]), tf.stack([upside_down, mirrored])))


def _is_one_of(number: Tensor, numbers: tuple[int, ...]) -> Tensor:
    return tf.reduce_any(tf.equal(number, tf.constant(numbers)))


def jpeg_exif_start(raw: Tensor) -> Tensor:
    """Return where the TIFF header of a JPEG's EXIF segment begins, -1 where there is none before the tables."""

    def goes_on(at: Tensor, found: Tensor) -> Tensor:
        fill, marker = tf.unstack(bytes_at(raw, at, 2))
        is_data = (marker >= FIRST_APPLICATION) & (marker <= LAST_APPLICATION)
        is_data = is_data | tf.equal(marker, COMMENT) | tf.equal(marker, FILL)
        return (found < 0) & tf.equal(fill, FILL) & is_data

    def step(at: Tensor, found: Tensor) -> tuple[Tensor, Tensor]:
        head = bytes_at(raw, at, 10)  # marker, length, name
        is_exif = tf.equal(head[1], EXIF_MARKER) & tf.reduce_all(tf.equal(head[4:], tf.constant(EXIF_NAME)))
        behind = at + 2 + tf.maximum(256 * head[2] + head[3], 2)
        return tf.where(tf.equal(head[1], FILL), at + 1, behind), tf.where(is_exif, at + 10, found)

    start = (tf.constant(2), tf.constant(-1))
    return tf.while_loop(goes_on, step, start, maximum_iterations=MOST_SEGMENTS)[1]


def png_exif_start(raw: Tensor) -> Tensor:
    """Return where the TIFF header of a PNG's chunk eXIf begins, -1 where it has none.

    References
    ----------
    Extensions to the PNG 1.2 specification, version 1.5.0 (2017), section 3.7.
    """
    return _chunk_start(raw, PNG_FIRST_CHUNK, b"eXIf", is_png=True)


def webp_exif_start(raw: Tensor) -> Tensor:
    """Return where the TIFF header of a WebP's chunk EXIF begins, -1 where it has none.

    References
    ----------
    Google, "WebP container specification": metadata.
    """
    start = _chunk_start(raw, WEBP_FIRST_CHUNK, b"EXIF", is_png=False)
    # some writers put a JPEG's name in front
    is_named = tf.reduce_all(tf.equal(bytes_at(raw, start, len(EXIF_NAME)), tf.constant(EXIF_NAME)))
    return tf.where((start >= 0) & is_named, start + len(EXIF_NAME), start)


def _chunk_start(raw: Tensor, first: int, name: bytes, *, is_png: bool) -> Tensor:
    """Return where the content of a chunk begins, -1 where none has the name.

    A PNG's chunk is its length (the highest byte first), its name, its content and a checksum of 4 bytes; a WebP's its
    name, its length (the lowest byte first) and its content, filled to an even number.
    """
    name_at, size_at = (4, 0) if is_png else (0, 4)

    def goes_on(at: Tensor, found: Tensor) -> Tensor:
        return (found < 0) & (at < tf.size(raw))

    def step(at: Tensor, found: Tensor) -> tuple[Tensor, Tensor]:
        is_it = tf.reduce_all(tf.equal(bytes_at(raw, at + name_at, len(name)), tf.constant(list(name))))
        size = number_at(raw, at + size_at, 4, is_little=not is_png)
        size = tf.clip_by_value(size, 0, tf.size(raw))  # a damaged length must not lead back
        return at + 8 + (size + 4 if is_png else size + size % 2), tf.where(is_it, at + 8, found)

    start = (tf.constant(first), tf.constant(-1))
    return tf.while_loop(goes_on, step, start, maximum_iterations=MOST_CHUNKS)[1]


def _orientation(raw: Tensor, start: Tensor) -> Tensor:
    is_little = tf.equal(bytes_at(raw, start, 1)[0], ord("I"))
    directory = start + number_at(raw, start + 4, 4, is_little=is_little)
    n = tf.minimum(number_at(raw, directory, 2, is_little=is_little), MOST_ENTRIES)
    entries = tf.reshape(bytes_at(raw, directory + 2, ENTRY_BYTES * n), (-1, ENTRY_BYTES))
    tags, types = _pairs(entries, 0, is_little), _pairs(entries, 2, is_little)
    # a 32-bit number of the other byte order has its low half last
    is_last = tf.equal(types, LONG) & ~is_little
    values = tf.where(is_last, _pairs(entries, 10, is_little), _pairs(entries, 8, is_little))
    found = tf.reduce_max(tf.where(tf.equal(tags, ORIENTATION_TAG), values, 0))
    return tf.where((found >= UPRIGHT) & (found <= 8), found, UPRIGHT)


def _pairs(entries: Tensor, place: int, is_little: Tensor) -> Tensor:
    """Return the 16-bit numbers at a place of every entry."""
    first, second = entries[:, place], entries[:, place + 1]
    return tf.where(is_little, first + 256 * second, 256 * first + second)
