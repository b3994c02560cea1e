from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data that AUTORECIPE_TEST_DATA names; without it the test is skipped."""
    folder = os.environ.get("AUTORECIPE_TEST_DATA", "")
    if not folder:
        pytest.skip("AUTORECIPE_TEST_DATA does not name a folder of real data")
    path = Path(folder).resolve()
    if not path.is_dir():
        pytest.fail(f"AUTORECIPE_TEST_DATA={folder} is not a folder")
    return path
