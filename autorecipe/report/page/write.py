"""Write a run's report into its directory: the page and its twins, each whole or not at all."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from autorecipe.record.run import Run
from autorecipe.report.page.first import Place

PAGE, SHORT, PLAIN = "report.html", "report.md", "report.json"
MOST_SHARE = 0.1  # of the time between two writings, and of what is left of it, that the page may take; choice


def write_report(run: Run, directory: Path, *, show_values: bool, show_samples: bool, page: Path | None = None) -> Path:
    """Write the page, its Markdown and its JSON.

    Parameters
    ----------
    directory : Path
        Of the run: its pictures are read there.
    show_values, show_samples : bool
        Whether cells and images are shown; cells that name a row never are.
    page : Path, optional
        Where the page is written, alone, of a run without a directory of its own; by default it is written with its
        twins into the directory.

    Returns
    -------
    Path
        The page's.

    Raises
    ------
    UserError
        When it cannot be written.
    """
    from autorecipe.report.page.content import report_of
    from autorecipe.report.page.html import as_html
    from autorecipe.report.page.twins import as_json, as_markdown
    from autorecipe.report.plots import plots_of
    from autorecipe.store.atomic import write_json_atomic, write_text_atomic
    from autorecipe.store.lock import is_held

    names = {entry.name for entry in directory.iterdir()} if directory.is_dir() and page is None else set()
    report = report_of(
        run,
        plots_of(run, show_values=show_values),
        Place(
            path=str(directory),
            names=frozenset(names | {SHORT, PLAIN}) if page is None else frozenset(),
            is_worked_on=page is not None or is_held(directory),
        ),
        show_values=show_values,
        show_samples=show_samples,
        written=f"Written on {datetime.now():%Y-%m-%d at %H:%M:%S} by AutoRecipe {run.version}".strip(),
    )
    if page is None:
        write_text_atomic(directory / SHORT, as_markdown(report))
        write_json_atomic(directory / PLAIN, as_json(report))
    where = page or directory / PAGE
    write_text_atomic(where, as_html(report))
    return where


class GrowingReport:
    """A run's report, rewritten while the run works; what goes wrong with it is told, and never ends the run.

    Parameters
    ----------
    directory : Path
        Of the run.
    tell : callable
        Is told why a page could not be written, each reason once.
    """

    def __init__(self, directory: Path, tell: Callable[[str], None]) -> None:
        self._directory, self._tell = directory, tell
        self._told: set[str] = set()
        self._last_s, self._ended_s = 0.0, 0.0
        self.seconds = 0.0

    def rewrite(self, run: Run, *, left_s: float = math.inf, is_last: bool = False) -> None:
        """Write the report of a run as it is now, unless the last one was written a moment ago or time is short.

        Parameters
        ----------
        left_s : float
            Seconds that are left before the last one is written.
        is_last : bool
            Whether no other will follow: it is written in any case.
        """
        began = time.monotonic()
        is_soon = self._last_s > MOST_SHARE * min(began - self._ended_s, left_s)
        if self._last_s and is_soon and not is_last:
            return
        rewrite(run, self._directory, self._fail)
        self._ended_s = time.monotonic()
        self._last_s = self._ended_s - began
        self.seconds += self._last_s

    def _fail(self, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            self._tell(why)


def rewrite(run: Run, directory: Path, tell: Callable[[str], None]) -> None:
    """Write the report of a run as its config asks for it; what goes wrong is told."""
    try:
        write_report(run, directory, show_values=run.config.show_values, show_samples=run.config.show_samples)
    except Exception as error:  # a page is no reason to lose hours of training
        tell(f"the report could not be written: {type(error).__name__}: {error}")
