"""Equal and nearly equal images."""

from __future__ import annotations

import dataclasses
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_samples import encoded, exif, picture, png
from PIL import Image

from autorecipe.data.image_clusters import MAX_BITS
from autorecipe.data.image_measure import look_at_file, measure
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.data.near_duplicates import bursts, near_duplicates


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
    monkeypatch.setattr("autorecipe.data.image_clusters.PAIRS_AT_ONCE", 10)
    monkeypatch.setattr("autorecipe.data.image_clusters.CONFIRMED_AT_ONCE", 7)
    assert near_duplicates(with_hashes(np.full(30, 5, np.uint64), n=30)).max() == 0


def flipped(n: int, n_bits: int) -> np.ndarray:
    """Hashes of which each differs from one of them in so many bits at most."""
    random, hashes = np.random.default_rng(0), np.full(n, 0x123456789ABCDEF, np.uint64)
    for _ in range(n_bits):
        hashes ^= np.left_shift(np.uint64(1), random.integers(0, 64, n).astype(np.uint64))
    return hashes


@pytest.mark.parametrize("n_bits", [1, 4])
def test_thousands_of_frames_of_a_fixed_camera_are_one_cluster_in_little_memory(n_bits):
    frames = with_hashes(flipped(4_000, n_bits), n=4_000)
    tracemalloc.start()
    started = time.process_time()
    assert near_duplicates(frames).max() == 0
    assert time.process_time() - started < 10  # all pairs compared take several times as long
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()


def test_thousands_of_images_of_one_hash_that_differ_are_told_apart():
    thumbnails = np.random.default_rng(0).integers(0, 256, (3_000, 32, 32, 3), dtype=np.uint8)
    thumbnails[2_999] = thumbnails[7]
    images = dataclasses.replace(with_hashes(np.full(3_000, 5, np.uint64), n=3_000), thumbnails=thumbnails)
    found = near_duplicates(images)
    assert found.max() == 2_998
    assert found[7] == found[2_999]


def test_large_buckets_are_compared_whole_where_other_bits_tell_images_apart():
    random = np.random.default_rng(1)
    hashes = random.integers(0, 2**51, 1_500).astype(np.uint64) << np.uint64(13)  # all agree on the first band
    copies = hashes[:100] ^ np.left_shift(np.uint64(0b1111), random.integers(13, 60, 100).astype(np.uint64))
    found = near_duplicates(with_hashes(np.concatenate([hashes, copies]), n=1_600))
    np.testing.assert_array_equal(found[1_500:], found[:100])
    assert found.max() == 1_499


def photo(seed: int, taken: str, camera: str = "K") -> bytes:
    return encoded(picture(seed), "JPEG", exif=exif(taken=taken, camera=camera))


def test_bursts_are_photos_of_one_camera_within_seconds():
    times = ("12:00:00", "12:00:02", "12:00:04", "12:00:07")
    photos = [photo(i, f"2024:01:01 {time}") for i, time in enumerate(times)]
    others = [photo(8, "2024:01:01 12:00:01", camera="L"), encoded(picture(9), "JPEG")]
    assert bursts(measured(*photos, *others)).tolist() == [0, 0, 0, 1, 2, 3]


def test_without_exif_times_there_are_no_bursts():
    assert bursts(measured(png(0), png(1))).tolist() == [0, 1]
