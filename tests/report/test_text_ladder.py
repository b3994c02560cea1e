from __future__ import annotations

import dataclasses

import pytest
from rich_run import classification_run

from autorecipe.record.trial import Fit, Trial
from autorecipe.report.text_ladder import ladder_lines


def rung(name: str, scores: tuple[float, ...]) -> Trial:
    fits = tuple(Fit(key=name, fold=i, validation_score=score) for i, score in enumerate(scores))
    return Trial(name=name, recipe=None, fits=fits)


def ladder(worse: tuple[float, ...], better: tuple[float, ...]) -> str:
    run = classification_run()
    split = dataclasses.replace(run.split, n_folds=len(worse), scheme="folds")
    run = dataclasses.replace(run, split=split, deciding_metric="log_loss")
    return " ".join(line.text.strip() for line in ladder_lines((rung("net", worse), rung("linear", better)), run))


def test_rungs_that_every_fold_tells_apart_are_not_level_however_far_one_fold_went_wrong():
    assert "net 0.240 > linear 0.05" in ladder((0.08, 0.07, 0.09, 0.06, 0.90), (0.05,) * 5)


@pytest.mark.parametrize("worse", [(0.04, 0.08, 0.03, 0.07, 0.04), (0.05, 0.052, 0.048, 0.051, 0.05)])
def test_rungs_that_folds_disagree_on_within_one_standard_error_are_level(worse):
    assert "≈" in ladder(worse, (0.05,) * 5)


def test_two_folds_that_agree_prove_little():
    assert "≈" in ladder((0.051, 0.3), (0.05, 0.05))
