"""AutoRecipe beside other systems on the same splits and budget: scores, ranks and pairwise wins.

usage: AUTORECIPE_TEST_DATA=FOLDER python benchmarks/tabular.py [--budget 120] [--seeds 0 1] [--sets NAME ...]
           [--systems NAME ...] [--results FILE] [--known FILE ...]

Each fit is a process of its own, one after the other, so that seconds and memory are its own. Results are appended to
--results (JSON lines), and what is there already is not measured again; --known adds results measured elsewhere with
the same splits. The score is ROC AUC for two classes, log loss for more, RMSE for numbers. Nothing is tuned on the test
rows.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from measuring import Answers, Benchmark, main_of
from tabular_sets import SETS, load
from tabular_systems import SYSTEMS, installed

BUDGET_S = 120.0


def answers(system: str, name: str, seed: int, budget_s: float) -> Answers:
    """Train one system on a set, and return its predictions of the test rows."""
    warnings.filterwarnings("ignore")
    rows = load(name, Path(os.environ["AUTORECIPE_TEST_DATA"]) / "tabular", seed=seed)
    said = SYSTEMS[system].predict(rows, budget_s, seed)
    return Answers(task=rows.task, n_classes=rows.n_classes, said=said, test_y=rows.test_y.to_numpy())


BENCHMARK = Benchmark(
    script=__file__,
    description=__doc__,
    tasks={name: spec.task for name, spec in SETS.items()},
    systems=tuple(SYSTEMS),
    installed=installed(),
    answers=answers,
)


if __name__ == "__main__":
    sys.exit(main_of(BENCHMARK, budget_s=BUDGET_S, results="tabular_results.jsonl"))
