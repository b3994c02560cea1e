"""Where the numbers of an axis stand, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autorecipe.report.plots.figure import Axis, Band, Bars, Cells, Dots, Line, Mark, Rule
from autorecipe.report.plots.names import number_text, power_text

MARGIN = 0.04  # of an axis beyond its marks
MOST_TICKS = 5  # of an axis; choice: at 340 points they are told apart
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
SMALLEST_PLAIN = 0.01  # smaller ticks of a logarithmic axis are written as powers
LOG_PARTS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0))  # of a decade: the fewest that give two ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis with its ends and ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]
    is_log: bool = False
    is_named: bool = False


def scale_of(axis: Axis, marks: tuple[Mark, ...], *, is_x: bool, most: int, room: float = 0.0) -> Scale:
    """Return the ends of an axis and where its numbers or names stand.

    Parameters
    ----------
    most : int
        Ticks at most.
    room : float
        Share of the axis that is kept free above the marks.
    """
    if axis.names:
        return Scale(
            low=-0.5,
            high=len(axis.names) - 0.5,
            ticks=tuple(float(i) for i in range(len(axis.names))),
            texts=axis.names,
            is_named=True,
        )
    values = [v for mark in marks for v in _values(mark, is_x=is_x) if math.isfinite(v) and (v > 0 or not axis.is_log)]
    low, high = _ends(axis, values)
    if room and axis.high is None:
        high = high * (high / low) ** (room / (1 - room)) if axis.is_log else high + (high - low) * room / (1 - room)
    if axis.is_log:
        ticks = _log_ticks(low, high, most)
        return Scale(
            low=low,
            high=high,
            ticks=ticks,
            texts=tuple(number_text(t) if t >= SMALLEST_PLAIN else power_text(t) for t in ticks),
            is_log=True,
        )
    ticks = _ticks(low, high, most, is_whole=axis.is_whole)
    return Scale(low=low, high=high, ticks=ticks, texts=_texts(ticks, is_share=axis.is_share))


def _values(mark: Mark, *, is_x: bool) -> Iterable[float]:
    if isinstance(mark, Line):
        return (point[0] if is_x else point[1] for point in mark.points)
    if isinstance(mark, Dots):
        ends = [v for pair in mark.errors for v in pair] if (mark.across == "x") == is_x else []
        return (*(point[0] if is_x else point[1] for point in mark.points), *ends)
    if isinstance(mark, Band):
        return (v for x, *rest in mark.points for v in ((x,) if is_x else rest))
    if isinstance(mark, Bars):
        half = mark.thickness / 2
        along = mark.lies == is_x
        return (v for at, *ends in mark.spans for v in (ends if along else (at - half, at + half)))
    if isinstance(mark, Rule):
        return (mark.at,) if (mark.axis == "x") == is_x else ()
    if isinstance(mark, Cells):
        middles = [column if is_x else row for column, row, _, _ in mark.cells]
        return (middle + side for middle in middles for side in (-0.5, 0.5))
    raise TypeError(type(mark).__name__)


def _ends(axis: Axis, values: list[float]) -> tuple[float, float]:
    low, high = (min(values), max(values)) if values else (1.0, 10.0) if axis.is_log else (0.0, 1.0)
    low, high = axis.low if axis.low is not None else low, axis.high if axis.high is not None else high
    if axis.is_log:
        factor = max(high / low, 1.5) ** MARGIN
        return low / (1.0 if axis.low is not None else factor), high * (1.0 if axis.high is not None else factor)
    if not high > low:
        half = 0.5 * abs(low) or 0.5
        return low - half, low + half
    room = MARGIN * (high - low)
    return low - (0.0 if axis.low is not None else room), high + (0.0 if axis.high is not None else room)


def _ticks(low: float, high: float, most: int, *, is_whole: bool) -> tuple[float, ...]:
    """Return round numbers within an axis: the smallest step of 1, 2, 2.5 or 5 times a power of ten for so many."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    room = 1e-9 * (high - low)
    for step in (power * part for part in (*STEPS, 20.0, 25.0, 50.0, 100.0)):
        if is_whole and (step < 1 or step != round(step)):
            continue
        first, last = math.ceil((low - room) / step), math.floor((high + room) / step)
        if last - first + 1 <= most:
            return tuple(i * step for i in range(first, last + 1))
    return (low, high)


def _log_ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for parts in LOG_PARTS:
        found = [part * 10.0**power for power in range(first, last + 1) for part in parts]
        within = [tick for tick in found if low * 0.999 <= tick <= high * 1.001]
        if len(within) >= 2:
            return tuple(within[:: -(-len(within) // most)])
    return _ticks(low, high, 3, is_whole=False)


def _texts(ticks: tuple[float, ...], *, is_share: bool) -> tuple[str, ...]:
    if is_share:
        return tuple(f"{text} %" for text in _plain([100 * tick for tick in ticks]))
    largest = max((abs(t) for t in ticks), default=0.0)
    if largest == 0 or largest >= 1e4 or largest < 1e-3:
        texts = tuple(number_text(t) for t in ticks)
        return texts if len(set(texts)) == len(texts) else tuple(f"{t:.6g}" for t in ticks)
    return _plain(ticks)


def _plain(ticks: Sequence[float]) -> tuple[str, ...]:
    """Write ticks with as many decimals as tell them apart."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else max(map(abs, ticks), default=0.0) or 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    decimals += 0 if abs(round(step, decimals) - step) < 1e-3 * step else 1
    return tuple(f"{t + 0.0:,.{decimals}f}" for t in ticks)
