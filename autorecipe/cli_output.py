"""Where the command line writes to, other than lines of a report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from autorecipe.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

JSON_DIGITS = 15  # decimals of a prediction, as many as pandas can write


def write_predictions(frame: pd.DataFrame, output: str | None, *, as_json: bool) -> None:
    """Write predictions as CSV, or as one line of JSON per row, to a file or to standard output.

    Raises
    ------
    UserError
        When the file cannot be written.
    """
    target = output or sys.stdout
    try:
        if as_json:
            frame.to_json(target, orient="records", lines=True, double_precision=JSON_DIGITS)
        else:
            frame.to_csv(target, index=False)
    except OSError as error:
        if output is None:
            raise
        why = f"cannot write '{output}': {error.strerror or error}"
        raise UserError(why, where="-o", fix="name a file in a directory that exists") from error


def with_command(error: UserError, command: str) -> UserError:
    """Return the error with a finished command where only the target has to be named."""
    if not error.fix.startswith("--target") or " --target " in command:
        return error
    return UserError(error.what, where=error.where, fix=f"{command} {error.fix}")
