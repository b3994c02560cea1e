from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.config import Config
from autorecipe.data.schema import Column
from autorecipe.profile.profile import profile
from autorecipe.profile.statistics import N_BINS, number_profile

N = 300
RANDOM = np.random.default_rng(0)
Y = RANDOM.choice(["no", "yes"], N)
TABLE = pd.DataFrame(
    {
        "age": RANDOM.normal(size=N) + (Y == "yes"),
        "city": RANDOM.choice(["Ulm", "Bonn", "Kiel"], N, p=[0.6, 0.3, 0.1]),
        "name": [f"person {i}" for i in range(N)],
        "bought": Y,
    }
)


def profiled(frame=TABLE, **flags):
    from autorecipe.data.infer import infer_schema

    config = Config(target="bought", **flags)
    return profile(frame, other_frame=None, schema=infer_schema(frame, config), config=config)


def column(found, name):
    return next(c for c in found.columns if c.name == name)


def numbers(values):
    return number_profile(Column(name="x", kind="numeric", wire="float32"), np.array(values, dtype=float))


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=60))
def test_every_number_is_counted_in_a_bin(values):
    found = numbers(values)
    assert sum(found.counts) == int(np.isfinite(values).sum())
    assert len(found.counts) in (0, 1, N_BINS)


def test_bins_end_at_the_first_and_last_percentile():
    found = numbers([*range(1001), 1e9])
    assert (found.low, found.high) == (10.01, 990.99)
    assert max(found.counts) <= 62


def test_a_spike_does_not_hide_the_other_numbers():
    found = numbers([0.0] * 995 + [1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.low, found.high) == (0.0, 5.0)
    assert found.counts[0] == 995


def test_a_constant_has_one_bin():
    assert numbers([3.0] * 7).counts == (7,)


def test_levels_are_counted_most_frequent_first():
    found = column(profiled(), "city")
    assert found.counts == tuple(TABLE["city"].value_counts())
    assert not found.is_near_unique


def test_values_that_would_name_their_row_are_marked():
    found = profiled()
    assert column(found, "name").is_near_unique
    assert column(found, "age").is_near_unique


def test_a_feature_has_its_score_and_the_target_none():
    found = profiled()
    assert 0.6 < column(found, "age").score_low < column(found, "age").score
    assert column(found, "bought").score is None


def test_columns_missing_in_the_same_rows_are_found_together():
    frame = TABLE.assign(a=RANDOM.normal(size=N), b=RANDOM.normal(size=N), c=RANDOM.normal(size=N))
    frame.loc[:49, ["a", "b"]] = np.nan
    frame.loc[40:59, "c"] = np.nan
    found = profiled(frame).missing_together
    assert [(p.columns, p.n_rows) for p in found] == [(("a", "b"), 40), (("a", "b", "c"), 10)]


def test_columns_that_rank_alike_are_in_the_profile():
    frame = TABLE.assign(again=np.exp(TABLE["age"]))
    (group,) = profiled(frame).groups
    assert group.columns == ("age", "again")
