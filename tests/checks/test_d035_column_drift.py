from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d035_column_drift
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.drift import compare_levels, compare_numbers, permuted_p
from autorecipe.config import Config

OWN = Config(target="y", test_path="test.csv")


def table(cells, others, *, config=OWN):
    other = pd.DataFrame(others)
    other["y"] = coin_flips(len(other), seed=5)
    return make_rows(cells, target=coin_flips(len(next(iter(cells.values())))), other_frame=other, config=config)


def columns(n, seed):
    random = chance(seed)
    return {
        "number": random.normal(size=n),
        "heavy": random.standard_cauchy(n),
        "count": random.poisson(1.0, n).astype(float),
        "level": random.choice(list("abcde"), n, p=[0.5, 0.3, 0.1, 0.07, 0.03]),
        "rare": np.array([f"l{i}" for i in random.zipf(1.5, n) % 500]),
        "holes": np.where(random.random(n) < 0.3, np.nan, random.normal(size=n)),
    }


@pytest.mark.parametrize(
    ("change", "column"), [("shift", "number"), ("unit", "count"), ("level", "level"), ("gap", "holes")]
)
def test_a_column_that_changed_is_named_with_its_distance(change, column):
    others = columns(800, seed=1)
    others |= {
        "shift": {"number": others["number"] + 1},
        "unit": {"count": others["count"] * 12},
        "level": {"level": np.where(others["level"] == "a", "b", others["level"])},
        "gap": {"holes": np.where(chance().random(800) < 0.5, np.nan, others["holes"])},
    }[change]
    (found,) = d035_column_drift.find(table(columns(2_000, seed=0), others))
    assert found.severity == "warn"
    assert found.columns == (column,)
    assert f"{column} (distance 0." in found.message
    assert "limit 0.1" in found.message
    assert found.fixes[1].flag == f"--drop {column}"


@pytest.mark.parametrize("n_other", [25, 60, 200, 1_000])
@pytest.mark.parametrize("seed", range(5))
def test_rows_drawn_at_random_never_alarm(seed, n_other):
    assert d035_column_drift.find(table(columns(1_000, seed=100 + seed), columns(n_other, seed=seed))) == ()


def test_the_split_drawn_here_is_not_looked_at():
    with pytest.raises(NotApplicable, match="at random"):
        d035_column_drift.find(table(columns(100, 0), columns(50, 1), config=Config(target="y")))


def test_a_declared_group_counts_once():
    people = np.repeat(np.arange(30), 50)
    values = chance(2).normal(size=30)[people]
    rows = table({"x": values, "who": people.astype(str)}, {"x": values[:750] + 0.8, "who": people[:750].astype(str)})
    assert d035_column_drift.find(rows) != ()
    grouped = tuple(dataclasses.replace(c, role="group") if c.name == "who" else c for c in rows.schema.columns)
    declared = dataclasses.replace(rows, schema=dataclasses.replace(rows.schema, columns=grouped))
    assert d035_column_drift.find(declared) == ()


def test_a_permutation_as_large_as_what_was_seen_is_likely_without_drift():
    drift = compare_numbers(chance(0).normal(size=400), chance(1).normal(size=200))
    assert permuted_p(drift, n_permutations=199, seed=0) > 0.02
    drift = compare_levels(*(np.array(list("ab" * 100), dtype=object) for _ in range(2)))
    assert drift.distance == 0
    assert permuted_p(drift, n_permutations=199, seed=0) == 1
