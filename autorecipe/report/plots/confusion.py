"""Which class is taken for which."""

from __future__ import annotations

from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Bars, Cells, Chart, Figure, Panel, height_of
from autorecipe.report.plots.names import percent_text, short_name, short_names
from autorecipe.report.text_words import count_text, noun_of

MOST_CLASSES = 20  # of a matrix; of more classes the commonest mistakes are drawn
MOST_COUNTED = 8  # classes up to which a cell has room for its number
MOST_NAMED = 12  # classes up to which a column has room for its name
MOST_MISTAKES = 20
MOST_SIGNS = 14
Counts = tuple[tuple[int, ...], ...]


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the confusion matrix, or the commonest mistakes."""
    found, classes = run.evaluation, run.schema.classes
    counts = found.confusion if found else ()
    if found is None or not counts or len(counts) != len(classes):
        return ()
    total, right = sum(map(sum, counts)), sum(row[i] for i, row in enumerate(counts))
    mistakes = _mistakes(counts)
    alt = f"{right:,} of {count_text(total, f'{found.rows} {noun_of(run)}')} get the right class"
    if mistakes:
        n, true, said = mistakes[0]
        alt += f"; most often '{short_name(classes[true])}' is taken for '{short_name(classes[said])}', {n:,} times"
    is_matrix = len(classes) <= MOST_CLASSES
    more = "" if is_matrix else f"; the {min(len(mistakes), MOST_MISTAKES)} commonest mistakes are drawn"
    panel = _matrix(counts, classes) if is_matrix else _list(mistakes[:MOST_MISTAKES], classes)
    if not panel.marks:
        return ()
    return (
        Chart(
            name="confusion",
            section="test",
            title=f"{'Confusion matrix' if is_matrix else 'Commonest mistakes'}, {found.rows} {noun_of(run)}s",
            alt=f"{alt}{more}.",
            figure=Figure(panels=(panel,)),
            header=("true class", "predicted class", f"{noun_of(run)}s"),
            rows=tuple(
                (classes[i], classes[j], n) for i, row in enumerate(counts) for j, n in enumerate(row) if is_matrix or n
            ),
        ),
    )


def _mistakes(counts: Counts) -> list[tuple[int, int, int]]:
    found = [(n, i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if i != j and n]
    return sorted(found, key=lambda mistake: -mistake[0])


def _matrix(counts: Counts, classes: tuple[str, ...]) -> Panel:
    names = short_names(classes, MOST_SIGNS)
    has_room = len(classes) <= MOST_COUNTED
    cells = tuple(
        (float(j), float(i), n / max(sum(row), 1), _cell_text(n, sum(row), len(classes)) if has_room else "")
        for i, row in enumerate(counts)
        for j, n in enumerate(row)
    )
    has_names = len(classes) <= MOST_NAMED
    label = f"predicted{'' if has_names else ', in the same order'}; colours by share of the true class"
    height = max(34.0 * len(classes), 90.0) if has_room else 14.0 * len(classes)
    return Panel(
        x=Axis(label=label, names=names if has_names else ("",) * len(names)),
        y=Axis(label="true", names=names),
        marks=(Cells(cells=cells),),
        height=height,
    )


def _cell_text(n: int, of: int, n_classes: int) -> str:
    if n_classes > 4 or not n:
        return f"{n:,}" if n_classes <= 6 else f"{n}"
    return f"{n:,} ({percent_text(n / of).replace(' ', '')})"


def _list(mistakes: list[tuple[int, int, int]], classes: tuple[str, ...]) -> Panel:
    names = short_names(
        tuple(f"{short_name(classes[i], 13)} → {short_name(classes[j], 13)}" for _, i, j in mistakes), 32
    )
    bars = Bars(
        spans=tuple((float(k), 0.0, float(n)) for k, (n, _, _) in enumerate(mistakes)),
        colour="two",
        lies=True,
        texts=tuple(f"{n:,}" for n, _, _ in mistakes),
    )
    axis = Axis(label="times; true → predicted", low=0.0, is_whole=True)
    return Panel(x=axis, y=Axis(names=names), marks=(bars,) if mistakes else (), height=height_of(len(names)))
