"""What is drawn, as a frozen value: panels of marks; `autorecipe.report.plots.draw` draws equal values once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from autorecipe.report.plots.plot import Section

Colour = Literal["ink", "dim", "one", "two", "three", "four", "bad"]
T = TypeVar("T")
Point = tuple[float, float]
Row = tuple[str | float | int, ...]

PER_NAME = 15.0  # points of a row with a name; choice: text of 10 points and a gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through points; where `is_step` the height holds to the right until the next point."""

    points: tuple[Point, ...]
    colour: Colour = "one"
    label: str = ""
    is_dashed: bool = False
    is_step: bool = False
    is_thin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Points, with the ends of their error bars where these are known.

    Attributes
    ----------
    errors : tuple of (low, high)
        One per point, NaN for none; empty for none at all.
    across : str
        The axis along which the error bars lie.
    """

    points: tuple[Point, ...]
    colour: Colour = "one"
    label: str = ""
    is_hollow: bool = False
    is_large: bool = False
    errors: tuple[Point, ...] = ()
    across: Literal["x", "y"] = "y"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars from `start` to `end` at a place, as (place, start, end).

    Attributes
    ----------
    lies : bool
        Whether they lie along the horizontal axis.
    thickness : float
        In the unit of the places.
    texts : tuple of str
        What is written at the end of each; empty for nothing.
    """

    spans: tuple[tuple[float, float, float], ...]
    colour: Colour = "one"
    label: str = ""
    lies: bool = False
    thickness: float = 0.7
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The area between two lines, as (x, low, high)."""

    points: tuple[tuple[float, float, float], ...]
    colour: Colour = "one"
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A straight line across the panel at a value of one axis.

    Attributes
    ----------
    text : str
        Written beside it.
    """

    at: float
    axis: Literal["x", "y"] = "y"
    text: str = ""
    colour: Colour = "dim"
    is_dashed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A table of coloured cells, as (column, row, strength from 0 to 1, text)."""

    cells: tuple[tuple[float, float, float, str], ...]
    colour: Colour = "one"


Mark = Line | Dots | Bars | Band | Rule | Cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a panel.

    Attributes
    ----------
    names : tuple of str
        What is written at 0, 1, 2, ... in place of numbers.
    low, high : float or None
        Its ends; None leaves them to the marks.
    is_share : bool
        Whether its numbers are shares that are written in percent.
    is_whole : bool
        Whether numbers between whole ones mean nothing.
    """

    label: str = ""
    is_log: bool = False
    names: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    is_share: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A pair of axes with its marks; where `y` has names, the first stands at the top.

    Attributes
    ----------
    height : float
        Of the area between the axes, in points; a figure is 340 points wide.
    """

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    title: str = ""
    height: float = 130.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Panels in rows of `n_columns`."""

    panels: tuple[Panel, ...]
    n_columns: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A plot that is not drawn yet; its fields are those of `Plot`, but for `figure`."""

    name: str
    section: Section
    title: str
    alt: str
    figure: Figure
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def height_of(n_names: int) -> float:
    """Return the height of a panel with so many named rows."""
    return max(PER_NAME * n_names, 2 * PER_NAME)


def known(points: Iterable[Point], *, is_log: bool = False) -> tuple[Point, ...]:
    """Return the points that can be drawn: finite, and above 0 where the height has a logarithmic scale.

    >>> known([(1.0, 2.0), (2.0, float("nan")), (3.0, 0.0)], is_log=True)
    ((1.0, 2.0),)
    """
    return tuple((x, y) for x, y in points if math.isfinite(x) and math.isfinite(y) and (y > 0 or not is_log))


def thinned(points: tuple[T, ...], most: int) -> tuple[T, ...]:
    """Return at most so many points, or other values, evenly chosen, the first and the last among them.

    >>> thinned(tuple((float(i), 0.0) for i in range(5)), 3)
    ((0.0, 0.0), (2.0, 0.0), (4.0, 0.0))
    """
    if len(points) <= most:
        return points
    places = sorted({round(i * (len(points) - 1) / (most - 1)) for i in range(most)})
    return tuple(points[i] for i in places)
