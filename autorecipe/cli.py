"""The command line: each command reads its words, calls `autorecipe.api` and shows what comes back."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Unpack

import click

from autorecipe.budget import parse_duration
from autorecipe.config import DEFAULT_TIME_LIMIT_S, Config
from autorecipe.errors import AutoRecipeError, StopFindings, UserError, nearest
from autorecipe.flags import DataFlags, FitFlags, data_config, fit_config
from autorecipe.options import (
    AS_JSON,
    DATA_OPTIONS,
    DEBUG,
    FIT_OPTIONS,
    JSON,
    QUIET,
    TRACEBACK,
    with_options,
)

if TYPE_CHECKING:
    from autorecipe.api import FitResult
    from autorecipe.demo import ExampleName
    from autorecipe.report.console import Lines

INTERRUPTED = 130  # exit code after Ctrl-C: 128 + SIGINT


class Failure(click.ClickException):
    """An error of ours on its way out: to a person on standard error, to a program on standard output."""

    def __init__(self, error: AutoRecipeError, *, as_json: bool) -> None:
        super().__init__(str(error))
        self.error, self.as_json, self.exit_code = error, as_json, error.exit_code

    def show(self, file: IO[Any] | None = None) -> None:
        """Print what is wrong, where, and how to mend it."""
        if self.as_json:
            _print_json({"error": _parts_of(self.error)})
        elif isinstance(self.error, StopFindings):
            from autorecipe.report.console import as_text, stop_lines

            click.echo(as_text(stop_lines(self.error)), err=True, nl=False)
        else:
            click.echo(f"autorecipe: {self.error}", err=True)


class Commands(click.Group):
    """The commands: errors of ours become messages with their exit code, wrong words get a suggestion."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except AutoRecipeError as error:
            if ctx.meta.get(DEBUG):
                raise
            raise Failure(error, as_json=bool(ctx.meta.get(JSON))) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo("autorecipe: interrupted; the same command goes on where it stopped", err=True)
            ctx.exit(INTERRUPTED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt one, or a file in its place, gets the words that were meant."""
        word = args[0]
        if word not in self.commands and not word.startswith("-"):
            near = nearest(word, self.commands)
            meant = f"fit {word}" if Path(word).is_file() else near
            ctx.fail(f"No such command '{word}'." + (f" Did you mean: autorecipe {meant}" if meant else ""))
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="autorecipe")
def cli() -> None:
    """From a table to a trained, explained and exported Keras model, stage by stage.

    Start with: autorecipe fit DATA --target COLUMN
    """


@cli.command()
@click.argument("data")
@click.option("--out", default="", metavar="DIR", help="Directory of the run [default: runs/NAME-N].")
@click.option("--new", is_flag=True, help="Start afresh, whatever was done before.")
@click.option("--recipe", default="", metavar="FILE", help="Train this recipe.yaml, without searching.")
@with_options(*DATA_OPTIONS, *FIT_OPTIONS, QUIET, AS_JSON, TRACEBACK)
def fit(
    data: str, *, out: str, new: bool, recipe: str, quiet: bool, as_json: bool, **flags: Unpack[FitFlags]
) -> None:
    """Work through the recipe on DATA and export a model.

    The same command continues a run that was broken off, and shows one that is finished.
    """
    from autorecipe import api
    from autorecipe.recipe import read_recipe
    from autorecipe.report.progress import telling

    config = fit_config(flags)
    given = read_recipe(recipe) if recipe else None
    with telling(quiet=quiet or as_json) as progress:

        def work(config: Config) -> FitResult:
            return api.fit(data, config, out=out, new=new, recipe=given, progress=progress, start="process")

        result = _asking_for_the_target(work, config)
    _show_result(result, quiet=quiet, as_json=as_json)
