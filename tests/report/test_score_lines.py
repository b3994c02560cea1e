"""Scores of rows that came after the fit: which rows, what has to be known of them, then the numbers."""

from __future__ import annotations

import dataclasses

from autorecipe.record.evaluation import Evaluation, Score
from autorecipe.report.text_result import score_lines
from autorecipe.testing import make_run

ONE_CLASS = Evaluation(
    rows="test",
    n_rows=40,
    metric="roc_auc",
    scores=(Score(metric="accuracy", value=0.9, low=0.8, high=0.97),),
    out_of_fold=(),
    ladder=(),
    verdict="alone",
    threshold=0.5,
    threshold_reason="chosen when the run was fitted, on its own held-out rows",
    confusion=((0, 0), (4, 36)),
    notes=("ROC AUC cannot be computed: all 40 rows are of one class, 'yes'",),
)


def texts(evaluation: Evaluation) -> list[str]:
    return [line.text for line in score_lines(evaluation, make_run(), source="later.csv")]


def test_the_share_of_positives_is_of_the_rows_that_are_scored():
    assert texts(ONE_CLASS)[0] == "later.csv, 40 rows: 100 % are 'yes'"
    mixed = dataclasses.replace(ONE_CLASS, confusion=((22, 0), (4, 14)))
    assert texts(mixed)[0] == "later.csv, 40 rows: 45 % are 'yes'"


def test_what_has_to_be_known_of_the_rows_stands_above_the_scores():
    said = texts(ONE_CLASS)
    assert said[1] == "  ROC AUC cannot be computed: all 40 rows are of one class, 'yes'"
    assert said[2].startswith("  accuracy")


def test_several_classes_and_numbers_have_no_share_of_positives():
    run = make_run(task="regression")
    plain = dataclasses.replace(ONE_CLASS, metric="rmse", scores=(), confusion=(), threshold=None, notes=())
    assert [line.text for line in score_lines(plain, run, source="later.csv")] == ["later.csv, 40 rows"]
