"""What a run says while it works: a live line on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from autorecipe.config import StageName
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.report.console import BLANK, console_on_stdout, header_lines, result_lines, show, stage_lines
from autorecipe.report.text_words import metric_of, sentence_lines, value_text

PLAIN_EVERY_S = 30.0  # seconds between signs of life in a log; a line per trial would bury the report
REFRESHES_PER_S = 4.0  # enough for a clock that shows seconds, and cheap beside training


class Progress(Protocol):
    """Someone who is told how a run goes."""

    def started(self, run: Run) -> None:
        """The data was read and the task is known."""

    def stage_started(self, stage: StageName, question: str) -> None:
        """A stage begins."""

    def planned(self, stage: StageName, text: str) -> None:
        """A stage has counted what it has time for."""

    def note(self, text: str) -> None:
        """Something worth a line happened."""

    def warn(self, text: str) -> None:
        """Something failed that does not end the run."""

    def trial(self, stage: StageName, trial_name: str, score: float, best: float, left_s: float) -> None:
        """A trial ended with a score; `best` is the best so far, `left_s` the seconds left to the run."""

    def stage_ended(self, result: StageResult, run: Run) -> None:
        """A stage has its answer; `run` holds it already."""

    def finished(self, run: Run, directory: str) -> None:
        """The run is over and kept in `directory`."""


@dataclass(frozen=True, slots=True)
class QuietProgress:
    """Says nothing but what failed."""

    def started(self, run: Run) -> None:
        """Say nothing."""

    def stage_started(self, stage: StageName, question: str) -> None:
        """Say nothing."""

    def planned(self, stage: StageName, text: str) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def warn(self, text: str) -> None:
        """Warn as Python does: who wants no words wants to know of failures all the same."""
        warnings.warn(text, RuntimeWarning, stacklevel=2)

    def trial(self, stage: StageName, trial_name: str, score: float, best: float, left_s: float) -> None:
        """Say nothing."""

    def stage_ended(self, result: StageResult, run: Run) -> None:
        """Say nothing."""

    def finished(self, run: Run, directory: str) -> None:
        """Say nothing."""


@dataclass(slots=True)
class PlainProgress:
    """Prints each part of the report as soon as it is known; now and then a line for the trials.

    Parameters
    ----------
    console : Console
        Where to print; standard output by default.
    every_s : float
        Seconds between lines about trials; infinity for none.
    """

    console: Console = field(default_factory=console_on_stdout)
    every_s: float = PLAIN_EVERY_S
    _title: str = field(default="", init=False)
    _spoke_s: float = field(default_factory=time.monotonic, init=False)

    def started(self, run: Run) -> None:
        """Print the header."""
        self._title = metric_of(run.deciding_metric).title
        show((*header_lines(run), BLANK), self.console)

    def stage_started(self, stage: StageName, question: str) -> None:
        """Start counting the silence anew."""
        self._spoke_s = time.monotonic()

    def planned(self, stage: StageName, text: str) -> None:
        """Print what the stage expects, unless nothing is to be said of trials."""
        if math.isfinite(self.every_s):
            self.note(f"... {stage}: {text}")

    def note(self, text: str) -> None:
        """Print the note."""
        self._spoke_s = time.monotonic()
        show(sentence_lines(text), self.console)

    def warn(self, text: str) -> None:
        """Print it as a note."""
        self.note(text)

    def trial(self, stage: StageName, trial_name: str, score: float, best: float, left_s: float) -> None:
        """Print a sign of life when nothing was said for a while."""
        if time.monotonic() - self._spoke_s >= self.every_s:
            what = trial_text(stage, trial_name, self._title, score, best)
            self.note(f"... {what}, {clock_text(left_s)} left")

    def stage_ended(self, result: StageResult, run: Run) -> None:
        """Print the stage."""
        show(stage_lines(result, run), self.console)

    def finished(self, run: Run, directory: str) -> None:
        """Print the result."""
        show((BLANK, *result_lines(run, directory)), self.console)


@dataclass(slots=True)
class LiveProgress:
    """Prints what `PlainProgress` does, above one live line: the stage, the score so far, the time left.

    A run that breaks off leaves the line standing: call `stop`, or use `telling`.

    Parameters
    ----------
    console : Console
        A terminal; standard output by default.
    """

    console: Console = field(default_factory=console_on_stdout)
    _plain: PlainProgress = field(init=False)
    _live: Live = field(init=False)
    _doing: str = field(default="reading", init=False)
    _ends_s: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._plain = PlainProgress(self.console, every_s=float("inf"))
        self._live = Live(
            console=self.console,
            get_renderable=self.line,
            refresh_per_second=REFRESHES_PER_S,
            transient=True,
        )

    def started(self, run: Run) -> None:
        """Print the header and show the live line."""
        self._plain.started(run)
        self._live.start()

    def stage_started(self, stage: StageName, question: str) -> None:
        """Show the stage and its question."""
        self._doing = f"{stage}: {question}"

    def planned(self, stage: StageName, text: str) -> None:
        """Show what the stage expects."""
        self._doing = f"{stage}: {text}"

    def note(self, text: str) -> None:
        """Print the note above the live line."""
        self._plain.note(text)

    def warn(self, text: str) -> None:
        """Print it as a note."""
        self.note(text)

    def trial(self, stage: StageName, trial_name: str, score: float, best: float, left_s: float) -> None:
        """Show the trial, the best score and the time left."""
        self._doing = trial_text(stage, trial_name, self._plain._title, score, best)
        self._ends_s = time.monotonic() + left_s

    def stage_ended(self, result: StageResult, run: Run) -> None:
        """Print the stage above the live line."""
        self._plain.stage_ended(result, run)

    def finished(self, run: Run, directory: str) -> None:
        """Take the live line away and print the result."""
        self.stop()
        self._plain.finished(run, directory)

    def stop(self) -> None:
        """Take the live line away, if it is shown."""
        self._live.stop()

    def line(self) -> Text:
        """Return the live line as it stands now."""
        left = "" if self._ends_s is None else f"  {clock_text(self._ends_s - time.monotonic())} left"
        return Text(f"{self._doing}{left}", style="dim", no_wrap=True, overflow="ellipsis")


@contextmanager
def telling(*, quiet: bool) -> Iterator[Progress]:
    """Give someone to tell, and take a live line away whatever happens."""
    progress = progress_for(quiet=quiet)
    try:
        yield progress
    finally:
        if isinstance(progress, LiveProgress):
            progress.stop()


def progress_for(*, quiet: bool) -> Progress:
    """Return who is told: nobody when quiet, a live line on a terminal, else plain lines."""
    if quiet:
        return QuietProgress()
    console = console_on_stdout()
    return LiveProgress(console) if console.is_terminal else PlainProgress(console)


def trial_text(stage: StageName, trial_name: str, title: str, score: float, best: float) -> str:
    """Write a trial: "tune: dropout 0.1, ROC AUC 0.861, best 0.864"."""
    return f"{stage}: {trial_name}, {title} {value_text(score)}, best {value_text(best)}"


def clock_text(seconds: float) -> str:
    """Write seconds as minutes and seconds.

    >>> clock_text(101.2), clock_text(-3)
    ('1:41', '0:00')
    """
    whole = max(round(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"
