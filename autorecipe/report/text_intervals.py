"""How far off a prediction may be: a line of the report."""

from __future__ import annotations

from autorecipe.intervals import SHOWN
from autorecipe.record.evaluation import Evaluation
from autorecipe.report.text_words import Lines, count_text, sentence_lines, value_text


def interval_lines(evaluation: Evaluation, *, noun: str = "row", is_test: bool = True) -> Lines:
    """Write a regression's 90 % interval and what it covers, what others cover, and what speaks against them.

    Parameters
    ----------
    noun : str
        What a row is called.
    is_test : bool
        Whether rows that are not out of fold are those that were locked away.
    """
    intervals = evaluation.intervals
    if intervals is None:
        return ()
    if not intervals.coverages:
        n_rows = count_text(intervals.n_rows, noun)
        return sentence_lines(f"no intervals: {n_rows} out of fold are too few to promise what they cover")
    shown = min(intervals.coverages, key=lambda c: abs(c.level - SHOWN))
    is_locked = evaluation.rows == "test"
    rows = count_text(evaluation.n_rows, f"test {noun}" if is_locked and is_test else noun)
    rows += "" if is_locked else " out of fold"
    others = [f"{100 * c.level:g} %: {100 * c.covered:.1f} %" for c in intervals.coverages if c != shown]
    beside = f"; {', '.join(others)}" if others else ""
    covered = f"{100 * shown.covered:.1f} % (± {100 * shown.error:.1f})"
    first = f"{100 * shown.level:g} % intervals: ± {value_text(shown.half_width)}; they cover {covered} of {rows}"
    notes = (line for note in intervals.notes for line in sentence_lines(note, indent=4))
    return (*sentence_lines(first + beside), *notes)
