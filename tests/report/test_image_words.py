"""A run of images speaks of images where a run of a table speaks of rows."""

from __future__ import annotations

import dataclasses
import re

import pytest

from autorecipe.data.schema import Column
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.recipe import Recipe
from autorecipe.record.evaluation import Calibration, CalibrationBin
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.readings import Preflight
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.report.console import as_text, run_lines, score_lines
from autorecipe.report.text_ensemble import ensemble_lines
from autorecipe.report.text_header import header_lines
from autorecipe.report.text_intervals import interval_lines
from autorecipe.report.text_soundness import soundness_lines

ROW = re.compile(r"\b[Rr]ows?\b")


@pytest.fixture
def image_run(rich_run):
    """The run whose report is compared word by word, with images for rows in all that the report writes itself."""
    schema = rich_run.schema
    columns = (Column(name="image", kind="image", wire="string"), *schema.columns)
    calibration = Calibration(
        bins=(CalibrationBin(predicted=0.7, observed=0.6, low=0.5, high=0.69, n_rows=40),),
        ece=0.03,
        low=None,
        high=None,
        chance=0.02,
    )
    evaluation = dataclasses.replace(
        rich_run.evaluation, calibration=calibration, threshold_reason="best accuracy on 215 held-out rows"
    )
    return dataclasses.replace(
        rich_run,
        schema=dataclasses.replace(schema, columns=columns),
        split=dataclasses.replace(rich_run.split, reason="fewer than 2,000 images"),
        export=dataclasses.replace(rich_run.export, modality="image"),
        evaluation=evaluation,
        profile=None,
        stages=(),
    )


def one_line(lines) -> str:
    return " ".join(as_text(lines).split())


def test_nothing_that_is_said_of_images_speaks_of_rows(image_run):
    text = as_text(run_lines(image_run, "runs/a"))
    assert not ROW.search(text)
    assert "± is one standard error (images, folds, seeds)" in text
    assert "Test, 133 images opened for the 1st time by this run" in text
    assert "on 133 test images" in one_line(run_lines(image_run, "runs/a"))
    assert "of ten images it gets" in text
    assert "best accuracy on 215 held-out images" in text
    assert "of 40 images that it gives about 70 % to be" in text


def test_scores_without_a_test_speak_of_images(image_run):
    out_of_fold = dataclasses.replace(image_run.evaluation, rows="out of fold")
    run = dataclasses.replace(image_run, evaluation=out_of_fold, split=dataclasses.replace(image_run.split, n_test=0))
    text = one_line(run_lines(run, "runs/a"))
    assert "Out of fold, 133 images: no images were locked away" in text
    assert "no untouched images" in text
    assert not ROW.search(text)


def test_what_few_images_and_little_time_leave_out_is_named(image_run):
    assert "no 95 % intervals" not in one_line(run_lines(image_run, "runs/a"))
    scores = tuple(dataclasses.replace(score, low=None, high=None) for score in image_run.evaluation.scores)
    few = dataclasses.replace(image_run.evaluation, n_rows=9, scores=scores)
    text = one_line(run_lines(dataclasses.replace(image_run, evaluation=few, interpretation=None), "runs/a"))
    assert "no 95 % intervals: 9 images are too few (10 at least)" in text
    assert "autorecipe interpret runs/a: what it looks at was left out, as no time was left" in text


def test_later_images_are_counted_as_images(image_run):
    lines = score_lines(image_run.evaluation, image_run, source="later/")
    assert lines[0].text == "later/, 133 images: 38.3 % are '1'"
    assert not ROW.search(as_text(lines))


def test_the_header_names_the_images_behind_a_metric(image_run):
    text = as_text(header_lines(dataclasses.replace(image_run, metric="recall", deciding_metric="recall")))
    assert "of the images that are '1', the share it finds" in text


def test_intervals_cover_images(image_run):
    from autorecipe.record.evaluation import Coverage, Intervals

    coverages = (Coverage(level=0.9, half_width=2.0, covered=0.91, error=0.01),)
    intervals = Intervals(n_rows=100, half_widths=(1.0,), coverages=coverages)
    evaluation = dataclasses.replace(image_run.evaluation, intervals=intervals)
    assert "of 133 test images" in one_line(interval_lines(evaluation, noun="image"))
    assert "of 133 images" in one_line(interval_lines(evaluation, noun="image", is_test=False))
    few = dataclasses.replace(evaluation, intervals=dataclasses.replace(intervals, coverages=()))
    assert "100 images out of fold are too few" in one_line(interval_lines(few, noun="image"))


def test_an_ensemble_gains_on_images(image_run):
    parts = tuple(
        EnsemblePart(name=name, recipe=Recipe(), keys=(name,), weight=0.5, score=0.8, rows_per_s=100.0) for name in "ab"
    )
    known = Ensemble(parts=parts, score=0.85, best_alone=0.8, gain=0.02, gain_error=0.01, n_rows=100, rows_per_s=50.0)
    text = one_line(ensemble_lines(known, image_run))
    assert "gain on images that did not choose them" in text
    assert not ROW.search(text)


def test_checks_of_training_and_the_diagnosis_speak_of_images(image_run):
    result = StageResult(
        stage="baseline",
        question="?",
        preflight=Preflight(),
        outcomes=(
            CheckOutcome(code="T008", title="Tiny batch", status="passed", text="32 rows memorised in 96 steps"),
        ),
        findings=(
            Finding(
                code="T006",
                title="Batch",
                severity="warn",
                message="Rows of a batch are mixed",
                remedy="look at each row",
            ),
            Finding(code="D035", title="Rare", severity="warn", message="class 'row' is rare"),
        ),
        diagnosis=Diagnosis(name="overfit", reason="lost on new rows", remedy="more rows first of all"),
    )
    text = one_line(soundness_lines(result, image_run))
    assert "32 images memorised in 96 steps" in text
    assert "Images of a batch are mixed" in text
    assert "look at each image" in text
    assert "lost on new images: more images first of all" in text
    assert "class 'row' is rare" in text
