from __future__ import annotations

import dataclasses
import shlex

import numpy as np
import pandas as pd
import pytest

import autorecipe.profile.profile as profile_module
from autorecipe.checks import CHECKS
from autorecipe.checks.check import Check
from autorecipe.config import Config
from autorecipe.data.infer import infer_schema
from autorecipe.fix import Fix
from autorecipe.profile.profile import going_on_command, profile, stops
from autorecipe.record.finding import Finding

N = 400
RANDOM = np.random.default_rng(0)
BOUGHT = RANDOM.choice(["no", "yes"], N)
SHOP = pd.DataFrame(
    {
        "customer_id": np.arange(1, N + 1),
        "age": RANDOM.integers(18, 90, N).astype(float),
        "spent": RANDOM.lognormal(3, 1, N).round(2),
        "city": RANDOM.choice(["Ulm", "Bonn", "Kiel"], N),
        "shop": "main street",
        "paid later": np.where(BOUGHT == "yes", "1", "0"),
        "bought": BOUGHT,
    }
)


def profiled(frame=SHOP, **flags):
    config = Config(target="bought", **flags)
    return profile(frame, other_frame=None, schema=infer_schema(frame, config), config=config)


def finding(found, code):
    return next(f for f in found.findings if f.code == code)


def test_a_leak_stops_and_the_command_goes_on_without_it():
    found = profiled()
    assert [f.columns for f in stops(found)] == [("paid later",)]
    command = going_on_command(stops(found), "autorecipe fit shop.csv --target bought")
    assert shlex.split(command)[-2:] == ["--drop", "paid later"]


def test_following_the_command_ends_the_stop():
    assert stops(profiled(drop=("paid later",))) == ()


@pytest.mark.parametrize("flag", ["D013:paid later", "d013: paid later"])
def test_an_allowed_stop_is_a_warning_that_says_so(flag):
    found = profiled(allow=(flag,))
    leak = finding(found, "D013")
    assert stops(found) == ()
    assert leak.severity == "warn"
    assert leak.remedy == "allowed by --allow 'D013:paid later'"


@pytest.mark.parametrize("flag", ["D013", "D013:age", "D012:paid later"])
def test_a_stop_about_a_column_is_not_allowed_by_other_flags(flag):
    assert len(stops(profiled(allow=(flag,)))) == 1


def test_a_stop_about_rows_is_allowed_by_its_code():
    command = going_on_command([Finding(code="D016", severity="stop", title="", message="")], "autorecipe fit a.csv")
    assert command == "autorecipe fit a.csv --allow D016"


def test_a_column_is_named_once_in_the_command():
    leak = Finding(code="D013", severity="stop", title="", message="", columns=("a",))
    assert going_on_command([leak, leak], "fit") == "fit --drop a"


def test_columns_that_findings_drop_are_listed():
    assert profiled().dropped == ("shop",)


def test_a_kept_column_is_not_dropped_and_the_finding_says_why():
    found = profiled(keep=("shop",))
    assert found.dropped == ()
    assert finding(found, "D001").action == "none"
    assert finding(found, "D001").remedy == "kept by --keep shop"


def test_keeping_one_of_two_columns_drops_the_other():
    frame = SHOP.assign(country="DE")
    found = profiled(frame, keep=("country",))
    assert found.dropped == ("shop",)
    assert finding(found, "D001").remedy == "shop left out; kept by --keep country"


def test_every_check_has_an_outcome():
    found = profiled()
    assert [outcome.code for outcome in found.outcomes] == [check.code for check in CHECKS]
    status = {outcome.code: outcome.status for outcome in found.outcomes}
    assert (status["D001"], status["D006"], status["D016"]) == ("found", "passed", "skipped")
    assert next(o.reason for o in found.outcomes if o.code == "D016").startswith("no validation")


def test_a_check_that_crashes_is_named_and_not_swallowed(monkeypatch):
    def crash(rows):
        raise ZeroDivisionError("one over none")

    broken = Check(code="D099", title="Broken", question="Does it crash?", run=crash)
    monkeypatch.setattr(profile_module, "CHECKS", (broken,))
    with pytest.raises(ZeroDivisionError, match="one over none") as caught:
        profiled()
    assert caught.value.__notes__ == ["in check D099 (Broken)"]


def test_a_sample_is_said_to_be_one(monkeypatch):
    quick = Check(code="D099", title="Quick", question="Quick?", run=lambda rows: (), max_rows=100)
    monkeypatch.setattr(profile_module, "CHECKS", (quick,))
    assert profiled().outcomes[0].reason == "on a sample of about 100 of 400 rows"


def test_statistics_describe_each_column():
    columns = {column.name: column for column in profiled().columns}
    assert list(columns) == list(SHOP.columns)
    assert columns["age"].mean == pytest.approx(SHOP["age"].mean())
    assert columns["age"].median == SHOP["age"].median()
    assert columns["age"].scaling == "robust"
    assert columns["city"].n_distinct == 3
    assert columns["city"].top[0] == (SHOP["city"].mode()[0], SHOP["city"].value_counts().max())
    assert (columns["customer_id"].n_distinct, columns["bought"].n_distinct) == (N, 2)


def test_missing_cells_are_counted():
    frame = SHOP.assign(age=SHOP["age"].where(SHOP.index >= 100), city=SHOP["city"].where(SHOP.index >= 40, ""))
    columns = {column.name: column for column in profiled(frame).columns}
    assert columns["age"].missing_share == 0.25
    assert columns["city"].missing_share == 0.1


def test_the_floor_is_that_of_conflicting_rows():
    twins = pd.concat([SHOP, SHOP.assign(bought=np.where(BOUGHT == "yes", "no", "yes"))])
    assert profiled(SHOP).floor == 0
    assert profiled(twins.drop(columns="customer_id")).floor == pytest.approx(np.log(2))


def test_the_same_rows_give_the_same_findings():
    assert profiled().findings == profiled().findings


def test_other_rows_change_nothing_but_the_check_of_copies():
    config = Config(target="bought")
    schema = infer_schema(SHOP, config)
    alone = profile(SHOP, other_frame=None, schema=schema, config=config)
    beside = profile(SHOP, other_frame=SHOP.head(50), schema=schema, config=config)
    assert beside.columns == alone.columns
    assert [f for f in beside.findings if f.code != "D016"] == list(alone.findings)
    assert finding(beside, "D016").measured == 1.0


def test_a_table_without_features_is_profiled():
    frame = SHOP[["customer_id", "bought"]]
    found = profiled(frame)
    assert found.n_rows == N
    assert stops(found) == ()


def test_findings_name_their_code_number_and_remedy():
    for found in profiled().findings:
        assert found.title
        assert found.message
        assert found.remedy
        assert dataclasses.replace(found) == found


def test_the_command_that_goes_on_keeps_groups_together_instead_of_leaving_their_column_out():
    split = Fix(kind="split by group", columns=("patient",), flag="--split-by-group patient")
    found = Finding(code="D018", severity="stop", title="", message="", columns=("patient",), fixes=(split,))
    assert going_on_command([found], "autorecipe fit a.csv") == "autorecipe fit a.csv --split-by-group patient"
