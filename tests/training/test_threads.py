from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from autorecipe.interpretation.image_plane import on_plane
from autorecipe.training import threads
from autorecipe.training.threads import N_ROWS_PER_THREAD, n_threads


@pytest.fixture(autouse=True)
def four_cores(monkeypatch):
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 4)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)


@pytest.mark.parametrize("policy", ["", "PASSIVE"])
def test_few_rows_are_fitted_on_one_thread(policy, monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", policy)
    assert n_threads(N_ROWS_PER_THREAD - 1) == 1


def test_threads_that_keep_their_core_busy_while_they_wait_leave_one_to_others(monkeypatch):
    assert n_threads(N_ROWS_PER_THREAD) == 3
    monkeypatch.setattr(threads.os, "cpu_count", lambda: None)
    assert n_threads(N_ROWS_PER_THREAD) == 1


@pytest.mark.parametrize("policy", ["PASSIVE", "passive "])
def test_threads_that_wait_passively_take_every_core(policy, monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", policy)
    assert n_threads(N_ROWS_PER_THREAD) == 4


def test_images_are_brought_to_a_plane_on_one_thread(monkeypatch):
    from sklearn.manifold import TSNE

    seen = []

    def fit_transform(self, values):
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return values[:, :2]

    monkeypatch.setattr(TSNE, "fit_transform", fit_transform)
    assert on_plane(np.random.default_rng(0).normal(size=(12, 4)), left_s=60.0, seed=0).method == "t-SNE"
    assert set(seen) == {1}
