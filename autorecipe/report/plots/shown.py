"""Which cells a drawing may show: quantiles of numbers as statistics, levels only where they are asked for."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from autorecipe.interpretation.record import Dependence, WeakSlice
from autorecipe.record.run import Run
from autorecipe.report.page.privacy import Privacy, privacy_of

DIGITS = 3  # significant ones of a quantile: it then is a place on an axis, and no row's cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of the columns is shown.

    Attributes
    ----------
    numeric : frozenset of str
        Columns of numbers that name no row.
    """

    privacy: Privacy
    numeric: frozenset[str]

    def numbers(self, curve: Dependence) -> tuple[float, ...]:
        """Return the quantiles at which a curve was measured, rounded; empty where they are no numbers."""
        if curve.column not in self.numeric:
            return ()
        try:
            values = tuple(float(f"{float(cell):.{DIGITS}g}") for cell in curve.cells)
        except ValueError:
            return ()
        return values if all(map(math.isfinite, values)) else ()

    def cells(self, curve: Dependence) -> tuple[str, ...]:
        """Return what stands for the cells of a curve."""
        numbers = self.numbers(curve)
        if numbers:
            return tuple(f"{number:g}" for number in numbers)
        if self.privacy.may_show(curve.column):
            return curve.cells
        return tuple(f"level {i}" for i in range(1, len(curve.cells) + 1))

    def slices(self, found: tuple[WeakSlice, ...]) -> tuple[str, ...]:
        """Return which rows each slice is of, in words that quote no cell unless it may be shown."""
        texts: list[str] = []
        counts: Counter[tuple[str, str]] = Counter()
        for own in found:
            if self.privacy.may_show(own.column) or own.rows == f"{own.column} is missing":
                texts.append(own.rows)
                continue
            what = "a range" if own.rows.startswith(f"{own.column} from ") else "a level"
            counts[own.column, what] += 1
            n = counts[own.column, what]
            texts.append(f"{own.column}: {what}" if n == 1 else f"{own.column}: {what} ({n})")
        return tuple(texts)


def shown_of(run: Run, *, show_values: bool) -> Shown:
    """Return what may be shown of a run's columns."""
    numeric = frozenset(c.name for c in run.schema.columns if c.kind == "numeric" and c.role != "id")
    return Shown(privacy=privacy_of(run, show_values=show_values, show_samples=False), numeric=numeric)
