"""How long each part of a profile took, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autorecipe.report.cells import fitted
from autorecipe.report.text_words import Line, Lines, share_text
from autorecipe.report.width import page_width

if TYPE_CHECKING:
    from autorecipe.look import Timing

CODE_WIDTH, SECONDS_WIDTH, SHARE_WIDTH = 6, 9, 7
TITLE_WIDTH, MOST_BARS = 32, 24
LEAST_S = 0.001  # seconds: parts that took less are told as one


def timing_lines(parts: Sequence[Timing]) -> Lines:
    """Write a line for each part, the longest first, with its share of all; nothing without parts."""
    if not parts:
        return ()
    total = sum(part.seconds for part in parts)
    title_width = min(TITLE_WIDTH, page_width() - 2 - CODE_WIDTH - SECONDS_WIDTH - SHARE_WIDTH)
    head = _row("code", "part", "seconds", "share", title_width)
    rows, shown = [], [part for part in parts if part.seconds >= LEAST_S]
    for part in shown:
        share = part.seconds / total if total else 0.0
        text = _row(part.code, part.title, f"{part.seconds:.3f}", share_text(share), title_width)
        room = min(MOST_BARS, page_width() - len(text) - 2)
        rows.append(Line(f"{text}  {'█' * round(share * room)}".rstrip() if room > 0 else text))
    if rest := parts[len(shown) :]:
        seconds = sum(part.seconds for part in rest)
        rows.append(Line(_row("", f"{len(rest)} others", f"{seconds:.3f}", "", title_width)))
    return (Line(""), Line(head, "dim"), *rows, Line(_row("", "all", f"{total:.3f}", "", title_width), "dim"))


def _row(code: str, title: str, seconds: str, share: str, title_width: int) -> str:
    numbers = fitted(seconds, SECONDS_WIDTH, side="right") + fitted(share, SHARE_WIDTH, side="right")
    return f"  {fitted(code, CODE_WIDTH)}{fitted(title, title_width)}{numbers}".rstrip()
