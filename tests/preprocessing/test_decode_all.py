"""All images as one array: from files and arrays, in memory and in a file."""

from __future__ import annotations

import errno
import io
import os
import threading
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image

from autorecipe.data.image_arrays import ArrayImages
from autorecipe.errors import UserError
from autorecipe.preprocessing.image_spec import ImageSpec

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
from autorecipe.preprocessing import image_arrays  # noqa: E402  TensorFlow may be absent
from autorecipe.preprocessing.image_arrays import decode_all  # noqa: E402

SPEC = ImageSpec(height=6, width=8, channels=3, fit="crop")
RANDOM = np.random.default_rng(0)
ARRAY = RANDOM.integers(0, 256, (40, 9, 7, 3)).astype("uint8")


def png(image: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


@dataclass
class Files:
    """Encoded images that count how often they are read, and by which threads."""

    files: list[bytes]
    n_read: int = 0
    threads: set[int] = field(default_factory=set)

    def __len__(self):
        return len(self.files)

    def name(self, row):
        return f"{row}.png"

    def read(self, row):
        self.n_read += 1
        self.threads.add(threading.get_ident())
        return self.files[row]

    def take(self, rows):
        return Files([self.files[int(row)] for row in rows])


def array_images(array: np.ndarray, rows=None) -> ArrayImages:
    names = tuple(f"X[{i}]" for i in range(len(array)))
    return ArrayImages(array=array, rows=np.arange(len(array)) if rows is None else np.asarray(rows), names=names)


@pytest.fixture(scope="module")
def decoded() -> np.ndarray:
    return decode_all(Files([png(image) for image in ARRAY]), SPEC)


def test_every_row_has_its_own_image_whatever_shares_its_call(decoded, monkeypatch):
    assert (decoded.shape, decoded.dtype) == ((40, 6, 8, 3), np.uint8)
    monkeypatch.setattr(image_arrays, "CALL_FILES", 7)
    monkeypatch.setattr(image_arrays, "CALL_BYTES", 4 * len(png(ARRAY[0])))
    files = Files([png(image) for image in ARRAY])
    np.testing.assert_array_equal(decode_all(files, SPEC), decoded)
    assert files.n_read == len(files)
    assert len(files.threads) == 1  # sources need not bear several


def test_arrays_are_not_encoded_on_the_way_and_come_out_alike(decoded, monkeypatch):
    monkeypatch.setattr(ArrayImages, "read", lambda self, row: pytest.fail("an array was encoded"))
    monkeypatch.setattr(image_arrays, "CALL_PIXELS", 3 * ARRAY[0].size)
    np.testing.assert_array_equal(decode_all(array_images(ARRAY), SPEC), decoded)
    order = [5, 5, 0]
    np.testing.assert_array_equal(decode_all(array_images(ARRAY, order), SPEC), decoded[order])


def test_arrays_of_the_wanted_size_are_taken_as_they_are():
    spec = ImageSpec(height=9, width=7, channels=3)
    np.testing.assert_array_equal(decode_all(array_images(ARRAY), spec), ARRAY)


def test_more_than_memory_should_hold_goes_to_a_file_that_is_used_again(decoded, monkeypatch, tmp_path):
    monkeypatch.setattr(image_arrays, "IN_MEMORY_BYTES", decoded.nbytes - 1)
    cache = tmp_path / "arrays" / "pixels.npy"
    for _ in range(2):
        found = decode_all(array_images(ARRAY), SPEC, cache=cache)
        assert isinstance(found, np.memmap)
        np.testing.assert_array_equal(found, decoded)
        with pytest.raises(ValueError, match="read-only"):
            found[0] = 0
        monkeypatch.setattr(image_arrays, "_fill", lambda *given: pytest.fail("decoded twice"))
    assert [path.name for path in cache.parent.iterdir()] == ["pixels.npy"]


def test_without_a_place_to_keep_it_the_file_passes(decoded, monkeypatch):
    monkeypatch.setattr(image_arrays, "IN_MEMORY_BYTES", 0)
    found = decode_all(array_images(ARRAY), SPEC)
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, decoded)
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 0


def test_what_fits_into_memory_leaves_no_file(tmp_path):
    found = decode_all(array_images(ARRAY), SPEC, cache=tmp_path / "pixels.npy")
    assert not isinstance(found, np.memmap)
    assert not list(tmp_path.iterdir())


def test_an_image_that_cannot_be_decoded_is_named_and_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(image_arrays, "IN_MEMORY_BYTES", 0)
    files = [png(image) for image in ARRAY]
    files[23] = files[23][:40]
    with pytest.raises(UserError, match=r"'23\.png' cannot be decoded.*PNG"):
        decode_all(Files(files), SPEC, cache=tmp_path / "pixels.npy")
    assert not list(tmp_path.iterdir())


def test_a_disk_without_room_is_said_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(image_arrays, "IN_MEMORY_BYTES", 0)
    (tmp_path / "arrays").write_text("a file where a folder should be")
    with pytest.raises(UserError, match=r"cannot be kept[\s\S]*--image-side"):
        decode_all(array_images(ARRAY), SPEC, cache=tmp_path / "arrays" / "pixels.npy")


@pytest.mark.parametrize("name", ["pixels.npy", None])
def test_room_on_the_disk_is_taken_before_anything_is_written(monkeypatch, tmp_path, name):
    def is_full(descriptor, start, n_bytes):
        assert n_bytes >= len(ARRAY) * 6 * 8 * 3
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(image_arrays, "IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(os, "posix_fallocate", is_full, raising=False)
    with pytest.raises(UserError, match=r"cannot be kept: OSError: .*No space left"):
        decode_all(array_images(ARRAY), SPEC, cache=tmp_path / name if name else None)
    assert not list(tmp_path.iterdir())


def test_file_systems_that_cannot_reserve_are_written_to_all_the_same(decoded, monkeypatch, tmp_path):
    def is_not_offered(descriptor, start, n_bytes):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(image_arrays, "IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(os, "posix_fallocate", is_not_offered, raising=False)
    for cache in (tmp_path / "pixels.npy", None):
        np.testing.assert_array_equal(decode_all(array_images(ARRAY), SPEC, cache=cache), decoded)


def test_no_images_are_an_empty_array():
    assert decode_all(array_images(ARRAY, []), SPEC).shape == (0, 6, 8, 3)
