from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d012_missingness_leak, d013_target_leakage, d014_outcome_names, d042_event_length
from autorecipe.checks.check import NotApplicable
from autorecipe.config import Config

N = 400
Y = coin_flips(N)


def test_a_copy_of_the_target_stops_and_names_its_flags():
    rows = make_rows({"noise": chance().normal(size=N), "paid late": np.where(Y == "yes", "a", "b")}, target=Y)
    (stop,) = d013_target_leakage.find(rows)
    assert (stop.severity, stop.action, stop.columns) == ("stop", "ask", ("paid late",))
    assert stop.measured >= stop.limit == 0.98
    assert "'paid late' alone predicts y: ROC AUC 1.000" in stop.message
    assert "limit 0.98" in stop.message
    assert "--drop 'paid late'" in stop.remedy
    assert "--allow 'D013:paid late'" in stop.remedy


def test_a_strong_honest_feature_raises_nothing():
    x = (Y == "yes") * 1.5 + chance().normal(size=N)
    assert d013_target_leakage.find(make_rows({"x": x}, target=Y)) == ()


def test_a_nearly_perfect_feature_warns_without_stopping():
    y = coin_flips(4000)
    x = (y == "yes") * 2.8 + chance().normal(size=4000)
    (warning,) = d013_target_leakage.find(make_rows({"x": x}, target=y))
    assert warning.severity == "warn"
    assert 0.95 <= warning.measured < 0.98
    assert "--drop x" in warning.remedy


def test_a_leak_in_a_number_is_found_by_r2():
    y = chance().lognormal(size=N)
    rows = make_rows({"with_tax": 1.2 * y + 3, "noise": chance(1).normal(size=N)}, target=y)
    (stop,) = d013_target_leakage.find(rows)
    assert (stop.severity, stop.columns) == ("stop", ("with_tax",))
    assert "R2 1.000" in stop.message


def test_the_best_of_many_noise_columns_is_no_leak_on_few_rows():
    y = np.r_[np.repeat("yes", 20), np.repeat("no", 30)]
    noise = {f"x{i}": chance(i).normal(size=50) for i in range(100)}
    assert d013_target_leakage.find(make_rows(noise, target=y)) == ()


def test_a_label_seen_once_per_row_is_no_leak():
    names = [f"name {i}" for i in range(N)]
    assert d013_target_leakage.find(make_rows({"name": names}, target=Y)) == ()


def test_copies_of_rows_do_not_make_a_leak_of_a_name():
    names = np.repeat([f"name {i}" for i in range(100)], 4)
    y = np.repeat(coin_flips(100), 4)
    assert d013_target_leakage.find(make_rows({"name": names}, target=y)) == ()


def test_declared_groups_do_not_make_a_leak_of_the_patient():
    from autorecipe.data.schema import Column

    patient = np.repeat([f"patient {i}" for i in range(100)], 4)
    rows = make_rows(
        {"ward": patient, "patient": patient, "x": chance().normal(size=N)},
        target=np.repeat(coin_flips(100), 4),
        columns=(Column(name="patient", kind="categorical", wire="string", role="group"),),
    )
    assert d013_target_leakage.find(rows) == ()


def test_fewer_than_twenty_rows_of_a_class_are_not_judged():
    y = np.r_[np.repeat("yes", 10), np.repeat("no", 90)]
    with pytest.raises(NotApplicable, match="fewer than 20 rows in two classes"):
        d013_target_leakage.find(make_rows({"copy": y}, target=y))


def test_a_rare_class_is_scored_from_a_sample_of_many_rows():
    y = np.r_[np.repeat("yes", 60), np.repeat("no", 59_940)]
    rows = make_rows({"copy": np.where(y == "yes", 1.0, 0.0)}, target=y)
    assert len(rows.scored_rows) < 21_000
    assert [f.severity for f in d013_target_leakage.find(rows)] == ["stop"]


def test_cells_missing_by_outcome_are_found():
    y = coin_flips(1000)
    seen = (y == "no") ^ (chance().random(1000) < 0.045)
    words = np.where(seen, chance(1).choice([f"w{i}" for i in range(900)], 1000), "")
    (warning,) = d012_missingness_leak.find(make_rows({"reason": words}, target=y))
    assert (warning.severity, warning.columns) == ("warn", ("reason",))
    assert "whether a cell is missing predicts y: reason" in warning.message
    assert "limit 0.925" in warning.message
    assert "--drop reason" in warning.remedy


def test_decimals_that_follow_the_outcome_are_found():
    y = coin_flips(1000)
    numbers = chance().uniform(0, 100, 1000)
    texts = [f"{x:.2f}" if label == "yes" else f"{x:.1f}" for x, label in zip(numbers, y, strict=True)]
    rows = make_rows({"price": pd.Series(texts)}, target=y, columns=(price_column(),))
    (warning,) = d012_missingness_leak.find(rows)
    assert "decimals predicts y: price" in warning.message


def price_column():
    from autorecipe.data.schema import Column

    return Column(name="price", kind="numeric", wire="float32")


def test_cells_missing_at_random_are_no_leak():
    words = np.where(chance().random(N) < 0.3, "", "seen")
    numbers = np.where(chance(1).random(N) < 0.3, np.nan, chance(2).normal(size=N).round(3))
    assert d012_missingness_leak.find(make_rows({"word": words, "x": numbers}, target=Y)) == ()


@pytest.mark.parametrize("name", ["y_prediction", "predicted_y"])
def test_a_prediction_that_predicts_is_named(name):
    x = (Y == "yes") * 1.5 + chance().normal(size=N)
    (warning,) = d014_outcome_names.find(make_rows({name: x}, target=Y))
    assert (warning.severity, warning.columns) == ("warn", (name,))
    assert f"--drop {name}" in warning.remedy
    assert "0.725" in warning.message


def test_a_prediction_of_the_target_is_held_against_chance_and_any_other_against_half_way():
    weak = (Y == "yes") * 0.8 + chance().normal(size=N)
    rows = make_rows({"paid_prediction": weak, "prediction": weak}, target=Y)
    columns = tuple(dataclasses.replace(c, name="paid") if c.name == "y" else c for c in rows.schema.columns)
    rows = dataclasses.replace(rows, schema=dataclasses.replace(rows.schema, target="paid", columns=columns))
    (warning,) = d014_outcome_names.find(rows)
    assert (warning.columns, warning.limit) == (("paid_prediction",), 0.5)
    assert "limit 0.5)" in warning.message


def test_a_column_that_shares_what_the_target_is_about_is_not_called_like_it():
    about = (Y == "yes") * 1.5 + chance().normal(size=N)
    rows = make_rows({"order_day": about, "order_size": chance(2).normal(size=N)}, target=Y)
    columns = tuple(dataclasses.replace(c, name="order_value") if c.name == "y" else c for c in rows.schema.columns)
    schema = dataclasses.replace(rows.schema, target="order_value", columns=columns)
    assert d014_outcome_names.find(dataclasses.replace(rows, schema=schema)) == ()


def test_a_name_alone_proves_nothing():
    assert d014_outcome_names.find(make_rows({"y_prediction": chance().normal(size=N)}, target=Y)) == ()


@pytest.mark.parametrize(
    ("column", "target", "alike"),
    [
        ("dnn_bar_pass_prediction", "pass_bar", True),
        ("Audit_Risk", "Risk", True),
        ("SaleCondition", "SalePrice", False),
        ("class_size", "class", False),
        ("age", "y", False),
    ],
)
def test_a_name_is_like_the_targets_when_it_has_all_its_words(column, target, alike):
    assert d014_outcome_names.contains_words(column, target) is alike


def lasting(**cells):
    told = (Y == "yes") * 2.0 + chance().normal(size=N)
    return make_rows(
        {name: told if how == "tells" else chance(3).normal(size=N) for name, how in cells.items()}, target=Y
    )


@pytest.mark.parametrize("name", ["duration", "call_duration", "elapsed_s", "lengthOfStay"])
def test_the_length_of_an_event_that_says_most_by_far_is_asked_about(name):
    (warning,) = d042_event_length.find(lasting(**{name: "tells", "age": "noise"}))
    assert (warning.severity, warning.action, warning.columns) == ("warn", "ask", (name,))
    assert f"--drop {name}" in warning.remedy
    assert "AUC 0." in warning.message
    assert "limit 0.7" in warning.message


@pytest.mark.parametrize(
    "cells",
    [
        {"age": "tells", "duration": "noise"},  # says nothing
        {"duration": "tells", "age": "tells"},  # another says as much
        {"sepal length": "tells", "age": "noise"},  # of a thing, not of an event
        {"time": "tells", "age": "noise"},  # at which, not how long
    ],
)
def test_a_length_that_is_no_event_or_not_far_ahead_is_not_asked_about(cells):
    assert d042_event_length.find(lasting(**cells)) == ()


def test_the_seed_decides_the_folds():
    x = (Y == "yes") * 1.0 + chance().normal(size=N)
    scores = [make_rows({"x": x}, target=Y, config=Config(seed=s)).scores["x"].value for s in (0, 0, 1)]
    assert scores[0] == scores[1] != scores[2]


def test_a_stop_says_what_noise_reaches_and_carries_its_fixes():
    rows = make_rows({"noise": chance().normal(size=N), "copy": np.where(Y == "yes", "a", "b")}, target=Y)
    (stop,) = d013_target_leakage.find(rows)
    assert f"the best of 2 columns of noise stays below {rows.structure.null_band:.2f}" in stop.message
    assert [(fix.kind, fix.flag, fix.is_safe) for fix in stop.fixes] == [
        ("drop column", "--drop copy", False),
        ("ask", "--allow D013:copy", False),
    ]


def test_one_column_as_good_as_all_is_noted():
    x = (Y == "yes") * 2.2 + chance().normal(size=N)
    noise = {f"x{i}": chance(i + 1).normal(size=N) for i in range(3)}
    (note,) = d013_target_leakage.find(make_rows({"x": x, **noise}, target=Y))
    assert (note.severity, note.columns) == ("info", ("x",))
    assert "as good as a small model of all columns" in note.message
    assert [fix.flag for fix in note.fixes] == ["--drop x"]


def test_the_length_of_an_event_is_asked_about_once():
    x = (Y == "yes") * 2.2 + chance().normal(size=N)
    rows = make_rows({"duration": x, "age": chance(3).normal(size=N)}, target=Y)
    assert d013_target_leakage.find(rows) == ()
    assert len(d042_event_length.find(rows)) == 1


def test_a_column_that_alone_shares_a_word_with_the_target_and_predicts_it_is_asked_about():
    y = chance().normal(size=N)
    cells = {"motor_score": y + 0.3 * chance(1).normal(size=N), "other": y + chance(2).normal(size=N)}
    rows = make_rows(cells, target=y)
    columns = [dataclasses.replace(c, name="total_score") if c.name == "y" else c for c in rows.schema.columns]
    schema = dataclasses.replace(rows.schema, target="total_score", columns=tuple(columns))
    (warning,) = d014_outcome_names.find(dataclasses.replace(rows, schema=schema))
    assert warning.columns == ("motor_score",)
    assert [fix.flag for fix in warning.fixes] == ["--drop motor_score"]


def test_decimals_of_numbers_read_already_are_counted_too():
    y = coin_flips(1000)
    numbers = chance().uniform(0, 100, 1000)
    price = np.where(y == "yes", numbers.round(2), numbers.round(1))
    (warning,) = d012_missingness_leak.find(make_rows({"price": price}, target=y))
    assert "decimals predicts y: price" in warning.message
    assert [fix.flag for fix in warning.fixes] == ["--drop price"]
