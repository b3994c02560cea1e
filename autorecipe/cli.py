"""The command line: each command reads its words, calls `autorecipe.api` and shows what comes back."""

from __future__ import annotations

import dataclasses
import io
import os
import sys
from typing import TYPE_CHECKING, Unpack

import click

from autorecipe.budget import parse_duration
from autorecipe.cli_checks import check, rule
from autorecipe.cli_compare import compare
from autorecipe.cli_group import Commands, print_json
from autorecipe.cli_output import (
    UNREADABLE_EXIT_CODE,
    check_writable,
    print_lines,
    unreadable_text,
    with_command,
    write_predictions,
)
from autorecipe.cli_profile import profile
from autorecipe.cli_report import report
from autorecipe.command import command_line
from autorecipe.config import DEFAULT_TIME_LIMIT_S, Config
from autorecipe.errors import UserError
from autorecipe.flags import FitFlags, fit_config
from autorecipe.options import AS_JSON, DATA_OPTIONS, FIT_OPTIONS, QUIET, SHOW_OPTIONS, TRACEBACK, with_options
from autorecipe.warm_up import leave

if TYPE_CHECKING:
    from autorecipe.api import FitResult
    from autorecipe.demo import ExampleName


@click.group(
    "autorecipe", cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="autorecipe", prog_name="autorecipe")
def cli() -> None:
    """From a table or images to a trained, explained and exported Keras model, stage by stage.

    Start with: autorecipe fit TABLE --target COLUMN

    For images: autorecipe fit FOLDER
    """


cli.add_command(check)
cli.add_command(rule)
cli.add_command(compare)
cli.add_command(profile)
cli.add_command(report)


@cli.command()
@click.argument("data")
@click.option("--out", default="", metavar="DIR", help="Directory of the run [default: runs/NAME-N].")
@click.option("--new", is_flag=True, help="Start afresh, whatever was done before.")
@with_options(*DATA_OPTIONS, *FIT_OPTIONS, *SHOW_OPTIONS, QUIET, AS_JSON, TRACEBACK)
def fit(data: str, *, out: str, new: bool, quiet: bool, as_json: bool, **flags: Unpack[FitFlags]) -> None:
    """Work through the recipe on DATA and export a model.

    DATA is a table (CSV, Parquet, JSON lines or Excel) or images: a folder with a folder for each class, an archive of
    such a folder, a table with a column of paths, or an .npz file.

    The same command continues a run that was broken off, and shows one that is finished.
    """
    config, is_silent = fit_config(flags), quiet or as_json
    try:
        result = _fit(data, config, out=out, new=new, is_silent=is_silent)
    except UserError as error:
        asks = error.where == "--target" and not config.target
        if not asks:
            raise
        if is_silent or not is_terminal():
            raise with_command(error, command_line(config, data)) from error
        click.echo(error.what)
        config = dataclasses.replace(config, target=click.prompt("Which column is to be predicted"))
        result = _fit(data, config, out=out, new=new, is_silent=is_silent)
    _show_result(result, quiet=quiet, as_json=as_json)


@cli.command()
@click.argument("run")
@click.argument("data")
@click.option("-o", "--output", metavar="OUT.csv", help="Write there instead of printing.")
@click.option("--force", is_flag=True, help="Let -o write over a file that exists; never over DATA.")
@click.option("--interval", type=float, metavar="0.9", help="Add columns lower and upper that cover this share.")
@with_options(AS_JSON, TRACEBACK)
def predict(run: str, data: str, *, output: str | None, force: bool, interval: float | None, as_json: bool) -> None:
    """Predict the rows (or images) of DATA with the model of RUN, in their order.

    With a model of images DATA is an image, a folder, an archive, a table of paths or an .npz file; images that cannot
    be read are listed, get an empty row, and the command ends with exit code 1.
    """
    from autorecipe import api

    check_writable(output, data, force=force)
    predicted = api.predict_file(run, data, interval=interval)
    write_predictions(predicted, output, as_json=as_json)
    if said := unreadable_text(predicted):
        click.echo(said, err=True)
        raise click.exceptions.Exit(UNREADABLE_EXIT_CODE)


@cli.command()
@click.argument("run")
@click.argument("data")
@with_options(AS_JSON, TRACEBACK)
def evaluate(run: str, data: str, *, as_json: bool) -> None:
    """Score the model of RUN on the rows (or images) of DATA, whose target is known.

    DATA is a table with the target's column; with a model of images also a folder with a folder for each class, an
    archive of such a folder, or an .npz file.
    """
    from autorecipe import api

    evaluation = api.evaluate_file(run, data)
    if as_json:
        print_json(evaluation)
        return
    from autorecipe.report.console import score_lines

    print_lines(score_lines(evaluation, api.load_run(run), source=data))


@cli.command()
@click.argument("run")
@click.option("--time-limit", metavar="30m", help="To spend on top [default: as long as before].")
@with_options(QUIET, AS_JSON, TRACEBACK)
def resume(run: str, *, time_limit: str | None, quiet: bool, as_json: bool) -> None:
    """Spend more time on RUN, finished or not."""
    from autorecipe import api
    from autorecipe.report.progress import telling

    limit_s = parse_duration(time_limit) if time_limit else api.load_run(run).config.time_limit_s
    with telling(quiet=quiet or as_json) as progress:
        result = api.resume(run, time_limit_s=limit_s, progress=progress)
    _show_result(result, quiet=quiet, as_json=as_json)


@cli.command("try")
@click.argument("run")
@click.argument("edits", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--time-limit", metavar="5m", help="At most [default: as predicted].")
@with_options(QUIET, AS_JSON, TRACEBACK)
def try_idea(run: str, edits: tuple[str, ...], *, time_limit: str | None, quiet: bool, as_json: bool) -> None:
    """Judge a change of yours to RUN's recipe (width=256 dropout=0.3) as the stages judge theirs."""
    from autorecipe import api
    from autorecipe.report.progress import telling

    limit_s = parse_duration(time_limit) if time_limit else None
    with telling(quiet=quiet or as_json) as progress:
        known = api.try_idea(run, edits, time_limit_s=limit_s, progress=progress)
    if as_json:
        print_json({"directory": run, "idea": known.ideas[-1]})
    elif not quiet:
        from autorecipe.report.text_idea import tried_lines

        print_lines(tried_lines(known, run))


@cli.command()
@click.argument("run")
@with_options(QUIET, AS_JSON, TRACEBACK)
def refit(run: str, *, quiet: bool, as_json: bool) -> None:
    """Train the final recipe of RUN on all rows (or images), without searching; that model is untested."""
    from autorecipe import api
    from autorecipe.report.progress import telling

    with telling(quiet=quiet or as_json) as progress:
        result = api.refit(run, progress=progress)
    _show_result(result, quiet=quiet, as_json=as_json)
    if result.run.export and not (quiet or as_json):
        from autorecipe.report.console import export_lines

        print_lines(export_lines(result.run.export))


@cli.command()
@click.argument("run")
@with_options(AS_JSON, TRACEBACK)
def interpret(run: str, *, as_json: bool) -> None:
    """Say what the model of RUN looks at, and where it is wrong, on rows (or images) it has not learned from.

    With a model of images it also draws: class activations, mistakes, embeddings and more in RUN/pictures.
    """
    from autorecipe import api
    from autorecipe.report.progress import telling

    with telling(quiet=as_json) as progress:
        known = api.interpret(run, progress=progress)
    if as_json:
        print_json(known)
        return
    from autorecipe.report.text_interpretation import interpretation_lines

    print_lines(interpretation_lines(known, api.load_run(run), whole=True))


@cli.command()
@click.argument("run")
@click.option("--to", default="", metavar="DIR", help="Where to write [default: RUN/export].")
@with_options(AS_JSON, TRACEBACK)
def export(run: str, *, to: str, as_json: bool) -> None:
    """Export the model of RUN again, and prove that it predicts the same."""
    from autorecipe import api

    written = api.export_again(run, to=to)
    if as_json:
        print_json(written)
        return
    from autorecipe.report.console import export_lines

    print_lines(export_lines(written))


@cli.command()
@click.argument("name", type=click.Choice(["breast_cancer", "diabetes"]), default="breast_cancer")
@with_options(QUIET, AS_JSON, TRACEBACK)
def demo(name: ExampleName, *, quiet: bool, as_json: bool) -> None:
    """Write an example table into the current folder and fit it in a minute."""
    from autorecipe.demo import write_example

    path = write_example(name)
    if not (quiet or as_json):
        click.echo(f"autorecipe fit {path} --target target --preset quick\n")
    config = Config(target="target", preset="quick", time_limit_s=DEFAULT_TIME_LIMIT_S["quick"])
    result = _fit(str(path), config, out="", new=False, is_silent=quiet or as_json)
    _show_result(result, quiet=quiet, as_json=as_json)


def is_terminal() -> bool:
    """Return whether someone sits there who can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ± must not end the run
    # on a machine without a GPU TensorFlow logs errors that are none; what fails still raises
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait must not keep others from working
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        cli(prog_name="autorecipe")
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else int(end.code is not None))
        raise


def _fit(data: str, config: Config, *, out: str, new: bool, is_silent: bool) -> FitResult:
    from autorecipe import api
    from autorecipe.report.progress import telling

    with telling(quiet=is_silent) as progress:
        return api.fit(data, config, out=out, new=new, progress=progress, start="process")


def _show_result(result: FitResult, *, quiet: bool, as_json: bool) -> None:
    directory = str(result.directory)
    if as_json:
        print_json({"directory": directory, "continued": result.continued, "run": result.run})
    elif result.shown and not quiet:
        from autorecipe.report.console import run_lines

        print_lines(run_lines(result.run, directory))
    if result.run.export is not None and not result.run.export.parity.passed:
        raise click.exceptions.Exit(1)
