"""Two small tables to try things on, made from data that scikit-learn bundles.

The measurements are real and unchanged. Around them stands what tables have in practice: a row
identifier, words instead of codes, cells that are missing at random, and a few rows entered twice.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from autorecipe.errors import UserError

ExampleName = Literal["breast_cancer", "diabetes"]

MISSING_SHARE = 0.04  # of the cells of a column with gaps; enough to be noticed, too few to matter
N_DUPLICATES = 2  # rows entered twice
SEED = 20  # of the gaps and the duplicates; any number would do
BREAST_PARTS = ("mean", "worst")  # the third part, the standard errors, would only make the file longer
COARSENESS = ((17.0, "fine"), (21.0, "medium"), (float("inf"), "coarse"))  # about thirds of mean texture
WEIGHT_CLASSES = (  # upper limits of the body mass index in kg/m2, as the WHO names them
    (18.5, "underweight"),
    (25.0, "normal"),
    (30.0, "overweight"),
    (float("inf"), "obese"),
)

Row = dict[str, str]


def example_csv(name: ExampleName) -> str:
    """Return one of the tables as the text of a CSV file with a header and the target in column `target`.

    "breast_cancer" (569 patients and two duplicates): is a tumour benign or malignant? "diabetes" (442
    patients and two duplicates): how far has the disease progressed a year later? The same name always
    gives the same text.
    """
    rows, gaps = _MAKERS[name]()
    chance = random.Random(SEED)  # reproducible gaps, no secret
    for column in gaps:
        for i in chance.sample(range(len(rows)), round(MISSING_SHARE * len(rows))):
            rows[i][column] = ""
    rows += [rows[i] for i in chance.sample(range(len(rows)), N_DUPLICATES)]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_example(name: ExampleName, folder: str | Path = ".") -> Path:
    """Write a table to `<folder>/<name>.csv` and return the path.

    Raises
    ------
    UserError
        When a file of that name holds something else, or the folder cannot be written.
    """
    path, text = Path(folder) / f"{name}.csv", example_csv(name).encode()
    try:
        if not path.exists():
            path.write_bytes(text)
        elif path.read_bytes() != text:
            raise UserError(
                f"'{path}' is there already and holds something else",
                where=str(path.parent.resolve()),
                fix="move it away, or go to another folder",
            )
    except OSError as error:
        raise UserError(f"cannot write '{path}': {error.strerror}", fix="go to another folder") from error
    return path


def _breast_cancer() -> tuple[list[Row], tuple[str, ...]]:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    names = [str(name) for name in data.feature_names]
    wanted = [i for i, name in enumerate(names) if name.split()[0] in BREAST_PARTS and "texture" not in name]
    texture = names.index("mean texture")
    rows = []
    for number, (x, y) in enumerate(zip(data.data, data.target, strict=True), start=1):
        row = {"patient": f"P{number:04d}", "texture": _word_for(float(x[texture]), COARSENESS)}
        row |= {names[i].replace(" ", "_"): f"{float(x[i]):.5g}" for i in wanted}
        row["target"] = str(data.target_names[y])
        rows.append(row)
    return rows, ("texture", "mean_smoothness", "worst_symmetry")


def _diabetes() -> tuple[list[Row], tuple[str, ...]]:
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    names = {"bp": "blood_pressure", "s1": "total_cholesterol", "s2": "ldl", "s3": "hdl"}
    names |= {"s4": "cholesterol_ratio", "s5": "log_triglycerides", "s6": "glucose"}
    rows = []
    for number, (x, y) in enumerate(zip(data.data, data.target, strict=True), start=1):
        cells = {str(name): float(value) for name, value in zip(data.feature_names, x, strict=True)}
        row = {"patient": f"D{number:04d}", "age": f"{cells['age']:.0f}", "sex": "AB"[int(cells["sex"]) - 1]}
        row |= {"weight_class": _word_for(cells["bmi"], WEIGHT_CLASSES), "bmi": f"{cells['bmi']:.1f}"}
        row |= {long: f"{cells[short]:.5g}" for short, long in names.items()}
        row["target"] = f"{float(y):.0f}"
        rows.append(row)
    return rows, ("weight_class", "ldl", "glucose")


def _word_for(value: float, classes: tuple[tuple[float, str], ...]) -> str:
    return next(word for upper, word in classes if value < upper)


_MAKERS: dict[ExampleName, Callable[[], tuple[list[Row], tuple[str, ...]]]] = {
    "breast_cancer": _breast_cancer,
    "diabetes": _diabetes,
}
