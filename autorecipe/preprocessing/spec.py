"""All that Encode needs to know, as plain values: fitted once on the training rows, without the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
import pandas as pd

from autorecipe.config import Kind
from autorecipe.data.cells import to_categories, to_days
from autorecipe.data.schema import Column, Schema, Wire
from autorecipe.preprocessing.columns import find_column, input_names
from autorecipe.preprocessing.dates import DateParts, ElapsedDays, fit_date_parts, fit_elapsed
from autorecipe.preprocessing.number_marks import NumberMarks, fit_number_marks
from autorecipe.preprocessing.words import TextVocabulary, fit_words

MIN_LEVEL_ROWS = 2  # a level seen once is a row number, not a level; such levels teach the unknown one
RARE_SHARE = 1e-3  # house value: a level of fewer rows than this share says little ...
RARE_ROWS = 10  # ... but this many rows are enough whatever the share: AutoInt's Criteo set-up, arXiv 1810.11921
MAX_LEVELS = 1000  # house value: keeps tables small; rarer levels share the unknown slot
UNKNOWN, MISSING, FIRST_LEVEL = 0, 1, 2  # codes

Use = Literal["number", "category", "date", "text"]

_USE_OF: dict[Kind, Use] = {
    "numeric": "number",
    "categorical": "category",
    "boolean": "category",
    "datetime": "date",
    "text": "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One raw column as an input of the model.

    Attributes
    ----------
    column : str
        As the header shows it.
    input_name : str
        Unique whatever the case; letters, digits and _, a letter first.
    wire, kind, number_rule, date_format, null_tokens
        As in `autorecipe.data.schema.Column`.
    use : str
        What the column becomes.
    """

    column: str
    input_name: str
    wire: Wire
    kind: Kind
    use: Use
    number_rule: str = ""
    date_format: str = ""
    null_tokens: tuple[str, ...] = ()

    def as_column(self) -> Column:
        """Return what the schema knew of it."""
        return Column(
            name=self.column,
            kind=self.kind,
            wire=self.wire,
            number_rule=self.number_rule,
            date_format=self.date_format,
            null_tokens=self.null_tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The levels of a category column that have a code of their own, most frequent first."""

    input_name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeSpec:
    """All that Encode needs to know.

    Attributes
    ----------
    inputs : tuple of InputSpec
        One for each feature column, in the schema's order.
    categories, dates, texts : tuple
        What was learned of the columns of that use, in the order of `inputs`.
    elapsed : tuple of ElapsedDays
        Pairs of date columns whose distance is a number of its own.
    marks : tuple of NumberMarks
        Of the number columns on the string wire whose cells say more than one number, in the order of `inputs`.
    """

    inputs: tuple[InputSpec, ...]
    categories: tuple[Levels, ...] = ()
    dates: tuple[DateParts, ...] = ()
    elapsed: tuple[ElapsedDays, ...] = ()
    marks: tuple[NumberMarks, ...] = ()
    texts: tuple[TextVocabulary, ...] = ()

    def used_as(self, use: Use) -> tuple[InputSpec, ...]:
        """Return the inputs of one use."""
        return tuple(i for i in self.inputs if i.use == use)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which encoded columns are where.

    Attributes
    ----------
    number_names, number_sources : tuple of str
        Names of the columns of "numbers" ("when: year") and the raw columns that they come from; a distance between
        two dates comes from the later one.
    code_names, code_sources : tuple of str
        Names of the columns of "codes" ("engine: unit") and the raw columns that they come from.
    code_sizes : tuple of int
        Number of codes of each, 0 (unknown or rare) and 1 (missing) included.
    token_names : tuple of str
        Raw columns of "tokens_0", "tokens_1", ...
    token_sizes, token_lengths : tuple of int
        Number of token codes of each, 0 (padding) and 1 (unknown) included, and tokens per row.
    token_idf : tuple of tuple of float
        Inverse document frequency of each token code; 0 for the first two.
    """

    number_names: tuple[str, ...] = ()
    number_sources: tuple[str, ...] = ()
    code_names: tuple[str, ...] = ()
    code_sources: tuple[str, ...] = ()
    code_sizes: tuple[int, ...] = ()
    token_names: tuple[str, ...] = ()
    token_sizes: tuple[int, ...] = ()
    token_lengths: tuple[int, ...] = ()
    token_idf: tuple[tuple[float, ...], ...] = ()


def fit_encode(frame: pd.DataFrame, schema: Schema, *, exclude: Iterable[str] = ()) -> EncodeSpec:
    """Learn what Encode needs from the training rows; the target is not looked at.

    Parameters
    ----------
    frame : DataFrame
        The training rows, raw cells.
    exclude : iterable of str
        Feature columns to leave out.

    Raises
    ------
    UserError
        When a feature column is not in the frame.
    """
    left_out = {name.strip() for name in exclude}
    features = [c for c in schema.features if c.name.strip() not in left_out]
    names = input_names([c.name for c in features])
    inputs = tuple(_input(c, name) for c, name in zip(features, names, strict=True))
    cells = {i.input_name: find_column(frame, i.column) for i in inputs}
    spec = EncodeSpec(inputs=inputs)
    days = {i.input_name: to_days(cells[i.input_name], i.as_column()) for i in spec.used_as("date")}
    marks = (_marks(cells[i.input_name], i) for i in spec.used_as("number") if i.wire == "string")
    return EncodeSpec(
        inputs=inputs,
        categories=tuple(_levels(cells[i.input_name], i) for i in spec.used_as("category")),
        dates=tuple(fit_date_parts(values, name) for name, values in days.items()),
        elapsed=fit_elapsed(days),
        marks=tuple(m for m in marks if m.has_second or m.marks),
        texts=tuple(fit_words(cells[i.input_name], i.as_column(), i.input_name) for i in spec.used_as("text")),
    )


def layout(spec: EncodeSpec) -> Layout:
    """Return which encoded columns are where."""
    column_of = {i.input_name: i.column for i in spec.inputs}
    numbers, codes = _numbers(spec, column_of), _codes(spec, column_of)
    return Layout(
        number_names=tuple(name for name, _ in numbers),
        number_sources=tuple(source for _, source in numbers),
        code_names=tuple(name for name, _ in codes),
        code_sources=tuple(source for _, source in codes),
        code_sizes=(
            *(FIRST_LEVEL + len(c.levels) for c in spec.categories),
            *(FIRST_LEVEL + len(m.marks) for m in spec.marks if m.marks),
        ),
        token_names=tuple(column_of[t.input_name] for t in spec.texts),
        token_sizes=tuple(t.n_tokens for t in spec.texts),
        token_lengths=tuple(t.length for t in spec.texts),
        token_idf=tuple(t.idf for t in spec.texts),
    )


def _numbers(spec: EncodeSpec, column_of: dict[str, str]) -> list[tuple[str, str]]:
    """Name each column of "numbers", with its raw column, in the order in which Encode joins them."""
    numbers = [(i.column.strip(), i.column) for i in spec.used_as("number")]
    for mark in spec.marks:
        if mark.has_second:
            source = column_of[mark.input_name]
            numbers.append((f"{source.strip()}: second number", source))
    for date in spec.dates:
        source = column_of[date.input_name]
        numbers += [(f"{source.strip()}: {part}", source) for part in date.parts]
    for pair in spec.elapsed:
        start, end = column_of[pair.start], column_of[pair.end]
        numbers.append((f"{end.strip()}: days since {start.strip()}", end))
    return numbers


def _codes(spec: EncodeSpec, column_of: dict[str, str]) -> list[tuple[str, str]]:
    codes = [(column_of[c.input_name],) * 2 for c in spec.categories]
    marked = [column_of[m.input_name] for m in spec.marks if m.marks]
    return [*codes, *((f"{source.strip()}: unit or word", source) for source in marked)]


def to_json(spec: EncodeSpec) -> str:
    """Write a spec as JSON."""
    return msgspec.json.encode(spec).decode()


def from_json(text: str) -> EncodeSpec:
    """Read a spec from JSON."""
    return msgspec.json.decode(text, type=EncodeSpec)


def _input(column: Column, input_name: str) -> InputSpec:
    use = _USE_OF.get(column.kind, "number" if column.wire == "float32" else "category")
    if use in ("date", "text") and column.wire != "string":
        raise ValueError(f"column '{column.name}' of kind {column.kind} has the wire {column.wire}, not string")
    return InputSpec(
        column=column.name,
        input_name=input_name,
        wire=column.wire,
        kind=column.kind,
        use=use,
        number_rule=column.number_rule,
        date_format=column.date_format,
        null_tokens=column.null_tokens,
    )


def _levels(cells: pd.Series, spec: InputSpec) -> Levels:
    codes, distinct = pd.factorize(to_categories(cells, spec.as_column()))
    counts = np.bincount(codes, minlength=len(distinct))
    fewest = 1 if spec.kind == "boolean" else fewest_rows(len(cells))  # both levels of a boolean always stand
    found = [(-int(n), str(level)) for level, n in zip(distinct, counts, strict=True) if n >= fewest and level != ""]
    return Levels(input_name=spec.input_name, levels=tuple(level for _, level in sorted(found)[:MAX_LEVELS]))


def _marks(cells: pd.Series, spec: InputSpec) -> NumberMarks:
    return fit_number_marks(cells, spec.as_column(), spec.input_name, fewest=fewest_rows(len(cells)))


def fewest_rows(n_rows: int) -> int:
    """Return how many rows a level must have for a code of its own."""
    return max(MIN_LEVEL_ROWS, min(RARE_ROWS, round(RARE_SHARE * n_rows)))
