"""Read, infer, split: from a file or a table to rows that can be looked at."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.config import DEFAULT_TEST_SHARE, Config
from autorecipe.data.cells import to_text
from autorecipe.data.image_origins import origin_of
from autorecipe.data.image_parts import join_test, with_parts
from autorecipe.data.image_source import ReadImages
from autorecipe.data.image_tables import as_classes, find_target_beside, with_image_kind
from autorecipe.data.images import read_images, with_images
from autorecipe.data.infer import images_alone_note, infer_schema
from autorecipe.data.near_duplicates import clusters_of, with_clusters
from autorecipe.data.near_rows import NearRows
from autorecipe.data.roles import column_of, target_values, times_of, weights_of
from autorecipe.data.row_hash import hash_rows
from autorecipe.data.sampling import sampled
from autorecipe.data.schema import Schema
from autorecipe.data.split import Split, make_split
from autorecipe.data.split_request import SplitRequest
from autorecipe.data.tables import Table, read_sampled, read_table, require_rows, row_numbers_of
from autorecipe.data.task import target_is_missing
from autorecipe.errors import UserError
from autorecipe.listing import some_of
from autorecipe.metrics.few_groups import single_row_errors_note
from autorecipe.metrics.intervals import Rows
from autorecipe.near_copies import keep_together
from autorecipe.record.run import DataSummary
from autorecipe.row_words import row_noun

MIN_ROWS = 2
N_NAMED = 5  # columns in a message
RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intake:
    """Rows with a known target, their schema and their split.

    Attributes
    ----------
    frame : DataFrame
        Raw cells of the rows whose target is known; test rows of a file of their own come last.
    y : ndarray of shape (n_rows,)
        Class codes int64, or values float64.
    weight : ndarray of shape (n_rows,), float32
        1 where no weight column was named.
    row_numbers : ndarray of shape (n_rows,)
        Rows of the file, from 1.
    images : ReadImages or None
        Those of the rows of `frame`, where a column names some.
    near_rows : NearRows or None
        Near copies of rows across the parts of a split of a table, as they were looked for when it was drawn.
    n_without_target : int
        Rows that were left out since their target is missing; those of a test file are not counted.
    """

    frame: pd.DataFrame
    schema: Schema
    split: Split
    y: NDArray[np.generic]
    weight: NDArray[np.float32]
    row_numbers: NDArray[np.int64]
    data: DataSummary
    images: ReadImages | None = None
    near_rows: NearRows | None = None
    n_without_target: int = 0


def take_in(source: str | Table, config: Config) -> Intake:
    """Read rows, infer their schema, and split them; `take_in_table` does so with rows that were read.

    Raises
    ------
    UserError
        For any input that cannot be learned from: what, where, how to mend it.
    """
    return take_in_table(as_table(source, config), config)


def take_in_table(table: Table, config: Config) -> Intake:
    """Infer the schema of rows that `as_table` returned, and split them.

    Raises
    ------
    UserError
        As `take_in`.
    """
    require_rows(table, at_least=MIN_ROWS)
    frame, n_given, images, numbers = _with_test_rows(table, config)
    target = find_target_beside(table.image_column, list(frame.columns), config.target)
    config = dataclasses.replace(config, target=target, types=with_image_kind(config.types, table.image_column))
    known = ~target_is_missing(frame[target])
    if not known.any():
        raise UserError(
            f"every cell of the target '{target}' is missing", where=table.name, fix="name another --target"
        )
    row_numbers, n_without_target = numbers[known], int((~known[: len(known) - n_given]).sum())
    n_given = _with_known_target(known, n_given, config)
    frame = (frame if known.all() else frame[known]).reset_index(drop=True)
    if images:
        images = with_clusters(images if known.all() else images.take(np.flatnonzero(known)))
        frame = frame.assign(**{target: as_classes(frame[target])})
    schema = infer_schema(frame.iloc[: len(frame) - n_given], config)
    y = target_values(frame, schema, row_numbers=row_numbers)
    given = _Given(n_test=n_given, images=images, is_sample=bool(table.sampled_from))
    split, near_rows = _split(frame, schema, config, y=y, row_numbers=row_numbers, given=given)
    notes = [*table.notes, *images_alone_note(schema), *_few_groups_note(split)]
    if n_unknown := int((~known).sum()):
        notes.append(f"left out {n_unknown:,} {row_noun(schema.modality)}{'s' * (n_unknown > 1)} without a target")
    return Intake(
        frame=frame,
        schema=schema,
        split=split,
        y=y,
        weight=weights_of(frame, schema, row_numbers=row_numbers),
        row_numbers=row_numbers,
        data=DataSummary(
            name=table.name,
            path=table.path,
            fingerprint=table.fingerprint,
            n_rows=len(frame),
            n_columns=len(frame.columns),
            notes=tuple(notes),
            pixel_scale=images.pixel_scale if images else None,
            sampled_from=table.sampled_from,
        ),
        images=images,
        near_rows=near_rows,
        n_without_target=n_without_target,
    )


def _few_groups_note(split: Split) -> tuple[str, ...]:
    if split.scheme == "folds" or split.groups is None:  # several folds have an error of their own
        return ()
    return single_row_errors_note(Rows(groups=split.groups[split.folds[0].validation]))


def _with_known_target(known: NDArray[np.bool_], n_given: int, config: Config) -> int:
    """Return how many rows of the test file have a target."""
    n = int(known[len(known) - n_given :].sum()) if n_given else 0
    if n_given and not n:
        raise UserError(
            "no row of the test file has a value in the target column",
            where=f"--test {config.test_path}",
            fix="give rows whose answer is known, or a share of the data such as --test 0.15",
        )
    return n


def as_table(source: str | Table, config: Config, *, samples: bool = False) -> Table:
    """Return a table with its images and test rows, read where a path was given; its fingerprint covers all of it.

    Parameters
    ----------
    samples : bool
        Of a table that is too long to look at whole, take a sample of the rows.

    Raises
    ------
    UserError
        When something cannot be read, or there are two sorts of test rows.
    """
    table = with_parts(_read(source, config, samples=samples), config)
    if not config.test_path or table.test is not None or isinstance(source, Table):
        return table
    test = _read(config.test_path, config, test_of=table, samples=samples)
    if table.images and "test" in table.images.parts:
        raise UserError(
            f"'{table.name}' has a part to test on, and --test names another",
            where=f"--test {config.test_path}",
            fix="leave --test out, or move the test part elsewhere",
        )
    both = hashlib.sha256(f"{table.fingerprint} {test.fingerprint}".encode()).hexdigest()
    return dataclasses.replace(table, fingerprint=both[: len(table.fingerprint)], test=test)


def _read(source: str | Table, config: Config, *, test_of: Table | None = None, samples: bool = False) -> Table:
    if isinstance(source, Table):
        table = source if source.images else with_images(source, config)
        return sampled(table, seed=config.seed) if samples else table
    if origin_of(source) != "table":
        return read_images(source, config, test_of=test_of)
    if samples:
        return with_images(read_sampled(source, has_header=config.has_header, seed=config.seed), config)
    return with_images(read_table(source, has_header=config.has_header), config)


def _with_test_rows(table: Table, config: Config) -> tuple[pd.DataFrame, int, ReadImages | None, RowNumbers]:
    """Return all rows, how many of them were given to test on, their images, and their numbers, which go on."""
    numbers = row_numbers_of(table)
    if not config.test_path:
        n_test = table.images.parts.count("test") if table.images else 0
        return table.frame, n_test, table.images, numbers
    test = table.test or _read(config.test_path, config, test_of=table)
    named = {str(c).strip(): c for c in test.frame.columns}
    missing = [c for c in table.frame.columns if str(c).strip() not in named]
    if missing:
        raise UserError(
            f"the test file lacks {len(missing)} columns: {some_of(tuple(map(str, missing)), N_NAMED)}",
            where=f"--test {config.test_path}",
            fix="give a file with the columns of the data",
        )
    rows = test.frame[[named[str(c).strip()] for c in table.frame.columns]]
    rows.columns = table.frame.columns
    numbers = np.concatenate([numbers, numbers[-1] + row_numbers_of(test)])
    return _one_below_the_other(table.frame, rows), len(rows), join_test(table, test), numbers


def _one_below_the_other(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Join rows; a column of categories stays one, with the categories of both."""
    joined = pd.concat([frame, rows], ignore_index=True)
    for name in frame.columns[[isinstance(dtype, pd.CategoricalDtype) for dtype in frame.dtypes]]:
        joined[name] = pd.Categorical(joined[name])
    return joined


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Given:
    """What of the split the user gave: so many test rows at the end, and the parts of images."""

    n_test: int
    images: ReadImages | None
    is_sample: bool


def _split(
    frame: pd.DataFrame,
    schema: Schema,
    config: Config,
    *,
    y: NDArray[np.generic],
    row_numbers: NDArray[np.int64],
    given: _Given,
) -> tuple[Split, NearRows | None]:
    images = given.images
    group, time = column_of(schema, "group"), column_of(schema, "time")
    request = SplitRequest(
        task=schema.task,
        test_share=DEFAULT_TEST_SHARE if config.test_share is None else config.test_share,
        seed=config.seed,
        groups=to_text(frame[group.name]) if group else None,
        time=times_of(frame, time, row_numbers) if time else None,
        n_test_rows_given=given.n_test,
        classes=schema.classes,
        n_validation_rows_given=images.parts.count("validation") if images else 0,
        modality="image" if images else "table",
    )
    if images:
        together, equal = clusters_of(images).astype(np.uint64), images.measured.pixel_hash
        return make_split(target=y, row_hash=together, request=request, preset=config.preset, equal=equal), None
    # columns that are left out count as well, so that leaving one out does not draw other test rows
    compared = frame[[c.name for c in schema.columns if c.role in ("feature", "dropped")]]
    equal = hash_rows(compared)
    split = make_split(target=y, row_hash=equal, request=request, preset=config.preset)
    # a time or test rows of the user's decide alone; a table that is looked at in part is fitted as it is
    if time or given.n_test or given.is_sample:
        return split, None

    def redraw(clusters: RowNumbers) -> Split:
        said = dataclasses.replace(request, has_near_copies=True)
        row_hash = clusters.astype(np.uint64)
        return make_split(target=y, row_hash=row_hash, request=said, preset=config.preset, equal=equal)

    return keep_together(split, frame, schema, config, row_numbers=row_numbers, redraw=redraw)
