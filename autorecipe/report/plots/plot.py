"""A plot: a drawing for the page, the sentence that says it to who cannot see it, and the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Section = Literal["data", "checks", "decisions", "learning", "tuning", "test", "interpretation", "budget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One drawing and its numbers.

    Attributes
    ----------
    name : str
        Of its files: letters, digits, "-" and "_"; each plot of a run has its own.
    section : str
        The section of the report that it belongs to.
    title : str
        What it shows, in a few words.
    alt : str
        What is to be seen in it, in one sentence with its numbers.
    svg : str
        An `<svg>` element for inlining, without width and height of its own: strokes and texts take the colour of the
        page, ids begin with `name`.
    header : tuple of str
    rows : tuple of tuple
        The numbers behind it, as a table.
    """

    name: str
    section: Section
    title: str
    alt: str
    svg: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | float | int, ...], ...]
