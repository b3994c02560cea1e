"""What the benchmarks share: each fit in a process of its own, its score, and results kept line by line."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from results_table import Result, markdown

LEAST_PROBABILITY = 1e-7
GRACE = 3.0  # times its budget, and a minute, that a system may take before it counts as failed
METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a system said of the test rows.

    Attributes
    ----------
    said : ndarray
        Probabilities (n_rows, n_classes), numbers (n_rows,) of a regression, or codes of labels (n_rows,).
    test_y : ndarray
        Codes of classes, or numbers.
    """

    task: str
    n_classes: int
    said: np.ndarray
    test_y: np.ndarray


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A script that measures systems on sets.

    Attributes
    ----------
    tasks : dict
        Of each set.
    answers : callable
        (system, set, seed, budget_s) -> Answers: trains.
    """

    script: str
    description: str
    tasks: dict[str, str]
    systems: Sequence[str]
    installed: Sequence[str]
    answers: Callable[[str, str, int, float], Answers]


def parser_of(benchmark: Benchmark, *, budget_s: float, results: str) -> argparse.ArgumentParser:
    """Return the flags that each benchmark has."""
    parser = argparse.ArgumentParser(
        description=benchmark.description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sets = list(benchmark.tasks)
    parser.add_argument("--budget", type=float, default=budget_s, metavar="SECONDS")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--sets", nargs="+", choices=sets, default=sets, metavar="NAME")
    parser.add_argument(
        "--systems", nargs="+", choices=benchmark.systems, default=list(benchmark.installed), metavar="NAME"
    )
    parser.add_argument("--results", type=Path, default=Path(results))
    parser.add_argument("--known", type=Path, nargs="+", default=[])
    parser.add_argument("--one", nargs=3, metavar=("SYSTEM", "SET", "SEED"), help=argparse.SUPPRESS)
    return parser


def main_of(benchmark: Benchmark, *, budget_s: float, results: str) -> int:
    """Measure what the command line asks for, and print the table; return the exit status."""
    asked = parser_of(benchmark, budget_s=budget_s, results=results).parse_args()
    if not os.environ.get("AUTORECIPE_TEST_DATA"):
        print("set AUTORECIPE_TEST_DATA to the folder with the sets", file=sys.stderr)
        return 2
    measure(benchmark, asked)
    return 0


def measure(benchmark: Benchmark, asked: argparse.Namespace) -> None:
    """Measure what is asked for and not known yet, and print the table; or the one fit that a process is for."""
    if asked.one:
        system, name, seed = asked.one
        result = _measured(benchmark, system, name, seed=int(seed), budget_s=asked.budget)
        print(json.dumps(dataclasses.asdict(result)))
        return
    results = [result for file in (*asked.known, asked.results) for result in _read(file)]
    for seed in asked.seeds:
        for name in asked.sets:
            for system in asked.systems:
                if not any((r.system, r.table, r.seed) == (system, name, seed) for r in results):
                    results.append(_in_own_process(benchmark, system, name, seed=seed, budget_s=asked.budget))
                    _append(asked.results, results[-1])
    systems = list(dict.fromkeys([*asked.systems, *(r.system for r in results)]))
    print(markdown([r for r in results if r.table in asked.sets], systems))


def _in_own_process(benchmark: Benchmark, system: str, name: str, *, seed: int, budget_s: float) -> Result:
    command = [sys.executable, benchmark.script, "--budget", str(budget_s), "--one", system, name, str(seed)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=GRACE * budget_s + 60.0)
        lines = done.stdout.strip().splitlines()
        if lines and done.returncode == 0:
            return Result(**json.loads(lines[-1]))
        cause = " ".join(done.stderr.strip().splitlines()[-1:])
    except subprocess.TimeoutExpired:
        cause = "no end"
    metric = METRICS[benchmark.tasks[name]]
    return Result(system=system, table=name, seed=seed, metric=metric, score=math.nan, error=cause)


def _measured(benchmark: Benchmark, system: str, name: str, *, seed: int, budget_s: float) -> Result:
    began = time.monotonic()
    answers = benchmark.answers(system, name, seed, budget_s)
    seconds = time.monotonic() - began
    metric, score, accuracy = scored(answers)
    peak_kb = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Result(
        system=system,
        table=name,
        seed=seed,
        metric=metric,
        score=score,
        accuracy=accuracy,
        seconds=round(seconds, 1),
        peak_mb=round(peak_kb / 1024),
    )


def scored(answers: Answers) -> tuple[str, float, float]:
    """Return the metric, its value, and the accuracy."""
    from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, root_mean_squared_error

    said, test_y = np.asarray(answers.said, "float64"), answers.test_y
    if answers.task == "regression":
        return "rmse", float(root_mean_squared_error(test_y, said.ravel())), math.nan
    if said.ndim == 1:
        right = float(accuracy_score(test_y, said.astype(int)))
        return "accuracy", right, right
    said = np.clip(said, LEAST_PROBABILITY, 1.0)
    said /= said.sum(axis=1, keepdims=True)
    right = float(accuracy_score(test_y, said.argmax(axis=1)))
    if answers.task == "binary":
        return "roc_auc", float(roc_auc_score(test_y, said[:, 1])), right
    return "log_loss", float(log_loss(test_y, said, labels=range(answers.n_classes))), right


def _read(file: Path) -> Iterable[Result]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [Result(**json.loads(line)) for line in lines if line.strip()]


def _append(file: Path, result: Result) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(dataclasses.asdict(result)) + "\n")
    right = "" if math.isnan(result.accuracy) else f", {result.accuracy:.4f} right"
    said = (
        result.error or f"{result.metric} {result.score:.5g}{right} in {result.seconds:.0f} s, {result.peak_mb:.0f} MB"
    )
    print(f"{result.table}, seed {result.seed}, {result.system}: {said}", file=sys.stderr, flush=True)
