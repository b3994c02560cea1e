"""Units of other rows that the training rows do not have: 74 kW where they say 74 bhp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.contradictions import p_as_often
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent
from autorecipe.data.cells import to_levels
from autorecipe.data.patterns import lower
from autorecipe.data.schema import Column
from autorecipe.preprocessing.number_marks import BARE_NUMBER, units_of

if TYPE_CHECKING:
    import pandas as pd

MIN_FACTOR = 10.0  # times the unit's share of the training rows; choice: rarer there is as good as never seen


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherUnits:
    """What stands beside the numbers of a column in the other rows, and hardly ever in the training rows.

    Attributes
    ----------
    share : float
        Of the other rows' numbers.
    unit : str
        The most frequent of them as it is written; "" for numbers with nothing beside them.
    usual : str
        The most frequent one of the training rows, in the same way.
    p : float
        Probability of so many by chance.
    """

    share: float
    unit: str
    usual: str
    p: float

    @property
    def text(self) -> str:
        """What a sentence says of it."""
        found, usual = (f"unit {self.unit}" if self.unit else "no unit"), self.usual or "none"
        return f"{found} in {percent(self.share)} of the cells, {usual} in the training rows"


def other_units(rows: TrainingRows) -> dict[str, OtherUnits]:
    """Compare the units of the columns that are read as number and unit, or as amounts of money."""
    found = {c.name: _compare(rows, c) for c in rows.columns if c.number_rule in ("unit", "currency")}
    return {name: units for name, units in found.items() if units is not None}


def _compare(rows: TrainingRows, column: Column) -> OtherUnits | None:
    if rows.other_frame is None:
        return None
    ours, theirs = (_written(frame, column) for frame in (rows.frame, rows.other_frame))
    if not len(ours) or not len(theirs):
        return None
    folded, theirs_folded = lower(ours), lower(theirs)
    new = np.zeros(len(theirs), dtype=np.bool_)
    for unit in np.unique(theirs_folded):
        is_it = theirs_folded == unit
        new |= is_it & bool(is_it.mean() > MIN_FACTOR * (folded == unit).mean())
    known = np.isin(folded, theirs_folded[new])
    if not new.any():
        return None
    return OtherUnits(
        share=float(new.mean()), unit=_commonest(theirs[new]), usual=_commonest(ours), p=p_as_often(new, known)
    )


def _written(frame: pd.DataFrame, column: Column) -> NDArray[np.object_]:
    codes, texts = to_levels(frame[column.name], column)
    units = units_of(texts, column.number_rule)[codes]
    return np.asarray(units[units != ""], dtype=object)


def _commonest(units: NDArray[np.object_]) -> str:
    found, counts = np.unique(units, return_counts=True)
    unit = str(found[counts.argmax()])
    return "" if unit == BARE_NUMBER else unit
