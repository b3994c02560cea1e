"""How each kind of mark is drawn on Matplotlib's axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autorecipe.report.plots.figure import Band, Bars, Cells, Colour, Dots, Line, Mark, Rule
from autorecipe.report.plots.layout import FONT, RULE_LINE
from autorecipe.report.plots.svg import COLOURS, INK

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.path import Path

    Box = tuple[float, float, float, float]  # left, bottom, right, top

FAINT, BAR = 0.22, 0.85  # opacities of bands and bars: the grid shows through the one, and not the other
PALEST, STRONGEST = 0.06, 0.72  # opacities of cells: texts in the page's colour have a contrast of 4.5 to 1 to both
LEVELS = 12  # opacities that cells are rounded to
SMALL, LARGE = 4.2, 6.2  # points across a dot
DASH = (0, (4, 2.5))


def draw_mark(axes: Axes, mark: Mark) -> None:
    """Draw one mark."""
    if isinstance(mark, Line):
        _draw_line(axes, mark)
    elif isinstance(mark, Dots):
        _draw_dots(axes, mark)
    elif isinstance(mark, Bars):
        _draw_bars(axes, mark)
    elif isinstance(mark, Band):
        x, low, high = zip(*mark.points, strict=True)
        axes.fill_between(x, low, high, color=_ink(mark.colour), alpha=FAINT, linewidth=0)
    elif isinstance(mark, Rule):
        _draw_rule(axes, mark)
    else:
        _draw_cells(axes, mark)


def swatch(mark: Mark, x: float, y: float, width: float, height: float) -> list[Artist]:
    """Return a sample of a mark for the legend, 12 points wide, `y` its middle, in a canvas of so many points."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    colour = _ink(mark.colour)
    if isinstance(mark, Bars | Band):
        opacity = FAINT if isinstance(mark, Band) else BAR
        corner = (x / width, (y - 4) / height)
        return [Rectangle(corner, 12 / width, 8 / height, color=colour, alpha=opacity, linewidth=0)]
    if isinstance(mark, Dots):
        face = "none" if mark.is_hollow else colour
        style: dict[str, Any] = {"color": colour, "marker": "o", "markersize": LARGE, "linestyle": "none"}
        style["markerfacecolor"] = face
        return [Line2D([(x + 6) / width], [y / height], **style)]
    line = Line2D([x / width, (x + 12) / width], [y / height] * 2, color=colour, linewidth=2.0)
    line.set_linestyle(DASH if getattr(mark, "is_dashed", False) else "-")
    return [line]


def _ink(colour: Colour) -> str:
    return COLOURS[colour][0]


def _draw_line(axes: Axes, mark: Line) -> None:
    x, y = zip(*mark.points, strict=True) if mark.points else ((), ())
    axes.plot(
        x,
        y,
        color=_ink(mark.colour),
        linewidth=0.9 if mark.is_thin else 1.9,
        alpha=0.6 if mark.is_thin else 1.0,
        linestyle=DASH if mark.is_dashed else "-",
        drawstyle="steps-post" if mark.is_step else "default",
        solid_capstyle="round",
    )


def _draw_dots(axes: Axes, mark: Dots) -> None:
    colour = _ink(mark.colour)
    pairs = zip(mark.points, mark.errors, strict=True) if mark.errors else ()
    bars = [(point, ends) for point, ends in pairs if all(map(math.isfinite, ends))]
    if bars:
        at = [point[1 if mark.across == "x" else 0] for point, _ in bars]
        draw = axes.hlines if mark.across == "x" else axes.vlines
        draw(at, [low for _, (low, _) in bars], [high for _, (_, high) in bars], color=colour, linewidth=1.4)
    x, y = zip(*mark.points, strict=True) if mark.points else ((), ())
    axes.plot(
        x,
        y,
        linestyle="none",
        marker="o",
        color=colour,
        markersize=LARGE if mark.is_large else SMALL,
        markerfacecolor="none" if mark.is_hollow else colour,
        markeredgewidth=1.4,
        clip_on=False,
    )


def _draw_bars(axes: Axes, mark: Bars) -> None:
    half = mark.thickness / 2
    boxes = [
        (start, at - half, end, at + half) if mark.lies else (at - half, start, at + half, end)
        for at, start, end in mark.spans
        if end != start
    ]
    _draw_boxes(axes, boxes, mark.colour, BAR)
    for (at, _, end), text in zip(mark.spans, mark.texts, strict=bool(mark.texts)):
        place, shift = ((end, at), (4, 0)) if mark.lies else ((at, end), (0, 3))
        axes.annotate(
            text,
            place,
            xytext=shift,
            textcoords="offset points",
            horizontalalignment="left" if mark.lies else "center",
            verticalalignment="center" if mark.lies else "bottom",
            color=INK,
            fontsize=FONT,
            parse_math=False,
            annotation_clip=False,
        )


def _draw_boxes(axes: Axes, boxes: list[Box], colour: Colour, opacity: float) -> None:
    """Draw boxes of one colour as one path: a tenth of the text that one path each takes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not boxes:
        return
    paths = [
        Path([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], [1, 2, 2, 2, 79], closed=True)
        for x0, y0, x1, y1 in boxes
    ]
    whole: Path = Path.make_compound_path(*paths)
    axes.add_patch(PathPatch(whole, facecolor=_ink(colour), alpha=opacity, linewidth=0))


def _draw_rule(axes: Axes, mark: Rule) -> None:
    style: dict[str, Any] = {"color": _ink(mark.colour), "linewidth": 1.2, "linestyle": DASH if mark.is_dashed else "-"}
    if mark.axis == "y":
        axes.axhline(mark.at, **style)
    n_earlier = sum(1 for known in axes.texts if known.get_gid() == "rule")
    if mark.axis == "x":  # up to its own text: no further, since that of an earlier rule may stand there
        axes.axvline(mark.at, ymax=1 - RULE_LINE * n_earlier / axes.bbox.height if mark.text else 1.0, **style)
    if not mark.text:
        return
    text: dict[str, Any] = {"color": INK, "fontsize": FONT, "parse_math": False, "textcoords": "offset points"}
    if mark.axis == "y":
        across = axes.get_yaxis_transform()
        axes.annotate(mark.text, (0, mark.at), xycoords=across, xytext=(3, 3), **text)
        return
    is_right = axes.transAxes.inverted().transform(axes.transData.transform((mark.at, axes.get_ylim()[0])))[0] > 0.5
    found = axes.annotate(
        mark.text,
        (mark.at, 1),
        xycoords=axes.get_xaxis_transform(),
        xytext=(-3 if is_right else 3, -3 - RULE_LINE * n_earlier),
        horizontalalignment="right" if is_right else "left",
        verticalalignment="top",
        **text,
    )
    found.set_gid("rule")


def _draw_cells(axes: Axes, mark: Cells) -> None:
    levels: dict[int, list[Box]] = {}
    for column, row, strength, text in mark.cells:
        level = round(LEVELS * min(max(strength, 0.0), 1.0))
        levels.setdefault(level, []).append((column - 0.47, row - 0.47, column + 0.47, row + 0.47))
        if text:
            middle: dict[str, Any] = {"horizontalalignment": "center", "verticalalignment": "center_baseline"}
            axes.text(column, row, text, color=INK, fontsize=FONT, parse_math=False, **middle)
    for level, boxes in sorted(levels.items()):
        _draw_boxes(axes, boxes, mark.colour, PALEST + (STRONGEST - PALEST) * level / LEVELS)
