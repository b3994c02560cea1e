"""What rows that come later say of an exported model."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from autorecipe.data.schema import Column
from autorecipe.loaded import Predictions, evaluate_rows
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
