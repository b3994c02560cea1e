"""What the model looks at, and where it is wrong, in lines of text."""

from __future__ import annotations

from rich.cells import cell_len

from autorecipe.interpretation.record import Dependence, Importance, Interpretation, WeakSlice
from autorecipe.report.cells import cut, fitted
from autorecipe.report.text_image_interpretation import image_interpretation_lines
from autorecipe.report.text_words import Line, Lines, count_text, sentence_lines, value_text
from autorecipe.report.width import page_width

MOST_BARS = 8  # columns shown of a run; `whole` shows all
BAR_WIDTH, NAME_WIDTH = 24, 30  # columns of text
MOST_SLICES, MOST_CURVES, MOST_ERRORS = 3, 3, 3


def interpretation_lines(known: Interpretation | None, *, whole: bool = False) -> Lines:
    """Write importances as bars, curves as a line each, weak slices and the largest errors.

    Parameters
    ----------
    whole : bool
        All that is known, rather than the first of each.
    """
    if known is None:
        return ()
    if known.images is not None:
        return image_interpretation_lines(known, known.images, whole=whole)
    networks = count_text(known.n_networks, "network")
    head = f"What it looks at, {count_text(known.n_rows, 'row')} that {networks} had held out"
    return (
        Line(head, "heading"),
        *_importance_lines(known, whole=whole),
        *(_curve_line(c) for c in known.dependences[: None if whole else MOST_CURVES]),
        *(line for s in known.slices[: None if whole else MOST_SLICES] for line in _slice_lines(s, known)),
        *_error_lines(known, whole=whole),
    )


def _importance_lines(known: Interpretation, *, whole: bool) -> Lines:
    if not known.importances:
        return ()
    shown = known.importances if whole else known.importances[:MOST_BARS]
    largest = max(shown[0].rise, 1e-12)
    width = max(cell_len(importance.column) for importance in shown)
    idle = [importance for importance in known.importances if importance.rise <= 2 * importance.error]
    said = f"{known.unit} {value_text(known.loss)} rises by this much when a column's cells are shuffled:"
    last = f"{len(idle)} of {len(known.importances)} columns are worth nothing beyond their error" if idle else ""
    return (
        *sentence_lines(said),
        *(_bar(importance, largest, min(width, page_width() // 3)) for importance in shown),
        *(sentence_lines(last) if last else ()),
    )


def _bar(importance: Importance, largest: float, width: int) -> Line:
    bar = "█" * max(0, round(BAR_WIDTH * importance.rise / largest))
    number = f"{value_text(importance.rise)} ± {value_text(importance.error)}"
    return Line(f"  {fitted(importance.column, width)}  {number:<18} {bar}".rstrip())


def _curve_line(curve: Dependence) -> Line:
    points = zip(curve.cells, curve.predictions, strict=True)
    text = ", ".join(f"{cut(cell, 12)} → {value_text(said)}" for cell, said in points)
    of = f"mean probability of '{cut(curve.of, NAME_WIDTH)}'" if curve.of else "mean prediction"
    return Line(cut(f"  {cut(curve.column, NAME_WIDTH)} ({of}): {text}", page_width()))


def _slice_lines(weak: WeakSlice, known: Interpretation) -> Lines:
    numbers = f"{known.unit} {value_text(weak.loss)}, elsewhere {value_text(weak.elsewhere)}"
    gap = f"(+{value_text(weak.loss - weak.elsewhere)} ± {value_text(weak.error)})"
    return sentence_lines(f"worse where {weak.rows}: {count_text(weak.n_rows, 'row')}, {numbers} {gap}")


def _error_lines(known: Interpretation, *, whole: bool) -> Lines:
    shown = known.errors if whole else known.errors[:MOST_ERRORS]
    texts = [f"row {error.row}: is {error.truth}, predicted {error.predicted}" for error in shown]
    return sentence_lines(f"largest errors: {'; '.join(texts)}") if texts else ()
