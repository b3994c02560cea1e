"""Writes the tables of examples/data from data that scikit-learn bundles."""

from __future__ import annotations

import sys
from pathlib import Path

from autorecipe.demo import example_csv

FOLDER = Path(__file__).parents[1] / "examples" / "data"

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
for name in ("breast_cancer", "diabetes"):
    path = folder / f"{name}.csv"
    path.write_text(example_csv(name), encoding="utf-8", newline="\n")
    print(path)
