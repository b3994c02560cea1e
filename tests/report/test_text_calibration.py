from __future__ import annotations

import dataclasses
import doctest

import pytest

from autorecipe.record.evaluation import Calibration, CalibrationBin, Evaluation
from autorecipe.record.run import Run
from autorecipe.report import text_calibration
from autorecipe.report.text_calibration import calibration_lines, labelling_lines
from autorecipe.report.text_words import WIDTH, as_text
from autorecipe.testing import make_run


def part(predicted: float, observed: float, *, half: float = 0.04, n_rows: int = 488) -> CalibrationBin:
    return CalibrationBin(
        predicted=predicted, observed=observed, n_rows=n_rows, low=observed - half, high=observed + half
    )


KNOWN = Calibration(ece=0.0123, low=0.002, high=0.019, chance=0.011, bins=(part(0.05, 0.06), part(0.71, 0.68)))


@pytest.fixture
def plain(rich_run: Run) -> Evaluation:
    assert rich_run.evaluation is not None
    return rich_run.evaluation


def said(evaluation: Evaluation, run: Run) -> str:
    lines = calibration_lines(evaluation, run)
    assert all(len(line.text) <= WIDTH for line in lines)
    return " ".join(as_text(lines).split())


def test_reliability_is_told_by_rows_of_one_probability(plain):
    text = said(dataclasses.replace(plain, calibration=KNOWN), make_run())
    assert text == (
        "of 488 rows that it gives about 71 % to be 'yes', 68 % [64 %, 72 %] are; expected calibration error"
        " 0.0123, where exact probabilities would show about 0.011 on so many rows; without such noise it lies in"
        " [0.002, 0.019]"
    )


def test_several_classes_are_told_by_the_likeliest(plain):
    text = said(dataclasses.replace(plain, calibration=KNOWN), make_run(task="multiclass"))
    assert text.startswith(
        "of 488 rows whose likeliest class it gives about 71 %, 68 % [64 %, 72 %] are of that class;"
    )


def test_the_part_that_is_furthest_off_is_named(plain):
    off = dataclasses.replace(KNOWN, bins=(*KNOWN.bins, part(0.92, 0.83), part(0.97, 0.9)))
    text = said(dataclasses.replace(plain, calibration=off), make_run())
    assert text.endswith("furthest off, 2 of 4 parts being so: 92 % said, 83 % [79 %, 87 %] true")


def test_without_a_curve_nothing_is_said(plain):
    assert calibration_lines(plain, make_run()) == ()


def test_multipliers_are_named_with_their_classes(plain):
    evaluation = dataclasses.replace(plain, threshold=None, threshold_reason="because", multipliers=(0.9, 0.7, 1.6))
    text = " ".join(as_text(labelling_lines(evaluation, make_run(task="multiclass"))).split())
    assert text == "labels by probabilities times multipliers ('red' x 1.60, 'green' x 0.70, 'blue' x 0.90): because"


def test_costs_are_told_by_what_they_spare(plain):
    evaluation = dataclasses.replace(
        plain, threshold=None, threshold_reason="0.2 a row", costs=((0.0, 1.0), (2.0, 0.0))
    )
    assert as_text(labelling_lines(evaluation, make_run())) == "  labels by the costs given: 0.2 a row\n"


def test_the_likeliest_class_needs_no_words(plain):
    assert labelling_lines(dataclasses.replace(plain, threshold=None), make_run(task="multiclass")) == ()


def test_the_examples_of_shares_hold():
    assert doctest.testmod(text_calibration).failed == 0
