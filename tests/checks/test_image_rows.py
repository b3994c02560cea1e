from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_builder import make_image_rows, make_measured
from PIL import Image

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.file_names import groupings, last_number, pattern, stem
from autorecipe.checks.image_rows import N_EXAMPLES, N_FOLDS, deal_folds, image_rows
from autorecipe.checks.prevalence import MAX_PREVALENCE, Oddity, report_oddity
from autorecipe.config import Config
from autorecipe.intake import take_in


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2)), min_size=1, max_size=200), st.integers(0, 5))
def test_a_unit_is_in_one_fold(rows, seed):
    units, target = (np.array(side) for side in zip(*rows, strict=True))
    try:
        folds = deal_folds(units, target, seed=seed)
    except NotApplicable:
        assert len(units) >= N_FOLDS
        assert np.bincount(units).max() > (0.5 - 1 / N_FOLDS) * len(units) or len(set(units.tolist())) < 2 * N_FOLDS
        return
    assert set(folds.tolist()) <= set(range(N_FOLDS))
    assert all(len(set(folds[units == unit])) == 1 for unit in set(units.tolist()))


def test_folds_of_which_one_holds_most_images_are_no_folds():
    units = np.concatenate([np.zeros(120, np.int64), np.arange(1, 81)])
    with pytest.raises(NotApplicable, match="68 % of the images stay together"):
        deal_folds(units, np.arange(200) % 2, seed=0)


def test_classes_are_spread_evenly_over_the_folds():
    target = np.array([0] * 300 + [1] * 50)
    folds = deal_folds(np.arange(350), target, seed=0)
    assert np.bincount(folds[target == 1]).tolist() == [10] * N_FOLDS


def test_a_sample_is_the_same_each_time_and_ascending():
    rows = make_image_rows(["a", "b"] * 100)
    sample = rows.sample(50)
    assert len(sample) == 50
    assert (np.diff(sample) > 0).all()
    np.testing.assert_array_equal(sample, rows.sample(50))
    np.testing.assert_array_equal(rows.sample(200), np.arange(200))


def test_at_most_fifty_names_are_given():
    assert len(make_image_rows(["a", "b"] * 100).examples(range(200))) == N_EXAMPLES


def grouped(folder):
    lines = ["path,label,patient"]
    for i in range(60):
        noise = np.random.default_rng(i).integers(0, 256, (12, 12, 3)).astype(np.uint8)
        Image.fromarray(noise).save(folder / f"{i}.png")
        lines.append(f"{i}.png,{'sick' if i % 2 else 'well'},p{i // 6}")
    (folder / "scans.csv").write_text("\n".join(lines))
    return str(folder / "scans.csv")


def test_declared_groups_stay_in_one_fold(tmp_path):
    config = Config(target="label", split_by_group="patient")
    rows = image_rows(take_in(grouped(tmp_path), config), config)
    assert rows.groups is not None
    folds = rows.folds(np.arange(rows.n_rows))
    patients = np.array([int(rows.names[row].removesuffix(".png")) // 6 for row in rows.rows])
    assert all(len(set(folds[patients == patient])) == 1 for patient in set(patients.tolist()))


def test_a_table_has_no_images_to_gather(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y\n" + "\n".join(f"{i % 7},{i % 2}" for i in range(40)))
    config = Config(target="y")
    with pytest.raises(ValueError, match="no images"):
        image_rows(take_in(str(path), config), config)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_images_are_listed_where_few_show_it_and_only_then(marks):
    rows = make_image_rows(["a", "b"] * 30, measured=make_measured(60))
    marked = np.array(marks + [False] * (60 - len(marks)))
    odd = Oddity(
        code="D199",
        title="Odd",
        what="odd",
        marked=marked,
        badness=np.arange(60.0),
        limit=1.0,
        remedy="",
        severity="warn",
    )
    found = report_oddity(rows, odd)
    assert len(found) == bool(marked.any())
    for finding in found:
        few = marked.mean() <= MAX_PREVALENCE
        assert (finding.severity, len(finding.examples)) == (("warn", marked.sum()) if few else ("info", 0))


def test_the_plainest_images_are_named_first():
    rows = make_image_rows(["a", "b"] * 30, measured=make_measured(60))
    marked = np.arange(60) < 3
    odd = Oddity(code="D199", title="", what="", marked=marked, badness=np.arange(60.0), limit=1.0, remedy="")
    assert report_oddity(rows, odd)[0].examples == ("a/0002.jpg", "b/0001.jpg", "a/0000.jpg")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("no/12 no.jpg", "#"), ("Y7.JPG", "y#"), ("a/IMG_2024-01.png", "img##"), ("x/Größe1.png", "grösse#")],
)
def test_patterns_leave_out_numbers_and_the_class(name, expected):
    assert pattern(name, ["no", "yes"]) == expected


def test_names_are_read_without_folder_and_ending():
    assert (stem("a\\b\\c.d.jpg"), last_number("x/12_5.jpg"), last_number("rose.jpg")) == ("c.d", 5.0, -1.0)


def ways(names):
    return {grouping.what for grouping in groupings(names, make_image_rows(["a", "b"]).schema)}


def test_a_patient_in_the_name_is_a_way_to_group():
    names = [f"scan_p{i // 4}_{i % 4}.png" for i in range(80)]
    assert "the beginning 'scan_p0' of 'scan_p0_0'" in ways(names)


def test_a_folder_of_a_few_images_is_a_way_to_group():
    assert ways([f"{i // 4}/{chr(97 + i % 26)}.png" for i in range(80)]) == {"the folder"}


def test_names_that_are_all_different_are_no_groups():
    assert ways([f"{i:05d}.png" for i in range(80)]) == set()
    assert ways([]) == set()


def test_groups_of_half_the_images_are_none():
    assert ways([f"{i % 2}/{i}.png" for i in range(80)]) == set()
