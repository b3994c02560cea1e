"""Columns that mix numbers, dates and other text.

What it looks for: cells of a numeric column that are no number, cells of a date column that are not in its
format, columns that were left out because they follow no format, and category columns of which a part are
numbers.

Why it matters: what does not parse is taken as missing, here and in the exported model; a word that comes often
in the place of a number is a level beside it. Numbers and codes in one column are often two columns in one.

How to read it: the rows named hold the odd cells: mend them in the file, or take the column as it is with
`--type COLUMN=categorical`.

Limits: any cell that does not parse is named; from 3 rows and 0.1 % of the rows it is a warning (deepchecks'
MixedDataTypes: a rare type of at most 10 %). A category column is mixed when 10 % to 90 % of its cells are
numbers, more than 20 different ones.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.d003_missing_cells import empty_columns
from autorecipe.checks.mending import raw_texts, set_type
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import flag_value, names, percent, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D007"
TITLE = "Mixed types"
WARN_ROWS, WARN_SHARE = 3, 0.001  # odd cells, and their share of the rows
MIXED_LOW, MIXED_HIGH = 0.1, 0.9  # share of a category column's cells that are numbers
MIXED_DISTINCT = 20  # different numbers, below which they are codes
N_ROWS_SHOWN = 10
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return up to three findings: cells that do not parse, columns left out, mixed categories."""
    return (*_unparsed(rows), *_left_out(rows), *_mixed(rows))


def _unparsed(rows: TrainingRows) -> tuple[Finding, ...]:
    odd = {c: mask for c, mask in rows.features.unparsed.items() if mask.any()}
    if not odd:
        return ()
    counts = {c: int(mask.sum()) for c, mask in odd.items()}
    columns = tuple(counts)
    most = max(counts.values())
    serious = most >= WARN_ROWS and most / rows.n_rows >= WARN_SHARE
    anywhere: NDArray[np.bool_] = np.logical_or.reduce(list(odd.values()))
    return (
        Finding(
            code=CODE,
            severity="warn" if serious else "info",
            title=TITLE,
            message="cells of another kind than the rest of their column:"
            f" {names(tuple(counts), [_odd_text(rows, c, n) for c, n in counts.items()])}; limit 0",
            columns=columns,
            measured=float(most),
            limit=0.0,
            action="impute",
            remedy="taken as missing, here and when served, and a frequent word as a level beside; mend the rows named,"
            f" or --type {_typed(columns)}",
            rows=tuple(int(r) for r in rows.row_numbers[anywhere][:N_ROWS_SHOWN]),
            fixes=tuple(fix for c, mask in odd.items() for fix in _mend(rows, c, mask)),
        ),
    )


def _odd_text(rows: TrainingRows, column: str, n: int) -> str:
    kind = "date of its format" if rows.schema.column(column).kind == "datetime" else "number"
    return f"{plural(n, 'row')} without a {kind}"


def _typed(columns: tuple[str, ...]) -> str:
    column = columns[0] if len(columns) == 1 else "COLUMN"
    return f"{flag_value(f'{column}=categorical')} takes {'it' if len(columns) == 1 else 'one'} as it is"


def _mend(rows: TrainingRows, column: str, odd: NDArray[np.bool_]) -> tuple[Fix, ...]:
    """Empty the cells that do not parse, read all of them anew, or take the column as it is: none is safe unasked."""
    kind = rows.schema.column(column).kind
    return (
        Fix(kind="mask values", columns=(column,), values=raw_texts(rows, column, odd)),
        Fix(kind="parse column", columns=(column,), to=kind),
        *set_type((column,), "categorical"),
    )


def _left_out(rows: TrainingRows) -> tuple[Finding, ...]:
    asked = {c.strip() for c in rows.config.drop}
    other = {*asked, *(c.strip() for c in empty_columns(rows))}
    columns = [c for c in rows.schema.columns if c.role == "dropped" and c.kind != "id" and c.name.strip() not in other]
    if not columns:
        return ()
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"{names([c.name for c in columns], [c.reason for c in columns])} left out",
            columns=tuple(c.name for c in columns),
            action="drop",
            remedy="--type COLUMN=categorical or --type COLUMN=text takes one in as it is",
            fixes=set_type((c.name for c in columns), "categorical"),
            quoted=tuple(text for c in columns for text in re.findall(r"'[^']*'", c.reason)),
        ),
    )


def _mixed(rows: TrainingRows) -> tuple[Finding, ...]:
    shares: dict[str, float] = {}
    for column in rows.columns:
        if column.kind != "categorical" or column.wire != "string":
            continue
        codes = rows.codes[column.name]
        present = codes >= 0
        levels, first = np.unique(codes[present], return_index=True)
        labels = rows.features.categories[column.name][present][first]
        numeric = [level for level, text in zip(levels, labels, strict=True) if NUMBER.fullmatch(text)]
        share = float(np.isin(codes[present], numeric).mean()) if len(numeric) > MIXED_DISTINCT else 0.0
        if MIXED_LOW <= share <= MIXED_HIGH:
            shares[column.name] = share
    if not shares:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message="numbers among other texts:"
            f" {names(tuple(shares), [percent(s) for s in shares.values()])};"
            f" named between {percent(MIXED_LOW)} and {percent(MIXED_HIGH)}",
            columns=tuple(shares),
            measured=max(shares.values()),
            limit=MIXED_LOW,
            remedy="kept as categories; two columns, one of numbers and one of texts, would say more",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Does a column mix numbers, dates and other text?", run=find)
