"""Columns that say the same.

What it looks for: numeric columns that are equal up to a factor and an offset, and category columns that are
equal up to the names of their levels, missing cells included; all training rows are compared.

Why it matters: copies cost inputs and make importances hard to read; they add nothing.

How to read it: the first stays, its copies are left out (`--keep COLUMN` keeps one). A number that is a
category under another name (education and its years) is named, but both stay: each says it in its own way.

Limits: equal to 9 digits. Columns that are only correlated, however closely, are D028's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.mending import drop_columns, leave_out
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import name, names
from autorecipe.record.finding import Finding

CODE = "D029"
TITLE = "Duplicate columns"
DIGITS = 9  # to which standardized numbers must agree
MAX_LEVEL_SHARE = 0.5  # levels per row; beyond, "equal up to names" holds for any two columns


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the copies left out, and one with numbers that rename a category."""
    copies, renamed = copied_columns(rows), _renamed(rows)
    found = []
    if copies:
        found.append(
            Finding(
                code=CODE,
                severity="info",
                title=TITLE,
                message=f"{names(tuple(copies), [f'as {name(first)}' for first in copies.values()])}"
                f" {'says' if len(copies) == 1 else 'say'} the same in all {rows.n_rows:,} rows",
                columns=tuple(copies),
                measured=float(rows.n_rows),
                limit=float(rows.n_rows),
                action="drop",
                remedy="left out of the features; --keep COLUMN keeps one",
                fixes=leave_out(tuple(copies)),
            )
        )
    if renamed:
        found.append(
            Finding(
                code=CODE,
                severity="info",
                title=TITLE,
                message=f"{names(tuple(renamed), [f'of {name(c)}' for c in renamed.values()])}"
                f" {'numbers' if len(renamed) == 1 else 'number'} the levels of another column in all"
                f" {rows.n_rows:,} rows",
                columns=tuple(renamed),
                measured=float(rows.n_rows),
                limit=float(rows.n_rows),
                remedy="both kept: --drop COLUMN leaves one out",
                fixes=drop_columns(renamed),
            )
        )
    return tuple(found)


def copied_columns(rows: TrainingRows) -> dict[str, str]:
    """Return the columns that say the same as an earlier one, and that one."""
    first: dict[tuple[str, bytes], str] = {}
    copies: dict[str, str] = {}
    for column in rows.columns:
        if len(rows.counts[column.name]) < 2:
            continue
        if column.name in rows.features.numbers:
            key = ("number", _standardized(rows.features.numbers[column.name]).tobytes())
        elif _is_coarse(rows, column.name):
            key = ("level", rows.codes[column.name].tobytes())
        else:
            key = ("text", "\0".join(rows.features.categories[column.name]).encode())
        if first.setdefault(key, column.name) != column.name:
            copies[column.name] = first[key]
    return copies


def _renamed(rows: TrainingRows) -> dict[str, str]:
    levels = {
        rows.codes[c].tobytes(): c
        for c in rows.of_kind("categorical", "boolean")
        if len(rows.counts[c]) > 2 and _is_coarse(rows, c)
    }
    numbers = [c for c in rows.of_kind("numeric") if _is_coarse(rows, c)]
    return {c: levels[key] for c in numbers if (key := rows.codes[c].tobytes()) in levels}


def _is_coarse(rows: TrainingRows, column: str) -> bool:
    return len(rows.counts[column]) <= MAX_LEVEL_SHARE * rows.n_rows


def _standardized(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    known = numbers[np.isfinite(numbers)]
    if not len(known) or known.std() == 0:
        return numbers
    scaled = (numbers - known.mean()) / known.std()
    first = scaled[np.flatnonzero(np.abs(scaled) > 10.0**-DIGITS)[:1]]
    if len(first) and first[0] < 0:
        scaled = -scaled
    return np.asarray(np.round(scaled, DIGITS) + 0.0)


CHECK = Check(code=CODE, title=TITLE, question="Do two columns say the same?", run=find)
