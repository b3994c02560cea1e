"""Columns that name rows instead of describing them.

What it looks for: columns that the schema took for ids, and further features of integers or texts that are
different in at least 99.9 % of the rows and are numbered in sequence, are called id, key, uuid, hash or guid,
or look like keys (hexadecimal, uuid, digits and letters of one length).

Why it matters: a network memorises ids; on new rows they say nothing. A row number can also leak how the file
was put together.

How to read it: ids are left out of the features and carried along to the predictions. `--keep COLUMN` uses
one as a feature, `--id COLUMN` or `--drop COLUMN` leaves a suspected one out.

Limits: the schema takes whole numbers from 99.9 % different ones, texts from 99 % (as AutoGluon does), and from
90 % where the name says number ("invoice_number"). Further suspects are asked about from 99.9 %, on at least 50
rows; fractional numbers are never ids, and being different in every row is not enough (prices and timestamps
are). EvalML asks for the name as well.
"""

from __future__ import annotations

import re

import numpy as np

from autorecipe.checks.check import Check
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import names, percent
from autorecipe.data.keys import KEY_SHARE, KEY_TEXT_SHARE, NUMBERING_SHARE
from autorecipe.data.names import is_numbering
from autorecipe.data.schema import Column
from autorecipe.record.finding import Finding

CODE = "D010"
TITLE = "Id columns"
UNIQUE_SHARE = 0.999  # distinct values per row with a value
MIN_ROWS = 50
KEY_NAME = re.compile(r"(^|[_\W])(id|ids|key|uuid|guid|hash)$|^(id|key|uuid|guid|hash)([_\W]|$)|[a-z](ID|Id)$")
KEY_TEXT = re.compile(r"[0-9a-fA-F]{8,}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the ids left out, and one with further suspects."""
    return (*_left_out(rows), *_suspected(rows))


def _left_out(rows: TrainingRows) -> tuple[Finding, ...]:
    asked = {c.strip() for c in (*rows.config.ids, *rows.config.drop)}
    ids = [
        c for c in rows.schema.columns if c.kind == "id" and c.role in ("id", "dropped") and c.name.strip() not in asked
    ]
    if not ids:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"left out, since {'it names' if len(ids) == 1 else 'they name'} rows:"
            f" {names([c.name for c in ids], [_why(c) for c in ids])}",
            columns=tuple(c.name for c in ids),
            measured=min(_unique_share(rows, c) for c in ids),
            limit=min(_limit(c) for c in ids),
            action="drop",
            remedy="carried along to the predictions; --keep COLUMN uses one as a feature",
            fixes=drop_columns([c.name for c in ids]),
        ),
    )


def _why(column: Column) -> str:
    return f"{column.reason}; limit {percent(_limit(column))} distinct"


def _limit(column: Column) -> float:
    if is_numbering(column.name):
        return NUMBERING_SHARE
    return KEY_SHARE if "whole numbers" in column.reason else KEY_TEXT_SHARE


def _unique_share(rows: TrainingRows, column: Column) -> float:
    cells = rows.frame[column.name]
    return float(cells.nunique() / max(int(cells.count()), 1))


def _suspected(rows: TrainingRows) -> tuple[Finding, ...]:
    if rows.n_rows < MIN_ROWS:
        return ()
    kept = {c.strip() for c in rows.config.keep}
    suspects: dict[str, float] = {}
    for column in rows.columns:
        counts = rows.counts[column.name]
        share = len(counts) / max(int(counts.sum()), 1)
        if share >= UNIQUE_SHARE and column.name.strip() not in kept and _looks_like_a_key(rows, column):
            suspects[column.name] = share
    if not suspects:
        return ()
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"different in nearly every row, and like a key: {names(tuple(suspects))}"
            f" ({percent(min(suspects.values()))} distinct; limit {percent(UNIQUE_SHARE)})",
            columns=tuple(suspects),
            measured=min(suspects.values()),
            limit=UNIQUE_SHARE,
            action="ask",
            remedy="--id COLUMN leaves one out and carries it along; --keep COLUMN silences this",
            fixes=drop_columns(suspects),
        ),
    )


def _looks_like_a_key(rows: TrainingRows, column: Column) -> bool:
    if column.kind == "numeric":
        numbers = rows.features.numbers[column.name]
        numbers = numbers[np.isfinite(numbers)]
        whole = bool(np.all(numbers == np.round(numbers)))
        steps = np.diff(numbers)
        in_sequence = bool(np.all(steps > 0) and steps.mean() < 2)
        return whole and (in_sequence or KEY_NAME.search(column.name.strip()) is not None)
    if column.kind not in ("categorical", "text"):
        return False
    texts = rows.features.categories[column.name]
    texts = texts[texts != ""]
    one_length = len({len(t) for t in texts}) == 1 and all(t.isalnum() for t in texts)
    hexadecimal = all(KEY_TEXT.fullmatch(t) for t in texts)
    return one_length or hexadecimal or KEY_NAME.search(column.name.strip()) is not None


CHECK = Check(code=CODE, title=TITLE, question="Does a column name rows instead of describing them?", run=find)
