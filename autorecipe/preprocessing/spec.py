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
from autorecipe.preprocessing.words import TextVocabulary, fit_words

MIN_LEVEL_ROWS = 2  # a level seen once is a row number, not a level
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
class DateParts:
    """What a date column becomes.

    Attributes
    ----------
    reference_day : int
        Days from 1970-01-01 to the training rows' median date: days are counted from there, so that float32
        holds them exactly.
    has_time : bool
        Whether any training row has a time of day.
    """

    input_name: str
    reference_day: int
    has_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeSpec:
    """All that Encode needs to know.

    Attributes
    ----------
    inputs : tuple of InputSpec
        One for each feature column, in the schema's order.
    categories, dates, texts : tuple
        What was learned of the columns of that use, in the order of `inputs`.
    """

    inputs: tuple[InputSpec, ...]
    categories: tuple[Levels, ...] = ()
    dates: tuple[DateParts, ...] = ()
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
        Names of the columns of "numbers" ("when: year") and the raw columns that they come from.
    code_names : tuple of str
        Raw columns of "codes".
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
    return EncodeSpec(
        inputs=inputs,
        categories=tuple(_levels(cells[i.input_name], i) for i in spec.used_as("category")),
        dates=tuple(_date_parts(cells[i.input_name], i) for i in spec.used_as("date")),
        texts=tuple(fit_words(cells[i.input_name], i.as_column(), i.input_name) for i in spec.used_as("text")),
    )


def layout(spec: EncodeSpec) -> Layout:
    """Return which encoded columns are where."""
    column_of = {i.input_name: i.column for i in spec.inputs}
    numbers = [(i.column.strip(), i.column) for i in spec.used_as("number")]
    for date in spec.dates:
        source = column_of[date.input_name]
        numbers += [(f"{source.strip()}: {part}", source) for part in date_part_names(date)]
    return Layout(
        number_names=tuple(name for name, _ in numbers),
        number_sources=tuple(source for _, source in numbers),
        code_names=tuple(column_of[c.input_name] for c in spec.categories),
        code_sizes=tuple(FIRST_LEVEL + len(c.levels) for c in spec.categories),
        token_names=tuple(column_of[t.input_name] for t in spec.texts),
        token_sizes=tuple(t.n_tokens for t in spec.texts),
        token_lengths=tuple(t.length for t in spec.texts),
        token_idf=tuple(t.idf for t in spec.texts),
    )


def date_part_names(date: DateParts) -> tuple[str, ...]:
    """Return the names of the numbers that a date becomes, in their order."""
    times = ("hour sine", "hour cosine") if date.has_time else ()
    return ("day", "year", "month sine", "month cosine", "weekday sine", "weekday cosine", *times)


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
    fewest = max(MIN_LEVEL_ROWS, min(RARE_ROWS, round(RARE_SHARE * len(cells))))
    if spec.kind == "boolean":
        fewest = 1  # both levels always stand
    found = [(-int(n), str(level)) for level, n in zip(distinct, counts, strict=True) if n >= fewest and level != ""]
    return Levels(input_name=spec.input_name, levels=tuple(level for _, level in sorted(found)[:MAX_LEVELS]))


def _date_parts(cells: pd.Series, spec: InputSpec) -> DateParts:
    days = to_days(cells, spec.as_column())
    days = days[np.isfinite(days)]
    reference = int(np.floor(np.median(days))) if len(days) else 0
    return DateParts(input_name=spec.input_name, reference_day=reference, has_time=bool((days != np.floor(days)).any()))
