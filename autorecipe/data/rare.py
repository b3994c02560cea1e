"""Classes of few rows: kept in training, left out of stratification, not scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autorecipe.config import Modality
from autorecipe.data.units import Ints
from autorecipe.errors import UserError
from autorecipe.row_words import row_noun

FEW_ROWS = 5  # a class below has no row for some of five folds: design
MIN_ROWS = 2  # one to learn from and one to validate on
MAX_RARE_SHARE = 0.2  # of the rows; where more are rare, a class needs fewer rows to be scored; choice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rarity:
    """Which classes are too rare to be scored.

    Attributes
    ----------
    strata : int64 array, shape (n_rows,)
        The class of each row; all rare classes are one.
    pinned : bool array, shape (n_rows,)
        Rows to keep in training in every fold: those of rare classes, and what belongs to them.
    not_scored : tuple of str
        The rare classes.
    min_rows : int
        Rows that a class needs to be scored: 5, or fewer where most classes have fewer.
    """

    strata: Ints
    pinned: npt.NDArray[np.bool_]
    not_scored: tuple[str, ...]
    min_rows: int


def find_rare(classes: Ints, units: Ints, *, names: tuple[str, ...], modality: Modality = "table") -> Rarity:
    """Find the classes that cannot be scored; at least two always can.

    Parameters
    ----------
    classes, units : int64 arrays, shape (n_rows,)
        Class code and unit of each row.
    names : tuple of str
        Of the classes; the codes themselves where it is too short.
    modality : str
        What a row is, for messages.

    Raises
    ------
    UserError
        When fewer than two classes have two rows.
    """
    counts = np.bincount(classes)
    second = int(np.sort(counts)[-2]) if len(counts) > 1 else 0
    if second < MIN_ROWS:
        raise _too_few(counts, names, row_noun(modality))
    min_rows = min(_rows_to_be_scored(counts), second)
    rare = (counts < min_rows)[classes]
    strata = np.where(rare, len(counts), classes)
    return Rarity(
        strata=strata,
        pinned=_pin(rare, units),
        not_scored=tuple(_name(int(code), names) for code in np.flatnonzero((counts > 0) & (counts < min_rows))),
        min_rows=min_rows,
    )


def give_back(in_test: npt.NDArray[np.bool_], classes: Ints, units: Ints) -> npt.NDArray[np.bool_]:
    """Take units out of the test until every class that has two rows keeps two for the folds."""
    in_test = in_test.copy()
    counts = np.bincount(classes)
    kept = np.bincount(classes[~in_test], minlength=len(counts))
    for code in np.flatnonzero(kept < np.minimum(counts, MIN_ROWS)):
        in_test &= ~np.isin(units, units[in_test & (classes == code)])
    return in_test


def _rows_to_be_scored(counts: npt.NDArray[np.intp]) -> int:
    for n in range(FEW_ROWS, MIN_ROWS, -1):
        if counts[counts < n].sum() <= MAX_RARE_SHARE * counts.sum():
            return n
    return MIN_ROWS


def _pin(rare: npt.NDArray[np.bool_], units: Ints) -> npt.NDArray[np.bool_]:
    touched = np.isin(units, units[rare])
    if touched.mean() <= MAX_RARE_SHARE:
        return touched
    # rare rows run through the groups: only groups without any other row can stay in training
    return ~np.isin(units, units[~rare])


def _too_few(counts: npt.NDArray[np.intp], names: tuple[str, ...], row: str) -> UserError:
    shown = [f"{_name(int(code), names)} ({counts[code]})" for code in np.argsort(-counts, kind="stable")[:5]]
    return UserError(
        f"fewer than two classes have two {row}s: {', '.join(shown)}{', ...' if len(counts) > 5 else ''}",
        where="the target column",
        fix=f"give another --target, more {row}s, or --task regression if the target is a number",
    )


def _name(code: int, names: tuple[str, ...]) -> str:
    return names[code] if code < len(names) else str(code)
