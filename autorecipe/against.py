"""One table held against another: the rows to learn from, and those that a model is to answer."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autorecipe.config import Config
from autorecipe.data.image_origins import origin_of
from autorecipe.data.tables import read_table
from autorecipe.errors import UserError
from autorecipe.intake import take_in
from autorecipe.profile.profile import as_flags_say
from autorecipe.record.finding import Finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAgainst:
    """A table held against another, and what tells them apart.

    Attributes
    ----------
    name, other_name : str
        Their files.
    n_rows, n_columns, n_other_rows, n_other_columns : int
    target : str
        What the first is to predict.
    has_target : bool
        Whether the second has the column too; without it features alone are compared.
    has_target_cells : bool
        Whether any cell of that column holds something; without any, features alone are compared, too.
    """

    name: str
    other_name: str
    n_rows: int
    n_columns: int
    n_other_rows: int
    n_other_columns: int
    target: str
    has_target: bool
    has_target_cells: bool
    findings: tuple[Finding, ...]
    seconds: float


def compare_tables(source: str, other: str, config: Config) -> HeldAgainst:
    """Compare the rows of one table, all of them, with those of another.

    Raises
    ------
    UserError
        When either cannot be read, or holds images.
    """
    from autorecipe.checks.against import findings_against
    from autorecipe.checks.rows import training_rows

    began_s = time.perf_counter()
    for path, where in ((source, "DATA"), (other, "--against")):
        if origin_of(path) != "table":
            raise _images(path, where)
    intake = take_in(source, config)
    if intake.images is not None:
        raise _images(source, "DATA")
    second = read_table(other, has_header=config.has_header)
    rows = training_rows(
        intake.frame, other_frame=None, schema=intake.schema, config=config, row_numbers=intake.row_numbers
    )
    found = findings_against(rows, second.frame)
    target = intake.schema.target
    cells = [second.frame[c] for c in second.frame.columns if str(c).strip() == target.strip()]
    return HeldAgainst(
        name=intake.data.name,
        other_name=second.name,
        n_rows=intake.data.n_rows,
        n_columns=intake.data.n_columns,
        n_other_rows=len(second.frame),
        n_other_columns=second.frame.shape[1],
        target=target,
        has_target=bool(cells),
        has_target_cells=any(_is_filled(column) for column in cells),
        findings=tuple(as_flags_say(finding, config) for finding in found),
        seconds=time.perf_counter() - began_s,
    )


def _is_filled(cells: pd.Series) -> bool:
    from autorecipe.data.cells import ALWAYS_NULL, to_text

    return not {text.strip().casefold() for text in to_text(cells)} <= set(ALWAYS_NULL)


def _images(path: str, where: str) -> UserError:
    return UserError(
        f"'{path}' holds images, and two tables are compared",
        where=where,
        fix=f"images given to test on are compared by: autorecipe profile TRAIN --test {shlex.quote(path)}",
    )
