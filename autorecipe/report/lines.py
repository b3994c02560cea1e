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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, at most `page_width()` columns wide, and how a terminal may colour it."""

    text: str
    style: Style = "plain"


Lines = tuple[Line, ...]


def show(lines: Iterable[Line], console: Console) -> None:
    """Print lines; a terminal gets them coloured, a file gets the bare text.

    What a terminal has no room for goes on below, at its own indent; bars that it cannot show become plain signs.
    """
    has_bars = can_show(BARS, console.encoding)
    for line in lines:
        said = line.text if has_bars else line.text.translate(PLAIN_BARS)
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


def _folded(text: str, width: int) -> list[str]:
    if cell_len(text) <= width:
        return [text]
    indent = min(len(text) - len(text.lstrip()), width // 2)
    return [f"{'':{indent}}{part}" for part in wrapped(text.strip(), width - indent, further=2)]
