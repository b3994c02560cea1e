"""What rows that come later say of an exported model."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from autorecipe import AutoRecipe
from autorecipe.data.schema import Column
from autorecipe.errors import UserError
from autorecipe.loaded import Predictions, evaluate_rows, prediction_table, score_rows
from autorecipe.metrics.intervals import Rows
from autorecipe.record.evaluation import Evaluation
from autorecipe.testing import make_run

TARGET = make_run().schema.target
N_HOMES, SIZE = 30, 10
ROWS = pd.DataFrame({TARGET: np.tile(["no", "yes"], N_HOMES * SIZE // 2), "home": np.repeat(np.arange(N_HOMES), SIZE)})
KNOWN = np.random.default_rng(0).uniform(0.2, 0.9, N_HOMES).repeat(SIZE)  # as much of each row of a home


def scored(frame: pd.DataFrame) -> Evaluation:
    """What a model says of rows whose run kept homes together."""
    run = make_run()
    home = Column(name="home", kind="categorical", role="group", wire="string", reason="asked")
    run = dataclasses.replace(run, schema=dataclasses.replace(run.schema, columns=(*run.schema.columns, home)))
    positive = np.where(ROWS[TARGET] == "yes", KNOWN, 1 - KNOWN)
    said = Predictions(labels=np.array([]), probabilities=np.stack([1 - positive, positive], axis=1))
    return evaluate_rows(SimpleNamespace(run=run, predict=lambda rows: said), frame)


def width(found: Evaluation) -> float:
    score = next(s for s in found.scores if s.metric == "accuracy")
    return score.high - score.low


def test_rows_of_one_group_are_no_witnesses_of_their_own():
    assert width(scored(ROWS)) > 1.5 * width(scored(ROWS.drop(columns="home")))


def test_rows_without_a_group_stand_alone_as_they_do_in_the_split():
    nowhere = ROWS.assign(home=np.where(ROWS["home"] < 15, "", ROWS["home"].astype(str)))
    alone = ROWS.assign(home=np.where(ROWS["home"] < 15, "row " + ROWS.index.astype(str), ROWS["home"].astype(str)))
    assert width(scored(nowhere)) == pytest.approx(width(scored(alone)), rel=0.2)


def test_groups_that_are_not_told_are_named():
    assert scored(ROWS).notes == ()
    (note,) = scored(ROWS.drop(columns="home")).notes
    assert note == "intervals take every row for one of its own: there are no groups 'home'"


def test_too_few_groups_leave_scores_without_an_interval_and_it_is_told():
    found = scored(ROWS.assign(home=ROWS["home"] % 4))
    assert all(score.low is None for score in found.scores)
    assert "the rows fall into 4 groups" in found.notes[0]


def test_rows_without_a_target_are_left_out_and_it_is_told():
    answers = Predictions(labels=np.array([]), probabilities=np.tile([0.4, 0.6], (20, 1)))
    served = SimpleNamespace(run=make_run(), predict=lambda rows: answers)
    rows = pd.DataFrame({TARGET: ["no", "yes"] * 10 + [""] * 3})
    found = evaluate_rows(served, rows)
    assert found.n_rows == 20
    assert found.notes == (f"left out 3 rows without a value of '{TARGET}'",)


def test_what_is_to_be_known_of_rows_travels_with_their_scores_and_predictions():
    note = "size: 20 of 20 cells hold levels that were not learned"
    answers = Predictions(labels=np.array(["no"] * 20), probabilities=np.tile([0.4, 0.6], (20, 1)), notes=(note,))
    rows = pd.DataFrame({TARGET: ["no", "yes"] * 10})
    assert evaluate_rows(SimpleNamespace(run=make_run(), predict=lambda rows: answers), rows).notes == (note,)
    assert prediction_table(rows, answers, make_run().schema).attrs["notes"] == (note,)


def test_in_python_it_is_a_warning():
    answers = Predictions(labels=np.array(["no"]), probabilities=np.array([[0.6, 0.4]]), notes=("size: all empty",))
    model = AutoRecipe()
    model._run, model._served_model = make_run(), SimpleNamespace(predict=lambda rows: answers)
    with pytest.warns(RuntimeWarning, match="size: all empty"):
        assert model.predict(pd.DataFrame({"size": [""]})).tolist() == ["no"]


def test_rows_without_any_target_leave_nothing_to_score():
    served = SimpleNamespace(run=make_run(), predict=None)
    with pytest.raises(UserError, match=r"no row has a value of .* there is nothing to score"):
        evaluate_rows(served, pd.DataFrame({TARGET: ["", ""]}))


def test_metrics_that_rows_of_one_class_cannot_tell_are_named():
    answers = Predictions(labels=np.array([]), probabilities=np.tile([0.4, 0.6], (20, 1)))
    found = evaluate_rows(
        SimpleNamespace(run=make_run(), predict=lambda rows: answers), pd.DataFrame({TARGET: ["yes"] * 20})
    )
    assert {score.metric for score in found.scores} == {"accuracy", "recall", "log_loss", "brier"}
    assert found.notes[0].startswith("ROC AUC, PR AUC")
    assert found.calibration is None


def test_the_threshold_is_said_to_be_of_the_fit():
    chosen = Evaluation(
        rows="test",
        n_rows=9,
        metric="roc_auc",
        scores=(),
        out_of_fold=(),
        ladder=(),
        verdict="alone",
        threshold=0.5,
        threshold_reason="no other is more accurate (ROC AUC needs no threshold; 55 % are positive)",
    )
    found = score_rows(
        dataclasses.replace(make_run(), evaluation=chosen), np.array([1, 1, 0]), np.tile([0.4, 0.6], (3, 1)), Rows()
    )
    assert found.threshold_reason == "chosen when the run was fitted, on its own held-out rows"
