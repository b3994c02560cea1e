from __future__ import annotations

import dataclasses

import pytest
from rich_run import classification_run, regression_run

from autorecipe.compare import compare
from autorecipe.comparison import ScoreBeside
from autorecipe.ensemble.record import EnsemblePart
from autorecipe.recipe import Recipe
from autorecipe.record.evaluation import Score
from autorecipe.report.text_compare import apart_by, compare_lines, difference_text
from autorecipe.report.text_words import WIDTH, as_text
from autorecipe.report.width import page_of

NAMES = ("runs/people-1", "runs/people-2")


@pytest.fixture(scope="module")
def comparison():
    first = classification_run()
    config = dataclasses.replace(first.config, preset="quick")
    return compare(first, dataclasses.replace(first, config=config, stages=first.stages[:4]), names=NAMES)


def with_difference(comparison, value, low, high):
    found = Score(metric="roc_auc", value=value, low=low, high=high)
    return dataclasses.replace(comparison, difference=found, n_paired=133, why_not="")


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.02, 0.005, 0.04, "runs/people-2 is better than runs/people-1: runs/people-2 against runs/people-1"),
        (-0.02, -0.04, -0.005, "runs/people-1 is better than runs/people-2: runs/people-2 against runs/people-1"),
        (0.02, -0.005, 0.04, "level: runs/people-2 against runs/people-1"),
    ],
)
def test_the_first_sentence_says_who_is_better(comparison, value, low, high, said):
    text = difference_text(with_difference(comparison, value, low, high))
    assert text.startswith(said)
    assert "on the same 133 rows" in text


def test_scores_whose_intervals_do_not_meet_are_named_beside_the_answer(comparison):
    def beside(metric, first, second):
        scores = [Score(metric=metric, value=v, low=v - 0.05, high=v + 0.05) for v in (first, second)]
        return ScoreBeside(metric=metric, first=scores[0], second=scores[1])

    scores = (beside("log_loss", 0.4, 0.56), beside("f1", 0.7, 0.72), beside("roc_auc", 0.6, 0.9))
    found = dataclasses.replace(with_difference(comparison, 0.002, -0.02, 0.02), scores=scores)
    (said,) = apart_by(found)
    assert said.startswith("runs/people-1 is better by other scores, whose intervals do not meet: log loss 0.400")
    assert "against 0.560" in said
    assert "F1" not in said


def test_runs_that_predict_alike_have_no_interval_of_nothing(comparison):
    text = difference_text(with_difference(comparison, 0.0, 0.0, 0.0))
    assert text.startswith("level: runs/people-2 and runs/people-1 have the same ROC AUC on the same 133 rows")
    assert "+0.000" not in text
    assert "interval" not in as_text(compare_lines(with_difference(comparison, 0.0, 0.0, 0.0)))


def test_where_only_some_rows_are_common_their_number_is_said(comparison):
    few = dataclasses.replace(with_difference(comparison, 0.02, 0.005, 0.04), n_paired=12)
    assert "on the 12 rows that both were scored on (of 133 and 133)" in difference_text(few)


def test_a_difference_is_written_with_its_sign_and_interval(comparison):
    text = difference_text(with_difference(comparison, -0.02, -0.04, 0.005))
    assert "ROC AUC -0.02 [-0.04, +0.005]" in text


def test_an_interval_of_single_rows_is_told(comparison):
    found = with_difference(comparison, 0.02, 0.005, 0.04)
    said = "the interval of the gain is of single rows, since 6 groups of them"
    assert said in as_text(compare_lines(dataclasses.replace(found, n_too_few=6))).replace("\n", " ")
    assert said not in as_text(compare_lines(found)).replace("\n", " ")


def test_without_a_difference_the_reason_is_said(comparison):
    assert "no paired difference, because 'runs/people-1' kept no predictions" in difference_text(comparison)


@pytest.mark.parametrize(
    "said",
    ["--preset", "standard", "quick", "learning_rate", "not worked through", "size of the export", "1.2 MB"],
)
def test_what_differs_is_shown(comparison, said):
    assert said in as_text(compare_lines(comparison))


@pytest.mark.parametrize("width", [60, WIDTH])
def test_no_line_is_wider_than_the_page(comparison, width):
    with page_of(width):
        assert max(len(line.text) for line in compare_lines(comparison)) <= width


def test_runs_of_a_number_are_compared_too():
    run = regression_run()
    text = as_text(compare_lines(compare(run, run, names=NAMES)))
    assert "RMSE" in text
    assert "the same recipe" in text


def test_images_are_not_called_rows(comparison):
    text = as_text(compare_lines(dataclasses.replace(comparison, modality="image")))
    assert "validation images" in text
    assert "images per second" in text
    assert "row" not in text.partition("found only in")[0]


def test_runs_scored_on_other_rows_are_told_the_cause_and_the_remedy(comparison):
    found = dataclasses.replace(with_difference(comparison, 0.02, 0.005, 0.04), n_paired=12, why_apart="--seed 0 and 7")
    text = " ".join(as_text(compare_lines(found)).split())
    assert "scored on other rows, as these differ: --seed 0 and 7. To compare them on the same rows, fit both" in text
    assert "autorecipe evaluate RUN DATA" in text


def test_all_recipes_of_a_final_model_are_compared_with_their_weights():
    run = classification_run()
    part = EnsemblePart(name="a", recipe=Recipe(width=96), keys=("k", "l"), weight=0.75, score=0.8)
    other = dataclasses.replace(part, name="b", recipe=Recipe(depth=5), keys=("m",), weight=0.25)
    both = dataclasses.replace(compare(run, run, names=NAMES), parts=((part, other), (part,)))
    text = as_text(compare_lines(both))
    assert "recipe (the one with most weight; the others below)" in text
    assert "0.75: mlp 2 x 96" in text
    assert "0.25: mlp 5 x 64" in text
