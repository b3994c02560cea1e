"""Draw a figure with Matplotlib, once: a report is written after every stage, and most of its figures stay."""

from __future__ import annotations

import io
import threading
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from autorecipe.report.plots.figure import Figure
from autorecipe.report.plots.layout import FONT, LINE, WIDTH, Entry, Place, places_of
from autorecipe.report.plots.marks import draw_mark, swatch
from autorecipe.report.plots.svg import INK, for_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas
    from matplotlib.transforms import Transform

MOST_DRAWN = 256  # drawings kept, of at most 40 kB: those of some eight reports
POINTS = 72.0  # per inch
TITLE = FONT + 0.5
PAD = 4.0  # points between an axis and what is written at it
ASCENT = 0.75  # of the font's size: the height of a capital
_LOCK = threading.Lock()  # Matplotlib's settings are the process's


@lru_cache(maxsize=MOST_DRAWN)
def drawn(figure: Figure, name: str) -> str:
    """Return the `<svg>` element of a figure, its ids beginning with `name`."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as NewCanvas

    places, height = places_of(figure)
    with _LOCK, warnings.catch_warnings(), matplotlib.rc_context():
        warnings.simplefilter("ignore")  # signs that Matplotlib's own font lacks are drawn by the browser's
        matplotlib.rcdefaults()  # not the user's: they are for the user's plots
        matplotlib.rcParams["svg.fonttype"] = "none"  # texts stay texts
        matplotlib.rcParams["svg.hashsalt"] = name  # equal figures have equal ids
        canvas = NewCanvas(figsize=(WIDTH / POINTS, height / POINTS), dpi=POINTS, frameon=False)
        FigureCanvasSVG(canvas)
        for place in places:
            _draw_panel(canvas, place, height)
        file = io.StringIO()
        canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return for_page(file.getvalue(), name)


def _draw_panel(canvas: Canvas, place: Place, height: float) -> None:
    panel = place.panel
    bottom = height - place.top - panel.height
    axes = canvas.add_axes((place.left / WIDTH, bottom / height, place.width / WIDTH, panel.height / height))
    _set_axes(axes, place)
    for mark in panel.marks:
        draw_mark(axes, mark)
    line = place.outer_top + LINE
    if panel.title:
        _text(canvas, place.outer_left, height - line + 3.0, panel.title, fontweight="bold", fontsize=TITLE)
        line += LINE
    for entry in place.legend:
        _draw_entry(canvas, place, entry, height - line - LINE * entry.line)
    if panel.y.label:
        _text(canvas, place.outer_left, height - place.top + 9.0, panel.y.label)
    if panel.x.label:
        at = height - place.bottom + 5.0
        _text(canvas, place.left + place.width, at, panel.x.label, horizontalalignment="right")


def _text(canvas: Canvas, x: float, y: float, text: str, **style: Any) -> None:
    """Write a text whose base line begins at a place, in points from the left and the bottom."""
    width, height = (POINTS * side for side in canvas.get_size_inches())
    canvas.text(x / width, y / height, text, **{"color": INK, "fontsize": FONT, "parse_math": False, **style})


def _draw_entry(canvas: Canvas, place: Place, entry: Entry, y: float) -> None:
    width, height = (POINTS * side for side in canvas.get_size_inches())
    for artist in swatch(entry.mark, place.outer_left + entry.x, y + 6.5, width, height):
        canvas.add_artist(artist)
    _text(canvas, place.outer_left + entry.x + 17.0, y + 3.0, entry.label)


def _set_axes(axes: Axes, place: Place) -> None:
    """Set the ends of both axes, and draw their grid, their line and what is written at them.

    Matplotlib's own ticks are five objects each; without them a figure takes half as long.
    """
    x, y = place.x, place.y
    axes.set_axis_off()
    if x.is_log:
        axes.set_xscale("log")
    if y.is_log:
        axes.set_yscale("log")
    axes.set_xlim(x.low, x.high)
    axes.set_ylim(*((y.high, y.low) if y.is_named else (y.low, y.high)))
    across, along = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    style: dict[str, Any] = {"color": INK, "fontsize": FONT, "parse_math": False}
    down, left = -(PAD + ASCENT * FONT) / place.panel.height, -PAD / place.width
    turned: dict[str, Any] = {"rotation": 40, "horizontalalignment": "right", "rotation_mode": "anchor"}
    for tick, text in zip(x.ticks, x.texts, strict=True):
        turn = turned if place.is_tilted else {"horizontalalignment": "center"}
        axes.text(tick, down, text, transform=across, **style, **turn)
    for tick, text in zip(y.ticks, y.texts, strict=True):
        middle: dict[str, Any] = {"horizontalalignment": "right", "verticalalignment": "center_baseline"}
        axes.text(left, tick, text, transform=along, **style, **middle)
    if not (x.is_named and y.is_named):
        ticks, transform = (x.ticks, across) if y.is_named else (y.ticks, along)
        _draw_lines(axes, [((t, 0.0), (t, 1.0)) if y.is_named else ((0.0, t), (1.0, t)) for t in ticks], transform)
        _draw_lines(axes, [((0.0, 0.0), (0.0, 1.0) if y.is_named else (1.0, 0.0))], axes.transAxes, is_axis=True)


def _draw_lines(axes: Axes, lines: list[Any], transform: Transform, *, is_axis: bool = False) -> None:
    from matplotlib.collections import LineCollection

    look = {"alpha": 0.5, "linewidths": 0.8} if is_axis else {"alpha": 0.15, "linewidths": 0.6}
    drawn_lines = LineCollection(lines, colors=INK, transform=transform, zorder=0.5, **look)
    axes.add_collection(drawn_lines, autolim=False)
