"""Two runs side by side: what differs, the scores, and whether the difference is more than chance."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

from autorecipe.budget import format_duration
from autorecipe.comparison import Beside, Comparison, ScoreBeside, StageBeside, Value
from autorecipe.config import Modality
from autorecipe.ensemble.record import EnsemblePart
from autorecipe.metrics.few_groups import single_rows_note
from autorecipe.record.evaluation import Score
from autorecipe.record.finding import Finding
from autorecipe.report.cells import fitted, wrapped
from autorecipe.report.text_decisions import recipe_text
from autorecipe.report.text_profile import finding_lines
from autorecipe.report.text_words import (
    Line,
    Lines,
    Style,
    count_text,
    metric_of,
    score_text,
    sentence_lines,
    size_text,
    value_text,
)
from autorecipe.report.width import page_width
from autorecipe.row_words import row_noun, said_of

NAME_SHARE = 0.24  # of the width, for what a line is about; the rest is shared by the runs
GAP = 2  # columns between two cells
NOTHING = "-"
BLANK = Line("")


def compare_lines(comparison: Comparison) -> Lines:
    """Write two runs side by side, the answer first: which one scores better, and how sure that is."""
    return (
        *_answer_lines(comparison),
        BLANK,
        *_row("", comparison.names, style="heading"),
        *_part("data", _data_rows(comparison)),
        *_part("flags", _plain_rows(comparison.flags), without="the same flags"),
        *_part("scores", tuple(line for own in comparison.scores for line in _score_row(own))),
        *_recipe_part(comparison),
        *_part(
            f"stages ({metric_of(comparison.deciding_metric).title} on validation {row_noun(comparison.modality)}s)",
            tuple(line for own in comparison.stages for line in _stage_rows(own)),
        ),
        *_part("costs", tuple(line for own in comparison.costs for line in _cost_row(own, comparison.modality))),
        *_finding_part(comparison.only_first, comparison.names[0]),
        *_finding_part(comparison.only_second, comparison.names[1]),
    )


def difference_text(comparison: Comparison) -> str:
    """Say in a sentence which run scores better on the rows that both were scored on.

    The difference is the second's gain over the first; it is more than chance where its interval leaves out 0.
    """
    found, title = comparison.difference, metric_of(comparison.metric).title
    if found is None:
        noun = row_noun(comparison.modality)
        why_not = said_of(comparison.modality, comparison.why_not)
        return f"{title}: no paired difference, because {why_not}; the scores do not compare {noun} by {noun}"
    first, second = comparison.names
    where = _where(comparison)
    size = f"{title} {_signed(found.value)}"
    if found.low is None or found.high is None:
        return f"{size} for {second} {where}; too few for an interval"
    if found.low == found.value == found.high == 0:
        return f"level: {second} and {first} have the same {title} {where}, however these are resampled"
    size = f"{size} [{_signed(found.low)}, {_signed(found.high)}]"
    if found.low <= 0 <= found.high:
        return f"level: {second} against {first}, {size} {where}; the interval holds 0"
    better, other = (second, first) if found.value > 0 else (first, second)
    return f"{better} is better than {other}: {second} against {first}, {size} {where}"


def _where(comparison: Comparison) -> str:
    n, (first, second), noun = comparison.n_paired, comparison.n_scored, row_noun(comparison.modality)
    if n == first == second:
        return f"on the same {n:,} {noun}s"
    return f"on the {n:,} {noun}s that both were scored on (of {first:,} and {second:,})"


def _answer_lines(comparison: Comparison) -> Lines:
    lines = sentence_lines(difference_text(comparison), indent=0, style="heading")
    if comparison.why_apart:
        lines += sentence_lines(_apart_text(comparison), indent=0)
    lines += tuple(line for text in apart_by(comparison) for line in sentence_lines(text, indent=0))
    found = comparison.difference
    if found is None or found.low == found.high == 0:
        return lines
    said = "positive is better, whatever the metric; 95 % interval"
    notes = (said, *single_rows_note(comparison.n_too_few))
    return (*lines, *(line for note in notes for line in sentence_lines(note, indent=0, style="dim")))


def apart_by(comparison: Comparison) -> tuple[str, ...]:
    """Name the other scores by which a run is better beyond doubt: their 95 % intervals have nothing in common."""
    found: list[tuple[str, str]] = []
    for own in comparison.scores:
        if own.metric == comparison.metric or own.first is None or own.second is None:
            continue
        (low, high), (other_low, other_high) = _ends(own.first), _ends(own.second)
        if low > other_high or other_low > high:
            is_first = (low > other_high) == (metric_of(own.metric).direction == "max")
            title = metric_of(own.metric).title
            of_both = f"{title} {score_text(own.first)} against {score_text(own.second)}"
            found.append((comparison.names[0 if is_first else 1], of_both))
    return tuple(
        f"{name} is better by other scores, whose intervals do not meet: {'; '.join(said)}"
        for name in comparison.names
        if (said := [text for better, text in found if better == name])
    )


def _ends(score: Score) -> tuple[float, float]:
    return (-math.inf, math.inf) if score.low is None or score.high is None else (score.low, score.high)


def _apart_text(comparison: Comparison) -> str:
    noun = row_noun(comparison.modality)
    return (
        f"scored on other {noun}s, as these differ: {comparison.why_apart}. To compare them on the same {noun}s,"
        f" fit both with the same, or give {noun}s that neither learned from to `autorecipe evaluate RUN DATA`,"
        " once for each run"
    )


def _signed(value: float) -> str:
    """Write a difference with its sign, as finely as scores are written."""
    return f"{'-' if value < 0 else '+'}{value_text(abs(value))}"


def _part(title: str, rows: Lines, *, without: str = "") -> Lines:
    return (Line(title, "heading"), *(rows or (Line(f"  {without}", "dim"),)))


def _row(name: str, values: tuple[str, str], *, style: Style = "plain") -> Lines:
    """Write a name and two cells beside each other, each wrapped in its own column."""
    room = page_width()
    left = max(int(room * NAME_SHARE), 8)
    each = (room - left) // 2 - GAP
    columns = (wrapped(f"  {name}", left - GAP, further=4), *(wrapped(value, each) for value in values))
    height = max(len(cells) for cells in columns)
    lines = []
    for i in range(height):
        name_cell, first, second = (cells[i] if i < len(cells) else "" for cells in columns)
        text = f"{fitted(name_cell, left)}{fitted(first, each + GAP)}{second}".rstrip()
        lines.append(Line(text, style))
    return tuple(lines)


def _plain_rows(pairs: tuple[Beside, ...]) -> Lines:
    return tuple(line for own in pairs for line in _row(own.name, (_value(own.first), _value(own.second))))


def _value(value: Value) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else value


def _recipe_part(comparison: Comparison) -> Lines:
    """Write the fields that differ and how long each was trained; of several recipes all, with their weights."""
    is_several = any(len(own) > 1 for own in comparison.parts)
    title = "recipe (the one with most weight; the others below)" if is_several else "recipe"
    training = comparison.training
    weighed: Lines = ()
    if is_several:
        n_parts = max(map(len, comparison.parts))
        cells = [tuple(_part_text(own, i) for own in comparison.parts) for i in range(n_parts)]
        weighed = tuple(line for i, (a, b) in enumerate(cells) for line in _row(f"recipe {i + 1}, weight", (a, b)))
    trained = _plain_rows((training,)) if training.first or training.second else ()
    return (*_part(title, _plain_rows(comparison.recipe), without="the same recipe"), *trained, *weighed)


def _part_text(parts: tuple[EnsemblePart, ...], i: int) -> str:
    if i >= len(parts):
        return NOTHING
    own = parts[i]
    return f"{own.weight:.2f}: {recipe_text(own.recipe)}; {count_text(len(own.keys), 'network')}"


def _data_rows(comparison: Comparison) -> Lines:
    if comparison.same_data:
        shown = tuple(own for own in comparison.data if own.name == "test rows" or own.first != own.second)
        same = "the same pixels and labels" if comparison.modality == "image" else "the same cells"
        return (Line(f"  {same}, by their fingerprint", "plain"), *_named_rows(shown, comparison.modality))
    other = "other images or labels" if comparison.modality == "image" else "other cells"
    return (Line(f"  {other}, by their fingerprint", "plain"), *_named_rows(comparison.data, comparison.modality))


def _named_rows(pairs: tuple[Beside, ...], modality: Modality) -> Lines:
    return _plain_rows(tuple(dataclasses.replace(own, name=said_of(modality, own.name)) for own in pairs))


def _score_row(own: ScoreBeside) -> Lines:
    metric = metric_of(own.metric)
    texts = [NOTHING if score is None else score_text(score) for score in (own.first, own.second)]
    return _row(metric.title, (texts[0], texts[1]))


def _stage_rows(own: StageBeside) -> Lines:
    sides = ((own.first_score, own.first_kept, own.first_s), (own.second_score, own.second_kept, own.second_s))
    texts = [_stage_text(score, kept, seconds) for score, kept, seconds in sides]
    return _row(own.stage, (texts[0], texts[1]))


def _stage_text(score: float | None, kept: tuple[str, ...], seconds: float | None) -> str:
    if seconds is None:
        return "not worked through"
    parts = [value_text(score)] if score is not None and not math.isnan(score) else []
    parts += [f"kept {', '.join(kept)}" if kept else "kept nothing", format_duration(seconds)]
    return "; ".join(parts)


COST_TEXTS: dict[str, tuple[str, Callable[[float], str]]] = {
    "seconds asked": ("time asked for", format_duration),
    "seconds used": ("time used", format_duration),
    "bytes": ("size of the export", lambda value: size_text(int(value))),
    "networks": ("networks", lambda value: f"{value:,.0f}"),
    "parameters": ("parameters", lambda value: f"{value:,.0f}"),
    "rows per second": ("rows per second", lambda value: f"{value:,.0f}"),
    "one row, ms": ("one row alone", lambda value: f"{value:.3g} ms"),
}


def _cost_row(own: Beside, modality: Modality) -> Lines:
    name, text = COST_TEXTS[own.name]
    values = [text(v) if isinstance(v, int | float) and v > 0 else NOTHING for v in (own.first, own.second)]
    return _row(said_of(modality, name), (values[0], values[1]))


def _finding_part(findings: tuple[Finding, ...], name: str) -> Lines:
    if not findings:
        return ()
    return (Line(f"found only in {name}", "heading"), *(line for own in findings for line in finding_lines(own)))
