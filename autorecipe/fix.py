"""What to do about a finding, as a value: `autorecipe.data.apply_fixes` carries it out, a flag says it to `fit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FixKind = Literal[
    "drop column",  # leave `columns` out
    "parse column",  # read the cells of `columns` as `to`
    "mask values",  # cells of `columns` that hold one of `values` become missing
    "merge values",  # cells of `columns` that hold one of `values` become `to`
    "drop rows",  # leave the rows `rows` out
    "split by group",  # keep rows with an equal value of `columns` on one side
    "split by time",  # learn from early rows of `columns`, test on late ones
    "add column",  # `to`, with what stands before the last separator of `columns`; without these, the row's number
    "set type",  # take `columns` for `to`
    "ask",  # only the user knows: `flag` says yes
]


Equal = Literal[
    "",  # the rows are listed
    "cells",  # in every cell
    "features",  # in the features, as they are read, and in the target
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One thing that can be done about a finding.

    Attributes
    ----------
    columns : tuple of str
        The columns that are changed.
    values : tuple of str
        Raw cells that are changed, stripped.
    to : str
        What they become, or the kind that the columns become.
    rows : tuple of int
        Rows of the file that are left out, from 1, the header not counted; where `equal` says which, only the first.
    equal : str
        In what the rows that are left out equal an earlier row. They are looked for where the fix is done, in all rows
        of the table, so that no list is too long for a record.
    n_rows : int
        How many of the rows that were looked at `equal` stands for.
    is_safe : bool
        Whether it is done unasked: nothing that a model could learn from is lost, and a flag takes it back.
    is_unlearned : bool
        Whether `fit` leaves the rows out of training unasked; runs whose profile does not say so learned from them.
    flag : str
        What to write after `autorecipe fit DATA` for it; "" where no flag says it.
    """

    kind: FixKind
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    to: str = ""
    rows: tuple[int, ...] = ()
    equal: Equal = ""
    n_rows: int = 0
    is_safe: bool = False
    is_unlearned: bool = False
    flag: str = ""
