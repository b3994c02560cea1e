"""From stripped texts to numbers and days, by one rule or format for all of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from autorecipe.data.date_formats import ISO, DateFormat
from autorecipe.data.number_rules import NumberRule
from autorecipe.data.patterns import Cells, apply_steps, as_objects, full_match, taken, to_floats

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

_ISO_LETTERS, _MIDNIGHT = len("2024-01-31"), " 00:00:00"
_SECONDS_PER_DAY = 86_400


def parse_numbers(texts: Cells, rule: NumberRule) -> Floats:
    """Return the numbers of stripped texts under one rule, NaN where a text does not match it."""
    cells = pa.array(texts, pa.string()) if isinstance(texts, np.ndarray) else texts
    if rule.name == "plain" and (plain := plain_numbers(cells)) is not None:
        return plain
    found = np.full(len(cells), np.nan)
    matched = full_match(cells, rule.pattern)
    if matched.any():
        found[matched] = to_floats(apply_steps(taken(cells, matched), rule.steps)) * rule.scale
    return found


def parse_days(texts: Cells, fmt: DateFormat) -> Floats:
    """Return days since 1970-01-01 of stripped texts under one format, NaN where a text does not match it."""
    found = np.full(len(texts), np.nan)
    matched = full_match(texts, fmt.pattern)
    if not matched.any():
        return found
    dates = taken(texts, matched)
    if fmt.name == ISO and (np.char.str_len(dates_only := as_objects(dates).astype("U19")) == _ISO_LETTERS).all():
        iso = np.char.add(dates_only, _MIDNIGHT).astype("U19")  # as the steps would write it
    else:
        iso = as_objects(apply_steps(dates, fmt.steps)).astype("U19")
    year, month, day, hour, minute, second = (
        _digits(iso, start, stop) for start, stop in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
    )
    seconds = hour * 3600 + minute * 60 + second
    found[matched] = days_from_civil(year, month, day) + seconds / _SECONDS_PER_DAY
    return found


def days_from_civil(year: Longs, month: Longs, day: Longs) -> Longs:
    """Return the days between 1970-01-01 and a date of the Gregorian calendar, in integers alone.

    The year is taken to begin in March, so that the leap day is its last. With y the year (one less in
    January and February), m = (month + 9) mod 12 the months since March, era = floor(y / 400) and yoe =
    y - 400 era, the days are 146097 era + 365 yoe + floor(yoe / 4) - floor(yoe / 100) + floor((153 m +
    2) / 5) + day - 1 - 719468 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). A day
    beyond its month's end (31 February) counts on into the next month.
    """
    y = year - (month <= 2)
    era = y // 400
    year_of_era = y - era * 400
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return np.asarray(era * 146_097 + day_of_era - 719_468, np.int64)


def plain_numbers(cells: pa.Array) -> Floats | None:
    """Return the numbers of stripped texts that are all plain numbers or "", else None.

    Arrow reads a column of numbers far faster than the pattern matches it. What it reads and the pattern does
    not is "nan" and exponents of four digits; what it does not read is "+3".
    """
    try:
        numbers = pc.if_else(pc.equal(cells, ""), pa.scalar(None, cells.type), cells).cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    found = np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64)
    return None if np.isnan(found).sum() > numbers.null_count or _has_exponents(cells) else found


def _digits(texts: NDArray[np.str_], start: int, stop: int) -> Longs:
    if not len(texts):
        return np.zeros(0, np.int64)
    characters = texts.view(np.uint32).reshape(len(texts), -1)[:, start:stop].astype(np.int64) - ord("0")
    powers = 10 ** np.arange(stop - start - 1, -1, -1)
    return np.asarray(characters @ powers, np.int64)


def _has_exponents(cells: pa.Array) -> bool:
    """Is there an "e" or "E" in the texts of an array?"""
    _, offsets, letters = cells.buffers()
    bounds = np.frombuffer(offsets, np.int64 if pa.types.is_large_string(cells.type) else np.int32)
    if letters is None:
        return False
    used = np.frombuffer(letters, np.uint8)[bounds[cells.offset] : bounds[cells.offset + len(cells)]]
    return bool(((used == ord("e")) | (used == ord("E"))).any())
