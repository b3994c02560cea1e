"""Equal and nearly equal images."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from image_samples import encoded, exif, picture, png
from PIL import Image

from autorecipe.data.image_measure import look_at_file, measure
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.data.near_duplicates import MAX_BITS, bursts, near_duplicates


def measured(*files: bytes) -> ImageMeasurements:
    return measure(len(files), lambda row: look_at_file(files[row], suffix="")).measurements


def with_hashes(hashes: np.ndarray, *, n: int) -> ImageMeasurements:
    """Images that differ, but for what their pHashes say."""
    one = measured(png(0)).take([0] * n)
    return dataclasses.replace(one, perceptual_hash=hashes, pixel_hash=np.arange(n, dtype=np.uint64))


def test_copies_resized_and_compressed_ones_are_one_cluster():
    large = picture(0, width=256, height=200)
    brighter = Image.fromarray(np.clip(np.asarray(large).astype(int) + 3, 0, 255).astype(np.uint8))
    copies = (large, large.resize((128, 100)), brighter)
    files = [*(encoded(copy) for copy in copies), encoded(large, "JPEG", quality=60), *(png(seed) for seed in (1, 2))]
    assert near_duplicates(measured(*files)).tolist() == [0, 0, 0, 0, 1, 2]


def test_twice_as_bright_is_another_image():
    dark = Image.fromarray((np.asarray(picture(0)) // 2).astype(np.uint8))
    assert near_duplicates(measured(png(0), encoded(dark))).tolist() == [0, 1]


def test_flat_images_are_only_alike_when_they_are_equal():
    first, second = np.full((16, 16), 100, np.uint8), np.full((16, 16), 100, np.uint8)
    second[3, 3] = 101
    files = [encoded(Image.fromarray(image)) for image in (first, second, first)]
    assert near_duplicates(measured(*files)).tolist() == [0, 1, 0]


def test_what_hangs_together_over_others_is_one_cluster():
    steps = [
        Image.fromarray(np.clip(np.asarray(picture(7)).astype(int) + 6 * i, 0, 255).astype(np.uint8)) for i in range(4)
    ]
    assert near_duplicates(measured(*(encoded(step) for step in steps))).tolist() == [0, 0, 0, 0]
    assert near_duplicates(measured(encoded(steps[0]), encoded(steps[3]))).tolist() == [0, 1]


def test_no_images_have_no_clusters():
    assert near_duplicates(measured(b"")).tolist() == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_clusters_are_those_of_all_pairs_compared(seed, n):
    random = np.random.default_rng(seed)
    seeds = random.integers(0, 2**64, 4, dtype=np.uint64)
    hashes = seeds[random.integers(0, 4, n)]
    for _ in range(4):
        hashes ^= np.left_shift(np.uint64(1), random.integers(0, 64, n).astype(np.uint64))
    want = list(range(n))
    for i in range(n):
        for j in range(i):
            if (int(hashes[i]) ^ int(hashes[j])).bit_count() <= MAX_BITS:
                old, new = want[i], want[j]
                want = [new if label == old else label for label in want]
    found = near_duplicates(with_hashes(hashes, n=n))
    assert len({*zip(want, found.tolist(), strict=True)}) == len(set(want)) == found.max() + 1


def test_many_images_of_one_hash_are_compared_in_parts(monkeypatch):
    monkeypatch.setattr("autorecipe.data.near_duplicates.PAIRS_AT_ONCE", 10)
    monkeypatch.setattr("autorecipe.data.near_duplicates.CONFIRMED_AT_ONCE", 7)
    assert near_duplicates(with_hashes(np.full(30, 5, np.uint64), n=30)).max() == 0


def photo(seed: int, taken: str, camera: str = "K") -> bytes:
    return encoded(picture(seed), "JPEG", exif=exif(taken=taken, camera=camera))


def test_bursts_are_photos_of_one_camera_within_seconds():
    times = ("12:00:00", "12:00:02", "12:00:04", "12:00:07")
    photos = [photo(i, f"2024:01:01 {time}") for i, time in enumerate(times)]
    others = [photo(8, "2024:01:01 12:00:01", camera="L"), encoded(picture(9), "JPEG")]
    assert bursts(measured(*photos, *others)).tolist() == [0, 0, 0, 1, 2, 3]


def test_without_exif_times_there_are_no_bursts():
    assert bursts(measured(png(0), png(1))).tolist() == [0, 1]
