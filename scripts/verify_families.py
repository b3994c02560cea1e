"""Hold single networks of the published families against the plain net on the ten tables of the benchmark.

usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_families.py [--families realmlp_s tabm_mini] [NAME ...]

Each network is trained once, with its family's defaults, on the training rows of the benchmark's split, whose
validation part ends its training; the test rows are scored once. The error is the share of wrong answers, or the RMSE.
Prints per table the error of the plain net and each family's ratio to it, and the geometric mean of the ratios.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time
from typing import get_args

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "benchmarks"))

import numpy as np
import pandas as pd
from tabular_sets import SETS, Rows, load

from autorecipe.beginning import begin
from autorecipe.budget import WallClock
from autorecipe.choices import FamilyName
from autorecipe.config import Config
from autorecipe.data.roles import target_values
from autorecipe.data.tables import from_frame
from autorecipe.intake import take_in
from autorecipe.metrics.choose import metric_named
from autorecipe.record.run import Run
from autorecipe.stages.baseline import first_recipe
from autorecipe.stages.portfolio import data_size, family_change
from autorecipe.store.directory import RunDirectory
from autorecipe.training.prepare import prepare_dataset
from autorecipe.training.trainer import NetworkTrainer

TARGET = "the target"
LIMIT_S = 120.0  # what the families' sizes are chosen for: the benchmark's budget
PUBLISHED = ("realmlp_s", "tabm_mini")
NO_CLOCK_S = 1e6  # no training is cut


def main() -> int:
    """Train, score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SETS)}")
    parser.add_argument("--families", nargs="+", choices=get_args(FamilyName), default=list(PUBLISHED))
    asked = parser.parse_args()
    data = os.environ.get("AUTORECIPE_TEST_DATA")
    if not data:
        print("set AUTORECIPE_TEST_DATA to the folder with the sets", file=sys.stderr)
        return 2
    families: list[FamilyName] = ["mlp", *asked.families]
    print(f"| table | plain net | {' | '.join(asked.families)} |\n|---|---|{'---|' * len(asked.families)}")
    ratios: list[list[float]] = []
    for name in asked.names or SETS:
        rows = load(name, pathlib.Path(data) / "tabular", seed=0)
        errors, seconds = zip(*errors_of(rows, families), strict=True)
        ratios.append([error / errors[0] for error in errors[1:]])
        cells = [f"{ratio:.3f} ({s:.0f} s)" for ratio, s in zip(ratios[-1], seconds[1:], strict=True)]
        print(f"| {name} | {errors[0]:.4g} ({seconds[0]:.0f} s) | {' | '.join(cells)} |", flush=True)
    means = [math.exp(statistics.fmean(map(math.log, column))) for column in zip(*ratios, strict=True)]
    print(f"| geometric mean | | {' | '.join(f'{mean:.3f}' for mean in means)} |")
    return 0


def errors_of(rows: Rows, families: list[FamilyName]) -> list[tuple[float, float]]:
    """Return each family's error on the test rows, and the seconds that its training took."""
    frame = rows.x.assign(**{TARGET: rows.y})
    config = Config(target=TARGET, task=rows.task, test_share=0.0, time_limit_s=LIMIT_S)
    intake = take_in(from_frame(frame), config)
    run = begin(intake, config)
    test = rows.test_x.assign(**{TARGET: rows.test_y})
    y = np.concatenate([intake.y, target_values(test, intake.schema)])
    whole = pd.concat([intake.frame, test], ignore_index=True)
    both = dataclasses.replace(intake, frame=whole, y=y, weight=np.ones(len(y), "float32"))
    data, _ = prepare_dataset(both, run)
    with tempfile.TemporaryDirectory() as folder:
        clock = WallClock(NO_CLOCK_S)
        with RunDirectory.create(pathlib.Path(folder) / "run", now_s=clock.now_s) as store:
            metric = metric_named(run.deciding_metric, run.schema.task)
            trainer = NetworkTrainer(data, store, metric=metric, seed=0, clock=clock)
            return [error_of(trainer, run, name, np.arange(len(intake.y), len(y))) for name in families]


def error_of(trainer: NetworkTrainer, run: Run, family: FamilyName, test: np.ndarray) -> tuple[float, float]:
    """Train one family and return its error on the test rows, and its seconds."""
    from autorecipe.training.members import build_member

    plain = first_recipe(run)
    recipe = plain if family == "mlp" else family_change(family, plain, data_size(run)).apply(plain)
    began = time.monotonic()
    fit = trainer.fit(recipe, 0)
    seconds = time.monotonic() - began
    if fit.status == "failed":
        return math.nan, seconds
    said = np.asarray(build_member(trainer, recipe, fit).predict(trainer.data.take(test), verbose=0, batch_size=2048))
    y = trainer.data.y[test]
    if trainer.data.task == "regression":
        return float(np.sqrt(np.mean((said.ravel() - y) ** 2))), seconds
    return float(np.mean(said.argmax(axis=1) != y)), seconds


if __name__ == "__main__":
    sys.exit(main())
