"""AutoRecipe beside other systems on the same images, splits and budget: scores, ranks and pairwise wins.

usage: AUTORECIPE_TEST_DATA=FOLDER python benchmarks/images.py [--budget 300] [--seeds 0 1] [--sets NAME ...]
           [--systems NAME ...] [--results FILE] [--known FILE ...]

Each fit is a process of its own, one after the other, so that seconds and memory are its own. Results are appended to
--results (JSON lines), and what is there already is not measured again; --known adds results measured elsewhere with
the same splits. The score is ROC AUC for two classes, log loss for more. Every system gets the same arrays: those of an
archive's files at 128 x 128 pixels, equal images once. Nothing is tuned on the test rows.

AutoKeras 3 needs keras<3.12: measure it with `--systems autokeras` in an environment of its own, and name its results
with --known.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from image_sets import SETS, load
from image_systems import SYSTEMS, installed
from measuring import Answers, Benchmark, main_of

BUDGET_S = 300.0


def answers(system: str, name: str, seed: int, budget_s: float) -> Answers:
    """Train one system on a set, and return its predictions of the test rows."""
    warnings.filterwarnings("ignore")
    images = load(name, Path(os.environ["AUTORECIPE_TEST_DATA"]) / "images", seed=seed)
    said = SYSTEMS[system].predict(images, budget_s, seed)
    return Answers(task=images.task, n_classes=images.n_classes, said=said, test_y=images.test_y)


BENCHMARK = Benchmark(
    script=__file__,
    description=__doc__,
    tasks={name: spec.task for name, spec in SETS.items()},
    systems=tuple(SYSTEMS),
    installed=installed(),
    answers=answers,
)


if __name__ == "__main__":
    sys.exit(main_of(BENCHMARK, budget_s=BUDGET_S, results="images_results.jsonl"))
