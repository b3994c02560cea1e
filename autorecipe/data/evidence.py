"""What a column's cells show: its distinct texts, how often each occurs, and which are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from autorecipe.data.cells import ALWAYS_NULL, FLOAT32_WHOLE, NULL_TOKENS, to_distinct
from autorecipe.data.distinct import merge_stripped, without
from autorecipe.data.names import word_set
from autorecipe.data.number_rules import NUMBER_RULES, UNIT, NumberRule, number_rule
from autorecipe.data.parse_texts import parse_numbers
from autorecipe.data.patterns import Texts, apply_steps, as_objects, full_match, is_in, lower, taken

NUMERIC_SHARE = 0.98  # of the cells must be numbers; choice
DIRTY_SHARE = 0.90  # from here to NUMERIC_SHARE: numeric, and said to be dirty
UNIT_CELLS_SHARE = 0.90  # of the cells must carry a unit for the number in front of one to be read
MAX_UNITS = 20  # distinct unit words; more is free text ("12 Main Street")
MIN_NUMBERS_PER_TEXT = 0.3  # "2019Q1" to "2019Q4" would all become 2019
MAX_LEVELS_WITH_WORDS = 20  # 1, 2, 3, "3+": beside so few numbers a word is a level, not dirt

_UNIT_WORD = r"^[^A-Za-z°µ%]*(?:[eE][+-]?[0-9]+)?[^A-Za-z°µ%]*([A-Za-z°µ%]*).*$"
_MAGNITUDES = word_set("k m mn b bn thousand million billion lakh lakhs lac cr crore")
# what numbers of all rules have in common: the patterns of the rules take far longer to compile
_MAY_BE_NUMBER = (
    "(?:[^0-9A-Za-z]*(?:(?:[A-Z]{1,3}|Rs|kr|zł|usd|eur|gbp|inr)[^0-9A-Za-z]*){0,2}[0-9]|[+-]?[iI][nN][fF])(?:.|\\n)*"
)
_LEADING_ZERO = "0[0-9]+"
_LEADING_ZERO_SHARE = 0.01  # of the cells; fewer are slips of the pen


@dataclass(frozen=True, kw_only=True, eq=False)  # not slotted: cached_property needs a __dict__
class Evidence:
    """The cells of one column, counted.

    Attributes
    ----------
    cells : Arrow array of texts, shape (n_distinct,)
        Distinct stripped texts, in order of appearance, without those that always mean missing (ALWAYS_NULL).
    counts : int64 array, shape (n_distinct,)
        How many cells hold each.
    blank : bool array, shape (n_distinct,)
        Texts that are missing where a number or a date is expected ("-", "unknown").
    plain : float64 array, shape (n_distinct,)
        The number that each text is as it stands, else NaN.
    codes : int64 array, shape (n_present,)
        Which text each present cell holds, in row order.
    """

    name: str
    dtype: object
    n_rows: int
    cells: pa.Array
    counts: NDArray[np.int64]
    blank: NDArray[np.bool_]
    plain: NDArray[np.float64]
    codes: NDArray[np.int64]

    @cached_property
    def texts(self) -> Texts:
        """The distinct texts in an object array, shape (n_distinct,)."""
        return as_objects(self.cells)

    @property
    def n_present(self) -> int:
        """Cells that are not missing."""
        return len(self.codes)

    @property
    def unique_share(self) -> float:
        """Distinct texts per present cell."""
        return len(self.cells) / max(1, self.n_present)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The distinct plain numbers."""
        return np.unique(self.plain[~np.isnan(self.plain)])

    @cached_property
    def all_numbers(self) -> bool:
        """Whether every cell is a plain number (or missing), and some are."""
        return bool((self.blank | ~np.isnan(self.plain)).all() and not self.blank.all())

    @cached_property
    def all_whole(self) -> bool:
        """Whether every cell is a finite number without a fraction (or missing)."""
        finite = np.isfinite(self.numbers).all()
        return self.all_numbers and bool(finite) and bool((self.numbers == np.floor(self.numbers)).all())

    @cached_property
    def has_leading_zeros(self) -> bool:
        """Whether some cells are digits that begin with a zero ("00123")."""
        zeros = full_match(self.cells, _LEADING_ZERO)
        return bool(self.counts[zeros].sum() >= max(1.0, _LEADING_ZERO_SHARE * self.n_present))

    @property
    def fits_float32(self) -> bool:
        """Whether float32 tells the cells apart as integer codes."""
        if not self.all_whole or self.has_leading_zeros:
            return False
        return bool(np.abs(self.numbers).max() <= FLOAT32_WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a column's cells are read as numbers.

    Attributes
    ----------
    share : float in [0, 1]
        Share of the cells, null tokens not counted, that match the rule.
    example : str
        A frequent cell as it is written.
    wrong : str
        A cell that is no number; "" when there is none.
    """

    rule: str
    share: float
    numbers: NDArray[np.float64]
    example: str
    wrong: str = ""


def gather(values: pd.Series, name: str) -> Evidence:
    """Count the cells of a column."""
    codes, cells = merge_stripped(*to_distinct(values))
    plain = parse_numbers(cells, number_rule("plain"))
    is_word = np.isnan(plain)
    null, blank = np.zeros((2, len(cells)), dtype=np.bool_)
    if is_word.any():
        words = lower(taken(cells, is_word))
        null[is_word], blank[is_word] = is_in(words, ALWAYS_NULL), is_in(words, NULL_TOKENS)
        codes, cells = without(codes, cells, null)
    return Evidence(
        name=name,
        dtype=values.dtype,
        n_rows=len(values),
        cells=cells,
        counts=np.bincount(codes, minlength=len(cells)).astype(np.int64),
        blank=blank[~null],
        plain=plain[~null],
        codes=codes,
    )


def read_numbers(evidence: Evidence, *, least: float = DIRTY_SHARE) -> Reading | None:
    """Find the rule that reads most cells as numbers; of two that read the same cells, the simpler.

    Parameters
    ----------
    least : float
        Share of the cells that the rule must read.
    """
    counted = np.where(evidence.blank, 0, evidence.counts)
    total = int(counted.sum())
    if total == 0:
        return None
    if np.isnan(evidence.plain).all() and not full_match(evidence.cells, _MAY_BE_NUMBER).any():
        return None
    best: Reading | None = None
    for rule in NUMBER_RULES:
        numbers = evidence.plain if rule.name == "plain" else parse_numbers(evidence.cells, rule)
        share = float(counted[~np.isnan(numbers)].sum()) / total
        better = share > 0 and share >= least and (best is None or share > best.share)
        if better and (rule.name != UNIT or least == 0 or _is_measure(evidence, numbers, share=share)):
            best = _reading(evidence, rule, numbers, share)
        if best is not None and best.share == 1.0:
            break
    if best is None or least == 0 or best.share == 1.0:
        return best
    return best if len(best.numbers) > MAX_LEVELS_WITH_WORDS else None


def units(evidence: Evidence) -> dict[str, float]:
    """Return the first word after each number, lower-cased, with its share of the cells, largest first."""
    written = ~np.isnan(parse_numbers(evidence.cells, number_rule(UNIT)))
    found = as_objects(lower(apply_steps(taken(evidence.cells, written), ((_UNIT_WORD, r"\1"),))))
    totals = pd.Series(evidence.counts[written]).groupby(found).sum().sort_values(ascending=False)
    return {str(unit): float(count) / max(1, evidence.n_present) for unit, count in totals.items()}


def _is_measure(evidence: Evidence, numbers: NDArray[np.float64], *, share: float) -> bool:
    found = {unit: part for unit, part in units(evidence).items() if unit}
    one_letter = [unit for unit in found if len(unit) == 1]
    scaled = [unit for unit in found if unit in _MAGNITUDES]
    read = numbers[~np.isnan(numbers)]
    return (
        share >= NUMERIC_SHARE
        and sum(found.values()) >= UNIT_CELLS_SHARE
        and len(found) <= MAX_UNITS
        and (len(found) == 1 or not one_letter)  # 12A, 7B are places, 5 g is a weight
        and (len(found) == 1 or not scaled)  # 3M and 200k would lose their zeros
        and len(np.unique(read)) >= MIN_NUMBERS_PER_TEXT * len(read)
    )


def _reading(evidence: Evidence, rule: NumberRule, numbers: NDArray[np.float64], share: float) -> Reading:
    read = ~np.isnan(numbers)
    wrong = np.flatnonzero(~read & ~evidence.blank)
    # the cell that shows most of the rule: with a unit or a separator where there is one
    shown = read & np.isnan(evidence.plain) if rule.name != "plain" else read
    candidates = np.flatnonzero(shown if shown.any() else read)
    example = candidates[np.argmax(evidence.counts[candidates])]
    return Reading(
        rule=rule.name,
        share=share,
        numbers=evidence.numbers if rule.name == "plain" else np.unique(numbers[read]),
        example=str(evidence.texts[example]),
        wrong=str(evidence.texts[wrong[0]]) if len(wrong) else "",
    )
