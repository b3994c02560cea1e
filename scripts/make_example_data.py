"""Writes the tables of examples/data from data that scikit-learn bundles."""

from __future__ import annotations

import sys
from pathlib import Path

from autorecipe.demo import write_example

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "examples" / "data"
for path in (write_example("breast_cancer", folder), write_example("diabetes", folder)):
    print(path)
