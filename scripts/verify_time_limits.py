"""Fit a table under several time limits: each must be kept within 5 % + 5 s.

usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_time_limits.py [60s 3m 10m]
       python scripts/verify_time_limits.py --table FILE --target COLUMN [--busy 3] [60s 3m 10m]

Prints one row of a Markdown table per limit: the seconds asked for and used (of the whole process, as a person would
wait), where they went, and the score on the untouched rows with its 95 % interval. Says where more time has led to a
worse score than less. With --busy so many processes keep the cores busy from 0.4 of each limit on. Exit 1 when a limit
is broken, or a run fails. Writes nothing outside a temporary folder.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

from autorecipe.budget import format_duration, parse_duration
from autorecipe.errors import UserError
from autorecipe.metrics.choose import metric_named
from autorecipe.record.evaluation import Score
from autorecipe.record.run import Run
from autorecipe.store.codec import read_run
from autorecipe.store.contents import RUN_NAME

LIMITS = ("60s", "3m", "10m")
ADULT = ("tabular/adult.csv.gz", "income")
SHARE_OVER, SECONDS_OVER = 0.05, 5.0  # by which a limit may be exceeded
BUSY_FROM = 0.4  # of a limit: most of the search is still to come
GIVE_UP = 2.0  # times the limit, and a minute: a process that takes longer is stuck
HEAD = (
    "| asked | used | most | start, stages, evaluation, export | metric | test rows | stages |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A run and the seconds that its process took."""

    limit_s: float
    used_s: float
    run: Run

    @property
    def most_s(self) -> float:
        return most_s(self.limit_s)

    @property
    def score(self) -> Score:
        return next(s for s in self.run.evaluation.scores if s.metric == self.run.evaluation.metric)


def most_s(limit_s: float) -> float:
    return limit_s * (1 + SHARE_OVER) + SECONDS_OVER


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("limits", nargs="*", metavar="LIMIT", help=f"[default: {' '.join(LIMITS)}]")
    parser.add_argument("--table", default="", metavar="FILE", help="[default: adult]")
    parser.add_argument("--target", default="", metavar="COLUMN")
    parser.add_argument("--busy", type=int, default=0, metavar="N", help="Processes that begin to work besides.")
    asked = parser.parse_args()
    table, target = asked.table, asked.target
    if not table:
        data = os.environ.get("AUTORECIPE_TEST_DATA")
        if not data:
            print("set AUTORECIPE_TEST_DATA to the folder with the sets, or give --table", file=sys.stderr)
            return 2
        table, target = str(pathlib.Path(data) / ADULT[0]), ADULT[1]
    try:
        limits = [parse_duration(text) for text in asked.limits or LIMITS]
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(HEAD, flush=True)
    faults, done = [], []
    for limit_s in limits:
        with busy(asked.busy, in_s=BUSY_FROM * limit_s):
            found = fit(table, target, limit_s)
        if isinstance(found, str):
            faults.append(found)
            continue
        print(row(found), flush=True)
        faults += faults_of(found)
        done.append(found)
    for line in falls(done):
        print(line)
    print("\n".join(faults) if faults else "\nall limits were kept", flush=True)
    return 1 if faults else 0


@contextlib.contextmanager
def busy(n: int, *, in_s: float) -> Iterator[None]:
    """Keep the cores busy with so many processes, from so many seconds on until the end of the block."""
    # each in a session of its own: Linux shares the cores out by session first
    wait = f"import time; time.sleep({in_s})\nwhile True: pass"
    others = [subprocess.Popen([sys.executable, "-c", wait], start_new_session=True) for _ in range(n)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def fit(table: str, target: str, limit_s: float) -> Timed | str:
    """Fit in a process of its own; a sentence when that fails."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "autorecipe",
            "fit",
            str(pathlib.Path(table).resolve()),
            "--time-limit",
            f"{limit_s:g}s",
        ]
        command += ["--target", target] if target else []
        command += ["--out", f"{folder}/run", "-q"]
        began = time.monotonic()
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=GIVE_UP * limit_s + 60, cwd=folder
            )
        except subprocess.TimeoutExpired:
            return f"{limit_s:g} s: still not ended after {time.monotonic() - began:.0f} s"
        used_s = time.monotonic() - began
        if done.returncode != 0:
            return f"{limit_s:g} s: exit {done.returncode}: {(done.stdout + done.stderr)[-300:]}"
        return Timed(limit_s=limit_s, used_s=used_s, run=read_run(pathlib.Path(folder, "run", RUN_NAME)))


def row(found: Timed) -> str:
    run = found.run
    cells = [
        format_duration(found.limit_s),
        f"{found.used_s:.1f} s",
        f"{found.most_s:.1f} s",
        ", ".join(f"{name} {seconds:.0f}" for name, seconds in run.time.parts),
        run.evaluation.metric,
        interval(found.score),
        ", ".join(f"{s.stage} {s.ended}" for s in run.stages if s.stage != "profile"),
    ]
    return "| " + " | ".join(cells) + " |"


def interval(score: Score) -> str:
    if score.low is None or score.high is None:
        return f"{score.value:.4f}"
    return f"{score.value:.4f} [{score.low:.4f}, {score.high:.4f}]"


def faults_of(found: Timed) -> list[str]:
    name, faults = format_duration(found.limit_s), []
    if found.used_s > found.most_s:
        faults.append(f"{name}: took {found.used_s:.1f} s, at most {found.most_s:.1f} s were allowed")
    if not found.run.export.parity.passed:
        faults.append(f"{name}: the export predicts differently: {found.run.export.parity.cause}")
    return faults


def falls(done: list[Timed]) -> list[str]:
    """Say where a longer limit has a lower score than the interval of a shorter one reaches."""
    lines = []
    for before, after in itertools.pairwise(done):
        sign = 1 if metric_named(before.run.evaluation.metric, before.run.schema.task).direction == "max" else -1
        worst = before.score.low if sign > 0 else before.score.high
        if worst is not None and sign * after.score.value < sign * worst:
            limits = f"{format_duration(before.limit_s)} to {format_duration(after.limit_s)}"
            lines.append(f"from {limits} the score fell beyond its interval")
    return lines


if __name__ == "__main__":
    sys.exit(main())
