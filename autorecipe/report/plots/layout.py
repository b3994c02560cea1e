"""Where the parts of a figure go: texts are measured by their signs, so that nothing has to be drawn to find out."""

from __future__ import annotations

import dataclasses
import unicodedata
from dataclasses import dataclass

from autorecipe.report.plots.figure import Bars, Colour, Figure, Mark, Panel, Rule
from autorecipe.report.plots.ticks import MOST_TICKS, Scale, scale_of

WIDTH = 340.0  # points: a column on a phone, where a point is then a pixel
FONT = 10.5  # points
LINE = 14.0  # points of a line of text
RULE_LINE = 12.0  # points of a line of text beside a rule
SIGN = 0.54  # of the font's size: the mean width of a sign of common sans serif fonts; measured, rounded up
GAP = 16.0  # points between columns of panels
BETWEEN = 8.0  # points between two numbers of an axis, at least; choice: a sign and a half
SWATCH = 17.0  # points of a colour's sample and the gap to its label
TILT = 0.64  # sine of 40 degrees, at which names stand that do not fit beside each other
EDGE = 4.0  # points around everything
FEW_TICKS = 3  # of a panel that is half as wide
PER_TICK = 22.0  # points of a panel's height for each number of its vertical axis
HEADROOM = 9.0  # points between a panel's top and the texts above it: half of the topmost number stands there


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A label of the legend, `x` points from the left of its panel and `line` lines from the top."""

    mark: Mark
    label: str
    x: float
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A panel with its scales and where it stands, in points from the left and the top of the figure.

    Attributes
    ----------
    left, top, width : float
        Of the area between the axes.
    outer_left, outer_top, outer_width : float
        Of the panel with its texts.
    is_tilted : bool
        Whether the names below the horizontal axis are.
    """

    panel: Panel
    x: Scale
    y: Scale
    left: float
    top: float
    width: float
    outer_left: float
    outer_top: float
    outer_width: float
    bottom: float
    legend: tuple[Entry, ...]
    is_tilted: bool


def text_width(text: str) -> float:
    """Return about how many points a text takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return FONT * (SIGN * (len(text) - wide) + wide)


def places_of(figure: Figure) -> tuple[tuple[Place, ...], float]:
    """Return the place of every panel, and the height of the figure."""
    column_width = (WIDTH - 2 * EDGE - GAP * (figure.n_columns - 1)) / figure.n_columns
    places: list[Place] = []
    top = EDGE
    for start in range(0, len(figure.panels), figure.n_columns):
        row = figure.panels[start : start + figure.n_columns]
        placed = [
            _placed(panel, left=EDGE + i * (column_width + GAP), top=top, width=column_width)
            for i, panel in enumerate(row)
        ]
        areas_top = max(place.top for place in placed)  # panels of a row stand on one line
        placed = [_moved(place, areas_top - place.top) for place in placed]
        places += placed
        top = max(place.bottom for place in placed) + EDGE
    return tuple(places), top


def _placed(panel: Panel, *, left: float, top: float, width: float) -> Place:
    most = int(min(max(panel.height // PER_TICK, 2), MOST_TICKS))
    y = scale_of(panel.y, panel.marks, is_x=False, most=most, room=_room_above(panel))
    label_room = max((text_width(text) for text in y.texts), default=0.0) + 6.0
    x = _fitting(panel, most=FEW_TICKS if width < WIDTH / 2 else MOST_TICKS, width=width - label_room)
    end_room = max(_room_for_texts(panel.marks), text_width(x.texts[-1]) / 2 if x.texts and not x.is_named else 0.0)
    inner = max(width - label_room - end_room, 40.0)
    cell = inner / max(len(x.texts), 1)
    longest = max((text_width(text) for text in x.texts), default=0.0)
    is_tilted = x.is_named and longest > cell
    legend = _legend(panel.marks, width)
    n_lines = bool(panel.title) + bool(panel.y.label) + (legend[-1].line + 1 if legend else 0)
    area_top = top + LINE * n_lines + (2.0 if y.is_named else HEADROOM)
    below = (TILT * (longest + FONT) + 8.0 if is_tilted else LINE + 2.0) + LINE * bool(panel.x.label)
    return Place(
        panel=panel,
        x=x,
        y=y,
        left=left + label_room,
        top=area_top,
        width=inner,
        outer_left=left,
        outer_top=top,
        outer_width=width,
        bottom=area_top + panel.height + below,
        legend=legend,
        is_tilted=is_tilted,
    )


def _fitting(panel: Panel, *, most: int, width: float) -> Scale:
    """Return the horizontal scale with as many numbers as stand beside each other without touching, at least two."""
    scale = scale_of(panel.x, panel.marks, is_x=True, most=most)
    widest = max((text_width(text) for text in scale.texts), default=0.0)
    if scale.is_named or most <= 2 or len(scale.ticks) * (widest + BETWEEN) <= width:
        return scale
    return _fitting(panel, most=most - 1, width=width)


def _moved(place: Place, down: float) -> Place:
    return dataclasses.replace(
        place, top=place.top + down, outer_top=place.outer_top + down, bottom=place.bottom + down
    )


def _room_above(panel: Panel) -> float:
    """Return the share of a panel's height that the texts of vertical rules take, one below the other."""
    n_texts = sum(isinstance(mark, Rule) and mark.axis == "x" and bool(mark.text) for mark in panel.marks)
    return min(RULE_LINE * n_texts / panel.height, 0.5)


def _room_for_texts(marks: tuple[Mark, ...]) -> float:
    texts = [text for mark in marks if isinstance(mark, Bars) and mark.lies for text in mark.texts]
    return max((text_width(text) for text in texts), default=0.0) + 4.0


def _legend(marks: tuple[Mark, ...], width: float) -> tuple[Entry, ...]:
    """Return the labels of marks side by side, as many to a line as there is room for."""
    entries: list[Entry] = []
    seen: set[tuple[str, Colour]] = set()
    x, line = 0.0, 0
    for mark in marks:
        label = getattr(mark, "label", "")
        if not label or (label, mark.colour) in seen:
            continue
        seen.add((label, mark.colour))
        needed = SWATCH + text_width(label) + 10.0
        if entries and x + needed > width:
            x, line = 0.0, line + 1
        entries.append(Entry(mark=mark, label=label, x=x, line=line))
        x += needed
    return tuple(entries)
