"""The result: who wins, what the untouched rows say, and where the model goes wrong."""

from __future__ import annotations

from autorecipe.config import Task
from autorecipe.listing import some_of
from autorecipe.metrics.intervals import MIN_UNITS
from autorecipe.record.evaluation import Evaluation, Rung, Score
from autorecipe.record.run import Run
from autorecipe.report.text_calibration import calibration_lines, labelling_lines
from autorecipe.report.text_commonest import beside_commonest
from autorecipe.report.text_intervals import interval_lines
from autorecipe.report.text_rivals import missing_rivals
from autorecipe.report.text_words import (
    Line,
    Lines,
    Style,
    count_text,
    first_upper,
    labelled,
    metric_of,
    noun_of,
    ordinal_text,
    pooled_text,
    positive_and_negative,
    score_text,
    sentence_lines,
    value_text,
)
from autorecipe.report.width import page_width

MAX_CLASSES = 5  # a larger confusion matrix no longer fits the width
MAX_MISTAKES = 3  # commonest confusions named when the matrix is not shown
CELL_WIDTH = 15
HEADLINES: dict[Task, tuple[str, ...]] = {  # metrics that get a sentence, after the one that was optimized
    "binary": ("accuracy", "precision", "recall"),
    "multiclass": ("accuracy", "macro_f1"),
    "regression": ("mae", "r2"),
}
CONSTANT = "always the same"  # the ladder's title of it
BESIDE = {CONSTANT: "always predicting the same"}
NAME_WIDTH = 22  # of a metric or a rung, in columns of text
SCORE_WIDTH = 26


def evaluation_lines(evaluation: Evaluation, run: Run) -> Lines:
    """Write the verdict, then the scores with intervals and plain words, the ladder and the confusions."""
    return (
        *verdict_lines(evaluation, run),
        Line(rows_text(evaluation, run), "heading"),
        *_headline_lines(evaluation, run),
        *_other_score_lines(evaluation, run),
        *_no_interval_lines(evaluation, run),
        *_out_of_fold_lines(evaluation, run),
        *labelling_lines(evaluation, run),
        *calibration_lines(evaluation, run),
        *interval_lines(evaluation, noun=noun_of(run)),
        *_rung_lines(evaluation, run),
        *_confusion_lines(evaluation, run),
        *(line for note in evaluation.notes for line in sentence_lines(note)),
    )


def score_lines(evaluation: Evaluation, run: Run, *, source: str) -> Lines:
    """Write the scores on rows that came later, from the file `source`, below what has to be known of them."""
    return (
        *sentence_lines(f"{source}, {_scored_text(evaluation, run)}", indent=0, style="heading"),
        *(line for note in evaluation.notes for line in sentence_lines(note)),
        *_headline_lines(evaluation, run),
        *_other_score_lines(evaluation, run),
        *_no_interval_lines(evaluation, run),
        *labelling_lines(evaluation, run),
        *calibration_lines(evaluation, run),
        *interval_lines(evaluation, noun=noun_of(run), is_test=False),
        *_confusion_lines(evaluation, run),
    )


def _scored_text(evaluation: Evaluation, run: Run) -> str:
    """Say how many rows were scored and, of two classes, what share of these is positive."""
    n_rows = count_text(evaluation.n_rows, noun_of(run))
    if run.schema.task != "binary" or not evaluation.confusion:
        return n_rows
    share = sum(evaluation.confusion[1]) / evaluation.n_rows
    return f"{n_rows}: {100 * share:.3g} % are '{positive_and_negative(run)[0]}'"


def verdict_lines(evaluation: Evaluation, run: Run) -> Lines:
    """Write in one sentence how the network stands against the best baseline; who wins comes first.

    A network that was not held against every baseline has not won: what it is better than is named, and what is
    missing.
    """
    title = metric_of(evaluation.metric).title
    own = _value_of(evaluation.own or _score_named(evaluation.scores, evaluation.metric))
    rival = evaluation.rival
    theirs = _value_of(next((rung.test for rung in evaluation.ladder if rung.name == rival), None))
    n_rows = evaluation.n_compared or evaluation.n_rows
    where = f"on {count_text(n_rows, f'test {noun_of(run)}')}"
    if evaluation.rows == "out of fold":
        where = f"on {count_text(n_rows, noun_of(run))} out of fold, on which choices were made"
    missing = missing_rivals(run)
    if rival == CONSTANT and evaluation.verdict in ("behind", "level"):
        first = f"{_beside_constant(evaluation)}: {title} {own} against {theirs} of '{rival}' {where}."
    elif evaluation.verdict == "behind":
        first = f"{first_upper(rival)} wins: {title} {theirs} against the network's {own} {where}."
    elif evaluation.verdict == "ahead" and missing:
        first = f"Better than {BESIDE.get(rival, rival)}: {title} {own} against {theirs} {where}."
    elif evaluation.verdict == "ahead":
        first = f"The network wins: {title} {own} against {theirs} of {rival} {where}."
    elif evaluation.verdict == "level":
        first = f"Level with {rival}: {title} {own} against {theirs} {where}; "
        first += "the difference is within its error."
    else:
        first = f"{title} {own} {where}."
    if missing:
        first = f"{first.removesuffix('.')}; {missing}."
    return (*sentence_lines(first, indent=0, style=verdict_style(evaluation, run)), *_difference_lines(evaluation))


def verdict_style(evaluation: Evaluation, run: Run) -> Style:
    """Return "bad" for a network of no use or behind a baseline, "plain" where a baseline is missing, else "good"."""
    is_no_use = evaluation.rival == CONSTANT and evaluation.verdict != "ahead"
    if evaluation.verdict == "behind" or (is_no_use and evaluation.verdict != "alone"):
        return "bad"
    return "plain" if missing_rivals(run) else "good"


def _beside_constant(evaluation: Evaluation) -> str:
    if evaluation.verdict == "behind":
        return "Worse than a constant"
    is_above = evaluation.difference is not None and evaluation.difference.value > 0
    return "Not clearly better than a constant" if is_above else "No better than a constant"


def _difference_lines(evaluation: Evaluation) -> Lines:
    difference = evaluation.difference
    if difference is None or difference.low is None or difference.high is None:
        return ()
    numbers = [value_text(n) if n < 0 else f"+{value_text(n)}" for n in (difference.low, difference.high)]
    gain = value_text(difference.value) if difference.value < 0 else f"+{value_text(difference.value)}"
    title = metric_of(difference.metric).title
    interval = f"[{', '.join(numbers)}] (95 %, paired bootstrap; + is better)"
    return sentence_lines(f"the network's gain in {title}: {gain} {interval}")


def rows_text(evaluation: Evaluation, run: Run) -> str:
    """Say which rows were scored, and how often the test rows were opened."""
    n_rows = count_text(evaluation.n_rows, noun_of(run))
    if evaluation.rows == "out of fold":
        return f"Out of fold, {n_rows}: no {noun_of(run)}s were locked away"
    text = f"Test, {n_rows} opened for the {ordinal_text(run.test_opened)} time by this run"
    return f"{text}: choices made after looking flatter" if run.test_opened > 1 else text


def _headline_names(evaluation: Evaluation, run: Run) -> tuple[str, ...]:
    return tuple(dict.fromkeys((evaluation.metric, *HEADLINES[run.schema.task])))


def _headline_lines(evaluation: Evaluation, run: Run) -> Lines:
    positive, negative = positive_and_negative(run)
    target = run.schema.target.strip()
    lines: list[Line] = []
    for name in _headline_names(evaluation, run):
        score = _score_named(evaluation.scores, name)
        if score is not None:
            metric = metric_of(name)
            saying = metric.sentence(
                score.value, positive=positive, negative=negative, target=target, modality=run.schema.modality
            )
            saying += beside_commonest(name, evaluation, run.schema.classes)
            label = f"  {metric.title:<{NAME_WIDTH}}{score_text(score):<{SCORE_WIDTH - 1}} "
            lines += labelled(label, saying, indent=2 + NAME_WIDTH + SCORE_WIDTH)
    return tuple(lines)


def _other_score_lines(evaluation: Evaluation, run: Run) -> Lines:
    shown = _headline_names(evaluation, run)
    others = [s for s in evaluation.scores if s.metric not in shown]
    if not others:
        return ()
    text = ", ".join(f"{metric_of(s.metric).title} {value_text(s.value)}" for s in others)
    return labelled("  and", text, indent=2 + NAME_WIDTH)


def _no_interval_lines(evaluation: Evaluation, run: Run) -> Lines:
    """Say why scores of images stand without an interval, where all of them do."""
    shown = [s for s in evaluation.scores if s.metric in _headline_names(evaluation, run)]
    if run.schema.modality == "table" or not shown or any(s.low is not None for s in shown):
        return ()
    if evaluation.n_rows < MIN_UNITS:
        why = f"{count_text(evaluation.n_rows, 'image')} are too few ({MIN_UNITS} at least)"
    else:
        why = f"fewer than {MIN_UNITS} groups, or nothing but right (or wrong) answers, do not show how sure a score is"
    return sentence_lines(f"no 95 % intervals: {why}", style="dim")


def _out_of_fold_lines(evaluation: Evaluation, run: Run) -> Lines:
    score = _score_named(evaluation.out_of_fold, evaluation.metric)
    if score is None or evaluation.rows == "out of fold":
        return ()
    title = metric_of(score.metric).title
    return sentence_lines(
        f"out of fold, {count_text(evaluation.n_out_of_fold, noun_of(run))}: {title} {value_text(score.value)}"
        " (a little flattering: choices were made on them)"
    )


def _rung_lines(evaluation: Evaluation, run: Run) -> Lines:
    if not evaluation.ladder:
        return ()
    rungs = (*evaluation.ladder, own_rung(evaluation))
    width = max(NAME_WIDTH, *(len(rung.name) + 2 for rung in rungs))
    left = max(12, len(pooled_text(run)) + 2)
    head = f"  {metric_of(evaluation.metric).title + ' of':<{width}}{pooled_text(run):<{left}}{evaluation.rows}"
    lines = [Line(head, "dim")]
    for rung in rungs:
        validation = "" if rung.validation is None else value_text(rung.validation)
        test = "" if rung.test is None else score_text(rung.test)
        lines.append(Line(f"  {rung.name:<{width}}{validation:<{left}}{test}".rstrip()))
    return tuple(lines)


def own_rung(evaluation: Evaluation) -> Rung:
    """Return the final model as the last rung of the ladder."""
    validation = _score_named(evaluation.out_of_fold, evaluation.metric)
    return Rung(
        name="this network",
        validation=validation.value if validation else None,
        test=_score_named(evaluation.scores, evaluation.metric),
    )


def _confusion_lines(evaluation: Evaluation, run: Run) -> Lines:
    classes = run.schema.classes
    if not evaluation.confusion or len(classes) != len(evaluation.confusion):
        return ()
    if len(classes) > MAX_CLASSES:
        return _mistake_lines(evaluation.confusion, classes)
    names = [_shortened(name) for name in classes]
    corner = r"true \ predicted"
    lines = [Line(f"  {corner:<{NAME_WIDTH}}" + "".join(f"{n:>{CELL_WIDTH}}" for n in names), "dim")]
    for name, row in zip(names, evaluation.confusion, strict=True):
        lines.append(Line(f"  {name:<{NAME_WIDTH}}" + "".join(f"{n:>{CELL_WIDTH},}" for n in row)))
    return tuple(line for line in lines if len(line.text) <= page_width())


def _mistake_lines(confusion: tuple[tuple[int, ...], ...], classes: tuple[str, ...]) -> Lines:
    mistakes = [
        (n, f"'{classes[i]}' taken for '{classes[j]}' {count_text(n, 'time')}")
        for i, row in enumerate(confusion)
        for j, n in enumerate(row)
        if i != j and n
    ]
    commonest = [text for _, text in sorted(mistakes, key=lambda m: -m[0])]
    shown = some_of(commonest, MAX_MISTAKES, between="; ", of="pairs of classes")
    return sentence_lines(f"commonest mistakes: {shown}") if commonest else ()


def _shortened(name: str) -> str:
    return name if len(name) < CELL_WIDTH else f"{name[: CELL_WIDTH - 3]}.."


def _score_named(scores: tuple[Score, ...], name: str) -> Score | None:
    return next((s for s in scores if s.metric == name), None)


def _value_of(score: Score | None) -> str:
    return "(not measured)" if score is None else value_text(score.value)
