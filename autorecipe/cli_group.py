"""What all commands of the command line share: how errors and wrong words are answered."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import click

from autorecipe.errors import AutoRecipeError, StopFindings, UserError, nearest
from autorecipe.interrupts import EXIT_CODE, LEFT
from autorecipe.options import DEBUG, JSON
from autorecipe.report.width import page_of, terminal_width
from autorecipe.wrong_words import as_user_error

JSON_FLAG = "--json"


class Failure(click.ClickException):
    """An error of ours on its way out: to a person on standard error, to a program on standard output."""

    def __init__(self, error: AutoRecipeError, *, as_json: bool) -> None:
        super().__init__(str(error))
        self.error, self.as_json = error, as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Print what is wrong, where, and how to mend it."""
        if self.as_json:
            print_json({"error": _parts_of(self.error)})
        elif isinstance(self.error, StopFindings):
            from autorecipe.report.console import as_text, stop_lines

            click.echo(as_text(stop_lines(self.error)), err=True, nl=False)
        else:
            click.echo(f"autorecipe: {self.error}", err=True)


class Commands(click.Group):
    """The commands: errors of ours become messages with their exit code, wrong words get a suggestion."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words before the command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if _is_help(error):
                raise
            raise _failure(as_user_error(error), as_json=_wants_json(args)) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        wants_json = _wants_json(ctx.args)  # what cannot be read may come before it
        try:
            with page_of(terminal_width()):
                return super().invoke(ctx)
        except AutoRecipeError as error:
            if ctx.meta.get(DEBUG):
                raise
            raise _failure(error, as_json=wants_json or bool(ctx.meta.get(JSON))) from error
        except click.UsageError as error:
            if _is_help(error):
                raise
            raise _failure(as_user_error(error), as_json=wants_json) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo(f"autorecipe: {LEFT}", err=True)
            ctx.exit(EXIT_CODE)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt one, or a file in its place, gets the words that were meant."""
        word = args[0]
        if word not in self.commands and not word.startswith("-"):
            near = nearest(word, self.commands)
            meant = f"fit {word}" if Path(word).is_file() else near
            fix = f"did you mean: autorecipe {meant}" if meant else "autorecipe --help lists them"
            raise UserError(f"there is no command '{word}'", where="autorecipe", fix=fix)
        return super().resolve_command(ctx, args)


def _is_help(error: click.UsageError) -> bool:
    """Is it no error but the manual, asked for by no word at all? Click has it as an error from 8.2."""
    return isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ()))


def _wants_json(words: list[str]) -> bool:
    return any(word.partition("=")[0] == JSON_FLAG for word in words)  # also the --json=1 that is refused


def _failure(error: AutoRecipeError, *, as_json: bool) -> Failure:
    failure = Failure(error, as_json=as_json)
    failure.exit_code = error.exit_code  # type: ignore[misc]  # click reads it from the instance
    return failure


def print_json(value: object) -> None:
    """Print a value of ours as one line of JSON."""
    from autorecipe.store.codec import encode

    click.echo(encode(value).decode())


def _parts_of(error: AutoRecipeError) -> dict[str, object]:
    parts: dict[str, object] = {"what": error.what, "where": error.where, "fix": error.fix}
    if isinstance(error, StopFindings):
        parts |= {"findings": error.findings, "command": error.command}
    return parts
