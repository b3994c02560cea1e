"""A check's rule as a page, and the list of all checks."""

from __future__ import annotations

import itertools

from autorecipe.report.cells import wrapped
from autorecipe.report.lines import Line, Lines
from autorecipe.report.rule import rule_text, rule_titles
from autorecipe.report.width import page_width

INDENT = 2
GROUPS = {"D0": "Data of tables", "D1": "Data of images", "T0": "Networks and their training"}  # by how codes begin
LABELS = ("What it looks for", "Why it matters", "How to read it", "Limits", "Limit")


def rule_lines(code: str) -> Lines:
    """Write what a check looks for, why it matters, how to read it, and where its limit comes from.

    Raises
    ------
    UserError
        When no check has that code; the nearest one is suggested.
    """
    title, *paragraphs = rule_text(code).split("\n\n")
    body = [line for paragraph in paragraphs for line in _paragraph_lines(paragraph)]
    return (*(Line(part, "heading") for part in wrapped(title, page_width(), further=6)), *body)


def rules_lines() -> Lines:
    """Write the code and the title of every check, in groups."""
    lines: list[Line] = []
    for begins, found in itertools.groupby(rule_titles(), key=lambda pair: pair[0][:2]):
        lines += (Line(""),) if lines else ()
        lines.append(Line(GROUPS.get(begins, "Others"), "heading"))
        for code, title in found:
            first, *rest = wrapped(title, page_width() - len(code) - 2 - INDENT)
            lines.append(Line(f"{'':{INDENT}}{code}  {first}"))
            lines += (Line(f"{'':{INDENT + len(code) + 2}}{part}") for part in rest)
    return (*lines, Line(""), Line("autorecipe rule CODE says all of one", "dim"))


def _paragraph_lines(paragraph: str) -> Lines:
    text = " ".join(paragraph.split())
    label, colon, rest = text.partition(": ")
    if not colon or label not in LABELS:
        return (Line(""), *_indented(text))
    return (Line(""), Line(label, "heading"), *_indented(rest[:1].upper() + rest[1:]))


def _indented(text: str) -> Lines:
    return tuple(Line(f"{'':{INDENT}}{part}") for part in wrapped(text, page_width() - INDENT))
