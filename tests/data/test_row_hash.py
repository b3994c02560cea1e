from __future__ import annotations

import numpy as np
import pandas as pd

from autorecipe.data.split import hash_rows


def test_rows_equal_after_trimming_have_equal_hashes():
    frame = pd.DataFrame({"a": ["x ", " x", "x", "y"], "b": [0.0, -0.0, 0.0, 0.0]})
    hashes = hash_rows(frame)
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]


def test_missing_cells_are_equal_and_differ_from_others():
    frame = pd.DataFrame({"a": ["", None, "nan"], "b": [np.nan, np.nan, np.nan]})
    hashes = hash_rows(frame)
    assert hashes[0] == hashes[1] != hashes[2]


def test_cells_that_change_places_are_another_row():
    hashes = hash_rows(pd.DataFrame({"a": ["x", "y"], "b": ["y", "x"]}))
    assert hashes[0] != hashes[1]
