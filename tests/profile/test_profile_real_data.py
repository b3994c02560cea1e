from __future__ import annotations

from functools import cache

import pytest

from autorecipe.config import Config
from autorecipe.data.infer import infer_schema
from autorecipe.data.tables import read_table
from autorecipe.data.task import target_is_missing
from autorecipe.profile.profile import profile, stops

pytestmark = pytest.mark.slow


@cache
def profile_of(path, target):
    config = Config(target=target)
    frame = read_table(path).frame
    frame = frame[~target_is_missing(frame[target])]
    return profile(frame, other_frame=None, schema=infer_schema(frame, config), config=config)


@pytest.mark.parametrize(
    ("name", "target", "leaks"),
    [
        ("law_school_bar.csv.gz", "pass_bar", {"bar", "bar_passed", "bar2"}),
        ("audit_risk.csv", "Risk", {"Audit_Risk"}),
    ],
)
def test_leaks_stop_by_name(test_data, name, target, leaks):
    found = profile_of(test_data / "tabular" / name, target)
    assert {column for finding in stops(found) for column in finding.columns} == leaks


def test_a_prediction_of_the_target_is_warned_of(test_data):
    found = profile_of(test_data / "tabular" / "law_school_bar.csv.gz", "pass_bar")
    warned = {column for f in found.findings if f.severity == "warn" for column in f.columns}
    assert {"dnn_bar_pass_prediction", "bar1"} <= warned


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("penguins.csv", "species"),
        ("car_evaluation.csv", "decision"),
        ("concrete.csv", "strength"),
        ("magic_telescope.csv", "Class"),
        ("titanic.csv", "Survived"),
    ],
)
def test_honest_data_raises_no_stop_and_no_warning(test_data, name, target):
    found = profile_of(test_data / "tabular" / name, target)
    assert [f.message for f in found.findings if f.severity != "info"] == []


@pytest.mark.parametrize(
    ("name", "target", "code", "column"),
    [
        ("taxis.csv", "fare", "D041", "total"),
        ("parkinsons_telemonitoring.csv", "total_UPDRS", "D018", "subject#"),
        ("parkinsons_telemonitoring.csv", "total_UPDRS", "D014", "motor_UPDRS"),
        ("mice_protein.csv", "class", "D018", "MouseID"),
        ("life_expectancy.csv", "Life expectancy ", "D018", "Country"),
        ("bike_hour.csv", "cnt", "D017", "dteday"),
    ],
)
def test_sums_groups_and_time_are_found_by_name(test_data, name, target, code, column):
    found = profile_of(test_data / "tabular" / name, target)
    assert (column,) in [f.columns for f in found.findings if f.code == code and f.severity != "info"]
