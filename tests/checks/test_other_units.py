"""Units beside the numbers of other rows that the training rows do not have."""

from __future__ import annotations

import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks.against import findings_against
from autorecipe.data.cells import NULL_TOKENS
from autorecipe.data.schema import Column

N = 900
POWER = chance(5).integers(40, 200, N)
BHP = pd.Series([f"{power} bhp" for power in POWER])
Y = coin_flips(N)


POWER_COLUMN = Column(name="power", kind="numeric", wire="string", number_rule="unit", null_tokens=NULL_TOKENS)
CITY = chance(6).integers(0, 10_000, N)


def rows(ours):
    return make_rows({"power": ours, "city": CITY[:600]}, target=Y[:600], columns=(POWER_COLUMN,))


def found(ours, theirs, code="D040"):
    other = pd.DataFrame({"power": list(theirs), "city": CITY[600:]})
    return [f for f in findings_against(rows(ours), other) if f.code == code]


def test_another_unit_in_most_cells_stops_and_both_units_are_named_as_written():
    (one,) = found(BHP[:600], BHP[600:].str.replace("bhp", "kW"))
    assert (one.code, one.severity, one.columns) == ("D040", "stop", ("power",))
    assert "power (unit kW in 100 % of the cells, bhp in the training rows)" in one.message
    assert one.fixes[0].flag == "--drop power"


def test_a_unit_that_is_left_out_is_a_warning_since_it_may_be_the_same():
    (one,) = found(BHP[:600], POWER[600:])
    assert one.severity == "warn"
    assert "no unit in 100 % of the cells, bhp in the training rows" in one.message


@pytest.mark.parametrize("n_other", [0, 2])
def test_a_unit_that_few_cells_have_is_no_finding(n_other):
    theirs = [*BHP[600 : 900 - n_other], *["70 kW"] * n_other]
    assert found(BHP[:600], theirs) == []


def test_a_tenth_of_the_cells_in_another_unit_is_a_warning():
    theirs = [*BHP[600:870], *["70 kW"] * 30]
    (one,) = found(BHP[:600], theirs)
    assert one.severity == "warn"


def test_a_unit_that_the_training_rows_have_as_often_is_not_new():
    mixed = pd.Series([f"{power} {unit}" for power, unit in zip(POWER, ["bhp", "kW", "bhp"] * 300, strict=True)])
    assert found(mixed[:600], mixed[600:]) == []


@pytest.mark.parametrize(("unit", "codes"), [("bhp", ["D016"]), ("kW", [])])
def test_rows_that_differ_in_a_unit_are_no_copies(unit, codes):
    other = pd.DataFrame({"power": BHP[:300].str.replace("bhp", unit), "city": CITY[:300], "y": Y[:300]})
    assert [f.code for f in findings_against(rows(BHP[:600]), other) if f.code == "D016"] == codes
