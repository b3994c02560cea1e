"""From a CSV file to a model on disk: the Python twin of `autorecipe fit`.

usage: python examples/fit_a_file.py [TIME_LIMIT]
"""

from __future__ import annotations

import sys
from pathlib import Path

from autorecipe import AutoRecipe

DATA = Path(__file__).parent / "data" / "breast_cancer.csv"

model = AutoRecipe(time_limit=sys.argv[1] if len(sys.argv) > 1 else "1m", preset="quick")
model.fit(DATA, target="target")

print(model.recipe_)
for decision in [d for stage in model.run_.stages for d in stage.decisions]:
    print("kept" if decision.kept else "left", decision.change.title, f"{decision.effect:+.4f}", decision.rule)
