"""Fit real tables under a time limit and hold the results against what is claimed.

usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_fits.py [--time-limit 2m] [--out FOLDER] [NAME ...]

Prints one row of a Markdown table per set: the seconds used, the proof of the export, the deciding metric of the
network, the linear model and gradient boosting on the untouched rows, and the verdict. Exit 1 when a run fails, breaks
its time limit by more than 5 % + 5 s, or its export does not predict the same.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SETS = {
    "titanic": ("tabular/titanic.csv", "Survived"),
    "california_housing": ("tabular/california_housing.csv", "median_house_value"),
    "adult": ("tabular/adult.csv.gz", "income"),
    "wine_quality": ("tabular/wine_quality.csv", "quality"),
    "used_cars": ("tabular/used_cars.csv", "Selling_Price"),
    "telco_churn": ("tabular/telco_churn.csv", "Churn"),
    "life_expectancy": ("tabular/life_expectancy.csv", "Life expectancy "),
    "bike_hour": ("tabular/bike_hour.csv", "cnt"),
    "online_shoppers": ("quirks/online_shoppers_semicolon.csv", "Revenue"),
}
LEAST = {"adult": ("roc_auc", 0.905), "california_housing": ("r2", 0.78)}
HEAD = (
    "| set | rows | metric | network | linear | gradient boosting | verdict | s | exports alike |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--time-limit", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument("--out", default="")
    asked = parser.parse_args()
    data = os.environ.get("AUTORECIPE_TEST_DATA")
    if not data:
        print("set AUTORECIPE_TEST_DATA to the folder with the sets", file=sys.stderr)
        return 2
    out = pathlib.Path(asked.out or tempfile.mkdtemp())
    print(HEAD, flush=True)
    faults = [
        fault for name in asked.names or SETS for fault in verify(name, pathlib.Path(data), out, asked.time_limit)
    ]
    print("\n".join(faults) if faults else "\nall claims hold", flush=True)
    return 1 if faults else 0


def verify(name: str, data: pathlib.Path, out: pathlib.Path, limit_s: float) -> list[str]:
    file, target = SETS[name]
    command = [sys.executable, "-m", "autorecipe", "fit", str(data / file), "--target", target]
    command += ["--time-limit", f"{limit_s:g}s", "--out", str(out / name), "--new", "--json"]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall_s = time.monotonic() - began
    if done.returncode != 0:
        return [f"{name}: exit {done.returncode}: {(done.stdout + done.stderr)[-300:]}"]
    run = json.loads(done.stdout)["run"]
    print(row(name, run, wall_s), flush=True)
    return faults_of(name, run, wall_s, limit_s)


def row(name: str, run: dict[str, object], wall_s: float) -> str:
    evaluation, export = run["evaluation"], run["export"]
    ours = next(s for s in evaluation["scores"] if s["metric"] == evaluation["metric"])
    rungs = {r["name"]: r["test"] for r in evaluation["ladder"]}
    parity = export["parity"]
    cells = [
        name,
        run["data"]["n_rows"],
        evaluation["metric"],
        f"**{interval(ours)}**",
        interval(rungs["linear"]),
        interval(rungs["gradient boosting"]),
        evaluation["verdict"],
        f"{wall_s:.0f}",
        f"{parity['max_difference']:.0e}" if parity["passed"] else f"NO: {parity['cause']}",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def interval(score: dict[str, float]) -> str:
    def short(value: float) -> str:
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"

    return f"{short(score['value'])} [{short(score['low'])}, {short(score['high'])}]"


def faults_of(name: str, run: dict[str, object], wall_s: float, limit_s: float) -> list[str]:
    faults = []
    if wall_s > 1.05 * limit_s + 5:
        faults.append(f"{name}: took {wall_s:.1f} s of {limit_s:g} s")
    if not run["export"]["parity"]["passed"]:
        faults.append(f"{name}: the export predicts differently")
    if name in LEAST:
        metric, least = LEAST[name]
        value = next(s["value"] for s in run["evaluation"]["scores"] if s["metric"] == metric)
        if value < least:
            faults.append(f"{name}: {metric} {value:.4f} is below {least}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
