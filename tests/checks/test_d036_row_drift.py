from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d036_row_drift
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.telling_apart import permuted_aucs
from autorecipe.config import Config

OWN = Config(target="y", test_path="test.csv")
N_COLUMNS = 12


def table(values, others, *, config=OWN, names=None, **more):
    names = names or [f"x{i}" for i in range(values.shape[1])]
    other = pd.DataFrame(dict(zip(names, others.T, strict=True)))
    other["y"] = coin_flips(len(other), seed=5)
    cells = dict(zip(names, values.T, strict=True))
    return make_rows(cells, target=coin_flips(len(values)), other_frame=other, config=config, **more)


def test_many_small_shifts_add_up_to_a_warning():
    random = chance(0)
    rows = table(random.normal(size=(3_000, 40)), random.normal(size=(3_000, 40)) + 0.16)
    (found,) = d036_row_drift.find(rows)
    assert found.severity == "warn"
    assert "ROC AUC 0.7" in found.message
    assert "limit 0.7" in found.message
    assert found.columns


def test_columns_that_were_warned_of_make_it_a_note():
    random = chance(0)
    others = random.normal(size=(1_000, N_COLUMNS))
    others[:, 3] += 2
    (found,) = d036_row_drift.find(table(random.normal(size=(2_000, N_COLUMNS)), others))
    assert found.severity == "info"
    assert found.columns == ("x3",)


@pytest.mark.parametrize("n_other", [30, 100, 600])
@pytest.mark.parametrize("seed", range(2))
def test_rows_drawn_at_random_never_alarm(seed, n_other):
    random = chance(seed)
    values = np.exp(random.normal(size=(800 + n_other, N_COLUMNS)))
    assert d036_row_drift.find(table(values[:800], values[800:])) == ()


def test_a_column_that_only_counts_the_rows_is_not_looked_at():
    random = chance(1)
    values = np.column_stack([np.arange(900.0), random.normal(size=(900, 2))])
    assert d036_row_drift.find(table(values[:600], values[600:])) == ()


def test_the_split_drawn_here_is_not_looked_at():
    values = chance().normal(size=(100, 2))
    with pytest.raises(NotApplicable, match="at random"):
        d036_row_drift.find(table(values, values, config=Config(target="y")))


def test_permuted_marks_are_told_apart_no_better_than_chance():
    random = chance(2)
    features = random.normal(size=(600, 5)).astype(np.float32)
    marked = features[:, 0] + random.normal(size=600) > 0
    aucs = permuted_aucs(features, marked, n_permutations=60, seed=0)
    assert aucs[0] > 0.7
    assert abs(aucs[1:].mean() - 0.5) < 0.02
    assert aucs[1:].max() < 0.6
