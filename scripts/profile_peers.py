"""Run another tool's default checks on the tables of `profile_sets.py`, in that tool's own environment.

Usage: PEER/bin/python scripts/profile_peers.py {deepchecks,evalml} FOLDER OUT.json

FOLDER holds `tabular/`. OUT.json gets, beside what it held, for each set the checks that raised something and the
columns that they name: `verify_profile.py --peers OUT.json` puts them beside ours. The environments were made with

    pip install deepchecks "category-encoders<2.7" "scikit-learn<1.6" "numpy<2" "pandas<2.3"
    pip install "evalml==0.84.0" "scikit-learn<1.5" "pandas<2.1" "numpy<2" "pyarrow<17"
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from profile_sets import SETS

Said = dict[str, list[str]]
FEWEST_CLASSES = 20  # distinct numbers from which a target is a number to these tools


def deepchecks_says(frame: pd.DataFrame, target: str) -> Said:
    """Return what its data integrity suite does not pass."""
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import data_integrity

    result = data_integrity().run(Dataset(frame, label=target))
    columns = [str(column) for column in frame.columns if column != target]
    said: Said = {}
    for check in result.get_not_passed_checks():
        details = " ".join(condition.details for condition in check.conditions_results if not condition.is_pass())
        said[type(check.check).__name__] = [column for column in columns if f"'{column}'" in details]
    return said


def evalml_says(frame: pd.DataFrame, target: str) -> Said:
    """Return the warnings and errors of its default data checks."""
    from evalml.data_checks import DefaultDataChecks

    frame = frame[frame[target].notna()]
    y = frame[target]
    is_number = pd.api.types.is_numeric_dtype(y) and y.nunique() >= FEWEST_CLASSES
    problem = "regression" if is_number else "binary" if y.nunique() == 2 else "multiclass"
    objective = {"regression": "R2", "binary": "Log Loss Binary", "multiclass": "Log Loss Multiclass"}[problem]
    y = y if is_number else y.astype("category")
    found: list[dict[str, Any]] = DefaultDataChecks(problem, objective).validate(frame.drop(columns=target), y)
    said: Said = {}
    for message in found:
        columns = [str(column) for column in message["details"].get("columns") or ()]
        said.setdefault(message["code"], []).extend(columns)
    return said


TOOLS = {"deepchecks": deepchecks_says, "evalml": evalml_says}


def main() -> int:
    warnings.simplefilter("ignore")
    tool, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    found = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    found[tool] = {}
    for known in SETS:
        name = known.file.partition(".")[0]
        frame = pd.read_csv(folder / "tabular" / known.file)
        try:
            found[tool][name] = TOOLS[tool](frame, known.target)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            found[tool][name] = None
        print(name, found[tool][name])
    out.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
