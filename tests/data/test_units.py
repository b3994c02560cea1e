"""What stays on one side of every split."""

from __future__ import annotations

import numpy as np
import pytest

from autorecipe.data.split import SplitRequest, make_split
from autorecipe.data.units import find_units

N, N_CHAIN = 1_500, 825
CLUSTERS = np.concatenate([np.zeros(N_CHAIN, np.int64), 1 + np.arange(N - N_CHAIN) // 2])  # then pairs


def test_a_cluster_of_most_rows_gives_way_and_the_others_stay_together():
    units = find_units(CLUSTERS.astype(np.uint64), None)
    sizes = np.bincount(units.codes)[units.codes]
    assert (sizes[:N_CHAIN] == 1).all()
    assert (sizes[N_CHAIN:-1] == 2).all()
    assert units.note == "674 repeated rows on one side, except 825 rows that are all alike"


def test_rows_given_to_test_on_are_on_another_side_than_their_copies_and_do_not_count():
    hashes = np.concatenate([np.arange(600), np.arange(600)[::-1]]).astype(np.uint64)
    assert find_units(hashes, None, n_given=600).note == ""
    hashes[:20] //= 2
    assert find_units(hashes, None, n_given=600).note == "20 repeated rows on one side"
    assert find_units(hashes, None).note == "1,190 repeated rows on one side"
    most = np.concatenate([CLUSTERS, np.arange(N, 2 * N)]).astype(np.uint64)
    assert find_units(most, None, n_given=N).note == "1,499 repeated rows on one side"


def test_of_a_cluster_that_gives_way_equal_rows_stay_together():
    equal = np.arange(N, dtype=np.uint64)
    equal[:300] //= 3
    codes = find_units(CLUSTERS.astype(np.uint64), None, equal=equal).codes
    assert (np.bincount(codes)[codes[:300]] == 3).all()
    assert (np.bincount(codes)[codes[300:N_CHAIN]] == 1).all()
    whole = find_units(CLUSTERS.astype(np.uint64), None, equal=CLUSTERS.astype(np.uint64)).codes
    assert (np.bincount(whole)[whole[:N_CHAIN]] == 1).all()


def test_a_cluster_of_most_rows_leaves_groups_and_the_other_clusters_together():
    groups = np.arange(N) // 5
    units = find_units(CLUSTERS.astype(np.uint64), groups)
    assert "except 825 rows" in units.note
    for codes in (groups, CLUSTERS - N_CHAIN):
        for code in np.unique(codes[N_CHAIN:])[1:]:
            assert len(np.unique(units.codes[N_CHAIN:][codes[N_CHAIN:] == code])) == 1


@pytest.mark.parametrize(
    ("modality", "reason"),
    [("table", "except 825 rows that are all alike"), ("image", "except 825 images that are all alike")],
)
def test_a_split_says_what_it_could_not_keep_together(modality, reason):
    request = SplitRequest(task="binary", test_share=0.15, seed=0, modality=modality)
    split = make_split(target=np.arange(N) % 2, row_hash=CLUSTERS.astype(np.uint64), request=request, preset="quick")
    assert reason in split.reason
    pairs = CLUSTERS[N_CHAIN:]
    in_test = np.isin(np.arange(N), split.test)[N_CHAIN:]
    assert all(len(set(in_test[pairs == pair])) == 1 for pair in set(pairs.tolist()))
    assert in_test.any()
