"""What a trial is predicted to compile, against what is compiled."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
from autorecipe import trial_cost  # noqa: E402  TensorFlow may be absent
from autorecipe.training import topology  # noqa: E402


def test_a_prediction_counts_as_new_exactly_what_is_compiled_anew():
    assert set(trial_cost.TOPOLOGY_FIELDS) == set(topology.STRUCTURE)
    assert set(trial_cost.TOPOLOGY_SWITCHES) == set(topology.SWITCHES)
