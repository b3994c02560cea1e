"""Text in columns of a terminal, where some characters take two and some none."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Sequence
from typing import Literal

from rich.cells import cell_len, chop_cells, set_cell_size

Side = Literal["left", "right"]
CUT = ".."  # ends what was cut
BARS = "▁▂▃▄▅▆▇█"
LEAST_ROOM = 8  # columns of text on a line, however far it is indented
_GLUE = "\N{NO-BREAK SPACE}"
_TOGETHER = re.compile(r"(?<=\d) (?=%)|--[a-z][a-z-]+ '[^']*'|--[a-z][a-z-]+ (?=\S)")  # no line ends within it
PLAIN_BARS = str.maketrans(BARS, "_.:-=+*#")  # where the terminal cannot show bars


def fitted(text: str, width: int, *, side: Side = "left") -> str:
    """Return a text that takes exactly so many columns: cut with two dots, or filled with blanks.

    >>> fitted("PassengerId", 8), fitted("Age", 5), fitted("3 %", 5, side="right")
    ('Passen..', 'Age  ', '  3 %')
    """
    text = cut(text, width)
    blanks = " " * (width - cell_len(text))
    return text + blanks if side == "left" else blanks + text


def cut(text: str, width: int) -> str:
    """Return a text of at most so many columns on one line; what cannot be printed becomes a blank."""
    text = "".join(c if c.isprintable() else " " for c in text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - len(CUT), 0)).rstrip() + CUT[: max(width, 0)]


def wrapped(text: str, width: int, *, further: int = 0) -> list[str]:
    """Break a text into lines of at most so many columns, between words where it can be.

    A number and its per cent sign, and a flag and its value, stay on one line.

    Parameters
    ----------
    further : int
        Blanks before every line but the first, which count among its columns.

    Returns
    -------
    list of str
        One empty line at least.
    """
    width = max(width, further + LEAST_ROOM)
    text = _TOGETHER.sub(lambda found: found[0].replace(" ", _GLUE), text)
    if text.replace(_GLUE, " ").isascii():
        broken = textwrap.wrap(text, width, subsequent_indent=" " * further, break_on_hyphens=False)
    else:
        broken = _wrapped_by_cells(text, width, further=further)
    return [line.replace(_GLUE, " ") for line in broken] or [""]


def _wrapped_by_cells(text: str, width: int, *, further: int) -> list[str]:
    lines = [""]
    for word in re.split(r"[ \t\n\r\f\v]+", text.strip()):
        blanks = " " * further * (len(lines) > 1)
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else f"{blanks}{word}"
        if cell_len(longer) <= width:
            lines[-1] = longer
            continue
        pieces = chop_cells(word, width - further)
        before = lines if lines[-1].strip() else lines[:-1]
        lines = [*before, *(" " * further * (i + len(before) > 0) + piece for i, piece in enumerate(pieces))]
    return lines


def sparkline(values: Sequence[float], n_bars: int) -> str:
    """Draw values as bars from nothing to the largest; neighbours are joined where they are more than the bars.

    >>> sparkline([1, 2, 4, 8], 4), sparkline([], 4), sparkline([0, 0], 2)
    ('▂▃▅█', '', '▁▁')
    """
    values = joined(values, n_bars)
    top = max(values, default=0.0)
    # what is not empty stands above what is
    return "".join(BARS[max(round(v / top * (len(BARS) - 1)), 1) if v > 0 else 0] for v in values)


def joined(values: Sequence[float], n: int) -> list[float]:
    """Add neighbours up so that at most n values are left, each of about as many neighbours.

    >>> joined([1, 1, 1, 1, 1, 1], 3)
    [2.0, 2.0, 2.0]
    """
    if len(values) <= n:
        return [float(v) for v in values]
    bounds = [round(i * len(values) / n) for i in range(n + 1)]
    return [float(sum(values[low:high])) for low, high in itertools.pairwise(bounds)]


def curve(values: Sequence[float], n_bars: int, *, low: float, high: float) -> str:
    """Draw a curve as bars between two bounds; what lies beyond is cut, and of many values some are left out.

    >>> curve([3.0, 2.0, 1.0], 3, low=1.0, high=3.0)
    '█▅▁'
    """
    n = min(n_bars, len(values))
    chosen = [values[round(i * (len(values) - 1) / max(n - 1, 1))] for i in range(n)]
    shares = [(min(max(v, low), high) - low) / (high - low) if high > low else 0.0 for v in chosen]
    return "".join(BARS[int(share * (len(BARS) - 1) + 0.5)] for share in shares)
