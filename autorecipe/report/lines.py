"""Lines of the terminal report, and the one that shows them; what they say is made elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from autorecipe.report.cells import BARS, PLAIN_BARS, wrapped
from autorecipe.report.width import WIDTH

Style = Literal["plain", "heading", "good", "bad", "warn", "dim"]
COLOURS: dict[Style, str] = {
    "plain": "",
    "heading": "bold",
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "dim": "dim",
}
PLAIN_SIGNS = {"±": "+-", "≈": "~", "²": "2", "→": "->"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, at most `page_width()` columns wide, and how a terminal may colour it."""

    text: str
    style: Style = "plain"


Lines = tuple[Line, ...]


def show(lines: Iterable[Line], console: Console) -> None:
    """Print lines; a terminal gets them coloured, a file gets the bare text.

    What a terminal has no room for goes on below, at its own indent; what it cannot show becomes plain signs.
    """
    plain = _plain_signs(console.encoding)
    for line in lines:
        said = line.text.translate(plain)
        for part in _folded(said, console.width) if console.is_terminal else (said,):
            console.print(Text(part, style=COLOURS[line.style]), soft_wrap=True, highlight=False)


def console_on_stdout() -> Console:
    """Return a console on standard output, never narrower than the report when it is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def can_show(text: str, encoding: str) -> bool:
    """Return whether an encoding has every character of a text.

    >>> can_show("▁█", "utf-8"), can_show("▁█", "latin-1")
    (True, False)
    """
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _plain_signs(encoding: str) -> dict[int, str]:
    """Return what stands for the bars and signs that an encoding lacks; one bar less makes all of them plain."""
    bars = {} if can_show(BARS, encoding) else {place: chr(sign) for place, sign in PLAIN_BARS.items()}
    return bars | {ord(sign): plain for sign, plain in PLAIN_SIGNS.items() if not can_show(sign, encoding)}


def _folded(text: str, width: int) -> list[str]:
    if cell_len(text) <= width:
        return [text]
    indent = min(len(text) - len(text.lstrip()), width // 2)
    return [f"{'':{indent}}{part}" for part in wrapped(text.strip(), width - indent, further=2)]
