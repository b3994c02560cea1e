from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config
from autorecipe.data.split import Split
from autorecipe.data.tables import Table, from_frame
from autorecipe.intake import Intake, take_in
from autorecipe.look import look
from autorecipe.record.finding import Finding

N, N_COPIED = 600, 90
NUMBERS = [f"x{i}" for i in range(5)]


def measured(*, n: int = N, n_copied: int = N_COPIED, task: str = "binary", seed: int = 0) -> pd.DataFrame:
    """Rows of which some were measured twice: "source" says which belong together, "shuffled" is in no order."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(random.normal(size=(n, len(NUMBERS))), columns=NUMBERS)
    rows["town"] = random.choice(["Ulm", "Bonn", "Kiel"], n)
    rows["y"] = rows["x0"] + random.normal(size=n)
    rows["source"] = np.arange(n)
    again = rows.iloc[random.choice(n, n_copied, replace=False)].copy()
    again[NUMBERS] += 1e-4 * random.normal(size=(n_copied, len(NUMBERS)))
    both = pd.concat([rows, again]).sample(frac=1, random_state=seed).reset_index(drop=True)
    if task == "binary":
        both["y"] = np.where(both["y"] > 0.8, "yes", "no")
    return both


def without_source(frame: pd.DataFrame) -> Table:
    return from_frame(frame.drop(columns="source"))


def taken(frame: pd.DataFrame, **asked) -> Intake:
    return take_in(without_source(frame), Config(target="y", **asked))


def parts_of(split: Split):
    yield split.test, split.non_test
    for fold in (*split.folds, *split.bag, *split.fresh):
        yield fold.train, fold.validation


def n_crossing(split: Split, frame: pd.DataFrame) -> int:
    """The most rows measured twice that any two parts share."""
    source = frame["source"].to_numpy()
    return max(len(np.intersect1d(source[one], source[other])) for one, other in parts_of(split))


def found(frame: pd.DataFrame, **asked) -> Finding | None:
    profile = look(without_source(frame), Config(target="y", **asked)).run.profile
    return next((f for f in profile.findings if f.code == "D019"), None)


@pytest.mark.parametrize(
    ("n", "task"), [(600, "binary"), (600, "regression"), (3_000, "binary"), (3_000, "regression")]
)
def test_rows_measured_twice_lie_in_one_part(monkeypatch, n, task):
    frame = measured(n=n, n_copied=n // 6, task=task)
    assert n_crossing(taken(frame).split, frame) == 0
    monkeypatch.setattr("autorecipe.intake.keep_together", lambda split, *_, **__: (split, None))
    assert n_crossing(taken(frame).split, frame) > 10


def test_the_finding_says_that_the_split_was_drawn_by_clusters():
    note = found(measured())
    assert (note.severity, note.action) == ("info", "regroup")
    assert f"{2 * N_COPIED} rows in {N_COPIED} clusters" in note.message
    assert "limit 2 %" in note.message
    assert "the split was drawn so that each cluster lies in one part" in note.remedy


def test_the_first_screen_says_that_rows_stay_beside_their_near_copies():
    assert f"{2 * N_COPIED} rows beside their copies and near copies" in taken(measured()).split.reason


def test_classes_keep_their_shares_in_the_parts():
    intake = taken(measured())
    assert intake.near_rows.n_clusters == N_COPIED
    share = (intake.y == 1).mean()
    assert (intake.y[intake.split.test] == 1).mean() == pytest.approx(share, abs=0.02)
    for fold in intake.split.folds:
        assert (intake.y[fold.validation] == 1).mean() == pytest.approx(share, abs=0.02)


def test_a_few_near_copies_leave_the_split_as_it_was(monkeypatch):
    frame = measured(n_copied=6)
    drawn = taken(frame)
    monkeypatch.setattr("autorecipe.intake.keep_together", lambda split, *_, **__: (split, None))
    assert np.array_equal(drawn.split.test, taken(frame).split.test)
    assert drawn.near_rows.n_clusters == 0


def test_the_same_rows_are_drawn_alike_again():
    frame = measured()
    pairs = zip(parts_of(taken(frame).split), parts_of(taken(frame).split), strict=True)
    assert all(np.array_equal(a, b) for one, other in pairs for a, b in zip(one, other, strict=True))


def test_exact_copies_stay_together_as_well():
    frame = measured()
    frame = pd.concat([frame, frame.iloc[:40]], ignore_index=True)
    assert n_crossing(taken(frame).split, frame) == 0


def groups_are_whole(split: Split, frame: pd.DataFrame) -> bool:
    groups = frame["group"].to_numpy()
    return not any(np.intersect1d(groups[one], groups[other]).size for one, other in parts_of(split))


def test_near_copies_in_different_groups_of_the_user_bring_whole_groups_together():
    frame = measured().assign(group=np.random.default_rng(1).integers(0, 300, N + N_COPIED))
    intake = taken(frame, split_by_group="group")
    assert groups_are_whole(intake.split, frame)
    assert intake.near_rows.n_clusters == N_COPIED
    assert n_crossing(intake.split, frame) == 0


def test_groups_of_the_user_that_hold_their_near_copies_are_split_as_they_were():
    frame = measured().assign(group=lambda rows: rows["source"] % 40)
    intake = taken(frame, split_by_group="group")
    assert groups_are_whole(intake.split, frame)
    assert intake.near_rows.n_clusters == 0


def test_near_copies_that_tie_many_groups_together_leave_the_split_as_it_was():
    frame = measured().assign(group=np.random.default_rng(1).integers(0, 140, N + N_COPIED))
    intake = taken(frame, split_by_group="group")
    assert intake.near_rows.n_clusters == 0
    assert np.bincount(intake.split.groups).max() <= 0.1 * len(frame)


def test_a_split_by_time_goes_on_going_forward_and_near_copies_across_it_are_a_warning():
    frame = measured()
    frame["day"] = pd.date_range("2020-01-01", periods=len(frame)).strftime("%Y-%m-%d")
    intake = taken(frame, split_by_time="day")
    moments = intake.split.moments
    assert moments[intake.split.non_test].max() < moments[intake.split.test].min()
    assert found(frame, split_by_time="day").severity == "warn"


def test_test_rows_of_the_user_stay_test_rows(tmp_path):
    frame = measured()
    own, given = frame.iloc[:500].drop(columns="source"), frame.iloc[500:].drop(columns="source")
    own.to_csv(tmp_path / "own.csv", index=False)
    given.to_csv(tmp_path / "given.csv", index=False)
    config = Config(target="y", test_path=str(tmp_path / "given.csv"))
    assert take_in(str(tmp_path / "own.csv"), config).split.test.tolist() == [*range(500, len(frame))]
    seen = look(str(tmp_path / "own.csv"), config).run.profile
    assert next(f for f in seen.findings if f.code == "D019").severity == "warn"
    assert found(frame).severity == "info"  # as rows of one file they are split anew


def test_without_test_rows_the_folds_keep_near_copies_together():
    frame = measured()
    assert n_crossing(taken(frame, test_share=0.0).split, frame) == 0


def test_one_large_cluster_is_not_put_in_one_part():
    frame = measured()
    frame["day"] = pd.date_range("2020-01-01", periods=len(frame)).strftime("%Y-%m-%d")  # tells equal points apart
    frame.loc[frame.index[:200], [*NUMBERS, "town"]] = frame.loc[0, [*NUMBERS, "town"]].to_list()
    intake = taken(frame)
    assert intake.near_rows.share > 0.02
    assert intake.near_rows.n_clusters == 0
    assert intake.split.groups is None


def test_a_sample_of_a_table_is_split_as_the_whole_table_is(monkeypatch):
    seen = list(itertools.islice(parts_of(taken(measured()).split), 1))
    monkeypatch.setattr("autorecipe.near_copies.MOST_CELLS", 10)
    whole = taken(measured())
    assert whole.near_rows is None
    assert not np.array_equal(whole.split.test, seen[0][0])
