"""Words, numbers and lines: what every part of the terminal report is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autorecipe.metrics import METRICS, Metric
from autorecipe.metrics.metric import readable
from autorecipe.record.evaluation import Score
from autorecipe.record.run import Run
from autorecipe.report.cells import fitted, wrapped
from autorecipe.report.lines import Line as Line
from autorecipe.report.lines import Lines as Lines
from autorecipe.report.lines import Style as Style
from autorecipe.report.width import WIDTH as WIDTH
from autorecipe.report.width import page_width
from autorecipe.row_words import row_noun

MAX_DECIMALS = 6


def as_text(lines: Iterable[Line]) -> str:
    """Join lines to plain text with a line feed at the end of each."""
    return "".join(f"{line.text}\n" for line in lines)


def metric_of(name: str) -> Metric:
    """Return the record of a metric that a run names."""
    return next(m for m in METRICS if m.name == name)


def value_text(value: float) -> str:
    """Write a score: three decimals below one, else four significant digits.

    >>> value_text(0.8617), value_text(0.0123), value_text(48020.4)
    ('0.862', '0.0123', '48,020')
    """
    if math.isnan(value):
        return "undefined"
    if 0 < abs(value) < 0.1:
        return f"{value:.3g}"
    return f"{value:.3f}" if abs(value) < 1 else readable(value)


def mean_text(run: Run) -> str:
    """Name the validation score that the stages decide by: on several folds it is the mean over them."""
    return f"mean of {run.split.n_folds} folds" if run.split.n_folds > 1 else "validation"


def pooled_text(run: Run) -> str:
    """Name the validation score of the final ladder: on several folds it is of all their rows at once."""
    return f"{run.split.n_folds} folds at once" if run.split.n_folds > 1 else "validation"


def score_text(score: Score) -> str:
    """Write a score with its interval, where it has one."""
    if score.low is None or score.high is None:
        return value_text(score.value)
    return f"{value_text(score.value)} [{value_text(score.low)}, {value_text(score.high)}]"


def effect_text(effect: float, error: float) -> str:
    """Write an effect with its standard error, to the digits that the error allows; ≈ when it is within it.

    >>> effect_text(0.0081, 0.0032), effect_text(0.0011, 0.0042), effect_text(-1234.5, 512.0)
    ('+0.008 ± 0.003', '≈ (+0.001 ± 0.004)', '-1,234 ± 512')
    """
    decimals = _decimals(error)
    text = f"{effect:+,.{decimals}f} ± {error:,.{decimals}f}"
    return f"≈ ({text})" if abs(effect) <= error else text


def _decimals(error: float) -> int:
    if error <= 0 or not math.isfinite(error):
        return 3
    exponent = math.floor(math.log10(error))
    second_digit = 1 if error / 10.0**exponent < 3 else 0
    return min(max(second_digit - exponent, 0), MAX_DECIMALS)


def size_text(n_bytes: int) -> str:
    """Write a number of bytes in megabytes, or kilobytes when that is less than one."""
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"


def count_text(n: int, noun: str) -> str:
    """Write a count with its noun.

    >>> count_text(1, "row"), count_text(891, "row"), count_text(2, "class")
    ('1 row', '891 rows', '2 classes')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}{'es' if noun.endswith('s') else 's'}"


def share_text(share: float) -> str:
    """Write a share in percent with one decimal, as it stands in columns of numbers.

    >>> share_text(0.1982), share_text(0.0)
    ('19.8 %', '0 %')
    """
    return "0 %" if share == 0 else f"{100 * share:.1f} %"


def ordinal_text(n: int) -> str:
    """Write 1st, 2nd, 3rd, 4th ...

    >>> [ordinal_text(n) for n in (1, 2, 3, 4, 11, 21)]
    ['1st', '2nd', '3rd', '4th', '11th', '21st']
    """
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def first_upper(text: str) -> str:
    """Return the text with its first letter in upper case and the rest as it is."""
    return text[:1].upper() + text[1:]


def noun_of(run: Run) -> str:
    """Return what a row of a run is called: "row" or "image"."""
    return row_noun(run.schema.modality)


def positive_and_negative(run: Run) -> tuple[str, str]:
    """Return the words for the positive and the negative class of a binary run."""
    if run.schema.task == "binary" and len(run.schema.classes) == 2:
        return run.schema.classes[1], run.schema.classes[0]
    return "positive", "negative"


def labelled(label: str, text: str, *, flag: str = "", indent: int = 8, style: Style = "plain") -> Lines:
    """Write `label   text     flag`: the text wrapped beside its label, the flag at the right edge.

    Parameters
    ----------
    flag : str
        What overrides it, or the code of a finding; no text is written above or below it.
    indent : int
        Column at which the text begins.
    """
    width = page_width()
    room = width - indent - (len(flag) + 2 if flag else 0)
    parts = wrapped(text, room)
    first = f"{label:<{indent}}{parts[0]}"
    if flag:
        first = f"{fitted(first, width - len(flag))}{flag}"
    rest = [f"{'':{indent}}{part}" for part in parts[1:]]
    return tuple(Line(text.rstrip(), style) for text in (first, *rest))


def sentence_lines(text: str, *, indent: int = 2, style: Style = "plain") -> Lines:
    """Write a sentence at an indent, wrapped, its further lines three columns further in."""
    parts = wrapped(text, page_width() - indent, further=3)
    return tuple(Line(f"{'':{indent}}{part}".rstrip(), style) for part in parts)
