"""Can its probabilities be taken at their word, and how do they become labels?"""

from __future__ import annotations

import math

from autorecipe.listing import some_of
from autorecipe.record.evaluation import Calibration, CalibrationBin, Evaluation
from autorecipe.record.run import Run
from autorecipe.report.text_words import (
    Lines,
    count_text,
    noun_of,
    positive_and_negative,
    sentence_lines,
    value_text,
)
from autorecipe.row_words import said_of

SHOWN = 0.7  # probability: the bin nearest to it is put into words; neither even nor nearly sure; choice
MAX_NAMED = 5  # classes whose multipliers are named, those furthest from 1 first


def calibration_lines(evaluation: Evaluation, run: Run) -> Lines:
    """Write what share of rows of one probability came true, the calibration error, and where it is worst."""
    known = evaluation.calibration
    if known is None or not known.bins:
        return ()
    shown = min(known.bins, key=lambda b: abs(b.predicted - SHOWN))
    return (
        *sentence_lines(f"{_share_text(shown, run)}; {_error_text(known, noun_of(run))}"),
        *_worst_lines(known),
    )


def labelling_lines(evaluation: Evaluation, run: Run) -> Lines:
    """Write the threshold, or the multipliers of classes, or the costs, and why."""
    said = said_of(run.schema.modality, evaluation.threshold_reason)
    reason = f": {said}" if said else ""
    if evaluation.threshold is not None:
        return sentence_lines(f"threshold {evaluation.threshold:.3f}{reason}")
    if evaluation.costs:
        return sentence_lines(f"labels by the costs given{reason}")
    if not evaluation.multipliers:
        return ()
    named = sorted(
        zip(run.schema.classes, evaluation.multipliers, strict=True), key=lambda item: -abs(math.log(item[1]))
    )
    texts = some_of(tuple(f"'{name}' x {factor:.2f}" for name, factor in named), MAX_NAMED)
    return sentence_lines(f"labels by probabilities times multipliers ({texts}){reason}")


def _share_text(shown: CalibrationBin, run: Run) -> str:
    rows = count_text(shown.n_rows, noun_of(run))
    seen = f"{_percent(shown.observed)} [{_percent(shown.low)}, {_percent(shown.high)}]"
    if run.schema.task == "binary":
        positive, _ = positive_and_negative(run)
        return f"of {rows} that it gives about {_percent(shown.predicted)} to be '{positive}', {seen} are"
    return f"of {rows} whose likeliest class it gives about {_percent(shown.predicted)}, {seen} are of that class"


def _error_text(known: Calibration, noun: str) -> str:
    said = (
        f"expected calibration error {value_text(known.ece)}, where exact probabilities would show "
        f"about {value_text(known.chance)} on so many {noun}s"
    )
    if known.low is None or known.high is None:
        return said
    # the error as measured holds the noise of its bins, and its interval does not: it is of what lies behind
    return f"{said}; without such noise it lies in [{value_text(known.low)}, {value_text(known.high)}]"


def _worst_lines(known: Calibration) -> Lines:
    # a bin whose interval holds what was said may be right
    off = [b for b in known.bins if not b.low <= b.predicted <= b.high]
    if not off:
        return ()
    worst = max(off, key=lambda b: abs(b.predicted - b.observed))
    seen = f"{_percent(worst.observed)} [{_percent(worst.low)}, {_percent(worst.high)}]"
    return sentence_lines(
        f"furthest off, {len(off)} of {len(known.bins)} parts being so: {_percent(worst.predicted)} said, {seen} true"
    )


def _percent(share: float) -> str:
    """Write a share.

    >>> _percent(0.034), _percent(0.705), _percent(0.9996)
    ('3.4 %', '70 %', '99.96 %')
    """
    if share < 0.1:
        return f"{100 * share:.2g} %"
    return f"{100 * share:.4g} %" if 0.99 <= share < 1 else f"{100 * share:.0f} %"
