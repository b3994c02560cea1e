from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.near_rows import Neighbours, clusters_of_rows, level_points, neighbours, rank_points

LAW = settings(max_examples=30, deadline=None)
N, WIDTH, RADIUS = 400, 4, 0.02


def points(n: int = N, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, WIDTH)).astype(np.float32)


def test_ranks_run_from_0_to_1_and_missing_numbers_lie_apart():
    ordered = np.array([1.0, 2.0, 4.0, 8.0])
    placed = rank_points(np.array([1.0, 3.0, 100.0, np.nan]), ordered)[:, 0]
    assert placed.tolist() == [0.125, 0.5, 0.875, -1.0]


def test_equal_levels_meet_and_others_do_not():
    placed = level_points(np.array(["Ulm", "Bonn", "Ulm"], dtype=object))
    assert np.array_equal(placed[0], placed[2])
    assert np.linalg.norm(placed[0] - placed[1]) > 0.1


def test_the_nearest_rows_are_found_in_rising_order():
    among, asked = points(), points(20, seed=1)
    found = neighbours(among, asked)
    every = np.linalg.norm(among[None] - asked[:, None], axis=2)
    assert np.array_equal(found.nearest, every.argmin(axis=1))
    assert found.distances == pytest.approx(np.sort(every, axis=1)[:, :10], abs=1e-5)


def test_a_dense_part_is_no_near_copy():
    alone, dense = np.linspace(1.0, 2.0, 10), np.full(10, 0.01)
    near_copy = np.r_[0.01, np.linspace(1.0, 2.0, 9)]
    found = Neighbours(nearest=np.zeros(3, dtype=np.int64), distances=np.array([alone, dense, near_copy]))
    # the median of the first distances is 0.01 here, so the radius is set by a fourth and fifth row far away
    far = Neighbours(nearest=np.zeros(5, dtype=np.int64), distances=np.vstack([found.distances, alone, alone]))
    assert far.near().tolist() == [False, False, True, False, False]


@LAW
@given(st.integers(0, 1_000), st.integers(1, 60), st.integers(1, 3))
def test_rows_copied_with_noise_come_to_one_cluster(seed, n_copied, n_times):
    random, rows = np.random.default_rng(seed), points(seed=seed)
    copied = random.choice(N, n_copied, replace=False)
    noisy = [rows[copied] + random.uniform(-1e-4, 1e-4, (n_copied, WIDTH)).astype(np.float32) for _ in range(n_times)]
    clusters = clusters_of_rows(np.concatenate([rows, *noisy]), rows, radius=RADIUS)
    assert np.array_equal(clusters[N:], np.tile(clusters[copied], n_times))


@LAW
@given(st.integers(0, 1_000))
def test_rows_that_lie_apart_are_clusters_of_their_own(seed):
    grid = np.stack(np.meshgrid(*[np.arange(5.0)] * 3), axis=-1).reshape(-1, 3).astype(np.float32)
    rows = grid[np.random.default_rng(seed).permutation(len(grid))]
    assert len(np.unique(clusters_of_rows(rows, rows, radius=0.5))) == len(rows)


def test_equal_rows_are_one_cluster_however_many():
    rows = np.concatenate([points(), np.repeat(points(1, seed=5), 30, axis=0)])
    assert len(np.unique(clusters_of_rows(rows, points(), radius=RADIUS)[N:])) == 1


def test_a_tree_and_all_distances_put_the_same_rows_together(monkeypatch):
    random, rows = np.random.default_rng(0), points()
    noisy = rows[:100] + random.uniform(-0.015, 0.015, (100, WIDTH)).astype(np.float32)
    both = np.concatenate([rows, noisy])
    by_tree = clusters_of_rows(both, rows, radius=RADIUS)
    monkeypatch.setattr("autorecipe.data.near_rows.TREE_WIDTH", 0)
    assert np.array_equal(by_tree, clusters_of_rows(both, rows, radius=RADIUS))
    assert N < len(np.unique(by_tree)) < N + 100
