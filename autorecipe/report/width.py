"""How wide the report is: the terminal, up to a hundred columns; that wide where there is no terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

WIDTH = 100  # columns: what a terminal beside an editor shows, and a page in a repository
NARROWEST = 36  # columns: below it a terminal breaks the lines itself; choice

_width: ContextVar[int] = ContextVar("report_width", default=WIDTH)


def page_width() -> int:
    """Return the columns that lines may take, at most `WIDTH`."""
    return _width.get()


@contextmanager
def page_of(width: int) -> Iterator[None]:
    """Write lines for a page of so many columns, from `NARROWEST` to `WIDTH`."""
    token = _width.set(min(max(width, NARROWEST), WIDTH))
    try:
        yield
    finally:
        _width.reset(token)


def terminal_width() -> int:
    """Return the columns of the terminal that is written to; `WIDTH` where output goes elsewhere."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
