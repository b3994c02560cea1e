"""Metrics that rows cannot tell are named with the reason."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autorecipe.data.schema import Schema
from autorecipe.metrics.summary import all_scores
from autorecipe.metrics.undefined import undefined_notes
from autorecipe.testing import make_run

TWO = make_run().schema
THREE = dataclasses.replace(TWO, task="multiclass", classes=("ash", "birch", "cedar"))
NUMBERS = dataclasses.replace(TWO, task="regression", classes=(), target="price")


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (
            [1] * 40,
            "ROC AUC, PR AUC, calibration error, balanced accuracy, precision, F1 and MCC cannot be computed: all 40",
        ),
        ([0] * 40, "precision, recall, F1 and MCC cannot be computed: all 40 rows are of one class, 'no'"),
        ([1], "the only row is of the class 'yes'"),
    ],
    ids=["positives", "negatives", "one row"],
)
def test_rows_of_one_class_rank_and_balance_nothing(y, said):
    (note,) = undefined_notes(TWO, y)
    assert said in note


def test_rows_of_both_classes_need_no_note():
    assert undefined_notes(TWO, [0, 1]) == ()


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([5.0], "R² cannot be computed: there is only one row"),
        ([5.0] * 30, "R² cannot be computed: all 30 rows have the same 'price'"),
        ([5.0, 0.0], "MAPE cannot be computed: the 'price' of 1 row is 0"),
    ],
)
def test_a_regression_says_what_its_target_lacks(y, said):
    assert undefined_notes(NUMBERS, y) == (said,)


def test_a_constant_of_zero_lacks_both():
    assert [note.split()[0] for note in undefined_notes(NUMBERS, [0.0, 0.0])] == ["R²", "MAPE"]


def test_classes_that_do_not_occur_are_named():
    (note,) = undefined_notes(THREE, [0, 2, 0])
    assert note == "no row is of 1 of the 3 classes ('birch'): means over the classes are of the 2 that occur"


def test_one_class_of_several_is_said_once():
    (note,) = undefined_notes(THREE, [2, 2])
    assert note.endswith("cannot be computed: all 2 rows are of one class, 'cedar'")


@given(st.lists(st.integers(0, 1), min_size=1, max_size=12), st.sampled_from([TWO, THREE]))
def test_what_is_not_named_is_scored(y, schema: Schema):
    n = len(schema.classes)
    scores = all_scores(schema.task, y, np.full((len(y), n), 1 / n))
    named = " ".join(undefined_notes(schema, y)).split(" cannot be computed")[0] if len(set(y)) == 1 else ""
    assert bool(named) == (len(set(y)) == 1)
    assert not any(np.isnan(score.value) for score in scores)
