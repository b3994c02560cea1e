"""What the command line writes: lines of a report, predictions, and what could not be read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from autorecipe.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from autorecipe.report.console import Lines

UNREADABLE_EXIT_CODE = 1  # of `predict`, when some images could not be read: choice, the code of what failed
JSON_DIGITS = 15  # decimals of a prediction, as many as pandas can write


def print_lines(lines: Lines) -> None:
    """Print lines of a report on standard output."""
    from autorecipe.report.lines import console_on_stdout, show

    show(lines, console_on_stdout())


def check_writable(output: str | None, source: str, *, force: bool) -> None:
    """Check before anything is predicted that predictions may be written to a file.

    Raises
    ------
    UserError
        When it exists and `force` is not given, it is the input, or it lies in no directory.
    """
    if output is None:
        if force:
            raise UserError("--force is about the file that -o writes", where="--force", fix="leave it out")
        return
    from autorecipe.data.write_table import check_new

    check_new(output, source, force=force, where="-o")


def write_predictions(frame: pd.DataFrame, output: str | None, *, as_json: bool) -> None:
    """Write predictions as CSV, or as one line of JSON per row, to a file or to standard output.

    Of a single image standard output gets its class and the probability of it. Standard error is told what was
    written to a file, and what is to be known of the rows.

    Raises
    ------
    UserError
        When the file cannot be written.
    """
    for note in frame.attrs.get("notes", ()):
        click.echo(f"autorecipe: {note}", err=True)
    if frame.attrs.get("is_one_file") and output is None and not as_json:
        click.echo(_one_answer(frame))
        return
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
    if output is not None:
        n = len(frame) - len(frame.attrs.get("unreadable", ()))
        click.echo(f"autorecipe: wrote {n:,} prediction{'s' * (n != 1)} to {output}", err=True)


def unreadable_text(frame: pd.DataFrame) -> str:
    """Say which images could not be read, and with which code the command ends for it; "" where there are none."""
    unreadable = frame.attrs.get("unreadable", ())
    if not unreadable:
        return ""
    head = (
        f"{len(unreadable):,} of {len(frame):,} images could not be read; their rows are empty, and the exit code is "
        f"{UNREADABLE_EXIT_CODE}:"
    )
    return "\n".join((f"autorecipe: {head}", *(f"  {name}: {why}" for name, why in unreadable)))


def _one_answer(frame: pd.DataFrame) -> str:
    row = frame.iloc[0]
    answer, of_classes = row["prediction"], row.filter(regex="^probability_").astype("float64")
    if "lower" in row:
        return f"{answer:.6g}  {row['lower']:.6g} to {row['upper']:.6g}"
    if of_classes.empty:
        return f"{answer:.6g}"
    # a label that is a number or a truth value may be written otherwise in the header
    return f"{answer}  {of_classes.get(f'probability_{answer}', of_classes.max()):.3f}"


def with_command(error: UserError, command: str) -> UserError:
    """Return the error with a finished command where only the target has to be named."""
    if not error.fix.startswith("--target") or " --target " in command:
        return error
    return UserError(error.what, where=error.where, fix=f"{command} {error.fix}")
