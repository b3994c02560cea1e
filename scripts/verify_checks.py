"""Profile every data set of a folder and list what the checks say: false alarms are seen here first.

Usage: AUTORECIPE_TEST_DATA=FOLDER python scripts/verify_checks.py [--all] [--only data|networks] [NAME ...]

FOLDER holds `tabular/` and `quirks/` with the public sets named below. Without --all, notes are only counted.
The checks of training are asked about a plain network on ten of the sets (`healthy_networks.py`).
The exit code is 1 when a set stops that should not, or does not stop at its leaks, or when a network without a fault
gets more than one warning.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from healthy_networks import verify_networks

from autorecipe.checks.rows import read_target
from autorecipe.config import DEFAULT_TEST_SHARE, Config
from autorecipe.data.infer import infer_schema
from autorecipe.data.split import SplitRequest, hash_rows, make_split
from autorecipe.data.tables import read_table
from autorecipe.errors import UserError
from autorecipe.profile.profile import profile, stops
from autorecipe.record.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A file, its target, and the columns that must be named (None: never a stop)."""

    file: str
    target: str
    leaks: tuple[str, ...] | None = None


SETS = (
    DataSet(file="tabular/law_school_bar.csv.gz", target="pass_bar", leaks=("bar", "bar_passed", "bar2")),
    DataSet(file="tabular/audit_risk.csv", target="Risk", leaks=("Audit_Risk",)),
    DataSet(file="tabular/cardiotocography.csv", target="NSP", leaks=("CLASS",)),
    DataSet(file="tabular/penguins.csv", target="species"),
    DataSet(file="tabular/car_evaluation.csv", target="decision"),
    DataSet(file="tabular/concrete.csv", target="strength"),
    DataSet(file="tabular/magic_telescope.csv", target="Class"),
    DataSet(file="tabular/titanic.csv", target="Survived"),
    DataSet(file="tabular/california_housing.csv", target="median_house_value"),
    DataSet(file="tabular/adult.csv.gz", target="income"),
    DataSet(file="tabular/wine_quality.csv", target="quality"),
    DataSet(file="tabular/used_cars.csv", target="Selling_Price"),
    DataSet(file="tabular/telco_churn.csv", target="Churn"),
    DataSet(file="tabular/life_expectancy.csv", target="Life expectancy "),
    DataSet(file="tabular/bike_hour.csv", target="cnt"),
    DataSet(file="quirks/online_shoppers_semicolon.csv", target="Revenue"),
    DataSet(file="tabular/diamonds.csv.gz", target="price"),
    DataSet(file="tabular/letter.csv", target="lettr"),
    DataSet(file="tabular/ames_house_prices.csv", target="SalePrice"),
    DataSet(file="tabular/heart_binary.csv", target="target"),
    DataSet(file="tabular/insurance_charges.csv", target="charges"),
    DataSet(file="tabular/bank_marketing.csv.gz", target="deposit"),
    DataSet(file="tabular/mice_protein.csv", target="class"),
    DataSet(file="tabular/stroke.csv", target="stroke"),
    DataSet(file="tabular/abalone.csv", target="Rings"),
    DataSet(file="tabular/auto_mpg.csv", target="mpg"),
    DataSet(file="tabular/bengaluru_housing.csv", target="price"),
    DataSet(file="tabular/forest_fires.csv", target="area"),
    DataSet(file="tabular/german_credit.csv", target="credit_risk"),
    DataSet(file="tabular/gold_returns.csv.gz", target="Gold_T+22"),
    DataSet(file="tabular/horse_colic.csv", target="outcome"),
    DataSet(file="tabular/hr_attrition.csv", target="Attrition"),
    DataSet(file="tabular/hypothyroid.csv", target="Class"),
    DataSet(file="tabular/marketing_campaign.csv", target="Response"),
    DataSet(file="tabular/online_shoppers.csv", target="Revenue"),
    DataSet(file="tabular/parkinsons_telemonitoring.csv", target="total_UPDRS"),
    DataSet(file="tabular/taxis.csv", target="fare"),
    DataSet(file="tabular/energy_efficiency.csv", target="Heating Load"),
    DataSet(file="tabular/communities_crime.csv", target="ViolentCrimesPerPop"),
    DataSet(file="text/sms_spam.csv", target="label"),
    DataSet(file="text/disaster_tweets.csv", target="target"),
)


def profile_file(path: Path, target: str) -> Profile:
    """Read, infer, split and profile, as a run does."""
    table = read_table(path)
    config = Config(target=target)
    schema = infer_schema(table.frame, config)
    values, known = read_target(table.frame, schema)
    frame, values = table.frame[known], values[known]
    features = frame[[c.name for c in schema.features]]
    request = SplitRequest(task=schema.task, test_share=DEFAULT_TEST_SHARE, seed=config.seed, classes=schema.classes)
    split = make_split(target=values, row_hash=hash_rows(features), request=request, preset=config.preset)
    learning = split.training_rows
    others = np.setdiff1d(np.arange(len(frame)), learning)
    return profile(
        frame.iloc[learning],
        other_frame=frame.iloc[others],
        schema=schema,
        config=config,
        row_numbers=np.flatnonzero(known)[learning] + 1,
        n_scored=len(split.folds[0].validation) if split.scheme == "holdout" else None,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="only sets whose file name contains one of these")
    parser.add_argument("--all", action="store_true", help="show notes too")
    parser.add_argument("--only", choices=("data", "networks"), help="one part alone")
    options = parser.parse_args()
    folder = Path(os.environ["AUTORECIPE_TEST_DATA"])
    wrong = verify_data(folder, options.names, shows_notes=options.all) if options.only != "networks" else []
    if options.only != "data":
        wrong += verify_networks(folder, options.names)
    return 1 if wrong else 0


def verify_data(folder: Path, names: list[str], *, shows_notes: bool) -> list[str]:
    """Profile every set, print what was found, and return the sets that are not as expected."""
    wrong, n_warnings, n_sets = [], 0, 0
    for data_set in SETS:
        if names and not any(part in data_set.file for part in names):
            continue
        started = time.perf_counter()
        try:
            found = profile_file(folder / data_set.file, data_set.target)
        except UserError as error:
            print(f"{data_set.file}: not read: {error}")
            continue
        n_sets += 1
        counts = {s: sum(f.severity == s for f in found.findings) for s in ("stop", "warn", "info")}
        n_warnings += counts["warn"]
        print(
            f"{data_set.file} ({data_set.target}): {counts['stop']} stops, {counts['warn']} warnings,"
            f" {counts['info']} notes, floor {found.floor:.3g},"
            f" profile {found.seconds:.1f} s of {time.perf_counter() - started:.1f} s"
        )
        for finding in found.findings:
            if finding.severity != "info" or shows_notes:
                print(f"   {finding.severity:4} {finding.code} {finding.message}\n        {finding.remedy}")
        stopped = {column for finding in stops(found) for column in finding.columns}
        if (data_set.leaks is None and stops(found)) or not set(data_set.leaks or ()) <= stopped:
            wrong.append(data_set.file)
    print(f"{n_sets} sets, {n_warnings / max(n_sets, 1):.2f} warnings each; not as expected: {wrong or 'none'}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
