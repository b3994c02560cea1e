"""Names and numbers as they stand in a drawing: short, on one line, of signs that every page can show."""

from __future__ import annotations

import math
import re
import unicodedata

MOST_SIGNS = 24  # of a name in a drawing of 340 points; choice: half its width is left for the numbers
CUT = "…"
# control signs, halves of pairs, and those that turn the writing around for what stands beside them
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]+")


def short_name(name: str, most: int = MOST_SIGNS) -> str:
    r"""Return a name on one line, cut in its middle where it is long, since the ends of names tell them apart.

    >>> short_name("a name\nof two lines"), short_name("mean_perimeter_of_the_nucleus", 15)
    ('a name of two lines', 'mean_peri…cleus')
    """
    text = " ".join(_UNFIT.sub(" ", unicodedata.normalize("NFC", name[:2_000])).split())
    if len(text) <= most:
        return text or "(no name)"
    end = (most - 1) * 2 // 5
    return f"{text[: most - 1 - end]}{CUT}{text[-end:]}"


def short_names(names: tuple[str, ...], most: int = MOST_SIGNS) -> tuple[str, ...]:
    """Return the names cut, numbered where two would look alike."""
    cut = [short_name(name, most) for name in names]
    return tuple(text if cut.count(text) == 1 else f"{text} ({cut[:i].count(text) + 1})" for i, text in enumerate(cut))


def number_text(value: float) -> str:
    """Write a number with three significant digits, short.

    >>> [number_text(v) for v in (0.0, 0.12345, 12.3456, 4_321.0, 123_456.0, 2.5e6, 0.00012)]
    ['0', '0.123', '12.3', '4,320', '123k', '2.5M', '1.2e-4']
    """
    if not math.isfinite(value):
        return "undefined"
    rounded = float(f"{value:.3g}")
    size = abs(rounded)
    if size == 0:
        return "0"
    for unit, sign in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= (unit if unit > 1e3 else 1e4):
            return f"{rounded / unit:.3g}{sign}" if size < 1e15 else power_text(rounded)
    if size < 1e-3:
        return power_text(rounded)
    return f"{rounded:,.0f}" if size >= 1e3 else f"{rounded:.3g}"


def percent_text(share: float) -> str:
    """Write a share in percent: whole, or with one decimal below ten.

    >>> percent_text(0.384), percent_text(0.0213), percent_text(1.0)
    ('38 %', '2.1 %', '100 %')
    """
    percent = 100 * share
    return f"{percent:.0f} %" if abs(percent) >= 9.95 or percent == 0 else f"{percent:.1f} %"


def power_text(value: float) -> str:
    """Write a number with the power of ten that it has: 0.001 is "1e-3"."""
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
