"""The options of the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from autorecipe.choices import ClassWeight, FamilyName, LossName
from autorecipe.config import (
    DEFAULT_SERVE_ROWS_PER_S,
    LARGEST_IMAGE_SIDE,
    SMALLEST_IMAGE_SIDE,
    Preset,
    SearchName,
    StageName,
    Task,
)

F = TypeVar("F", bound=Callable[..., Any])

DEBUG, JSON = "autorecipe.debug", "autorecipe.json"  # places in click's `meta` of the running command


class WholeNumber(click.IntRange):
    """A whole number from a smallest to a largest one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a whole number; what it may be is said where it is none."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            end = "" if self.max is None else f" to {self.max:,}"
            self.fail(f"'{value}' is no whole number from {self.min}{end}", param, ctx)


def remember(ctx: click.Context, option: click.Parameter, value: bool) -> bool:
    """Keep a switch where the group of commands finds it when an error has to be shown."""
    ctx.meta[DEBUG if option.name == "debug" else JSON] = value
    return value


DATA_OPTIONS = (
    click.option("--target", default="", metavar="COL", help="Column to predict."),
    click.option(
        "--task",
        type=click.Choice(("auto", *get_args(Task))),
        default="auto",
        help="How to read the target.",
    ),
    click.option("--metric", default="auto", metavar="NAME", help="What is optimized: roc_auc, rmse, ..."),
    click.option(
        "--test",
        metavar="PATH|SHARE|0",
        help="Rows (or images) locked away for the test: a file, a folder, a share, 0 for none [default: 0.15].",
    ),
    click.option("--type", "types", multiple=True, metavar="COL=KIND", help="Kind of a column: zip=text."),
    click.option("--drop", multiple=True, metavar="COL", help="Leave a column out."),
    click.option("--keep", multiple=True, metavar="COL", help="Keep a column whatever a check says."),
    click.option("--id", "ids", multiple=True, metavar="COL", help="Carry a column along as an id."),
    click.option("--weight", default="", metavar="COL", help="Weights of the rows."),
    click.option("--positive", default="", metavar="LABEL", help="The class that counts as positive."),
    click.option("--split-by-group", default="", metavar="COL", help="Keep rows of one group on one side."),
    click.option("--split-by-time", default="", metavar="COL", help="Learn from early rows, test on late."),
    click.option("--allow", multiple=True, metavar="CODE[:COL]", help="Go on in spite of a finding."),
    click.option(
        "--image-side",
        type=WholeNumber(min=SMALLEST_IMAGE_SIDE, max=LARGEST_IMAGE_SIDE),
        metavar="PIXELS",
        help="Longer side that images are brought to, from 8 to 1024 [default: by the data].",
    ),
    click.option("--no-header", is_flag=True, help="The first line is a row, not the header."),
    click.option("--seed", type=WholeNumber(min=0), default=0, show_default=True, help="The same seed repeats a run."),
)
FIT_OPTIONS = (
    click.option(
        "--loss",
        type=click.Choice(("auto", *get_args(LossName))),
        default="auto",
        help="What it lowers.",
    ),
    click.option("--time-limit", metavar="2m", help="For everything: 90s, 2m, 1h [default: by preset]."),
    click.option(
        "--preset",
        type=click.Choice(get_args(Preset)),
        default="standard",
        show_default=True,
        help="Effort: 1 minute, 10 minutes, 1 hour.",
    ),
    click.option("--cost", metavar="FN:FP|FILE", help="Cost of each mistake, as 5:1, or a CSV matrix: sets labels."),
    click.option(
        "--class-weight",
        type=click.Choice(get_args(ClassWeight)),
        default="none",
        show_default=True,
        help="Let rows of rare classes weigh more while training; probabilities are corrected back.",
    ),
    click.option("--until", type=click.Choice(get_args(StageName)), default="squeeze", help="Last stage."),
    click.option("--recipe", default="", metavar="FILE", help="Train this recipe.yaml, without searching."),
    click.option(
        "--architecture",
        default="",
        metavar="FILE.py:FUNCTION",
        help="Your own network: FUNCTION(inputs, n_outputs, width=64, ...) returns its logits.",
    ),
    click.option(
        "--family",
        multiple=True,
        type=click.Choice([name for name in get_args(FamilyName) if name != "custom"]),
        help="Family to try beside the plain net, in place of those that suit; may be repeated. The plain net alone "
        "(mlp for tables, convnet for images): none.",
    ),
    click.option(
        "--search",
        type=click.Choice(get_args(SearchName)),
        default="bayesian",
        show_default=True,
        help="How Tune draws its recipes.",
    ),
    click.option(
        "--serve-rows-per-s",
        type=WholeNumber(min=0),
        metavar="N",
        help="Rows (or images) a second the model should serve here: an ensemble that is slower loses members; 0: any "
        f"[default: {DEFAULT_SERVE_ROWS_PER_S:,}; of images 10 to 100, by their size].",
    ),
    click.option("--offline", is_flag=True, help="Download nothing, no pretrained weights either."),
    click.option(
        "--weights", default="", metavar="FILE", help="A model for images of any kind, or a backbone's weights."
    ),
    click.option(
        "--tensorboard", default="", metavar="DIR", help="Write each trial's curves there [default: RUN/tensorboard]."
    ),
    click.option("--histograms", is_flag=True, help="Write histograms of weights and gradients for TensorBoard too."),
)
SHOW_OPTIONS = (
    click.option("--show-values", is_flag=True, help="Let the report show cells, but for ids, texts and the like."),
    click.option("--no-samples", is_flag=True, help="Let the report show no images and no names of images."),
)
PROFILE_OPTIONS = (
    click.option("--fix", is_flag=True, help="Do the safe fixes of what was found, and write the table to -o."),
    click.option("-o", "--output", default="", metavar="OUT.csv", help="Where --fix writes: .csv or .parquet."),
    click.option(
        "--also",
        multiple=True,
        metavar="CODE[:COL]",
        help="Let --fix do the best fix of this finding too, though it is not safe, such as D008; may be repeated.",
    ),
    click.option("--force", is_flag=True, help="Let --fix or --report write over a file that exists; never over DATA."),
    click.option("--against", default="", metavar="FILE", help="Compare DATA with another table, such as test rows."),
    click.option("--timings", is_flag=True, help="Say how long each check took."),
    click.option("--report", default="", metavar="FILE.html", help="Write what was found as a page, too."),
    click.option("--pictures", default="", metavar="DIR", help="Draw contact sheets of images there."),
)
CHECK_OPTIONS = (
    click.option("--target", default="", metavar="COL", help="Column to predict."),
    click.option("--drop", multiple=True, metavar="COL", help="Leave a column out; may be repeated."),
    click.option("--time-limit", default="30s", show_default=True, help="For everything that is measured."),
    click.option(
        "--seed",
        type=WholeNumber(min=0),
        default=0,
        show_default=True,
        help="Of the rows set apart and the short training.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Tell all of every finding and of what passed."),
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
AS_JSON = click.option("--json", "as_json", is_flag=True, callback=remember, help="For a program to read.")
TRACEBACK = click.option(
    "--debug", is_flag=True, callback=remember, expose_value=False, help="Show the traceback of an error."
)


def with_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Return a decorator that gives a command these options, in this order."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
