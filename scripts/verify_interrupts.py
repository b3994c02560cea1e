"""Press Ctrl-C at several moments of a real run: it must be answered within 2 s, and pressed twice it must be left.

usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_interrupts.py [--time-limit 3m] [MOMENT ...]
       python scripts/verify_interrupts.py --table FILE --target COLUMN [--time-limit 3m] [MOMENT ...]

Each moment has two runs. In one, Ctrl-C is pressed once: measured are the seconds until it is answered, and until the
run has been evaluated and exported. In the other it is pressed again a second later: measured are the seconds until
the process is gone. While the table is read there is nothing to keep yet, and the first Ctrl-C leaves.

Exit 1 when an answer, or leaving, takes more than 2 s, when the exit code is not the right one (0, and 130 where it
was left), when the export of an interrupted run does not predict the same, or when the directory stays locked. Ends
only the processes that it has started, and writes nothing outside a temporary folder. For POSIX systems.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from autorecipe.budget import parse_duration
from autorecipe.cli_group import INTERRUPTED
from autorecipe.errors import UserError
from autorecipe.record.run import Run
from autorecipe.store.codec import read_run
from autorecipe.store.contents import RUN_NAME, is_run
from autorecipe.store.lock import is_held

ADULT = ("tabular/adult.csv.gz", "income")
MOST_S = 2.0  # until an answer, and until it is left
AGAIN_S = 1.0  # between the two
FINISH_S = 120.0  # more than an interrupted run may take to evaluate and export before it counts as stuck
LOOK_EVERY_S = 0.02
ANSWER = "stopping the search"
HEAD = (
    "| pressed | at s | answered after s | evaluated and exported after s | exit | twice: gone after s | exit |\n"
    "|---|---|---|---|---|---|---|"
)

Reached = Callable[[pathlib.Path, float], bool]


@dataclass(slots=True)
class Fitting:
    """A process that fits, and what it has said so far."""

    process: subprocess.Popen[str]
    directory: pathlib.Path
    began_s: float
    said: list[str] = field(default_factory=list)
    answered_s: float | None = None

    def listen(self) -> None:
        for line in self.process.stdout or ():
            if ANSWER in line and self.answered_s is None:
                self.answered_s = time.monotonic()
            self.said.append(line)

    def press(self) -> float:
        self.process.send_signal(signal.SIGINT)
        return time.monotonic()

    def wait(self, seconds: float) -> int | None:
        """The exit code; None when it is still there after so many seconds."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One moment: seconds, None where it did not happen, and what is wrong."""

    at_s: float
    after_s: float | None = None
    ended_s: float | None = None
    code: int | None = None
    faults: tuple[str, ...] = ()


def n_fits(directory: pathlib.Path) -> int:
    return sum(1 for _ in directory.glob("trials/*/fit.json"))


def known_run(directory: pathlib.Path) -> Run | None:
    return read_run(directory / RUN_NAME) if is_run(directory) else None


def has_stage(directory: pathlib.Path, name: str) -> bool:
    run = known_run(directory)
    return run is not None and run.stage(name) is not None


def has_baselines(directory: pathlib.Path, n: int) -> bool:
    """Whether so many of the baselines have been trained, on all folds."""
    run = known_run(directory)
    return run is not None and n_fits(directory) >= n * run.split.n_folds


MOMENTS: dict[str, tuple[str, Reached, float]] = {  # what it is called, when it has come, seconds to wait then
    "reading": ("while the table is read", lambda directory, age_s: age_s > 1.2, 0.0),
    "profile": ("while the columns are profiled", lambda directory, age_s: directory.exists(), 0.2),
    "boosting": ("in gradient boosting", lambda directory, age_s: has_baselines(directory, 2), 0.5),
    "compiling": ("while the first networks are compiled", lambda directory, age_s: has_baselines(directory, 3), 0.5),
    "overfit": ("in Overfit", lambda directory, age_s: has_stage(directory, "baseline"), 2.0),
    "tune": ("in Tune", lambda directory, age_s: has_stage(directory, "regularize"), 2.0),
    "export": ("while exporting", lambda directory, age_s: (directory / "metrics.json").exists(), 0.3),
}
LEAVES_AT_ONCE = ("reading",)  # where there is nothing yet to evaluate


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("moments", nargs="*", metavar="MOMENT", help=f"of {', '.join(MOMENTS)} [default: all]")
    parser.add_argument("--table", default="", metavar="FILE", help="[default: adult]")
    parser.add_argument("--target", default="", metavar="COLUMN")
    parser.add_argument("--time-limit", default="3m")
    asked = parser.parse_args()
    if unknown := [name for name in asked.moments if name not in MOMENTS]:
        parser.error(f"no such moment: {unknown[0]}; there are {', '.join(MOMENTS)}")
    try:
        limit_s = parse_duration(asked.time_limit)
    except UserError as error:
        parser.error(str(error))
    table, target = asked.table, asked.target
    if not table:
        data = os.environ.get("AUTORECIPE_TEST_DATA")
        if not data:
            print("set AUTORECIPE_TEST_DATA to the folder with the sets, or give --table", file=sys.stderr)
            return 2
        table, target = str(pathlib.Path(data) / ADULT[0]), ADULT[1]
    # a shell that runs this in the background hands on that Ctrl-C is ignored; the processes must hear it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-u", "-m", "autorecipe", "fit", str(pathlib.Path(table).resolve())]
    command += [*(["--target", target] if target else []), "--time-limit", f"{limit_s:g}s"]
    print(HEAD, flush=True)
    faults = [fault for name in asked.moments or MOMENTS for fault in verify(name, command, limit_s)]
    print("\n".join(faults) if faults else "\nevery Ctrl-C was answered in time", flush=True)
    return 1 if faults else 0


def verify(name: str, command: list[str], limit_s: float) -> list[str]:
    once = pressed_once(name, command, limit_s)
    twice = None if name in LEAVES_AT_ONCE else pressed_twice(name, command, limit_s)
    cells = [MOMENTS[name][0], f"{once.at_s:.1f}", shown(once.after_s), shown(once.ended_s), str(once.code)]
    cells += [shown(twice.ended_s), str(twice.code)] if twice else ["", ""]
    print("| " + " | ".join(cells) + " |", flush=True)
    return [f"{name}: {fault}" for fault in (*once.faults, *(twice.faults if twice else ()))]


def pressed_once(name: str, command: list[str], limit_s: float) -> Measured:
    def measure(fitting: Fitting) -> Measured:
        leaves = name in LEAVES_AT_ONCE
        at_s = fitting.press()
        code = fitting.wait(MOST_S + 1 if leaves else FINISH_S)
        ended_s = None if code is None else time.monotonic() - at_s
        answered_s = ended_s if leaves else None if fitting.answered_s is None else fitting.answered_s - at_s
        faults = late("answered", answered_s) + wrong_code(code, INTERRUPTED if leaves else 0)
        if not leaves:
            run = known_run(fitting.directory)
            proved = run is not None and run.export is not None and run.export.parity.passed
            faults += [] if proved else ["nothing was exported that predicts the same"]
        faults += ["the directory stays locked"] if code is not None and is_held(fitting.directory) else []
        return Measured(
            at_s=at_s - fitting.began_s, after_s=answered_s, ended_s=ended_s, code=code, faults=tuple(faults)
        )

    return at_moment(name, command, limit_s, measure)


def pressed_twice(name: str, command: list[str], limit_s: float) -> Measured:
    def measure(fitting: Fitting) -> Measured:
        fitting.press()
        time.sleep(AGAIN_S)
        at_s = fitting.press()
        code = fitting.wait(FINISH_S)
        ended_s = None if code is None else time.monotonic() - at_s
        faults = late("left", ended_s) + wrong_code(code, INTERRUPTED)
        faults += ["the directory stays locked"] if code is not None and is_held(fitting.directory) else []
        return Measured(at_s=at_s - fitting.began_s, ended_s=ended_s, code=code, faults=tuple(faults))

    return at_moment(name, command, limit_s, measure)


def at_moment(name: str, command: list[str], limit_s: float, measure: Callable[[Fitting], Measured]) -> Measured:
    """Start a process, wait for the moment, measure, and end the process whatever happens."""
    _, reached, wait_s = MOMENTS[name]
    with tempfile.TemporaryDirectory() as folder:
        directory, began_s = pathlib.Path(folder, "run"), time.monotonic()
        process = subprocess.Popen(
            [*command, "--out", str(directory)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            cwd=folder,
        )
        fitting = Fitting(process=process, directory=directory, began_s=began_s)
        listener = threading.Thread(target=fitting.listen, daemon=True)
        listener.start()
        try:
            while not reached(directory, time.monotonic() - began_s):
                if process.poll() is not None or time.monotonic() - began_s > 2 * limit_s:
                    said = "".join(fitting.said)[-300:]
                    return Measured(
                        at_s=time.monotonic() - began_s, code=process.poll(), faults=(f"the moment never came: {said}",)
                    )
                time.sleep(LOOK_EVERY_S)
            time.sleep(wait_s)
            return measure(fitting)
        finally:
            process.kill()
            process.wait()
            listener.join(timeout=5)


def late(what: str, seconds: float | None) -> list[str]:
    if seconds is None:
        return [f"not {what} at all"]
    return [f"{what} after {seconds:.1f} s, not within {MOST_S:g} s"] if seconds > MOST_S else []


def wrong_code(code: int | None, expected: int) -> list[str]:
    return [] if code == expected else [f"exit {code}, not {expected}"]


def shown(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f}"


if __name__ == "__main__":
    sys.exit(main())
