"""What a split must respect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autorecipe.config import Modality, Task
from autorecipe.data.folds import Floats
from autorecipe.data.units import Ints, Units, codes_of, find_units, pair_codes
from autorecipe.errors import UserError
from autorecipe.row_words import row_noun


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitRequest:
    """What the split must respect.

    Attributes
    ----------
    test_share : float in [0, 1)
        Share of the rows to lock away; not read when `n_test_rows_given` > 0.
    groups : array, shape (n_rows,), or None
        Declared group of each row, any sortable dtype or objects; a missing one
        (None, NaN or "") stands alone.
    time : float array, shape (n_rows,), or None
        Days since any day.
    n_test_rows_given : int
        So many rows at the end of the frame are the user's own test rows.
    classes : tuple of str
        Names of the target codes, for messages.
    n_validation_rows_given : int
        So many rows before the given test rows are the user's own validation rows.
    modality : str
        What a row is, for messages.
    has_near_copies : bool
        Whether rows of a table stay beside their near copies, for messages.
    """

    task: Task
    test_share: float
    seed: int
    groups: npt.NDArray[np.generic] | None = None
    time: Floats | None = None
    n_test_rows_given: int = 0
    classes: tuple[str, ...] = ()
    n_validation_rows_given: int = 0
    modality: Modality = "table"
    has_near_copies: bool = False


def check_request(request: SplitRequest, *, n_rows: int) -> None:
    """Check a request before any row is drawn.

    Raises
    ------
    UserError
        When the share of test rows is not one, groups and time are both given, or a time is missing.
    """
    row = row_noun(request.modality)
    if not 0 <= request.test_share < 1:
        raise UserError(
            f"the share of test {row}s must be at least 0 and below 1, not {request.test_share:g}",
            where="--test",
            fix="give a share such as 0.15, 0 for no test rows, or a file",
        )
    if request.groups is not None and request.time is not None:
        raise UserError(
            "a split by group and a split by time were both asked for, and one rules out the other",
            where="--split-by-group, --split-by-time",
            fix="give the one that a new row differs in: a new group, or a later time",
        )
    if request.n_validation_rows_given and request.time is not None:
        raise UserError(
            f"validation {row}s were given, and a split by time would draw others",
            where="--split-by-time",
            fix=f"leave it out, or give all {row}s without parts of your own",
        )
    if request.time is not None and (n_missing := int((~np.isfinite(request.time)).sum())):
        raise UserError(
            f"{n_missing} of {n_rows} {row}s have no time, so they are neither before nor after the others",
            where="--split-by-time",
            fix=f"fill the column or leave these {row}s out",
        )


def units_of(
    row_hash: npt.NDArray[np.uint64], request: SplitRequest, *, equal: npt.NDArray[np.uint64] | None = None
) -> Units:
    """Find the rows that must stay on one side, as the request has it; see `find_units`."""
    groups = None if request.groups is None else group_codes(request.groups)
    if request.time is not None:
        # a row that comes again at another time is another event, and time decides on its side
        row_hash = pair_codes(codes_of(row_hash), codes_of(request.time)).astype(np.uint64)
    return find_units(row_hash, groups, equal=equal, n_given=request.n_test_rows_given)


def group_codes(groups: npt.NDArray[np.generic]) -> Ints:
    """Number declared groups 0, 1, ...; a row whose group is missing (None, NaN or "") is one of its own.

    >>> group_codes(np.array(["a", "", "a", ""], dtype=object)).tolist()
    [0, 1, 0, 2]
    """
    import pandas as pd

    codes = pd.factorize(groups)[0].astype(np.int64)
    missing = (codes < 0) | np.asarray(groups == "", dtype=np.bool_)
    codes[missing] = codes.max(initial=-1) + 1 + np.arange(missing.sum())
    return codes_of(codes)
