"""Column names that may be slips.

What it looks for: columns without a name, as a spreadsheet's index leaves them ("Unnamed: 0"), and names that
differ in case, blanks or a trailing ".1" alone, as readers call the second of two columns of one name.

Why it matters: the exported model takes its cells by name. Two names that look alike get mixed up there, and a
column without a name is called after its place, which another file may not share.

How to read it: nothing is changed; give each column a name of its own in the header. Two columns of one name
never come this far: reading the file stops and names them.

Limits: any such name. Not said where no column has a name, as in a table from an array.
"""

from __future__ import annotations

import re
from collections import defaultdict

from autorecipe.checks.check import Check
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import names, plural
from autorecipe.record.finding import Finding

CODE = "D039"
TITLE = "Column names"
UNNAMED = re.compile(r"(?i)unnamed: ?\d+(_level_\d+)?|column_\d+")
SECOND = re.compile(r"\.\d+$")  # pandas' mark of a second column of one name


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding for unnamed columns and one for names that look alike."""
    columns = [c.name for c in rows.schema.columns if c.role != "target"]
    unnamed = [c for c in columns if UNNAMED.fullmatch(c.strip())]
    found = _unnamed(unnamed) if len(unnamed) < len(columns) else ()
    return (*found, *_alike([c.name for c in rows.schema.columns]))


def _unnamed(unnamed: list[str]) -> tuple[Finding, ...]:
    if not unnamed:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{plural(len(unnamed), 'column')} without a name: {names(unnamed)}; limit 0",
            columns=tuple(unnamed),
            measured=float(len(unnamed)),
            limit=0.0,
            remedy="called after its place, here and when served; give each a name in the header",
        ),
    )


def _alike(columns: list[str]) -> tuple[Finding, ...]:
    by_key: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        by_key["".join(column.split()).casefold()].append(column)
    for column in columns:
        stem = "".join(SECOND.sub("", column).split()).casefold()
        if SECOND.search(column) and stem in by_key and column not in by_key[stem]:
            by_key[stem].append(column)
    groups = [group for group in by_key.values() if len(group) > 1]
    if not groups:
        return ()
    alike = [column for group in groups for column in group]
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{len(alike)} names look alike: {names(alike)}; limit 0",
            columns=tuple(alike),
            measured=float(len(alike)),
            limit=0.0,
            remedy="taken for different columns; give each a name of its own in the header",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Has every column a name of its own?", run=find)
