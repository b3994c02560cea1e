"""How long does a profile take, and how much memory? `autorecipe profile` beside ydata-profiling, in one run.

usage: python benchmarks/profile_speed.py [--quick] [--peer-python PATH] [--markdown FILE]

The tables are made in a temporary folder (2.5 GB for the longest) and deleted in the end. Each system reads the same
CSV file in a process of its own; what is measured is that process from its start to its end, imports included.
ydata-profiling does not go with the packages here, and gets an environment of its own:

    python -m venv peers && peers/bin/pip install "ydata-profiling==4.18.4" setuptools
    python benchmarks/profile_speed.py --peer-python peers/bin/python
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from profile_tables import Size, write_table

FULL = (
    Size(n_rows=100_000, n_columns=100),
    Size(n_rows=5_000_000, n_columns=50),
    Size(n_rows=2_000, n_columns=10_000),
)
QUICK = (Size(n_rows=5_000, n_columns=20), Size(n_rows=200, n_columns=500))
LIMIT_S = 1_200.0  # after which a system is stopped
PEER = "ydata-profiling, minimal"
PEER_SCRIPT = """
import sys
import pandas as pd
from ydata_profiling import ProfileReport
ProfileReport(pd.read_csv(sys.argv[1]), minimal=True, progress_bar=False).to_file(sys.argv[2])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a process took.

    Attributes
    ----------
    wall_s, cpu_s : float
        Seconds by the clock, and of all cores together.
    peak_mib : float
        Largest resident memory.
    output_kib : float
        What the user gets: the lines on the terminal, or the HTML file.
    error : str
        "" where it came to its end.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    output_kib: float
    error: str


def main() -> int:
    """Measure what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small tables, to see whether it runs")
    parser.add_argument("--peer-python", metavar="PATH", help="python of an environment with ydata-profiling")
    parser.add_argument("--limit", type=float, default=LIMIT_S, metavar="SECONDS", help="for each system and table")
    parser.add_argument("--only", nargs="+", metavar="ROWSxCOLUMNS", help="as 100000x100; else all")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there as well")
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else FULL
    rows = []
    for size in sizes:
        if asked.only and f"{size.n_rows}x{size.n_columns}" not in asked.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            rows += _rows_of(size, Path(folder), peer_python=asked.peer_python, limit_s=asked.limit)
    table = markdown(rows)
    print(table)
    if asked.markdown:
        asked.markdown.write_text(table + "\n", encoding="utf-8")
    return 0


def markdown(rows: Sequence[tuple[Size, str, Measured]]) -> str:
    """Return the measurements as a Markdown table."""
    head = "| table | system | wall s | CPU s | peak MiB | output KiB |\n|---|---|---:|---:|---:|---:|"
    lines = [
        f"| {size.label} | {system} | "
        + (f"{m.error} | " if m.error else f"{m.wall_s:.1f} | ")
        + f"{m.cpu_s:.1f} | {m.peak_mib:,.0f} | {m.output_kib:,.0f} |"
        for size, system, m in rows
    ]
    return "\n".join([head, *lines])


def _rows_of(size: Size, folder: Path, *, peer_python: str | None, limit_s: float) -> list[tuple[Size, str, Measured]]:
    file, page = folder / "table.csv", folder / "report.html"
    write_table(file, size)
    print(f"{size.label}: {file.stat().st_size / 2**20:,.0f} MiB", file=sys.stderr, flush=True)
    ours = [sys.executable, "-m", "autorecipe", "profile", str(file), "--target", "y"]
    rows = [(size, "autorecipe", measured(ours, folder / "lines.txt", limit_s=limit_s))]
    if peer_python:
        theirs = [peer_python, "-c", PEER_SCRIPT, str(file), str(page)]
        rows.append((size, PEER, measured(theirs, page, limit_s=limit_s)))
    for row in rows:
        print(markdown([row]).splitlines()[-1], file=sys.stderr, flush=True)
    return rows


def measured(command: Sequence[str], output: Path, *, limit_s: float) -> Measured:
    """Run a command; what it prints goes to `output`, unless it writes that file itself."""
    began_s = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, start_new_session=True)
        watch = threading.Timer(limit_s, os.killpg, (process.pid, signal.SIGKILL))
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        n_bytes = output.stat().st_size if output.exists() else out.seek(0, os.SEEK_END)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()
    return Measured(
        wall_s=time.monotonic() - began_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024,
        output_kib=n_bytes / 1024,
        error=_error(process.returncode, said, time.monotonic() - began_s, limit_s),
    )


def _error(status: int, said: Sequence[str], wall_s: float, limit_s: float) -> str:
    if status == 0:
        return ""
    if wall_s >= limit_s:
        return f"no end in {limit_s:.0f} s"
    return "killed, out of memory" if status == -signal.SIGKILL else f"failed: {said[-1][:60] if said else status}"


if __name__ == "__main__":
    sys.exit(main())
