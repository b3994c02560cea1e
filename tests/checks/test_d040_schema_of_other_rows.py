from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d040_schema_of_other_rows
from autorecipe.checks.check import NotApplicable
from autorecipe.config import Config
from autorecipe.data.schema import Column

OWN = Config(target="y", test_path="test.csv")
N = 1_000


def table(cells, others, *, config=OWN, **more):
    other = pd.DataFrame(others)
    other["y"] = coin_flips(len(other), seed=5)
    return make_rows(cells, target=coin_flips(N), other_frame=other, config=config, **more)


def test_numbers_beyond_the_training_range_are_a_warning_that_quotes_it():
    ages = chance().uniform(18, 90, N + 190)
    rows = table({"age": ages[:N]}, {"age": np.r_[ages[N:], np.full(10, 400.0)]})
    (found,) = d040_schema_of_other_rows.find(rows)
    assert found.severity == "warn"
    assert "age (5 % beyond 18" in found.message
    assert "limit 1 %" in found.message
    assert len(found.quoted) == 2
    assert found.fixes[0].flag == "--drop age"


def test_a_column_whose_drift_is_warned_of_is_not_warned_of_twice():
    (found,) = d040_schema_of_other_rows.find(table({"age": chance().uniform(18, 90, N)}, {"age": [400.0] * 200}))
    assert found.severity == "info"


@pytest.mark.parametrize("seed", range(8))
def test_rows_drawn_at_random_stay_within_what_chance_puts_beyond(seed):
    values = chance(seed).standard_cauchy((N + 300, 5))
    names = list("abcde")
    rows = table(dict(zip(names, values[:N].T, strict=True)), dict(zip(names, values[N:].T, strict=True)))
    assert d040_schema_of_other_rows.find(rows) == ()


def test_cells_that_no_longer_parse_are_a_warning_and_most_of_them_a_stop():
    column = Column(name="power", kind="numeric", wire="string", number_rule="plain")
    cells = {"power": [str(x) for x in range(N)]}
    few = table(cells, {"power": ["5"] * 95 + ["74 bhp"] * 5}, columns=(column,))
    most = table(cells, {"power": ["5"] * 5 + ["74 bhp"] * 95}, columns=(column,))
    (warned,), (stopped,) = d040_schema_of_other_rows.find(few), d040_schema_of_other_rows.find(most)
    assert (warned.severity, stopped.severity) == ("warn", "stop")
    assert "power (5 %)" in warned.message
    assert "limit 50 %" in stopped.message


def test_missing_columns_stop_and_new_ones_are_said():
    rows = table({"a": chance().normal(size=N), "b": chance().normal(size=N)}, {"a": [1.0], "b": [1.0]})
    lacking, new = d040_schema_of_other_rows.column_names(rows, [" a ", "c", "y"])
    assert (lacking.severity, lacking.columns) == ("stop", ("b",))
    assert lacking.fixes[0].flag == "--drop b"
    assert (new.severity, new.columns) == ("info", ("c",))


def test_the_split_drawn_here_is_not_looked_at():
    cells = {"a": chance().normal(size=N)}
    with pytest.raises(NotApplicable, match="at random"):
        d040_schema_of_other_rows.find(table(cells, {"a": [99.0] * 50}, config=Config(target="y")))
