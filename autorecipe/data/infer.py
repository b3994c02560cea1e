"""From raw rows to a schema: what each column is, which part it plays, and why."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from autorecipe.config import Config, Kind
from autorecipe.data import columns as as_column
from autorecipe.data import kinds
from autorecipe.data.cells import FLOAT32_WHOLE, are_numbers, to_categories, to_numbers
from autorecipe.data.evidence import Evidence, gather, read_numbers
from autorecipe.data.keys import KEY_TEXT_SHARE
from autorecipe.data.schema import Column, Schema
from autorecipe.data.side_by_side import map_columns
from autorecipe.data.target import find_target
from autorecipe.data.task import infer_task, target_column, target_is_missing
from autorecipe.errors import UserError, nearest

SAMPLE_ROWS = 100_000  # rows that decide on a kind; woodwork decides on as many
MAX_LISTED = 20  # column names in one message
NOT_LEARNED_FROM = "left out: what is learned from are the images"  # why a column beside one of images is dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    """The names in the flags, spelled as the header spells them."""

    target: str
    types: dict[str, Kind]
    drop: frozenset[str]
    keep: frozenset[str]
    ids: frozenset[str]
    weight: str
    group: str
    time: str


def infer_schema(frame: pd.DataFrame, config: Config) -> Schema:
    """Decide what the columns and the task are, on the rows given.

    Parameters
    ----------
    frame : DataFrame
        Raw cells. The rows decide, so the caller passes training rows alone.
    config : Config
        Its kinds and roles overrule what the cells say.

    Raises
    ------
    UserError
        When a flag names no column, the target is missing, constant or unfit for the task asked for, or a
        column cannot be what a flag says.
    """
    columns = [str(name) for name in frame.columns]
    frame = frame.set_axis(columns, axis="columns")
    _check_names(columns)
    wishes = _wishes(columns, config)
    known = frame[wishes.target][~target_is_missing(frame[wishes.target])]
    task, task_reason, classes, class_dtype = infer_task(known, config)
    found = map_columns(
        lambda name: target_column(known, task) if name == wishes.target else _column(frame[name], name, wishes),
        columns,
    )
    return Schema(
        columns=_images_alone(tuple(found)),
        target=wishes.target,
        task=task,
        task_reason=task_reason,
        classes=classes,
        class_dtype=class_dtype,
    )


def _images_alone(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Leave the other features out where a column names images."""
    if not any(column.kind == "image" and column.role == "feature" for column in columns):
        return columns
    return tuple(
        replace(column, role="dropped", reason=NOT_LEARNED_FROM)
        if column.role == "feature" and column.kind != "image"
        else column
        for column in columns
    )


def images_alone_note(schema: Schema) -> tuple[str, ...]:
    """Say which columns are left out for the sake of images, and what learns from them instead."""
    left_out = [column.name.strip() for column in schema.columns if column.reason == NOT_LEARNED_FROM]
    if not left_out:
        return ()
    images = next(column.name.strip() for column in schema.columns if column.kind == "image")
    instead = f"--drop {shlex.quote(images)} learns from the table"
    return (f"learned from the images of '{images}' alone; left out: {_listed(left_out)}; {instead}",)


def check_serving_columns(schema: Schema, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the feature columns of new rows, named and ordered as the schema has them.

    Columns are matched after trimming; others, the target among them, are left out.

    Raises
    ------
    UserError
        When features are missing, or two columns share a name.
    """
    columns = [str(name) for name in frame.columns]
    _check_names(columns)
    place = {name.strip(): position for position, name in enumerate(columns)}
    wanted = [column.name for column in schema.features]
    missing = [name for name in wanted if name.strip() not in place]
    if missing:
        spare = [name for name in columns if all(name.strip() != known.strip() for known in wanted)]
        near = [(name, nearest(name, spare)) for name in missing]
        renamed = [f"rename '{found}' to '{name.strip()}'" for name, found in near if found]
        raise UserError(
            f"{len(missing)} of {len(wanted)} columns are missing: {_listed(missing)}",
            where=f"the rows to predict, with the columns {_listed(columns)}",
            fix="; ".join(renamed) or "give every column the model was trained on; an empty one is allowed",
        )
    return frame.iloc[:, [place[name.strip()] for name in wanted]].set_axis(wanted, axis="columns")


def _listed(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - MAX_LISTED} more" if len(columns) > MAX_LISTED else ""
    return ", ".join(f"'{name}'" for name in columns[:MAX_LISTED]) + more


def _check_names(columns: Sequence[str]) -> None:
    counts = Counter(name.strip() for name in columns)
    twice = sorted(name for name, n in counts.items() if n > 1)
    if twice:
        raise UserError(
            f"two columns are called '{twice[0]}'",
            where="the header (blanks around a name do not count)",
            fix="give each column a name of its own",
        )


def _wishes(columns: Sequence[str], config: Config) -> _Wishes:
    target = find_target(columns, config.target)
    wishes = _Wishes(
        target=target,
        types={_spelled(name, columns, "--type"): kind for name, kind in config.types},
        drop=frozenset(_spelled(name, columns, "--drop") for name in config.drop),
        keep=frozenset(_spelled(name, columns, "--keep") for name in config.keep),
        ids=frozenset(_spelled(name, columns, "--id") for name in config.ids),
        weight=_spelled(config.weight, columns, "--weight"),
        group=_spelled(config.split_by_group, columns, "--split-by-group"),
        time=_spelled(config.split_by_time, columns, "--split-by-time"),
    )
    if wishes.types.get(target) == "image":
        raise UserError(
            f"'{target}' names the images and cannot be the target",
            where="--target",
            fix="name the column of labels or numbers",
        )
    if target in wishes.drop | wishes.ids | {wishes.weight}:
        raise UserError(
            f"'{target}' is the target and cannot be left out, an id or the weight",
            where="--drop, --id, --weight",
            fix="name another column, or another --target",
        )
    return wishes


def _spelled(name: str, columns: Sequence[str], flag: str) -> str:
    if not name:
        return ""
    found = next((column for column in columns if column.strip() == name.strip()), None)
    if found is None:
        near = nearest(name, columns)
        raise UserError(
            f"no column is called '{name}'",
            where=flag,
            fix=f"{flag} '{near.strip()}'" if near else f"one of: {', '.join(columns)}",
        )
    return found


def _column(values: pd.Series, name: str, wishes: _Wishes) -> Column:
    if name in wishes.drop:
        return Column(name=name, kind="categorical", wire="string", role="dropped", reason="left out as asked")
    if name in wishes.ids:
        return Column(name=name, kind="id", wire="string", role="id", reason="an id as asked")
    if name == wishes.weight:
        return replace(_weight(values, name), role="weight")
    if name in wishes.types:
        column = _as_asked(gather(values, name), wishes.types[name])
    else:
        column = _decided(values, name, keep=name in wishes.keep or name in (wishes.group, wishes.time))
    if name == wishes.group:
        return replace(column, role="group", reason=f"its rows stay on one side of every split; {column.reason}")
    if name == wishes.time:
        return _time(column)
    return column


def _weight(values: pd.Series, name: str) -> Column:
    evidence = gather(values, name)
    reading = read_numbers(evidence, least=1.0)
    if reading is None or reading.numbers.min() < 0:
        raise UserError(
            f"column '{name}' cannot weigh the rows: it holds cells that are no number, or below 0",
            where=f"--weight '{name}'",
            fix="name a column of numbers from 0 upwards",
        )
    return as_column.numeric(evidence, reading.rule, reason="weighs the rows")


def _time(column: Column) -> Column:
    if column.kind not in ("datetime", "numeric", "boolean"):
        raise UserError(
            f"column '{column.name}' cannot order the rows in time: {column.reason}",
            where=f"--split-by-time '{column.name}'",
            fix="name a column of dates of one format, or of numbers",
        )
    return replace(column, role="time", reason=f"orders the rows in time; {column.reason}")


def _as_asked(evidence: Evidence, kind: Kind) -> Column:
    reason = f"{kind} as asked"
    if kind == "numeric":
        reading = read_numbers(evidence, least=0.0)
        if reading is None:
            raise _unfit(evidence, kind, "no cell is a number")
        return as_column.numeric(evidence, reading.rule, reason=f"{reason}; {as_column.describe_numbers(reading)}")
    if kind == "datetime":
        best = kinds.best_date_format(evidence, any_year=True)
        if best is None:
            raise _unfit(evidence, kind, "no cell is a date in a format that is known")
        return as_column.datetime(evidence, best[0].name, reason=f"{reason}, read as {best[0].name}")
    if kind == "boolean":
        if len(evidence.texts) > 2:
            raise _unfit(evidence, kind, f"it holds {len(evidence.texts)} different values")
        return replace(as_column.category(evidence, reason=reason), kind="boolean")
    if kind == "text":
        return as_column.text(evidence, reason=reason)
    if kind == "image":
        return as_column.image(evidence, reason="names of images")
    if kind == "id":
        return as_column.key(evidence, reason=reason)
    return as_column.category(evidence, reason=reason)


def _unfit(evidence: Evidence, kind: Kind, why: str) -> UserError:
    example = f"'{evidence.texts[0]}'" if len(evidence.texts) else "empty cells only"
    return UserError(
        f"column '{evidence.name}' cannot be {kind}: {why} (it holds {example})",
        where=f"--type '{evidence.name}={kind}'",
        fix=f"leave the flag out, or --type '{evidence.name}=categorical'",
    )


def _decided(values: pd.Series, name: str, *, keep: bool) -> Column:
    if len(values) <= SAMPLE_ROWS:
        return kinds.decide(gather(values, name), keep=keep)
    # in row order, so that a rising column still rises
    rows = np.sort(np.random.default_rng(0).choice(len(values), SAMPLE_ROWS, replace=False))
    evidence = gather(values.iloc[rows], name)
    column = kinds.decide(evidence, keep=keep)
    may_be_key = evidence.unique_share >= KEY_TEXT_SHARE and column.kind not in ("text", "datetime")
    fractions = evidence.all_numbers and not evidence.all_whole
    if (may_be_key and not fractions) or not _holds(values, column):
        return kinds.decide(gather(values, name), keep=keep)
    return column


def _holds(values: pd.Series, column: Column) -> bool:
    """Is what a sample said true of all rows?"""
    if column.role == "dropped":
        return False
    if column.kind == "numeric":
        return column.wire == "string" or are_numbers(values, column)
    if column.wire == "string":
        levels = set(to_categories(values, column)) - {""} if column.kind == "boolean" else set()
        return len(levels) <= 2
    if not are_numbers(values, column):
        return False
    numbers = to_numbers(values, column)
    numbers = numbers[~np.isnan(numbers)]
    if column.kind == "boolean":
        return bool(np.isin(numbers, (0.0, 1.0)).all())
    return bool(((numbers == np.floor(numbers)) & (np.abs(numbers) <= FLOAT32_WHOLE)).all())
