"""From a column's cells to its kind: the first rule that fits decides, and says by what evidence."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from autorecipe.data import names
from autorecipe.data.cells import ALWAYS_NULL, NULL_TOKENS
from autorecipe.data.columns import category, datetime, describe_numbers, few, key, numeric, percent, text
from autorecipe.data.date_formats import COMPACT, DATE_FORMATS, ISO, DateFormat
from autorecipe.data.evidence import Evidence, Reading, read_numbers, units
from autorecipe.data.keys import why_number_key, why_text_key
from autorecipe.data.number_rules import UNIT, number_rule
from autorecipe.data.parse_texts import parse_days, parse_numbers
from autorecipe.data.patterns import full_match, lower, taken
from autorecipe.data.schema import Column

# Choices, but for words per cell and their share that differs, which are AutoGluon's.
DATE_SHARE = 0.95  # of the cells must parse under one format
MIN_DATES = 3  # distinct ones; fewer say nothing about time
MAX_SMALL_CODES = 10  # distinct integers up to which the shape of the values alone may say "codes"
MIXED_SHARE = 0.5  # of the cells must be numbers where the others are few words; choice: most are
MAX_WORDS_BESIDE = 10  # distinct ones; as few as make a small set of codes
TEXT_WORDS = 3  # mean words per cell, from which on a column is text ...
TEXT_UNIQUE_SHARE = 0.01  # ... when more than this share of its cells differ ...
TEXT_DISTINCT = 50  # ... and more than this many do
TEXT_CHARACTERS = 50  # mean characters per cell, from which on a column is text

BOOLEAN_PAIRS: tuple[tuple[str, str], ...] = (
    ("0", "1"),
    ("false", "true"),
    ("no", "yes"),
    ("n", "y"),
    ("f", "t"),
    ("off", "on"),
)

_MOST_BOOLEAN_SPELLINGS = 48  # of "true" and "false" in upper and lower case letters: 2**4 + 2**5
# what dates of all formats have in common: the patterns of the formats take far longer to compile
_MAY_BE_DATE = "(?:[0-9]|[A-Za-z]{3,}[.]?[-/ ,]+[0-9])[0-9A-Za-z .,:/+-]*"
_FEW_TEXTS = 500  # up to which Python's patterns, compiled once, are faster than Arrow's
_EARLIEST_DAY, _LATEST_DAY = -25_567.0, 47_846.0  # 1900-01-01 and 2100-12-31
_LEAST_LABEL = 100  # arbitrary labels (101, 205, 333) start high; counts and grades start low
_LEAST_DIGIT_CODE = 1_000  # median; zip codes and phone numbers have four digits at least
_SAID_SHARE = 0.01  # of the cells; rarer units are not named
_SPARSE = 2  # range per distinct value, from which on integers are labels rather than grades


def decide(evidence: Evidence, *, keep: bool = False) -> Column:
    """Decide what a column is.

    Parameters
    ----------
    keep : bool
        The user wants the column among the features: it is never an id.
    """
    if evidence.n_present == 0:
        return Column(
            name=evidence.name,
            kind="categorical",
            wire="string",
            role="dropped",
            null_tokens=NULL_TOKENS,
            reason="every cell is missing",
        )
    return (
        _declared(evidence)
        or _boolean(evidence)
        or _date(evidence)
        or _number(evidence, keep=keep)
        or _text(evidence)
        or (None if keep else _text_key(evidence))
        or category(evidence, reason=f"{len(evidence.texts)} levels such as {few(evidence)}")
    )


def best_date_format(
    evidence: Evidence, *, any_year: bool = False, least: float = 0.0
) -> tuple[DateFormat, float, bool] | None:
    """Return the format that fits most cells, their share, and whether another fits them as well.

    Parameters
    ----------
    least : float
        Formats that fit a smaller share of the cells may be left out.
    """
    usable = ~evidence.blank
    if not full_match(evidence.cells, _MAY_BE_DATE).any():
        return None
    texts, counts = taken(evidence.cells, usable), evidence.counts[usable]
    found: list[tuple[float, DateFormat]] = []
    for fmt in _possible_formats(texts, counts, least):
        days = parse_days(texts, fmt)
        if not any_year:
            days[(days < _EARLIEST_DAY) | (days > _LATEST_DAY)] = np.nan
        share = float(counts[~np.isnan(days)].sum()) / max(1, int(counts.sum()))
        if share > 0:
            found.append((share, fmt))
    if not found:
        return None
    best = max(share for share, _ in found)
    fitting = [fmt for share, fmt in found if share == best]
    return fitting[0], best, len(fitting) > 1


def _possible_formats(texts: pa.Array, counts: NDArray[np.int64], least: float) -> list[DateFormat]:
    """Return the formats that fit one of the first texts, which make up more than the share that need not fit."""
    if least == 0 or not len(texts):
        return list(DATE_FORMATS)
    few = texts.slice(0, int(np.searchsorted(counts.cumsum(), (1 - least) * counts.sum(), side="right")) + 1)
    if len(few) > _FEW_TEXTS:
        return [fmt for fmt in DATE_FORMATS if full_match(few, fmt.pattern).any()]
    cells = few.to_pylist()
    return [fmt for fmt in DATE_FORMATS if any(map(re.compile(fmt.pattern).fullmatch, cells))]


def _declared(evidence: Evidence) -> Column | None:
    dtype = evidence.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return category(evidence, reason=f"categories in the table: {few(evidence)}")
    if isinstance(dtype, pd.DatetimeTZDtype) or getattr(dtype, "kind", "") == "M":
        return datetime(evidence, ISO, reason="dates in the table")
    return None


def _boolean(evidence: Evidence) -> Column | None:
    if evidence.all_whole and set(evidence.numbers) <= {0.0, 1.0} and not evidence.has_leading_zeros:
        said = "only " + " and ".join(f"{x:.0f}" for x in evidence.numbers)
        return Column(name=evidence.name, kind="boolean", wire="float32", null_tokens=NULL_TOKENS, reason=said)
    if len(evidence.cells) > _MOST_BOOLEAN_SPELLINGS:
        return None
    found = set(lower(evidence.texts))
    if not any(found <= set(pair) for pair in BOOLEAN_PAIRS):
        return None
    said = "only " + " and ".join(sorted(set(evidence.texts)))
    return Column(name=evidence.name, kind="boolean", wire="string", null_tokens=ALWAYS_NULL, reason=said)


def _date(evidence: Evidence) -> Column | None:
    plain = float(evidence.counts[~np.isnan(evidence.plain)].sum()) / evidence.n_present
    if plain > 1 - DATE_SHARE and not _is_compact_date(evidence):
        return None
    best = best_date_format(evidence, least=DATE_SHARE)
    if best is None or best[1] < DATE_SHARE or len(evidence.texts) < MIN_DATES:
        return None
    fmt, share, ambiguous = best
    said = f"{percent(share)} are dates such as '{evidence.texts[0]}'"
    order = "; day and month could be either way round" if ambiguous else ""
    return datetime(evidence, fmt.name, reason=f"{said}, read as {fmt.name}{order}")


def _is_compact_date(evidence: Evidence) -> bool:
    pattern = next(fmt.pattern for fmt in DATE_FORMATS if fmt.name == COMPACT)
    return names.is_date(evidence.name) and bool(full_match(taken(evidence.cells, ~evidence.blank), pattern).all())


def _number(evidence: Evidence, *, keep: bool) -> Column | None:
    if evidence.all_whole:
        return _whole(evidence, keep=keep)
    if names.is_digit_code(evidence.name) and not evidence.all_numbers:
        return None
    reading = read_numbers(evidence) or _numbers_among_words(evidence)
    if reading is None:
        return None
    whole = reading.rule == "plain" and bool((reading.numbers == np.floor(reading.numbers)).all())
    if whole and reading.share < 1.0 and names.meaning(evidence.name) == "code":
        return category(evidence, reason=f"{len(evidence.texts)} codes such as {few(evidence)}")
    said = describe_numbers(reading)
    if reading.rule == UNIT:
        said += _units_said(evidence)
    return numeric(evidence, reading.rule, reason=said)


def _numbers_among_words(evidence: Evidence) -> Reading | None:
    """Read numbers where the other cells are a few words that come again and again; these become levels beside."""
    reading = read_numbers(evidence, least=MIXED_SHARE)
    if reading is None or reading.share == 1.0:
        return None
    numbers = parse_numbers(evidence.cells, number_rule(reading.rule))
    others = np.isnan(numbers) & ~evidence.blank
    has_digits = full_match(taken(evidence.cells, others), "(?:.|\n)*[0-9](?:.|\n)*")
    return reading if others.sum() <= MAX_WORDS_BESIDE and not has_digits.any() else None


def _units_said(evidence: Evidence) -> str:
    found = [(unit, share) for unit, share in units(evidence).items() if unit and share >= _SAID_SHARE]
    if len(found) < 2:
        return ""
    return f" (units differ: {', '.join(f'{unit} {percent(share)}' for unit, share in found[:3])})"


def _whole(evidence: Evidence, *, keep: bool) -> Column:
    low, high = (f"{x:.0f}" for x in (evidence.numbers.min(), evidence.numbers.max()))
    n = len(evidence.numbers)
    if not keep and (why := why_number_key(evidence)):
        return key(evidence, reason=why)
    if evidence.has_leading_zeros and names.meaning(evidence.name) != "quantity":
        return category(evidence, reason=f"digits with leading zeros such as {few(evidence)}: codes")
    if names.is_digit_code(evidence.name) and np.median(evidence.numbers) >= _LEAST_DIGIT_CODE:
        codes = category(evidence, reason=f"{n} whole numbers, and the name says codes")
        return replace(codes, wire="string", null_tokens=ALWAYS_NULL)
    if _are_codes(evidence):
        return category(evidence, reason=f"{n} whole numbers from {low} to {high}: codes")
    said = f"{n} whole numbers from {low} to {high}: amounts" if n > 1 else f"only {low}"
    return numeric(evidence, "plain", reason=said)


def _are_codes(evidence: Evidence) -> bool:
    said = names.meaning(evidence.name)
    values = evidence.numbers
    if said:
        return said == "code"
    if len(values) == 2:
        return True
    arbitrary = values.min() >= _LEAST_LABEL and np.gcd.reduce(values.astype(np.int64)) == 1
    sparse = values.max() - values.min() >= _SPARSE * len(values)
    return len(values) <= MAX_SMALL_CODES and bool(arbitrary and sparse)


def _text(evidence: Evidence) -> Column | None:
    if len(evidence.cells) <= TEXT_DISTINCT:
        return None
    n_words = np.array([len(text.split()) for text in evidence.texts])
    n_characters = np.array([len(text) for text in evidence.texts])
    weights = evidence.counts / evidence.n_present
    mean_words, mean_characters = float(n_words @ weights), float(n_characters @ weights)
    wordy = mean_words >= TEXT_WORDS and evidence.unique_share > TEXT_UNIQUE_SHARE
    long = mean_characters > TEXT_CHARACTERS
    if not (wordy or long):
        return None
    return text(evidence, reason=f"{mean_words:.1f} words a cell, {len(evidence.texts)} distinct")


def _text_key(evidence: Evidence) -> Column | None:
    why = why_text_key(evidence)
    return key(evidence, reason=why) if why else None
