"""When does the process that proves the export begin, as `api.fit` asks for it?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autorecipe import api
from autorecipe.budget import PROOF_LEAD_S
from autorecipe.config import Config
from autorecipe.export.early_prover import EarlyProver

EXAMPLE = Path(__file__).parents[1] / "examples" / "data" / "breast_cancer.csv"
TEN_MINUTES = Config(time_limit_s=600.0)


@pytest.fixture
def waits(monkeypatch, no_training):
    """The seconds that each session waits until it starts the process."""
    seen = []

    class Watched(EarlyProver):
        def __init__(self, *, in_s: float) -> None:
            seen.append(in_s)
            super().__init__(in_s=3600.0)

    monkeypatch.setattr(api, "EarlyProver", Watched)
    return seen


def session(path: Path, config: Config) -> None:
    with pytest.raises(AssertionError, match="as far as training"):
        api.fit(str(EXAMPLE), config, out=str(path))


def test_it_begins_two_minutes_before_the_limit(waits, tmp_path):
    session(tmp_path / "run", TEN_MINUTES)
    assert 0 < waits[0] <= 600.0 - PROOF_LEAD_S


def test_seconds_that_earlier_sessions_spent_count(waits, tmp_path):
    session(tmp_path / "run", TEN_MINUTES)
    (tmp_path / "run" / "spent.json").write_text('{"seconds": 300.0}')
    session(tmp_path / "run", TEN_MINUTES)
    assert 0 < waits[1] <= 300.0 - PROOF_LEAD_S


def test_a_run_that_exports_nothing_never_begins_it(waits, tmp_path):
    session(tmp_path / "run", replace(TEN_MINUTES, until="baseline"))
    assert waits == [float("inf")]
