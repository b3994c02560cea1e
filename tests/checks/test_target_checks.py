from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import (
    d030_class_imbalance,
    d031_rare_classes,
    d032_target_type,
    d033_target_quality,
    d037_validation_noise,
)
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.rows import training_rows
from autorecipe.config import Config
from autorecipe.data.schema import Column, Schema


def rows_of(target, **more):
    return make_rows({"x": chance().normal(size=len(target))}, target=target, **more)


def labels(**counts):
    return np.repeat(list(counts), list(counts.values()))


@pytest.mark.parametrize(("n_rare", "severity"), [(60, "info"), (15, "warn")])
def test_classes_of_different_size_are_named(n_rare, severity):
    (found,) = d030_class_imbalance.find(rows_of(labels(no=1200, yes=n_rare)))
    assert found.severity == severity
    assert f"y is yes in {'4.8' if n_rare == 60 else '1.2'} % of the rows ({n_rare})" in found.message
    assert "judged by" in found.remedy


@pytest.mark.parametrize(("n_rare", "advised"), [(100, True), (60, False)])
def test_average_precision_is_advised_where_roc_auc_would_decide_on_a_small_class(n_rare, advised):
    (found,) = d030_class_imbalance.find(rows_of(labels(no=1200, yes=n_rare)))
    assert ("--metric average_precision" in found.remedy) is advised
    assert bool(found.fixes) is advised


def test_average_precision_is_not_advised_where_the_positive_class_is_the_large_one():
    (found,) = d030_class_imbalance.find(rows_of(labels(a=100, b=1200)))
    assert "--metric" not in found.remedy


def test_a_metric_that_decides_anyway_is_not_advised():
    (found,) = d030_class_imbalance.find(rows_of(labels(no=1200, yes=60, maybe=600), task="multiclass"))
    assert found.remedy == "stratified, never reweighted; judged by log loss"
    assert found.fixes == ()


def test_a_metric_that_was_chosen_is_not_recommended_again():
    config = Config(target="y", metric="average_precision")
    (found,) = d030_class_imbalance.find(rows_of(labels(no=1200, yes=15), config=config))
    assert "--metric" not in found.remedy
    assert "judged by average_precision, as asked" in found.remedy
    assert found.fixes == ()


def test_accuracy_is_advised_against_though_it_was_chosen():
    config = Config(target="y", metric="accuracy")
    (found,) = d030_class_imbalance.find(rows_of(labels(no=1200, yes=15), config=config))
    assert "--metric average_precision rather than accuracy" in found.remedy


def test_classes_of_like_size_are_fine():
    assert d030_class_imbalance.find(rows_of(labels(no=300, yes=100))) == ()


def test_a_number_has_no_classes():
    for check in (d030_class_imbalance, d031_rare_classes):
        with pytest.raises(NotApplicable, match="the target is a number"):
            check.find(rows_of(chance().normal(size=50)))


def test_rare_classes_are_counted():
    (found,) = d031_rare_classes.find(rows_of(labels(a=100, b=80, c=3, d=1), task="multiclass"))
    assert found.severity == "warn"
    assert "d (1 row), c (3 rows); limit 5" in found.message


def test_rare_classes_that_are_numbers_may_be_counts():
    visits = {str(n): max(1, 100 - 20 * n) for n in range(6)}
    (found,) = d031_rare_classes.find(rows_of(labels(**visits), task="multiclass"))
    assert "if they are counts or steps: --task regression" in found.remedy
    assert found.severity == "info"


@pytest.mark.parametrize("sizes", [(2, 30, 90, 40, 20, 3), (90, 40, 20, 10, 8, 3)], ids=["below too", "grades from 3"])
def test_rare_grades_are_no_tail_of_a_count(sizes):
    first = 3 if sizes[0] == 90 else 0
    grades = {str(first + n): size for n, size in enumerate(sizes)}
    (found,) = d031_rare_classes.find(rows_of(labels(**grades), task="multiclass"))
    assert found.severity == "warn"


def test_rare_classes_with_names_are_no_counts():
    (found,) = d031_rare_classes.find(rows_of(labels(a=100, b=80, c=3, d=1), task="multiclass"))
    assert "--task" not in found.remedy


def test_rare_classes_and_imbalance_are_one_warning():
    target = labels(a=1000, b=12, c=3)
    severities = [
        f.severity
        for check in (d030_class_imbalance, d031_rare_classes)
        for f in check.find(rows_of(target, task="multiclass"))
    ]
    assert severities == ["info", "warn"]


def test_classes_with_rows_enough_are_not_rare():
    assert d031_rare_classes.find(rows_of(labels(a=100, b=5), task="binary")) == ()


@pytest.mark.parametrize("n_values", [7, 40])
def test_whole_numbers_that_may_be_classes_are_a_note(n_values):
    (found,) = d032_target_type.find(rows_of(np.arange(400.0) % n_values))
    assert found.severity == "info"
    assert f"{n_values} distinct whole numbers" in found.message
    assert "--task multiclass" in found.remedy
    assert found.message.count("whole") == 1
    assert "--task" not in found.message


def test_classes_of_digits_may_be_numbers():
    (found,) = d032_target_type.find(rows_of([str(i % 8) for i in range(200)], task="multiclass"))
    assert "--task regression" in found.remedy


def test_clear_targets_are_not_in_doubt():
    assert d032_target_type.find(rows_of(np.arange(400.0))) == ()
    with pytest.raises(NotApplicable, match="not of whole numbers"):
        d032_target_type.find(rows_of(coin_flips(50)))


def test_a_task_that_was_set_is_not_in_doubt():
    with pytest.raises(NotApplicable, match="--task"):
        d032_target_type.find(rows_of(np.arange(400.0) % 40, config=Config(target="y", task="regression")))


def test_rows_without_a_target_are_counted_and_left_out():
    frame = pd.DataFrame({"x": chance().normal(size=100), "y": [np.nan] * 5 + list(chance().normal(size=95))})
    schema = Schema(
        columns=(
            Column(name="x", kind="numeric", wire="float32"),
            Column(name="y", kind="numeric", wire="float32", role="target"),
        ),
        target="y",
        task="regression",
        task_reason="made up",
    )
    rows = training_rows(frame, other_frame=None, schema=schema, config=Config(target="y"))
    (found,) = d033_target_quality.find(rows)
    assert rows.n_rows == 95
    assert "no readable y in 5 rows (5 %; limit 1 %)" in found.message


def test_targets_far_out_are_a_note():
    target = chance().normal(size=500)
    target[:5] = [30, 31, 40, 50, 55]
    (found,) = d033_target_quality.find(rows_of(target))
    assert found.severity == "info"
    assert "5 rows, up to 55" in found.message
    assert found.rows == (5, 4, 3, 2, 1)
    assert "--loss huber" in found.remedy


def test_a_single_target_that_spans_the_range_is_a_warning():
    target = chance().normal(size=500)
    target[3] = 1e4
    (found,) = d033_target_quality.find(rows_of(target))
    assert (found.severity, found.rows) == ("warn", (4,))


def test_of_images_files_are_named_instead_of_rows():
    target = chance().normal(size=500)
    target[3] = 1e4
    rows = dataclasses.replace(rows_of(target), names=tuple(f"{i}.jpg" for i in range(500)), n_scored=100)
    (found,) = d033_target_quality.find(rows)
    assert (found.rows, found.examples) == ((), ("3.jpg",))
    assert "in 1 image," in found.message
    assert "in the images named" in found.remedy
    (noise,) = d037_validation_noise.find(rows)
    assert noise.message.startswith("100 images decide")
    assert "more images" in noise.remedy


def test_a_normal_target_is_fine():
    assert d033_target_quality.find(rows_of(chance().normal(size=500))) == ()
    assert d033_target_quality.find(rows_of(coin_flips(500))) == ()
