from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d011_row_order, d017_time_leakage, d018_group_leakage, group_gap
from autorecipe.checks.cheap_model import Gap, mean_gap
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.group_keys import group_keys, is_measurement, order_z
from autorecipe.checks.time_gap import z_limit
from autorecipe.config import Config
from autorecipe.data.schema import Column

N = 600


def people(n_people=60, n_each=10, seed=0):
    """Rows of people who can be told apart by two traits, measured anew for each row, that say nothing of others."""
    random = chance(seed)
    person = np.repeat(np.arange(n_people), n_each)
    traits = random.normal(size=(n_people, 2))
    illness = random.normal(size=n_people)[person] + 0.2 * random.normal(size=len(person))
    measured = traits[person] + 0.05 * random.normal(size=(len(person), 2))
    return person, {"height": measured[:, 0], "voice": measured[:, 1]}, illness


def test_a_trait_that_differs_from_person_to_person_does_not_hide_the_leak():
    person, traits, illness = people()
    born = chance(8).normal(size=60)[person]
    cells, y = shuffled({"patient": [f"p{i}" for i in person], "born": born, **traits}, illness)
    assert d018_group_leakage.find(make_rows(cells, target=y))[0].severity == "stop"


def test_a_copy_of_a_column_does_not_make_it_a_key():
    random = chance(3)
    school = random.integers(0, 40, N)
    y = random.normal(size=40)[school] + random.normal(size=N)
    cells = {"school": [f"s{i}" for i in school], "school number": school, "x": random.normal(size=N)}
    assert d018_group_leakage.find(make_rows(cells, target=y)) == ()


def shuffled(cells, target, seed=7):
    order = chance(seed).permutation(len(target))
    return {name: np.asarray(cell)[order] for name, cell in cells.items()}, np.asarray(target)[order]


def test_rows_of_a_person_stop_and_name_the_split():
    person, traits, illness = people()
    cells, y = shuffled({"patient": [f"p{i}" for i in person], **traits}, illness)
    (stop,) = d018_group_leakage.find(make_rows(cells, target=y))
    assert (stop.severity, stop.columns) == ("stop", ("patient",))
    assert stop.measured > stop.limit == 0.10
    assert "patient (60 values)" in stop.message
    assert "limit 10 %" in stop.message
    assert "--split-by-group patient" in stop.remedy
    assert [(fix.kind, fix.flag) for fix in stop.fixes] == [
        ("split by group", "--split-by-group patient"),
        ("ask", "--allow D018:patient"),
    ]


def test_a_column_that_is_not_called_like_a_thing_is_only_warned_of():
    person, traits, illness = people()
    cells, y = shuffled({"where": [f"p{i}" for i in person], **traits}, illness)
    (warning,) = d018_group_leakage.find(make_rows(cells, target=y))
    assert (warning.severity, warning.columns) == ("warn", ("where",))


def test_an_id_left_out_is_a_key_as_well():
    person, traits, illness = people()
    cells, y = shuffled({"who": person, **traits}, illness)
    ids = Column(name="who", kind="id", wire="string", role="id")
    (stop,) = d018_group_leakage.find(make_rows(cells, target=y, columns=(ids,)))
    assert (stop.severity, stop.columns) == ("stop", ("who",))


def test_what_stands_before_the_number_of_an_id_is_found():
    person, traits, illness = people()
    keys = [f"M{p}_{i % 10}" for i, p in enumerate(person)]
    cells, y = shuffled({"sample": keys, **traits}, illness)
    ids = Column(name="sample", kind="id", wire="string", role="id")
    (stop,) = d018_group_leakage.find(make_rows(cells, target=y, columns=(ids,)))
    assert "the part of sample before the last separator (60 values)" in stop.message
    assert "--fix --also D018 -o OUT.csv adds a column sample_group of that part" in stop.remedy
    assert "--split-by-group sample_group" in stop.remedy
    assert [(fix.kind, fix.to) for fix in stop.fixes] == [("add column", "sample_group"), ("ask", "")]


def test_a_prefix_that_has_a_column_of_its_own_is_split_by_that():
    person, traits, illness = people()
    keys = [f"M{p}_{i % 10}" for i, p in enumerate(person)]
    cells, y = shuffled({"sample": keys, "sample_group": [f"M{p}" for p in person], **traits}, illness)
    ids = Column(name="sample", kind="id", wire="string", role="id")
    (stop,) = d018_group_leakage.find(make_rows(cells, target=y, columns=(ids,)))
    assert stop.fixes[0].flag == "--split-by-group sample_group"


def engines(values, seed=0, n=N):
    """Rows whose target is a smooth function of a number, of which the other columns have a trace."""
    random = chance(seed)
    value = np.asarray(values)[random.integers(0, len(values), n)]
    place = (value - min(values)) / (max(values) - min(values))
    cells = {"engine": value, **{f"x{i}": place + random.normal(size=n) for i in range(3)}}
    return make_rows(cells, target=np.sin(3 * place) + 0.1 * random.normal(size=n))


def test_a_thing_whose_values_lie_apart_and_order_the_target_is_measured():
    rows = engines(600 + 37 * np.arange(80))
    assert is_measurement(rows, rows.schema.column("engine"))


def test_numbers_that_were_given_out_one_after_the_other_are_keys_in_any_order():
    rows = engines(np.arange(80))
    assert not is_measurement(rows, rows.schema.column("engine"))


def test_numbers_that_lie_apart_and_say_nothing_in_order_are_keys():
    person, traits, illness = people()
    number = chance(1).permutation(60) * 531 + 20_000
    rows = make_rows({"patient": number[person], **traits}, target=illness)
    assert not is_measurement(rows, rows.schema.column("patient"))


def test_a_number_with_a_unit_is_measured_whatever_it_is_called():
    person, traits, illness = people()
    engine = Column(name="engine", kind="numeric", wire="string", number_rule="unit")
    cells = {"engine": [f"{1000 + p} cc" for p in person], **traits}
    rows = make_rows(cells, target=illness, columns=(engine,))
    assert is_measurement(rows, engine)
    assert not any(key.is_named for key in group_keys(rows) if key.column == "engine")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 200))
def test_an_order_of_noise_is_within_four_standard_deviations(seed, n_levels):
    random = chance(seed)
    numbers = random.integers(0, n_levels, 1000).astype(float)
    assert abs(order_z(numbers, random.normal(size=(1000, 1)))) < 4.5


def test_a_key_must_hold_on_average_of_two_draws(monkeypatch):
    person, traits, illness = people()
    rows = make_rows({"patient": [f"p{i}" for i in person], **traits}, target=illness)
    found = group_gap.strongest_key(rows)
    assert found.gap == mean_gap([group_gap.group_gap(rows, found.key, seed=seed) for seed in (0, 1)])
    level = dataclasses.replace(found.gap, z=-9.0, rise=-0.5)
    first = group_gap.group_gap
    monkeypatch.setattr(group_gap, "group_gap", lambda r, k, *, seed: level if seed else first(r, k, seed=seed))
    assert group_gap.strongest_key(rows) is None


def test_scores_that_look_alike_are_written_with_the_digits_that_differ():
    classes = Gap(
        loose=0.99996, strict=0.99961, loose_error=0.05, strict_error=0.14, rise=1.8, z=7.0, is_regression=False
    )
    assert str(classes) == "ROC AUC 1.0000 with random folds, 0.9996"


def test_of_classes_the_errors_are_said_that_the_rise_is_of():
    person, traits, illness = people()
    cells, y = shuffled({"patient": [f"p{i}" for i in person], **traits}, np.where(illness > 0, "ill", "well"))
    (stop,) = d018_group_leakage.find(make_rows(cells, target=y))
    loose, strict, rise = map(
        float, re.search(r"of (\S+) with random folds, (\S+) .*?: (\d+) % more", stop.message).groups()
    )
    assert rise == pytest.approx(100 * (strict / loose - 1), abs=3)


def test_a_shop_whose_level_is_its_own_is_no_leak():
    random = chance(3)
    shop = random.integers(0, 40, N)
    sales = random.normal(size=40)[shop] + random.normal(size=N)
    rows = make_rows({"shop": [f"s{i}" for i in shop], "x": random.normal(size=N)}, target=sales)
    assert d018_group_leakage.find(rows) == ()


def test_groups_that_say_nothing_of_the_target_are_no_leak():
    person, traits, _ = people()
    y = chance(5).normal(size=len(person))
    assert d018_group_leakage.find(make_rows({"patient": [f"p{i}" for i in person], **traits}, target=y)) == ()


@pytest.mark.parametrize("seed", range(5))
def test_keys_of_noise_raise_nothing(seed):
    random = chance(seed)
    keys = {f"patient{i}": random.integers(0, 50, N).astype(str) for i in range(5)}
    rows = make_rows({**keys, "x": random.normal(size=N)}, target=coin_flips(N, seed))
    assert d018_group_leakage.find(rows) == ()


def test_declared_groups_are_not_looked_for():
    person, traits, illness = people()
    rows = make_rows({"patient": person, **traits}, target=illness, config=Config(target="y", split_by_group="patient"))
    with pytest.raises(NotApplicable, match="split by patient as asked"):
        d018_group_leakage.find(rows)


DAYS = pd.Series(pd.date_range("2020-01-01", periods=N, freq="D").strftime("%Y-%m-%d"))
WHEN = Column(name="sold on", kind="datetime", wire="string", date_format="yyyy-mm-dd")


def wandering(n=N, seed=0):
    return chance(seed).normal(size=n).cumsum()


def test_a_target_that_wanders_in_time_is_warned_of():
    y = wandering()
    rows = make_rows({"sold on": DAYS, "x": chance(1).normal(size=N)}, target=y, columns=(WHEN,))
    (warning,) = d017_time_leakage.find(rows)
    assert (warning.severity, warning.columns) == ("warn", ("sold on",))
    assert warning.measured > warning.limit == 0.05
    assert "from earlier rows alone" in warning.message
    assert "limit 5 %" in warning.message
    assert [(fix.kind, fix.flag) for fix in warning.fixes] == [("split by time", "--split-by-time 'sold on'")]


def test_a_target_that_does_not_change_in_time_is_no_leak():
    x = chance(1).normal(size=N)
    rows = make_rows({"sold on": DAYS, "x": x}, target=x + chance(2).normal(size=N), columns=(WHEN,))
    assert d017_time_leakage.find(rows) == ()


@pytest.mark.parametrize("seed", range(4))
def test_many_dates_and_columns_of_noise_are_no_leak(seed):
    n, random = 240, chance(seed)
    noise = {f"x{i}": random.normal(size=n) for i in range(100)}
    days = {f"date {i}": DAYS.to_numpy()[random.integers(0, N, n)] for i in range(10)}
    when = tuple(Column(name=name, kind="datetime", wire="string", date_format="yyyy-mm-dd") for name in days)
    assert d017_time_leakage.find(make_rows({**noise, **days}, target=coin_flips(n, seed), columns=when)) == ()


def test_a_wandering_target_is_found_among_many_columns_of_noise():
    noise = {f"x{i}": chance(100 + i).normal(size=N) for i in range(100)}
    rows = make_rows({"sold on": DAYS, **noise}, target=wandering(seed=2), columns=(WHEN,))
    (warning,) = d017_time_leakage.find(rows)
    assert warning.columns == ("sold on",)


def test_the_message_says_by_how_many_standard_errors_and_the_limit():
    rows = make_rows({"sold on": DAYS, "x": chance(1).normal(size=N)}, target=wandering(), columns=(WHEN,))
    (warning,) = d017_time_leakage.find(rows)
    assert "standard errors (limit 2.08)" in warning.message


def test_two_dates_must_lie_further_from_chance_than_one():
    assert 2 < z_limit(1) < z_limit(2) < 3


def test_a_date_of_birth_is_not_the_time_of_a_row():
    born = Column(name="birth date", kind="datetime", wire="string", date_format="yyyy-mm-dd")
    rows = make_rows({"birth date": DAYS, "x": chance(1).normal(size=N)}, target=wandering(), columns=(born,))
    with pytest.raises(NotApplicable, match="no column of dates"):
        d017_time_leakage.find(rows)


def test_declared_time_is_not_looked_for():
    config = Config(target="y", split_by_time="sold on")
    rows = make_rows({"sold on": DAYS}, target=wandering(), columns=(WHEN,), config=config)
    with pytest.raises(NotApplicable, match="split by 'sold on' as asked"):
        d017_time_leakage.find(rows)


def test_a_file_sorted_by_its_target_is_said_so():
    rows = make_rows({"x": chance().normal(size=N)}, target=np.repeat(["no", "yes"], N // 2))
    (note,) = d011_row_order.find(rows)
    assert note.severity == "info"
    assert "sorted by y" in note.message
    assert "limit 0.95" in note.message


WARMTH = np.arange(N) / 50 + chance(9).normal(size=N)  # rises with the rows, but not from each to the next


@pytest.mark.parametrize("sign", [1, -1])
def test_a_file_sorted_by_a_number_is_said_so_and_nothing_is_asked(sign):
    y = wandering()
    rows = make_rows({"x": y + chance(1).normal(size=N) * 3, "recency": sign * np.arange(N) // 20}, target=y)
    (note,) = d011_row_order.find(rows)
    assert note.message.startswith("the file is sorted by recency")
    assert "nothing is to be done" in note.remedy
    assert "--split-by-time" not in note.remedy
    assert note.fixes == ()


@pytest.mark.parametrize(("column", "each"), [("year", 20), ("place", 1)])
def test_a_file_sorted_by_what_may_be_time_is_asked_about(column, each):
    y = wandering()
    rows = make_rows({"x": y + chance(1).normal(size=N) * 3, column: np.arange(N) // each}, target=y)
    (note,) = d011_row_order.find(rows)
    assert "--split-by-time row_number" in note.remedy


def test_a_file_in_an_order_that_tells_the_target_is_noted():
    y = wandering()
    rows = make_rows({"x": y + chance(1).normal(size=N) * 3, "warmth": WARMTH}, target=y)
    (note,) = d011_row_order.find(rows)
    assert (note.severity, note.columns) == ("info", ())
    assert "the row number alone predicts y: R2" in note.message
    assert "The features change along the file too" in note.message
    assert "profile DATA --fix --also D011 -o OUT.csv adds a column row_number" in note.remedy
    assert [(fix.kind, fix.to) for fix in note.fixes] == [("add column", "row_number")]


def test_an_order_of_the_target_alone_is_told_from_one_of_the_features():
    y = wandering()
    (note,) = d011_row_order.find(make_rows({"x": y + chance(1).normal(size=N) * 3}, target=y))
    assert "what is in order is y itself" in note.message
    assert note.remedy.startswith("rows are shuffled here")


def test_rows_of_a_file_sorted_by_its_target_say_nothing_of_their_place():
    y = np.repeat([0.0, 1.0], N // 2) + chance(1).normal(size=N) / 100
    sorted_rows = make_rows({"x": y + chance(2).normal(size=N)}, target=np.repeat(["no", "yes"], N // 2))
    assert d011_row_order.explained_beyond_target(sorted_rows) < 0.1


def test_a_row_number_that_is_there_is_split_by():
    y = wandering()
    number = Column(name="row_number", kind="id", wire="float32", role="id")
    cells = {"x": y + chance(1).normal(size=N) * 3, "warmth": WARMTH, "row_number": np.arange(N) + 1}
    (note,) = d011_row_order.find(make_rows(cells, target=y, columns=(number,)))
    assert note.fixes[0].flag == "--split-by-time row_number"


def test_an_order_is_not_said_where_time_is_declared():
    y = wandering()
    config = Config(target="y", split_by_time="sold on")
    cells = {"sold on": DAYS, "x": y + chance(1).normal(size=N) * 3}
    assert d011_row_order.find(make_rows(cells, target=y, columns=(WHEN,), config=config)) == ()


def test_an_order_that_a_date_explains_is_not_said_twice():
    y = wandering()
    rows = make_rows({"sold on": DAYS, "x": chance(1).normal(size=N)}, target=y, columns=(WHEN,))
    assert d017_time_leakage.find(rows)
    assert d011_row_order.find(rows) == ()


def test_an_id_that_was_kept_and_predicts_is_warned_of():
    order = chance(4).permutation(N)
    rows = make_rows(
        {"order_id": order * 3}, target=(order > N / 2) * 2.0, config=Config(target="y", keep=("order_id",))
    )
    (warning,) = d011_row_order.find(rows)
    assert (warning.severity, warning.columns) == ("warn", ("order_id",))
    assert "--drop order_id" in warning.remedy
    assert warning.fixes[0].kind == "drop column"


@pytest.mark.parametrize("seed", range(5))
def test_a_shuffled_file_raises_nothing(seed):
    assert d011_row_order.find(make_rows({"x": chance(seed).normal(size=N)}, target=coin_flips(N, seed))) == ()


@pytest.mark.parametrize("check", [d011_row_order, d017_time_leakage, d018_group_leakage])
def test_few_rows_are_not_judged(check):
    rows = make_rows({"x": chance().normal(size=50)}, target=chance(1).normal(size=50))
    with pytest.raises(NotApplicable, match="50 rows: fewer than"):
        check.find(rows)
