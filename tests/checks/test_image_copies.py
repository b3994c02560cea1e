from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_builder import make_image_rows, make_measured

from autorecipe.checks import (
    d110_duplicate_images,
    d111_near_duplicates,
    d114_file_property_leak,
    d121_conflicting_image_labels,
    d122_images_across_splits,
)
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.twins import find_twins, pair_key
from autorecipe.config import Config

N = 400
LABELS = ["cat", "dog"] * (N // 2)


def with_copies(pairs, *, near=False):
    """Measurements in which the second image of each pair is a copy of the first, or nearly."""
    usual = make_measured(N)
    columns = {name: getattr(usual, name).copy() for name in ("pixel_hash", "perceptual_hash", "thumbnails")}
    for first, second in pairs:
        for name in columns if not near else ("perceptual_hash", "thumbnails"):
            columns[name][second] = columns[name][first]
        if near:
            columns["perceptual_hash"][second] ^= np.uint64(5)  # two bits
    return make_measured(N, **columns)


def test_copies_in_a_class_are_named_in_pairs():
    rows = make_image_rows(LABELS, measured=with_copies([(0, 10), (2, 12)]))
    found = d110_duplicate_images.find(rows)
    assert found[0].severity == "info"
    assert found[0].examples == ("cat/0000.jpg", "cat/0010.jpg", "cat/0002.jpg", "cat/0012.jpg")
    assert found[0].measured == 2 / N
    assert d111_near_duplicates.find(rows) == ()
    assert d121_conflicting_image_labels.find(rows) == ()


def frames(n_alike, *, near):
    """All images of a class, so many of them of one scene."""
    return make_image_rows(LABELS, measured=with_copies([(0, place) for place in range(1, n_alike)], near=near))


def test_a_cluster_too_large_for_one_side_is_not_said_to_stay_on_it():
    found = d111_near_duplicates.find(frames(220, near=True))
    assert [f.severity for f in found] == ["warn"]
    assert "splits part 219 of them" in found[0].message
    assert "one side of every split" not in found[0].remedy
    assert "each cluster stays" in d111_near_duplicates.find(frames(150, near=True))[0].remedy
    parted = d110_duplicate_images.find(frames(220, near=False))
    assert "on one side" not in parted[0].remedy
    assert "on one side" in d110_duplicate_images.find(frames(150, near=False))[0].remedy


def test_leaks_are_looked_for_beside_a_cluster_too_large_for_one_side():
    rows = frames(220, near=True)
    marked = dataclasses.replace(rows.measured, file_format=np.where(rows.target == 0, "PNG", "JPEG").astype(object))
    found = d114_file_property_leak.find(dataclasses.replace(rows, measured=marked))
    assert [f.severity for f in found] == ["stop"]


def test_leaks_are_not_passed_over_in_silence_where_images_cannot_be_dealt_out():
    rows = dataclasses.replace(frames(2, near=True), units=np.minimum(np.arange(N), N // 2))
    marked = dataclasses.replace(rows.measured, file_format=np.where(rows.target == 0, "PNG", "JPEG").astype(object))
    with pytest.raises(NotApplicable, match="stay together"):
        d114_file_property_leak.find(dataclasses.replace(rows, measured=marked))


def test_a_share_to_test_on_is_what_copies_across_folders_ask_for():
    rows = make_image_rows(LABELS, measured=with_copies([(0, N - 2)]), parts=parts(100))
    assert "--test 0.15 shares all images out anew" in d122_images_across_splits.find(rows)[0].remedy
    beside = dataclasses.replace(rows, config=Config(target="label", test_path="more"))
    assert "leave them out: --test 0.15" in d122_images_across_splits.find(beside)[0].remedy


def test_a_set_that_is_mostly_copies_lists_none():
    rows = make_image_rows(LABELS, measured=with_copies([(0, place) for place in range(2, 300, 2)]))
    found = d110_duplicate_images.find(rows)
    assert found[0].measured > 0.3
    assert found[0].examples == ()


def test_near_copies_are_clusters_of_their_own():
    rows = make_image_rows(LABELS, measured=with_copies([(0, 10), (0, 12), (5, 7)], near=True))
    found = d111_near_duplicates.find(rows)
    assert "3 images (0.8 %; limit 0)" in found[0].message
    assert "2 clusters, 5 images in all" in found[0].message
    assert d110_duplicate_images.find(rows) == ()


def test_copies_with_other_labels_are_a_conflict_and_no_duplicate():
    rows = make_image_rows(LABELS, measured=with_copies([(0, 11)]))
    found = d121_conflicting_image_labels.find(rows)
    assert found[0].severity == "warn"
    assert found[0].examples == ("cat/0000.jpg", "dog/0011.jpg")
    assert found[0].remedy == "look at them and delete the wrong copies (cat/0000.jpg, dog/0011.jpg)"
    assert d110_duplicate_images.find(rows) == ()


def test_near_copies_with_other_labels_are_a_note():
    rows = make_image_rows(LABELS, measured=with_copies([(0, 11)], near=True))
    assert [f.severity for f in d121_conflicting_image_labels.find(rows)] == ["info"]


def test_near_copies_with_other_labels_stand_beside_each_other():
    rows = make_image_rows(LABELS, measured=with_copies([(0, 31), (2, 13)], near=True))
    found = d121_conflicting_image_labels.find(rows)[0]
    assert found.examples == ("cat/0000.jpg", "dog/0031.jpg", "cat/0002.jpg", "dog/0013.jpg")
    assert "(cat/0000.jpg, dog/0031.jpg, cat/0002.jpg and 1 more)" in found.remedy


def test_equal_images_of_unequal_value_conflict():
    values = np.linspace(0, 1, N)
    found = d121_conflicting_image_labels.find(make_image_rows(values, measured=with_copies([(0, 11)])))
    assert [f.severity for f in found] == ["warn"]
    near = make_image_rows(values, measured=with_copies([(0, 11)], near=True))
    assert d121_conflicting_image_labels.find(near) == ()


def parts(n_test):
    return ("train",) * (N - n_test) + ("test",) * n_test


def test_copies_across_the_users_own_folders_stop():
    measured = with_copies([(0, N - 2)])
    found = d122_images_across_splits.find(make_image_rows(LABELS, measured=measured, parts=parts(100)))
    assert [f.severity for f in found] == ["stop"]
    assert found[0].measured == 0.01
    assert found[0].examples == ("cat/0000.jpg", f"cat/{N - 2:04d}.jpg")


def test_one_copy_in_two_hundred_does_not_stop():
    measured = with_copies([(0, N - 2)])
    found = d122_images_across_splits.find(make_image_rows(LABELS, measured=measured, parts=parts(200)))
    assert [f.severity for f in found] == ["info"]


@pytest.mark.parametrize(("n_near", "severity"), [(1, "info"), (3, "warn")])
def test_near_copies_across_the_users_own_folders_are_a_warning(n_near, severity):
    measured = with_copies([(2 * i, N - 2 - 2 * i) for i in range(n_near)], near=True)
    found = d122_images_across_splits.find(make_image_rows(LABELS, measured=measured, parts=parts(100)))
    assert [f.severity for f in found] == [severity]


def test_a_validation_image_that_is_in_the_test_folder_counts_once():
    split = ("train",) * 200 + ("validation",) * 100 + ("test",) * 100
    measured = with_copies([(250, 350), (350, 360)])
    found = d122_images_across_splits.find(make_image_rows(LABELS, measured=measured, parts=split))
    assert found[0].measured == 2 / 200


def test_a_split_drawn_here_is_not_asked_about():
    with pytest.raises(NotApplicable, match="drawn here"):
        d122_images_across_splits.find(make_image_rows(LABELS, measured=with_copies([(0, 10)])))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_a_pair_of_keys_is_equal_where_both_are(pairs):
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    key = pair_key(first, second)
    same = (first[:, None] == first) & (second[:, None] == second)
    np.testing.assert_array_equal(key[:, None] == key, same)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_every_key_has_one_image_that_is_no_copy(keys):
    twins = find_twins(np.array(keys))
    assert (~twins.is_copy).sum() == len(set(keys))
    assert all(keys[first] == key for first, key in zip(twins.first, keys, strict=True))
