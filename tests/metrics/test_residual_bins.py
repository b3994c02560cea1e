from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autorecipe.metrics.residual_bins import LEAST_ROWS, MOST_BINS, residual_bins

RANDOM = np.random.default_rng(0)
N = 2_000
SAID = RANDOM.uniform(0, 10, N)
NOISE = RANDOM.normal(size=N)


def test_bins_tell_where_the_errors_grow():
    found = residual_bins(SAID + SAID * NOISE, SAID)
    widths = [b.high - b.low for b in found.bins]
    assert len(found.bins) == MOST_BINS
    assert widths[-1] > 5 * widths[0]
    assert all(b.low <= b.median <= b.high for b in found.bins)
    assert [b.predicted for b in found.bins] == sorted(b.predicted for b in found.bins)


def test_quantiles_are_those_of_the_rows():
    found = residual_bins(SAID + NOISE, SAID)
    first = np.argsort(SAID)[: found.bins[0].n_rows]
    assert found.bins[0].median == pytest.approx(np.quantile(NOISE[first], 0.5, method="hazen"))
    assert found.bins[0].low == pytest.approx(np.quantile(NOISE[first], 0.1, method="hazen"))


def test_every_row_is_counted_once_and_the_ends_hold_what_lies_beyond():
    rest = np.r_[NOISE, 1e6]
    found = residual_bins(np.r_[SAID, 0] + rest, np.r_[SAID, 0])
    assert sum(found.counts) == N + 1
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges[-1] < 10


def test_weights_move_the_quantiles():
    weight = np.where(NOISE > 0, 9.0, 1.0)
    plain, weighted = residual_bins(SAID + NOISE, SAID), residual_bins(SAID + NOISE, SAID, weight=weight)
    assert all(w.median > p.median for w, p in zip(weighted.bins, plain.bins, strict=True))


@pytest.mark.parametrize(("y", "said"), [([], []), ([np.nan], [1.0])])
def test_without_rows_there_are_none(y, said):
    assert residual_bins(y, said) is None


def test_a_constant_residual_has_a_histogram_too():
    found = residual_bins(np.ones(5), np.zeros(5))
    assert sum(found.counts) == 5
    assert found.edges[0] < 1 < found.edges[-1]


@given(st.integers(1, 300))
def test_a_bin_has_rows_enough_to_hide_each(n_rows):
    found = residual_bins(SAID[:n_rows] + NOISE[:n_rows], SAID[:n_rows])
    assert sum(b.n_rows for b in found.bins) == n_rows
    assert len(found.bins) == 1 or min(b.n_rows for b in found.bins) >= LEAST_ROWS
