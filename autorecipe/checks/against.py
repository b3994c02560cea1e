"""What another table shows when it is held against the training rows: schema, leaks and drift."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from autorecipe.checks import (
    d016_duplicates_across_splits,
    d027_unseen_levels,
    d035_column_drift,
    d036_row_drift,
    d040_schema_of_other_rows,
    d043_target_drift,
)
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.drift import OTHER_TABLE
from autorecipe.checks.parse import ParsedFeatures
from autorecipe.checks.rows import TrainingRows, read_target
from autorecipe.data.cells import are_numbers, to_text
from autorecipe.data.number_rules import number_rule
from autorecipe.data.parse_texts import parse_numbers
from autorecipe.data.patterns import is_in, lower, strip
from autorecipe.data.schema import Column, Schema
from autorecipe.record.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

CHECKS_AGAINST: Final[tuple[Check, ...]] = (
    d040_schema_of_other_rows.CHECK,
    d016_duplicates_across_splits.CHECK,
    d027_unseen_levels.CHECK,
    d035_column_drift.CHECK,
    d036_row_drift.CHECK,
    d043_target_drift.CHECK,
)


def findings_against(rows: TrainingRows, other: pd.DataFrame) -> tuple[Finding, ...]:
    """Compare another table with the training rows.

    Parameters
    ----------
    rows : TrainingRows
        All rows of the first table, so that none of its own leaks goes unseen.
    other : DataFrame
        Raw cells; its columns in any order, the target may be missing, and none has to be of the right kind.

    Returns
    -------
    tuple of Finding
        Columns that are missing or new, cells of another kind, numbers beyond the range, rows that both tables
        share, with the same target or another, levels and classes never seen, drift of columns, of rows and of the
        target. Findings name rows of the first table alone.
    """
    found = list(d040_schema_of_other_rows.column_names(rows, other.columns))
    frame, unread = conform(other, rows.schema)
    found += d043_target_drift.unreadable(rows, unread.pop(rows.schema.target, 0.0))
    found += d040_schema_of_other_rows.unreadable(unread, OTHER_TABLE)
    compared = _held_against(rows, frame, set(frame.columns) - set(unread))
    for check in CHECKS_AGAINST if len(frame) else ():
        try:
            found += check.run(compared)
        except NotApplicable:
            continue
    return tuple(found)


def conform(other: pd.DataFrame, schema: Schema) -> tuple[pd.DataFrame, dict[str, float]]:
    """Bring another table under a schema: its columns in their order, under their names, numbers where it has numbers.

    Returns
    -------
    frame : DataFrame
        Raw cells; without the columns that the other table lacks. Cells that are no number in a column that is sent
        as numbers are empty.
    unread : dict of str to float
        Features (and the target) with such cells, and their share of the cells that are not missing, where it is above
        the limit.
    """
    import pandas as pd

    theirs = {str(c).strip(): c for c in other.columns}
    cells: dict[str, pd.Series] = {}
    unread: dict[str, float] = {}
    for column in schema.columns:
        if column.name.strip() not in theirs:
            continue
        series = other[theirs[column.name.strip()]].rename(column.name)
        if column.wire == "float32" and not are_numbers(series, column):
            series, share = _as_numbers(series, column)
            if column.role in ("feature", "target") and share > d040_schema_of_other_rows.MAX_UNREAD:
                unread[column.name] = share
        cells[column.name] = series.reset_index(drop=True)
    return pd.DataFrame(cells), unread


def _as_numbers(series: pd.Series, column: Column) -> tuple[pd.Series, float]:
    import pandas as pd

    texts = strip(to_text(series))
    numbers = parse_numbers(texts, number_rule("plain"))
    filled = ~is_in(lower(texts), ("", *column.null_tokens))
    share = float((np.isnan(numbers) & filled).sum() / max(int(filled.sum()), 1))
    return pd.Series(numbers, name=column.name), share


def _held_against(rows: TrainingRows, frame: pd.DataFrame, shared: set[str]) -> TrainingRows:
    """Return the training rows with the other ones beside them, both with the shared features alone."""
    schema = dataclasses.replace(
        rows.schema, columns=tuple(c for c in rows.schema.columns if c.role != "feature" or c.name in shared)
    )
    parsed = rows.features
    return dataclasses.replace(
        rows,
        schema=schema,
        is_against=True,
        features=ParsedFeatures(
            numbers={c: values for c, values in parsed.numbers.items() if c in shared},
            categories={c: values for c, values in parsed.categories.items() if c in shared},
            missing={c: mask for c, mask in parsed.missing.items() if c in shared},
            unparsed={c: mask for c, mask in parsed.unparsed.items() if c in shared},
            beside={c: placed for c, placed in parsed.beside.items() if c in shared},
        ),
        other_frame=frame,
        other_target=read_target(frame, schema)[0] if schema.target in frame else None,
    )
