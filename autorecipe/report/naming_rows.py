"""Which columns' cells would name a row or a person: neither the terminal nor the page ever shows one."""

from __future__ import annotations

from autorecipe.record.profile import ColumnProfile

NAMING_KINDS = ("id", "text", "image")  # whose cells name or describe a single row
NEAR_UNIQUE = 0.5  # distinct values per row with one, from where most rows have a value of their own


def names_rows(column: ColumnProfile, n_rows: int) -> bool:
    """Return whether a column's cells would name rows.

    Parameters
    ----------
    n_rows : int
        Rows that were looked at.
    """
    n_present = max(1.0, (1 - column.missing_share) * n_rows)
    # an amount with many values names no row as long as most of them occur twice
    is_many = column.kind != "numeric" and column.n_distinct > NEAR_UNIQUE * n_present
    return column.kind in NAMING_KINDS or column.is_near_unique or is_many
