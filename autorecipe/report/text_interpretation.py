"""What the model looks at, and where it is wrong, in lines of text."""

from __future__ import annotations

from rich.cells import cell_len

from autorecipe.interpretation.record import Dependence, Importance, Interpretation, WeakSlice
from autorecipe.listing import some_of
from autorecipe.record.run import Run
from autorecipe.report.cells import cut, fitted
from autorecipe.report.plots.shown import Shown, shown_of
from autorecipe.report.text_image_interpretation import image_interpretation_lines
from autorecipe.report.text_profile import ALL_SHOWN
from autorecipe.report.text_words import Line, Lines, count_text, sentence_lines, value_text
from autorecipe.report.width import page_width

MOST_BARS = 8  # columns shown of a run; `whole` shows all
BAR_WIDTH, NAME_WIDTH = 24, 30  # columns of text
MOST_SLICES, MOST_CURVES, MOST_ERRORS = 3, 3, 3


def interpretation_lines(known: Interpretation | None, run: Run, *, whole: bool = False) -> Lines:
    """Write importances as bars, curves as a line each, weak slices and the largest errors.

    Levels are named as the page names them with --show-values: none of a column in which most rows have their own.

    Parameters
    ----------
    whole : bool
        All that is known, rather than the first of each.
    """
    if known is None:
        return ()
    shown = shown_of(run, show_values=True)
    curves = known.dependences[: None if whole else MOST_CURVES]
    slices = known.slices[: None if whole else MOST_SLICES]
    if known.images is not None:
        return image_interpretation_lines(known, known.images, whole=whole)
    networks = count_text(known.n_networks, "network")
    head = f"What it looks at, {count_text(known.n_rows, 'row')} that {networks} had held out"
    return (
        Line(head, "heading"),
        *_importance_lines(known, whole=whole),
        *(_curve_line(c, shown) for c in curves),
        *_more_lines(len(known.dependences) - len(curves), "curve"),
        *(line for s, rows in zip(slices, shown.slices(slices), strict=True) for line in _slice_lines(s, rows, known)),
        *_more_lines(len(known.slices) - len(slices), "weak slice"),
        *_error_lines(known, whole=whole),
    )


def _importance_lines(known: Interpretation, *, whole: bool) -> Lines:
    if not known.importances:
        return ()
    shown = known.importances if whole else known.importances[:MOST_BARS]
    largest = max(shown[0].rise, 1e-12)
    width = max(cell_len(importance.column) for importance in shown)
    n_idle = sum(not importance.is_certain for importance in known.importances)
    said = f"{known.unit_text} {value_text(known.loss)} rises by this much when a column's cells are shuffled:"
    of = count_text(len(known.importances), "column")
    last = f"{n_idle} of {of}: no rise beyond two standard errors" if n_idle else ""
    return (
        *sentence_lines(said),
        *(_bar(importance, largest, min(width, page_width() // 3)) for importance in shown),
        *_more_lines(len(known.importances) - len(shown), "column"),
        *(sentence_lines(last) if last else ()),
    )


def _more_lines(n_more: int, what: str) -> Lines:
    return sentence_lines(f"and {count_text(n_more, what)} more: {ALL_SHOWN}", style="dim") if n_more > 0 else ()


def _bar(importance: Importance, largest: float, width: int) -> Line:
    bar = "█" * max(0, round(BAR_WIDTH * importance.rise / largest))
    number = f"{value_text(importance.rise)} ± {value_text(importance.error)}"
    return Line(f"  {fitted(importance.column, width)}  {number:<18} {bar}".rstrip())


def _curve_line(curve: Dependence, shown: Shown) -> Line:
    text = ", ".join(f"{cut(cell, 12)} → {value_text(said)}" for cell, said in shown.points(curve))
    of = f"mean probability of '{cut(curve.of, NAME_WIDTH)}'" if curve.of else "mean prediction"
    return Line(cut(f"  {cut(curve.column, NAME_WIDTH)} ({of}): {text}", page_width()))


def _slice_lines(weak: WeakSlice, rows: str, known: Interpretation) -> Lines:
    numbers = f"{known.unit_text} {value_text(weak.loss)}, elsewhere {value_text(weak.elsewhere)}"
    gap = f"(+{value_text(weak.loss - weak.elsewhere)} ± {value_text(weak.error)})"
    return sentence_lines(f"worse where {rows}: {count_text(weak.n_rows, 'row')}, {numbers} {gap}")


def _error_lines(known: Interpretation, *, whole: bool) -> Lines:
    texts = [f"row {error.row}: is {error.truth}, predicted {error.predicted}" for error in known.errors]
    shown = some_of(texts, len(texts) if whole else MOST_ERRORS, between="; ")
    return sentence_lines(f"largest errors: {shown}") if texts else ()
