from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_builder import make_image_rows, make_measured, painted

from autorecipe.checks import (
    d113_label_errors,
    d114_file_property_leak,
    d115_names_tell_label,
    d116_drift_across_splits,
    d124_pixel_statistics,
    d125_image_groups,
    spread,
)
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.image_properties import border_share, file_properties
from autorecipe.checks.label_properties import balanced_accuracy, balanced_lower, tell_labels

pytestmark = pytest.mark.slow

N = 600
LABELS = np.array(["cat", "dog", "owl"] * (N // 3))
IS_OWL = LABELS == "owl"


def rows_with(labels=LABELS, **columns):
    return make_image_rows(labels, measured=make_measured(len(labels), **columns))


def test_honest_files_tell_nothing():
    for check in (d114_file_property_leak, d115_names_tell_label, d124_pixel_statistics):
        assert check.find(rows_with()) == ()


def test_a_class_of_another_format_stops_and_is_named():
    rows = rows_with(file_format=np.where(IS_OWL, "PNG", "JPEG"), suffix=np.where(IS_OWL, ".png", ".jpg"))
    found = d114_file_property_leak.find(rows)
    assert [f.severity for f in found] == ["stop"]
    assert found[0].message.startswith("the files alone tell owl (1.00, at least 0.9")
    assert "by format and suffix" in found[0].message
    assert "--allow D114" in found[0].remedy


def test_what_tells_a_class_is_shown_beside_the_others():
    brightness = np.where(IS_OWL, 0.95, 0.4).astype(np.float32) + np.arange(N, dtype=np.float32) / 1e5
    names = [f"{label}_{place}.jpg" if label != "owl" else f"DSC{place}.jpg" for place, label in enumerate(LABELS)]
    rows = make_image_rows(
        LABELS,
        names=names,
        measured=make_measured(N, brightness=brightness, file_format=np.where(IS_OWL, "PNG", "JPEG")),
    )
    is_owl = dict(zip(names, IS_OWL.tolist(), strict=True))
    for check in (d114_file_property_leak, d115_names_tell_label, d124_pixel_statistics):
        assert [is_owl[name] for name in check.find(rows)[0].examples] == [True, False] * 6
    assert d124_pixel_statistics.find(rows)[0].examples[0] == f"DSC{np.flatnonzero(IS_OWL)[-1]}.jpg"


def test_images_at_both_ends_show_what_tells_a_number():
    values = np.linspace(0, 1, N)
    rows = make_image_rows(values, measured=make_measured(N, brightness=values.astype(np.float32)))
    examples = d124_pixel_statistics.find(rows)[0].examples
    assert examples[:2] == (rows.names[0], rows.names[-1])
    assert len(examples) == 12


def test_a_class_of_another_size_is_a_warning():
    random = np.random.default_rng(0)
    width = np.where(IS_OWL & (random.random(N) < 0.8), 90, 120)
    found = d114_file_property_leak.find(rows_with(width=width))
    assert [f.severity for f in found] == ["warn"]
    assert "owl" in found[0].message
    assert "by width" in found[0].message


def test_bytes_that_follow_from_the_content_are_a_note():
    random = np.random.default_rng(0)
    n_bytes = np.where(IS_OWL & (random.random(N) < 0.6), 9_000, 5_000)
    assert [f.severity for f in d114_file_property_leak.find(rows_with(n_bytes=n_bytes))] == ["info"]


def test_a_few_files_of_another_format_tell_nothing():
    file_format = np.where(np.arange(N) < 15, "PNG", "JPEG")
    assert d114_file_property_leak.find(rows_with(file_format=file_format)) == ()


def test_files_that_tell_a_number_are_found():
    values = np.random.default_rng(0).uniform(0, 1, N)
    rows = rows_with(values, width=(100 + 400 * values).astype(np.int32))
    found = d114_file_property_leak.find(rows)
    assert "R2 1.00, at least 0.9" in found[0].message or "R2 1.00, at least 1.00" in found[0].message
    assert "by width" in found[0].message


def test_arrays_have_no_files_to_tell_anything():
    rows = rows_with(file_format="array")
    for check in (d114_file_property_leak, d115_names_tell_label, d125_image_groups):
        with pytest.raises(NotApplicable, match="array"):
            check.find(rows)


def test_a_class_photographed_twice_as_bright_is_a_warning():
    usual = make_measured(N).brightness
    found = d124_pixel_statistics.find(rows_with(brightness=np.where(IS_OWL, 2 * usual, usual)))
    assert [f.severity for f in found] == ["warn"]
    assert "owl" in found[0].message
    assert "by brightness" in found[0].message


def test_a_class_that_is_somewhat_brighter_is_a_note():
    usual = make_measured(N).brightness
    found = d124_pixel_statistics.find(rows_with(brightness=np.where(IS_OWL, usual + 0.15, usual)))
    assert [f.severity for f in found] == ["info"]


def test_names_of_another_pattern_are_a_note():
    names = [f"IMG_{i}.jpg" if owl else f"{i}.jpg" for i, owl in enumerate(IS_OWL)]
    found = d115_names_tell_label.find(make_image_rows(LABELS, names=names))
    assert [f.severity for f in found] == ["info"]
    assert "owl (1.00" in found[0].message


def test_names_that_spell_the_class_tell_nothing_new():
    names = [f"{label}/{i} {label}.jpg" for i, label in enumerate(LABELS)]
    assert d115_names_tell_label.find(make_image_rows(LABELS, names=names)) == ()


def test_random_letters_in_names_tell_nothing():
    random = np.random.default_rng(0)
    names = [f"{label}/{random.integers(16**9):x}.jpg" for label in np.sort(LABELS)]
    assert d115_names_tell_label.find(make_image_rows(np.sort(LABELS), names=names)) == ()


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_the_lower_end_lies_below_the_balanced_accuracy(n, n_rest, data):
    right, right_rest = data.draw(st.integers(0, n)), data.draw(st.integers(0, n_rest))
    value = (right / n + right_rest / n_rest) / 2
    lower = balanced_lower((right, n), (right_rest, n_rest))
    assert lower <= max(value, 0.5)
    assert balanced_lower((right, n), (right_rest, n_rest), n_asked=10) <= lower


def test_noise_is_not_told_from_noise():
    random = np.random.default_rng(1)
    worst = 0.0
    for seed in range(20):
        table = np.random.default_rng(seed).normal(size=(200, 12))
        folds = np.random.default_rng(seed + 100).integers(0, 5, 200)
        worst = max(worst, balanced_accuracy(table, random.random(200) < 0.2, folds, n_asked=5)[1])
    assert worst < d114_file_property_leak.WARN_LIMIT


def test_of_two_classes_one_is_named():
    labels = np.array(["cat", "dog"] * 100)
    rows = make_image_rows(labels)
    found = tell_labels({"mark": (labels == "dog").astype(np.float64)}, rows, limit=0.9)
    assert len(found) == 1


def test_classes_of_few_images_are_not_judged():
    labels = np.array(["cat"] * 300 + ["owl"] * 19)
    assert d114_file_property_leak.find(rows_with(labels, file_format=np.where(labels == "owl", "PNG", "JPEG"))) == ()


def test_formats_are_numbered_from_the_most_frequent_one():
    properties = file_properties(make_measured(4, file_format=["PNG", "JPEG", "JPEG", "BMP"]))
    assert properties["format"].tolist() in ([1, 0, 0, 2], [2, 0, 0, 1])


def test_a_border_is_measured_from_all_four_sides():
    thumbnails = np.zeros((2, 32, 32, 3), np.uint8)
    thumbnails[0, 8:24, 8:24] = np.random.default_rng(0).integers(0, 255, (16, 16, 3))
    assert border_share(thumbnails).tolist() == [0.5, 1.0]


COLOURS = {"cat": (200, 60, 60), "dog": (60, 200, 60), "owl": (60, 60, 200)}


def test_flipped_labels_are_named_with_what_they_look_like():
    given = LABELS.copy()
    flipped = np.random.default_rng(0).permutation(N)[:18]
    given[flipped] = np.where(given[flipped] == "cat", "dog", "cat")
    rows = rows_with(given, thumbnails=painted(LABELS, COLOURS, noise=100))
    found = d113_label_errors.find(rows)
    assert [f.severity for f in found] == ["info"]
    assert {int(name[4:8]) for name in found[0].examples} == set(flipped.tolist())


def test_many_wrong_labels_are_a_warning():
    given = LABELS.copy()
    flipped = np.random.default_rng(0).permutation(N)[:50]
    given[flipped] = np.where(given[flipped] == "cat", "dog", "cat")
    rows = rows_with(given, thumbnails=painted(LABELS, COLOURS, noise=100))
    assert [f.severity for f in d113_label_errors.find(rows)] == ["warn"]


def test_right_labels_are_not_doubted():
    assert d113_label_errors.find(rows_with(thumbnails=painted(LABELS, COLOURS, noise=100))) == ()


def test_no_label_is_doubted_where_no_model_can_tell_the_classes():
    with pytest.raises(NotApplicable, match="tells the classes apart"):
        d113_label_errors.find(rows_with())


def test_a_number_is_not_doubted():
    with pytest.raises(NotApplicable, match="number"):
        d113_label_errors.find(rows_with(np.linspace(0, 1, N)))


PARTS = ("train",) * 400 + ("test",) * 200


def test_a_test_folder_like_the_training_folder_has_no_drift():
    assert d116_drift_across_splits.find(make_image_rows(LABELS, measured=make_measured(N), parts=PARTS)) == ()


def test_a_darker_test_folder_is_named_with_the_property():
    thumbnails = make_measured(N).thumbnails.copy()
    thumbnails[400:] //= 2
    brightness = make_measured(N).brightness.copy()
    brightness[400:] /= 2
    measured = make_measured(N, thumbnails=thumbnails, brightness=brightness)
    found = d116_drift_across_splits.find(make_image_rows(LABELS, measured=measured, parts=PARTS))
    assert [f.severity for f in found] == ["warn"]
    assert "the test images" in found[0].message
    assert "brightness" in found[0].message


def test_other_shares_of_the_labels_are_said():
    labels = np.array(["cat", "dog"] * 200 + ["cat"] * 160 + ["dog"] * 40)
    found = d116_drift_across_splits.find(make_image_rows(labels, measured=make_measured(N), parts=PARTS))
    assert "labels differ in 30 % of the images" in found[0].message


def test_a_split_drawn_here_cannot_drift():
    with pytest.raises(NotApplicable, match="random"):
        d116_drift_across_splits.find(rows_with())


def scenes(n_scenes=100, n_views=6):
    """Views of scenes, each of its own pattern, named by scene and view in an order of chance."""
    random = np.random.default_rng(0)
    n = n_scenes * n_views
    of_scene = np.repeat(np.arange(n_scenes), n_views)
    base = random.integers(0, 256, (n_scenes, 4, 4, 3)).repeat(8, axis=1).repeat(8, axis=2)
    thumbnails = np.clip(base[of_scene] + random.normal(0, 60, (n, 32, 32, 3)), 0, 255).astype(np.uint8)
    labels = np.where(of_scene % 2, "cat", "dog")
    names = [f"{labels[i]}/p{of_scene[i]}_{i % n_views}.jpg" for i in range(n)]
    order = random.permutation(n)
    return labels[order], [names[i] for i in order], make_measured(n, thumbnails=thumbnails[order])


def test_views_of_one_scene_are_found_by_what_their_names_share():
    labels, names, measured = scenes()
    found = d125_image_groups.find(make_image_rows(labels, names=names, measured=measured))
    assert [f.severity for f in found] == ["warn"]
    assert "--split-by-group" in found[0].remedy
    first, second = found[0].examples[:2]
    assert first.rpartition("_")[0] == second.rpartition("_")[0]


def test_names_whose_groups_do_not_look_alike_are_no_groups():
    labels, names, _ = scenes()
    assert d125_image_groups.find(make_image_rows(labels, names=names)) == ()


def test_photos_within_seconds_that_look_alike_are_groups():
    labels, names, measured = scenes()
    scene = np.array([int(name.partition("/p")[2].partition("_")[0]) for name in names])
    columns = {name: getattr(measured, name) for name in ("thumbnails",)}
    measured = make_measured(len(labels), taken_at=20_000.0 + scene, camera="Acme", **columns)
    unnamed = [f"{label}/{i * 7919 % 100_003}x{i}.jpg" for i, label in enumerate(labels)]
    found = d125_image_groups.find(make_image_rows(labels, names=unnamed, measured=measured))
    assert "EXIF time" in found[0].message


def test_declared_groups_are_not_looked_for():
    labels, names, measured = scenes()
    rows = make_image_rows(labels, names=names, measured=measured, groups=np.arange(len(labels)))
    with pytest.raises(NotApplicable, match="already"):
        d125_image_groups.find(rows)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=60), st.lists(st.integers(0, 9), min_size=2, max_size=60))
def test_distances_of_distributions_are_those_of_scipy(ours, theirs):
    from scipy.stats import ks_2samp

    distance, p = spread.kolmogorov_smirnov(np.array(ours, float), np.array(theirs, float))
    assert distance == pytest.approx(ks_2samp(ours, theirs, method="asymp").statistic)
    assert 0 <= p <= 1
