"""What the model looks at, and where it is wrong."""

from __future__ import annotations

import re

from autorecipe.interpretation.record import Dependence, Importance, Interpretation, WeakSlice
from autorecipe.record.profile import ColumnProfile
from autorecipe.record.run import Run
from autorecipe.report.page.privacy import HIDDEN, Privacy
from autorecipe.report.page.thumbnails import Thumbnails
from autorecipe.report.page.value import Block, Drawing, Group, Paragraphs, Section, Table
from autorecipe.report.page.words import is_drawn, sentences
from autorecipe.report.plots.shown import FEW_ROWS, shown_by
from autorecipe.report.text_image_interpretation import image_interpretation_lines
from autorecipe.report.text_words import count_text, noun_of, value_text

MOST_IMPORTANCES = 50
NOT_YET = "What the final model looks at is asked at the end, where time is left."
LEFT_OUT = "What the final model looks at was left out; autorecipe interpret RUN finds it out."
NOT_THE_TEST = "Of images that were held out of training to choose by, not of the test images."
TITLES = {"Confusion matrix": "Confusion matrix, held-out images"}  # the section of the test has one too
LABELS = ("confused", "mistakes", "in common", "attention", "look")
FILE_LABELS = ("mistakes", "look")  # of lines that name images or files
_NUMBERS = re.compile(r" from \S+ to \S+$")


def interpretation_section(
    run: Run, privacy: Privacy, drawings: tuple[Drawing, ...], thumbnails: Thumbnails
) -> Section:
    """Return importances, dependences, weak slices and the largest errors; of images pictures of them."""
    known = run.interpretation
    if known is None:
        lead = NOT_YET if run.time is None else LEFT_OUT
        return Section(code="interpretation", title="What it looks at", lead=lead, blocks=())
    networks = count_text(known.n_networks, "network")
    rows = count_text(known.n_rows, noun_of(run))
    lead = f"On {rows} that {networks} had not learned from; {known.unit_text} {value_text(known.loss)} on average."
    blocks: tuple[Block | None, ...] = (
        *_image_blocks(known, privacy, thumbnails),
        *drawings,
        None if is_drawn("importance", drawings) else _importance_table(known),
        *(() if is_drawn("dependence", drawings) else (_dependence_table(d, run, privacy) for d in known.dependences)),
        _slice_table(known, run, privacy),
        _error_table(known, run, privacy),
    )
    shown = tuple(block for block in blocks if block is not None)
    return Section(code="interpretation", title="What it looks at", lead=lead, blocks=shown)


def _image_blocks(known: Interpretation, privacy: Privacy, thumbnails: Thumbnails) -> tuple[Block | None, ...]:
    look = known.images
    if look is None:
        return ()
    texts = sentences(image_interpretation_lines(known, look, whole=True))[1:]
    said = tuple(_labelled(text) for text in texts if privacy.show_samples or not text.startswith(FILE_LABELS))
    drawn = thumbnails.of(tuple((TITLES.get(title, title), path) for title, path in look.pictures))
    return (
        Paragraphs(texts=said, code="image-looks") if said else None,
        Group(title="Pictures", blocks=drawn, lead=NOT_THE_TEST, code="pictures") if drawn else None,
    )


def _labelled(text: str) -> str:
    """Set a colon behind the label that a line begins with, where it has one."""
    label = next((label for label in LABELS if text.startswith(label)), "")
    return f"{label.capitalize()}: {text.removeprefix(label).strip()}" if label else text


def _importance_table(known: Interpretation) -> Table | None:
    if not known.importances:
        return None
    shown = known.importances[:MOST_IMPORTANCES]
    idle = sum(not i.is_certain for i in known.importances)
    n = len(known.importances)
    notes = [f"and {count_text(n - len(shown), 'column')} more"] if n > len(shown) else []
    notes += [f"{idle} of {count_text(n, 'column')}: no rise beyond two standard errors"] if idle else []
    return Table(
        title="What each column is worth",
        header=("column", f"rise of the {known.unit_text} when its cells are shuffled", "beyond two errors"),
        rows=tuple(_importance_row(i) for i in shown),
        note="; ".join(notes),
        code="importances",
    )


def _importance_row(importance: Importance) -> tuple[str, str, str]:
    said = f"{value_text(importance.rise)} ± {value_text(importance.error)}"
    return importance.column, said, "yes" if importance.is_certain else "no"


def _dependence_table(known: Dependence, run: Run, privacy: Privacy) -> Table:
    shown = shown_by(run, privacy)
    points = shown.points(known)
    is_named = bool(shown.numbers(known)) or shown.n_named(known) == len(known.cells)
    is_partly = not is_named and shown.n_named(known) > 0
    called = f"called rare where {FEW_ROWS} rows or fewer have them" if is_partly else "called by how common they are"
    what = f"mean probability of '{known.of}'" if known.of else "mean prediction"
    return Table(
        title=f"How the prediction moves with {known.column}",
        header=("every row is given", what),
        rows=tuple((cell, value_text(p)) for cell, p in points),
        note="" if is_named else f"Levels are {called}; --show-values names them.",
        code="dependence",
    )


def _slice_table(known: Interpretation, run: Run, privacy: Privacy) -> Table | None:
    if not known.slices:
        return None
    columns = {column.name: column for column in run.profile.columns} if run.profile else {}
    rows = tuple(
        (
            _slice_text(weak, columns.get(weak.column), privacy),
            f"{weak.n_rows:,}",
            value_text(weak.loss),
            value_text(weak.elsewhere),
            f"+{value_text(weak.loss - weak.elsewhere)} ± {value_text(weak.error)}",
        )
        for weak in known.slices
    )
    header = ("where", f"{noun_of(run)}s", known.unit_text, "elsewhere", "difference")
    return Table(title="Where it is weakest", header=header, rows=rows, code="slices")


def _slice_text(weak: WeakSlice, column: ColumnProfile | None, privacy: Privacy) -> str:
    if privacy.may_show(weak.column) or weak.rows.endswith(" is missing"):
        return weak.rows
    if not _NUMBERS.search(weak.rows):
        return weak.rows if privacy.may_show_levels(weak.column) else f"{weak.column} is '{HIDDEN}'"
    low, high = (float(end) for end in weak.rows.rsplit(" from ", 1)[1].split(" to "))
    return f"{weak.column} {_range_text(low, high, column)}"


def _range_text(low: float, high: float, column: ColumnProfile | None) -> str:
    """Write a quarter of a number's range, its outer ends within the 1st to 99th percentile."""
    first = column.low if column is not None else None
    last = column.high if column is not None else None
    begins = first is not None and low > first
    ends = last is not None and high < last
    if begins and ends:
        return f"from {low:g} to {high:g}"
    if begins:
        return f"above {low:g}"
    return f"up to {high:g}" if ends else "in a quarter of its range"


def _error_table(known: Interpretation, run: Run, privacy: Privacy) -> Table | None:
    if not known.errors:
        return None
    shows = run.schema.task != "regression" or privacy.may_show(run.schema.target)
    rows = tuple(
        (f"{error.row:,}", *((error.truth, error.predicted) if shows else ()), f"{error.loss:.2g}")
        for error in known.errors
    )
    header = (noun_of(run), *(("true", "predicted") if shows else ()), known.unit_text)
    note = "Numbers of the file's rows, from 1, the header not counted."
    return Table(title="The largest errors", header=header, rows=rows, note=note, code="errors")
