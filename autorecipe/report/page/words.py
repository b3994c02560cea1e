"""Texts of a report: sentences out of lines, long names cut, signs that a page cannot show taken out."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from autorecipe.record.run import Run
from autorecipe.report.page.value import CodeText, Drawing, FirstScreen, Picture
from autorecipe.report.text_words import Line, count_text

T = TypeVar("T")

SEVERITIES = {"stop": "stop", "warn": "warning", "info": "note"}
MAX_NAME = 80  # characters of a name; choice: one line of a page
MAX_TEXT = 1_200  # characters of a sentence; choice: a third of a page
FURTHER_IN = 3  # columns by which `sentence_lines` sets further lines in, at least
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
AS_THEY_ARE = {Drawing: ("svg",), Picture: ("uri",), CodeText: ("text",), FirstScreen: ("code",)}  # copied or drawn


def sentences(lines: Iterable[Line]) -> tuple[str, ...]:
    """Join wrapped lines of the terminal's report to the sentences that they were.

    >>> sentences((Line("  one that"), Line("     goes on"), Line("  two")))
    ('one that goes on', 'two')
    """
    found: list[str] = []
    begins = 0
    for line in lines:
        indent = len(line.text) - len(line.text.lstrip())
        if found and indent >= begins + FURTHER_IN:
            found[-1] = f"{found[-1]} {line.text.strip()}"
            continue
        begins = indent
        found.append(line.text.strip())
    return tuple(text for text in found if text)


def is_drawn(name: str, drawings: tuple[Drawing, ...]) -> bool:
    """Return whether a plot of this name is drawn, which brings its numbers with it: no table has to repeat them."""
    return any(drawing.code == f"plot-{name}" for drawing in drawings)


def nothing_text(n_notes: int) -> str:
    """Say that no finding needs the user and nothing was done, with the notes there are.

    >>> nothing_text(0), nothing_text(4)
    ('No findings.', 'No finding needs you; 4 notes.')
    """
    return f"No finding needs you; {count_text(n_notes, 'note')}." if n_notes else "No findings."


def cut(text: str, most: int) -> str:
    """Cut a long text, and say how long it is.

    >>> cut("x" * 200, 5)
    'xxxxx... (200 characters)'
    """
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"


def fit_to_show(value: T, run: Run) -> T:
    """Return a value with every text in it fit to be shown: no control signs, and long names and texts cut.

    Code is left as it is, to be copied.
    """
    names = {*(column.name for column in run.schema.columns), *run.schema.classes}
    shorter = {_CONTROL.sub("\ufffd", name): cut(name, MAX_NAME) for name in names if len(name) > MAX_NAME}
    return _mended(value, shorter)  # type: ignore[no-any-return]  # of the same type, field by field


def _mended(value: Any, shorter: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _mended_text(value, shorter)
    if isinstance(value, tuple):
        return tuple(_mended(item, shorter) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {name: _mended(getattr(value, name), shorter) for name in _fields(type(value))}
        return dataclasses.replace(value, **fields)
    return value


def _mended_text(text: str, shorter: Mapping[str, str]) -> str:
    text = _CONTROL.sub("\ufffd", text)
    if len(text) > MAX_NAME:
        for name, short in shorter.items():
            text = text.replace(name, short)
    return cut(text, MAX_TEXT)


@functools.cache
def _fields(kind: type) -> tuple[str, ...]:
    kept = AS_THEY_ARE.get(kind, ())
    return tuple(field.name for field in dataclasses.fields(kind) if field.name not in kept)
