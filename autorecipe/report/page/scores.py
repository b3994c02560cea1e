"""What the untouched rows say: scores with intervals, labels, calibration, the ladder, confusions."""

from __future__ import annotations

from autorecipe.metrics.intervals import MIN_UNITS
from autorecipe.record.evaluation import Evaluation, Score
from autorecipe.record.run import Run
from autorecipe.report.page.cards import Metric
from autorecipe.report.page.value import Block, Drawing, Metrics, Paragraphs, Section, Table
from autorecipe.report.page.words import is_drawn, sentences
from autorecipe.report.text_calibration import calibration_lines, labelling_lines
from autorecipe.report.text_commonest import beside_commonest
from autorecipe.report.text_intervals import interval_lines
from autorecipe.report.text_result import own_rung, rows_text
from autorecipe.report.text_words import (
    count_text,
    mean_text,
    metric_of,
    noun_of,
    pooled_text,
    positive_and_negative,
    score_text,
    value_text,
)

MOST_CLASSES = 20  # of a confusion matrix; with more the commonest confusions are named
MOST_CONFUSIONS = 15
NOT_YET = "The test rows are opened once, at the end."


def test_section(run: Run, drawings: tuple[Drawing, ...]) -> Section:
    """Return the evaluation; before it, that it has not been made."""
    known = run.evaluation
    if known is None:
        return Section(code="test", title="The test", lead=NOT_YET, blocks=())
    texts = (*sentences(labelling_lines(known, run)), *sentences(calibration_lines(known, run)))
    intervals = sentences(interval_lines(known, noun=noun_of(run)))
    said = "Labels and probabilities" if run.schema.classes else "How far off it may be"
    blocks: tuple[Block | None, ...] = (
        Metrics(title="Scores", metrics=tuple(_metric(s, known, run) for s in _ordered(known)), code="metrics"),
        _no_interval(known, run),
        _ladder(known, run),
        *drawings,
        Paragraphs(title=said, texts=(*texts, *intervals, *known.notes), code="labels"),
        None if is_drawn("confusion", drawings) else _confusion(known, run),
    )
    lead = f"{rows_text(known, run)}."
    return Section(code="test", title="The test", lead=lead, blocks=tuple(b for b in blocks if b is not None))


def _ordered(known: Evaluation) -> tuple[Score, ...]:
    """The metric that was optimized first."""
    return tuple(sorted(known.scores, key=lambda score: score.metric != known.metric))


def _metric(score: Score, known: Evaluation, run: Run) -> Metric:
    metric = metric_of(score.metric)
    positive, negative = positive_and_negative(run)
    saying = metric.sentence(
        score.value,
        positive=positive,
        negative=negative,
        target=run.schema.target.strip(),
        modality=run.schema.modality,
    )
    return Metric(
        code=score.metric,
        title=metric.title,
        value=score.value,
        low=score.low,
        high=score.high,
        said=score_text(score),
        text=saying + beside_commonest(score.metric, known, run.schema.classes),
    )


def _no_interval(known: Evaluation, run: Run) -> Paragraphs | None:
    if any(score.low is not None for score in known.scores):
        return None
    why = f"{count_text(known.n_rows, noun_of(run))}; {MIN_UNITS} at least, with right and wrong answers, are needed"
    return Paragraphs(texts=(f"No 95 % intervals: {why}.",), tone="dim")


def _ladder(known: Evaluation, run: Run) -> Table | None:
    if not known.ladder:
        return None
    title = metric_of(known.metric).title
    rows = tuple(
        (
            rung.name,
            "" if rung.validation is None else value_text(rung.validation),
            "" if rung.test is None else score_text(rung.test),
        )
        for rung in (*known.ladder, own_rung(known))
    )
    header = ("model", f"{title}, {pooled_text(run)}", f"{title}, {known.rows}")
    note = "" if run.split.n_folds < 2 else f"The decisions show the {mean_text(run)} instead."
    return Table(title="Beside the baselines", header=header, rows=rows, note=note, code="rungs")


def _confusion(known: Evaluation, run: Run) -> Table | None:
    classes = run.schema.classes
    if not known.confusion or len(known.confusion) != len(classes):
        return None
    if len(classes) > MOST_CLASSES:
        return _confusions(known, classes)
    rows = tuple(
        (name, *(f"{n:,}" for n in row), _share(row[i], sum(row)))
        for i, (name, row) in enumerate(zip(classes, known.confusion, strict=True))
    )
    return Table(
        title="Confusion matrix",
        header=("true \\ predicted", *classes, "found"),
        rows=rows,
        note="Rows are true classes, columns predicted ones.",
        code="confusion",
    )


def _confusions(known: Evaluation, classes: tuple[str, ...]) -> Table:
    pairs = [(n, i, j) for i, row in enumerate(known.confusion) for j, n in enumerate(row) if i != j and n]
    rows = tuple(
        (classes[i], classes[j], f"{n:,}", _share(n, sum(known.confusion[i])))
        for n, i, j in sorted(pairs, reverse=True)[:MOST_CONFUSIONS]
    )
    more = len(pairs) - len(rows)
    note = f"and {count_text(more, 'pair')} of classes more" if more > 0 else ""
    header = ("true", "taken for", "times", "of its class")
    return Table(title="Commonest confusions", header=header, rows=rows, note=note, n_texts=2, code="confusion")


def _share(n: int, of: int) -> str:
    return f"{100 * n / of:.0f} %" if of else ""
