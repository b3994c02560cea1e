"""Histograms: bars between edges, and numbers counted into bins."""

from __future__ import annotations

from autorecipe.report.plots.figure import Row

N_BINS = 20  # as many as the profile has for a column


def bin_spans(edges: tuple[float, ...], counts: tuple[int, ...]) -> tuple[tuple[float, float, float], ...]:
    """Return the bars of a histogram as (middle, 0, count)."""
    return tuple((0.5 * (a + b), 0.0, float(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False))


def counted(values: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return the edges of equally wide bins from the smallest to the largest value, and how many lie in each.

    >>> edges, counts = counted((0.0, 1.0, 1.0))
    >>> edges[0], edges[-1], counts[0], counts[-1]
    (0.0, 1.0, 1, 2)
    """
    low, high = min(values), max(values)
    if not high > low:
        low, high = low - 0.5, high + 0.5
    width = (high - low) / N_BINS
    places = [min(int((value - low) / width), N_BINS - 1) for value in values]
    return tuple(low + width * i for i in range(N_BINS + 1)), tuple(places.count(i) for i in range(N_BINS))


def bin_rows(edges: tuple[float, ...], counts: tuple[int, ...], *before: str) -> tuple[Row, ...]:
    """Return the rows of a histogram's table: what stands before, from, to, how many."""
    return tuple((*before, a, b, n) for a, b, n in zip(edges, edges[1:], counts, strict=False))
