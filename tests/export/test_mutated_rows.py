"""Rows made to hurt."""

from __future__ import annotations

import numpy as np
import pandas as pd

from autorecipe.data.schema import Column, Schema
from autorecipe.export.mutate import LONG_TEXT, UNSEEN_TEXT, mutate_rows

SCHEMA = Schema(
    columns=(
        Column(name="n ", kind="numeric", wire="float32"),
        Column(name="when", kind="datetime", wire="string", date_format="m/d/yyyy"),
        Column(name="c", kind="categorical", wire="string"),
        Column(name="y", kind="numeric", wire="float32", role="target"),
    ),
    target="y",
    task="regression",
    task_reason="",
)
FRAME = pd.DataFrame({"n": [1.0, np.nan, 3.0], "when": ["1/2/2020"] * 3, "c": ["a", "b", "c"], "y": [1.0, 2.0, 3.0]})


def test_the_first_rows_are_all_missing_all_unseen_and_all_extreme():
    rows = mutate_rows(FRAME, SCHEMA, seed=0)
    assert np.isnan(rows["n "][0])
    assert rows.loc[0, ["when", "c"]].tolist() == ["", ""]
    assert rows.loc[1, ["when", "c"]].tolist() == [UNSEEN_TEXT, UNSEEN_TEXT]
    assert rows["n "][2] == 3.0 + 1000 * (3.0 - 1.0 + 1.0)
    assert rows["when"][2] == "9/9/9999"
    assert len(rows["c"][2].split()) == LONG_TEXT


def test_every_column_holds_untouched_missing_and_unseen_cells():
    rows = mutate_rows(FRAME, SCHEMA, seed=1, n=200)
    assert {"", UNSEEN_TEXT, "a", "b", "c"} <= set(rows["c"])


def test_the_target_is_not_sent():
    assert list(mutate_rows(FRAME, SCHEMA, seed=0).columns) == ["n ", "when", "c"]


def test_the_same_seed_mutates_the_same_cells_and_the_frame_stays():
    before = FRAME.copy()
    pd.testing.assert_frame_equal(mutate_rows(FRAME, SCHEMA, seed=3), mutate_rows(FRAME, SCHEMA, seed=3))
    pd.testing.assert_frame_equal(FRAME, before)


def test_a_column_without_a_number_still_gets_an_extreme_one():
    frame = FRAME.assign(n=np.nan)
    assert np.isfinite(mutate_rows(frame, SCHEMA, seed=0)["n "][2])
