from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, make_rows

from autorecipe.checks import d019_near_duplicate_rows
from autorecipe.checks.check import NotApplicable
from autorecipe.data.near_rows import NearRows

N = 1_500
NAMES = "abcd"


def table(values, others, *, target, other_target):
    other = pd.DataFrame({c: others[:, i] for i, c in enumerate(NAMES)})
    other["y"] = other_target
    return make_rows({c: values[:, i] for i, c in enumerate(NAMES)}, target=target, other_frame=other)


def noise(n, seed):
    return chance(seed).normal(size=(n, len(NAMES)))


def test_rows_measured_twice_are_a_warning_where_their_targets_agree():
    ours, y = noise(N, 0), chance(1).normal(size=N)
    theirs = np.concatenate([ours[:40] + 1e-4, noise(260, 2)])
    other_y = np.concatenate([y[:40] + 1e-3, chance(3).normal(size=260)])
    (found,) = d019_near_duplicate_rows.find(table(ours, theirs, target=y, other_target=other_y))
    assert found.severity == "warn"
    assert "40 validation or test rows of 300 (13 %" in found.message
    assert "limit 2 %" in found.message
    assert set(found.rows) <= set(range(1, 41))
    assert "--split-by-group" in found.remedy


def test_clusters_that_the_split_keeps_together_are_a_note():
    near = NearRows(
        n_compared=300,
        n_near=40,
        by_chance=0.001,
        is_same_target=True,
        rows=(7, 9),
        radius=0.01,
        n_together=80,
        n_clusters=39,
    )
    ours = noise(N, 0)
    rows = table(ours, noise(300, 2), target=ours[:, 0], other_target=chance(3).normal(size=300))
    (found,) = d019_near_duplicate_rows.find(dataclasses.replace(rows, near_rows=near))
    assert (found.severity, found.action, found.rows) == ("info", "regroup", (7, 9))
    assert "80 rows in 39 clusters" in found.message
    assert "13 % of the validation and test rows" in found.message


def test_near_rows_with_other_targets_give_nothing_away():
    ours, y = noise(N, 0), chance(1).normal(size=N)
    theirs = np.concatenate([ours[:40] + 1e-4, noise(260, 2)])
    assert d019_near_duplicate_rows.find(table(ours, theirs, target=y, other_target=chance(3).normal(size=300))) == ()


@pytest.mark.parametrize("seed", range(6))
def test_a_random_split_is_silent(seed):
    random = chance(seed)
    values = {
        0: noise(N, seed),
        1: np.exp(2 * noise(N, seed)),
        2: np.outer(random.normal(size=N), np.ones(4)) + 1e-3 * noise(N, seed + 50),
        3: random.normal(size=(N, 4)) ** 3,
        4: random.integers(0, 100, (N, 4)).astype(float),
        5: np.cumsum(noise(N, seed), axis=0)[random.permutation(N)],
    }[seed]
    y = values.sum(axis=1)
    rows = table(values[:1200], values[1200:], target=y[:1200], other_target=y[1200:])
    assert [f for f in d019_near_duplicate_rows.find(rows) if f.severity == "warn"] == []


def test_exact_copies_are_not_counted_again():
    ours, y = noise(N, 0), chance(1).normal(size=N)
    theirs = np.concatenate([ours[:40], noise(260, 2)])
    rows = table(ours, theirs, target=y, other_target=np.concatenate([y[:40], chance(3).normal(size=260)]))
    assert d019_near_duplicate_rows.find(rows) == ()


def test_a_table_of_levels_has_no_distances():
    rows = make_rows({"a": chance().integers(0, 3, N)}, target=chance().normal(size=N))
    with pytest.raises(NotApplicable, match="fewer than 3 numbers"):
        d019_near_duplicate_rows.find(rows)
