"""Names and numbers as findings write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autorecipe.listing import some_of

N_NAMES = 5  # columns named in a sentence; the finding's `columns` has them all
N_FILES = 3  # files named in a sentence; the finding's `examples` has more


def name(column: str) -> str:
    """Return a column's name as a sentence shows it: quoted when it is not one plain word.

    >>> name("Age"), name("Life expectancy ")
    ('Age', "'Life expectancy '")
    """
    return column if re.fullmatch(r"[\w.#+-]+", column) else repr(column)


def flag_value(column: str) -> str:
    """Return a column's name as a shell takes it.

    >>> flag_value("Total Charges")
    "'Total Charges'"
    """
    import shlex

    return shlex.quote(column)


def names(columns: Sequence[str], notes: Sequence[str] = ()) -> str:
    """Return "a, b and 3 more", each with its note in brackets.

    >>> names(["Age", "Cabin"], ["20 %", "77 %"])
    'Age (20 %), Cabin (77 %)'
    """
    shown = [name(c) for c in columns[:N_NAMES]]
    if notes:
        shown = [f"{text} ({note})" for text, note in zip(shown, notes, strict=False)]
    return some_of(shown, N_NAMES, n_all=len(columns))


def files(paths: Sequence[str], n: int) -> str:
    """Return the first of n files by name, to be looked for.

    >>> files(["a/1.jpg", "b/2.jpg", "b/3.jpg", "b/4.jpg"], 9)
    'a/1.jpg, b/2.jpg, b/3.jpg and 6 more'
    """
    return some_of(paths, N_FILES, n_all=n)


def percent(share: float) -> str:
    """Return a share as a percentage with as many digits as it takes to tell it from 0 and 100.

    >>> percent(0.2), percent(0.0012), percent(0.9996)
    ('20 %', '0.1 %', '99.96 %')
    """
    for digits in (0, 1, 2, 3):
        text = f"{100 * share:.{digits}f}"
        close_to_end = min(share, 1 - share) < 0.095 if digits == 0 else False
        if not close_to_end and float(text) not in (0.0, 100.0):
            break
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} %"


def plural(count: int, noun: str) -> str:
    """Return "1 row" or "2,000 rows".

    >>> plural(1, "row"), plural(2000, "row")
    ('1 row', '2,000 rows')
    """
    ending = noun if count == 1 else (noun[:-1] + "ies" if noun.endswith("y") else noun + "s")
    return f"{count:,} {ending}"


def number(value: float) -> str:
    """Return a number with at most four significant digits, and thousands separators.

    >>> number(0.12345), number(1234567.0), number(3.0)
    ('0.1235', '1,234,567', '3')
    """
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
