from __future__ import annotations

import numpy as np
import pytest

from autorecipe.data.split_request import SplitRequest
from autorecipe.data.split_words import split_reason
from autorecipe.data.units import Units


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("12 repeated rows on one side", "12 rows equal to another in all features, kept on one side"),
        ("groups and repeated rows on one side", "groups and rows equal to another in all features, kept on one side"),
        ("groups on one side", "groups on one side"),
    ],
)
def test_rows_that_stay_together_are_said_to_be_equal_to_another_in_all_features(note, said):
    request = SplitRequest(task="binary", test_share=0.2, seed=0)
    units = Units(codes=np.arange(3), note=note)
    assert split_reason("under 2,000", units=units, request=request, n_test=9) == f"under 2,000, {said}"
