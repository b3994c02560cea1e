"""Which cells a drawing may show: quantiles of numbers as statistics, levels only where they are asked for."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from autorecipe.interpretation.record import Dependence, WeakSlice
from autorecipe.record.run import Run
from autorecipe.report.page.privacy import Privacy, privacy_of
from autorecipe.report.text_words import ordinal_text

DIGITS = 3  # significant ones of a quantile: it then is a place on an axis, and no row's cell
CODE_DIGITS = 15  # significant ones of a level that is a number: all that float64 holds in any case
FEW_ROWS = 10  # a level of so many rows or fewer might name a person: the cell size suppression policy of the US CMS


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
        """Return the quantiles at which a curve was measured, rounded; empty where they are no numbers.

        Rounded as far as they stay different: 1998 and 2001 are not both 2000.
        """
        if curve.column not in self.numeric:
            return ()
        exact = _numbers(curve, CODE_DIGITS)
        if self.privacy.may_show(curve.column):
            return exact
        rounded = (_numbers(curve, n_digits) for n_digits in range(DIGITS, CODE_DIGITS))
        return next((some for some in rounded if len(set(some)) == len(set(exact))), exact)

    def points(self, curve: Dependence) -> tuple[tuple[str, float], ...]:
        """Return what stands for the cells of a curve, with the predictions: numbers in order, others by their count.

        Cells that are not shown are called by how common they are, levels of few rows among shown ones "rare".
        """
        numbers = self.numbers(curve)
        if numbers:
            return tuple(zip(map(_plain, numbers), curve.predictions, strict=True))
        n_shown = self.n_named(curve)
        if not n_shown:
            names = _hidden_names(len(curve.cells), are_numbers=curve.column in self.numeric)
            return tuple(zip(names, curve.predictions, strict=True))
        codes = _numbers(curve, CODE_DIGITS)
        if not codes:
            return tuple(zip(curve.cells, curve.predictions, strict=True))
        points = tuple(zip(codes, curve.predictions, strict=True))
        named = tuple((_plain(code), said) for code, said in sorted(points[:n_shown]))
        return (*named, *zip(_rare_names(len(points) - n_shown), curve.predictions[n_shown:], strict=True))

    def n_named(self, curve: Dependence) -> int:
        """Return how many of a curve's levels, the commonest first, are called by their names."""
        if self.privacy.may_show(curve.column):
            return len(curve.cells)
        return sum(n > FEW_ROWS for n in curve.n_rows) if self.privacy.may_show_levels(curve.column) else 0

    def slices(self, found: tuple[WeakSlice, ...]) -> tuple[str, ...]:
        """Return which rows each slice is of, in words that quote no cell unless it may be shown."""
        texts: list[str] = []
        counts: Counter[tuple[str, str]] = Counter()
        for own in found:
            if self._may_show(own):
                texts.append(own.rows)
                continue
            what = "a range" if own.rows.startswith(f"{own.column} from ") else "a level"
            counts[own.column, what] += 1
            n = counts[own.column, what]
            texts.append(f"{own.column}: {what}" if n == 1 else f"{own.column}: {what} ({n})")
        return tuple(texts)

    def _may_show(self, own: WeakSlice) -> bool:
        is_range = own.rows.startswith(f"{own.column} from ")
        may_show = self.privacy.may_show(own.column) if is_range else self.privacy.may_show_levels(own.column)
        return may_show or own.rows == f"{own.column} is missing"


def _numbers(curve: Dependence, n_digits: int) -> tuple[float, ...]:
    try:
        values = tuple(float(f"{float(cell):.{n_digits}g}") for cell in curve.cells)
    except ValueError:
        return ()
    return values if all(map(math.isfinite, values)) else ()


def _plain(number: float) -> str:
    return f"{number:.{CODE_DIGITS}g}"


def _rare_names(n: int) -> tuple[str, ...]:
    """Call levels of few rows.

    >>> _rare_names(2)
    ('rare', 'rare 2')
    """
    return tuple("rare" if place == 1 else f"rare {place}" for place in range(1, n + 1))


def _hidden_names(n: int, *, are_numbers: bool) -> tuple[str, ...]:
    """Call levels by how common they are, and numbers that are written with a unit or the like by their size.

    >>> _hidden_names(3, are_numbers=False), _hidden_names(3, are_numbers=True)
    (('commonest', '2nd', '3rd'), ('lowest', '2nd', '3rd'))
    """
    return ("lowest" if are_numbers else "commonest", *(ordinal_text(place) for place in range(2, n + 1)))


def shown_of(run: Run, *, show_values: bool) -> Shown:
    """Return what may be shown of a run's columns."""
    return shown_by(run, privacy_of(run, show_values=show_values, show_samples=False))


def shown_by(run: Run, privacy: Privacy) -> Shown:
    """Return what may be shown of a run's columns by a rule that is known."""
    numeric = frozenset(c.name for c in run.schema.columns if c.kind == "numeric" and c.role != "id")
    return Shown(privacy=privacy, numeric=numeric)
