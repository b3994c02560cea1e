"""From a column's cells to its kind: the first rule that fits decides, and says by what evidence."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data import names
from autorecipe.data.cells import ALWAYS_NULL, NULL_TOKENS, parse_days
from autorecipe.data.date_formats import COMPACT, DATE_FORMATS, ISO, DateFormat
from autorecipe.data.evidence import NUMERIC_SHARE, Evidence, Reading, read_numbers, units
from autorecipe.data.number_rules import UNIT
from autorecipe.data.patterns import full_match, lower
from autorecipe.data.schema import Column, Wire

# Limits of reference checks, sections 1 (#10) and 3.
DATE_SHARE = 0.95  # of the cells must parse under one format
MIN_DATES = 3  # distinct ones; fewer say nothing about time
MAX_SMALL_CODES = 10  # distinct integers up to which the shape of the values alone may say "codes"
TEXT_WORDS = 3  # mean words per cell, from which on a column is text ...
TEXT_UNIQUE_SHARE = 0.01  # ... when more than this share of its cells differ ...
TEXT_DISTINCT = 50  # ... and more than this many do
TEXT_CHARACTERS = 50  # mean characters per cell, from which on a column is text
KEY_SHARE = 0.999  # distinct cells per cell of an id
KEY_TEXT_SHARE = 0.99  # the same for strings, which are no use to a model when nearly all differ
NUMBERING_SHARE = 0.9  # the same for an "invoice_number", which may come again
MIN_KEY_ROWS = 20  # fewer rows are unique, or in order, by chance
MIN_KEY_DENSITY = 0.5  # values per step of a rising row number; the rest were deleted

BOOLEAN_PAIRS: tuple[tuple[str, str], ...] = (
    ("0", "1"),
    ("false", "true"),
    ("no", "yes"),
    ("n", "y"),
    ("f", "t"),
    ("off", "on"),
)

_EARLIEST_DAY, _LATEST_DAY = -25_567.0, 47_846.0  # 1900-01-01 and 2100-12-31
_HEX_KEY = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|[0-9a-f]{32,64}")
_LEAST_LABEL = 100  # arbitrary labels (101, 205, 333) start high; counts and grades start low
_LEAST_DIGIT_CODE = (
    1_000  # half the codes at least have four digits (zip, phone); shorter ones are sent as numbers
)
_LEAST_NUMBERING = 1_000  # an episode_number starts at 1 and means its place
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
            reason="every cell is missing",
        )
    return (
        _declared(evidence)
        or _boolean(evidence)
        or _date(evidence)
        or _number(evidence, keep=keep)
        or _text(evidence)
        or (None if keep else _text_key(evidence))
        or category(evidence, reason=f"{len(evidence.texts)} levels such as {_few(evidence)}")
    )


def category(evidence: Evidence, *, reason: str) -> Column:
    """Return the column as categorical; integers that float32 tells apart are sent as numbers."""
    wire: Wire = "float32" if evidence.fits_float32 else "string"
    tokens = NULL_TOKENS if wire == "float32" else ALWAYS_NULL
    return Column(name=evidence.name, kind="categorical", wire=wire, null_tokens=tokens, reason=reason)


def numeric(evidence: Evidence, reading: Reading, *, reason: str) -> Column:
    """Return the column as numeric under a rule; float32 when every cell is a plain number."""
    plain = evidence.all_numbers
    return Column(
        name=evidence.name,
        kind="numeric",
        wire="float32" if plain else "string",
        number_rule="" if plain else reading.rule,
        null_tokens=NULL_TOKENS,
        reason=reason,
    )


def datetime(evidence: Evidence, date_format: str, *, reason: str) -> Column:
    """Return the column as dates of one format."""
    return Column(
        name=evidence.name,
        kind="datetime",
        wire="string",
        date_format=date_format,
        null_tokens=NULL_TOKENS,
        reason=reason,
    )


def key(evidence: Evidence, *, reason: str) -> Column:
    """Return the column as an id, which no model sees."""
    return Column(
        name=evidence.name, kind="id", wire="string", role="id", null_tokens=ALWAYS_NULL, reason=reason
    )


def describe_numbers(reading: Reading) -> str:
    """Say how a column is read as numbers, and what of it is not."""
    if reading.rule == "plain":
        said = "numbers" if reading.share == 1.0 else f"{_share(reading.share)} are numbers"
    else:
        said = f"{_share(reading.share)} look like '{reading.example}': the number is read"
    if reading.share == 1.0:
        return said
    dirty = "" if reading.share >= NUMERIC_SHARE else "dirty: "
    return f"{dirty}{said}, others such as '{reading.wrong}' count as missing"


def best_date_format(evidence: Evidence, *, any_year: bool = False) -> tuple[DateFormat, float, bool] | None:
    """Return the format that fits most cells, their share, and whether another fits them as well."""
    usable = ~evidence.blank
    texts, counts = evidence.texts[usable], evidence.counts[usable]
    found: list[tuple[float, DateFormat]] = []
    for fmt in DATE_FORMATS:
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


def _declared(evidence: Evidence) -> Column | None:
    dtype = evidence.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return category(evidence, reason=f"categories in the table: {_few(evidence)}")
    if isinstance(dtype, pd.DatetimeTZDtype) or getattr(dtype, "kind", "") == "M":
        return datetime(evidence, ISO, reason="dates in the table")
    return None


def _boolean(evidence: Evidence) -> Column | None:
    if evidence.all_whole and set(evidence.numbers) <= {0.0, 1.0} and not evidence.has_leading_zeros:
        said = "only " + " and ".join(f"{x:.0f}" for x in evidence.numbers)
        return Column(
            name=evidence.name, kind="boolean", wire="float32", null_tokens=NULL_TOKENS, reason=said
        )
    found = set(lower(evidence.texts))
    if not any(found <= set(pair) for pair in BOOLEAN_PAIRS):
        return None
    said = "only " + " and ".join(sorted(set(evidence.texts)))
    return Column(name=evidence.name, kind="boolean", wire="string", null_tokens=ALWAYS_NULL, reason=said)


def _date(evidence: Evidence) -> Column | None:
    if not np.isnan(evidence.plain).all() and not _is_compact_date(evidence):
        return None
    best = best_date_format(evidence)
    if best is None or best[1] < DATE_SHARE or len(evidence.texts) < MIN_DATES:
        return None
    fmt, share, ambiguous = best
    said = f"{_share(share)} are dates such as '{evidence.texts[0]}'"
    order = "; day and month could be either way round" if ambiguous else ""
    return datetime(evidence, fmt.name, reason=f"{said}, read as {fmt.name}{order}")


def _is_compact_date(evidence: Evidence) -> bool:
    pattern = next(fmt.pattern for fmt in DATE_FORMATS if fmt.name == COMPACT)
    return names.is_date(evidence.name) and bool(full_match(evidence.texts[~evidence.blank], pattern).all())


def _number(evidence: Evidence, *, keep: bool) -> Column | None:
    if evidence.all_whole:
        return _whole(evidence, keep=keep)
    if names.is_digit_code(evidence.name) and not evidence.all_numbers:
        return None
    reading = read_numbers(evidence)
    if reading is None:
        return None
    whole = reading.rule == "plain" and bool((reading.numbers == np.floor(reading.numbers)).all())
    if whole and reading.share < 1.0 and names.meaning(evidence.name) == "code":
        return category(evidence, reason=f"{len(evidence.texts)} codes such as {_few(evidence)}")
    said = describe_numbers(reading)
    if reading.rule == UNIT:
        found = [(unit, share) for unit, share in units(evidence).items() if unit and share >= _SAID_SHARE]
        said += (
            f" (units differ: {', '.join(f'{u} {_share(s)}' for u, s in found[:3])})"
            if len(found) > 1
            else ""
        )
    return numeric(evidence, reading, reason=said)


def _whole(evidence: Evidence, *, keep: bool) -> Column:
    low, high = (f"{x:.0f}" for x in (evidence.numbers.min(), evidence.numbers.max()))
    n = len(evidence.numbers)
    said = _why_key(evidence)
    if said and not keep:
        return key(evidence, reason=said)
    if evidence.has_leading_zeros and names.meaning(evidence.name) != "quantity":
        return category(evidence, reason=f"digits with leading zeros such as {_few(evidence)}: codes")
    if names.is_digit_code(evidence.name) and np.median(evidence.numbers) >= _LEAST_DIGIT_CODE:
        return _as_text(category(evidence, reason=f"{n} whole numbers, and the name says codes"))
    if _are_codes(evidence):
        return category(evidence, reason=f"{n} whole numbers from {low} to {high}: codes")
    reading = read_numbers(evidence, least=0.0)
    if reading is None:  # all_whole promises a number
        raise ValueError(f"no number in column '{evidence.name}'")
    said = f"{n} whole numbers from {low} to {high}: amounts" if n > 1 else f"only {low}"
    return numeric(evidence, reading, reason=said)


def _as_text(column: Column) -> Column:
    return Column(
        name=column.name, kind=column.kind, wire="string", null_tokens=ALWAYS_NULL, reason=column.reason
    )


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


def _why_key(evidence: Evidence) -> str:
    """Say why a column of integers is an id; "" when it is none."""
    n_distinct = len(evidence.numbers)
    numbered = names.is_numbering(evidence.name) and evidence.numbers.min() >= _LEAST_NUMBERING
    if numbered and n_distinct >= NUMBERING_SHARE * evidence.n_present >= MIN_KEY_ROWS * NUMBERING_SHARE:
        return f"{n_distinct} distinct whole numbers in {evidence.n_present} rows, and the name says number of a thing"
    if n_distinct < KEY_SHARE * evidence.n_present:
        return ""
    if names.is_key(evidence.name):
        return (
            f"{len(evidence.texts)} distinct whole numbers in {evidence.n_present} rows, and the name says id"
        )
    if evidence.n_present < MIN_KEY_ROWS or not names.may_count_rows(evidence.name):
        return ""
    if not _is_row_number(evidence.plain[evidence.codes]):
        return ""
    return (
        f"whole numbers that count the rows from {evidence.numbers.min():.0f} to {evidence.numbers.max():.0f}"
    )


def _is_row_number(values: NDArray[np.float64]) -> bool:
    values = values[~np.isnan(values)]
    density = len(values) / (values.max() - values.min() + 1)
    steps = np.diff(values)
    in_order = bool((steps > 0).all() or (steps < 0).all())
    return density == 1.0 or (in_order and density >= MIN_KEY_DENSITY)


def _text(evidence: Evidence) -> Column | None:
    n_words = np.array([len(text.split()) for text in evidence.texts])
    n_characters = np.array([len(text) for text in evidence.texts])
    weights = evidence.counts / evidence.n_present
    mean_words, mean_characters = float(n_words @ weights), float(n_characters @ weights)
    wordy = mean_words >= TEXT_WORDS and evidence.unique_share > TEXT_UNIQUE_SHARE
    long = mean_characters > TEXT_CHARACTERS
    if not (wordy or long) or len(evidence.texts) <= TEXT_DISTINCT:
        return None
    return text(evidence, reason=f"{mean_words:.1f} words a cell, {len(evidence.texts)} distinct")


def text(evidence: Evidence, *, reason: str) -> Column:
    """Return the column as text."""
    return Column(name=evidence.name, kind="text", wire="string", null_tokens=ALWAYS_NULL, reason=reason)


def _text_key(evidence: Evidence) -> Column | None:
    if evidence.unique_share < KEY_TEXT_SHARE or evidence.all_numbers:
        return None
    named = names.is_key(evidence.name) or all(_HEX_KEY.fullmatch(text.lower()) for text in evidence.texts)
    if not named and evidence.n_present < MIN_KEY_ROWS:
        return None
    said = ", and the name says id" if names.is_key(evidence.name) else ""
    return key(evidence, reason=f"{len(evidence.texts)} distinct texts in {evidence.n_present} rows{said}")


def _few(evidence: Evidence) -> str:
    most = np.argsort(-evidence.counts, kind="stable")[:3]
    return ", ".join(f"'{str(evidence.texts[i])[:30]}'" for i in most)


def _share(share: float) -> str:
    if share == 1.0:
        return "all"
    return f"{np.floor(share * 1000) / 10:.1f} %".replace(".0 %", " %")
