"""From a run to its report, as one value."""

from __future__ import annotations

from pathlib import Path

from autorecipe.record.run import Run
from autorecipe.report.page.budget import budget_section, recipe_section
from autorecipe.report.page.checklists import checklists_section
from autorecipe.report.page.checks import checks_section
from autorecipe.report.page.data import data_section
from autorecipe.report.page.decisions import decisions_section
from autorecipe.report.page.findings import finding_cards
from autorecipe.report.page.first import Place, first_screen
from autorecipe.report.page.learning import learning_section, tuning_section
from autorecipe.report.page.looks import interpretation_section
from autorecipe.report.page.privacy import privacy_of
from autorecipe.report.page.scores import test_section
from autorecipe.report.page.thumbnails import Thumbnails
from autorecipe.report.page.value import Drawing, Report, Section
from autorecipe.report.page.words import fit_to_show
from autorecipe.report.plots.plot import Plot
from autorecipe.report.plots.plot import Section as PlotSection

DRAWINGS_BYTES = 1_000_000  # of all plots: with pictures, tables and findings the page stays below 3 MB


def report_of(
    run: Run, plots: tuple[Plot, ...], place: Place, *, show_values: bool, show_samples: bool, written: str
) -> Report:
    """Return a run's report.

    Parameters
    ----------
    plots : tuple of Plot
        Drawn with the same choice of what is shown.
    place : Place
        Where the run is kept; pictures are read from there.
    show_values : bool
        Whether cells are shown, of columns where they name no row.
    show_samples : bool
        Whether thumbnails and names of images are shown.
    written : str
        When it is written.
    """
    privacy = privacy_of(run, show_values=show_values, show_samples=show_samples)
    cards = finding_cards(run, privacy)
    thumbnails = Thumbnails(Path(place.path) if show_samples else None)
    of_data = tuple(card for card in cards if not card.code.startswith("T"))
    drawn = _drawings(plots)
    sections: tuple[Section, ...] = (
        data_section(run, of_data, privacy, drawn.get("data", ()), thumbnails),
        checks_section(run, cards, drawn.get("checks", ())),
    )
    if run.config.until != "profile":
        sections += (
            decisions_section(run, drawn.get("decisions", ())),
            learning_section(run, drawn.get("learning", ())),
            tuning_section(run, cards, drawn.get("tuning", ())),
            test_section(run, drawn.get("test", ())),
            interpretation_section(run, privacy, drawn.get("interpretation", ()), thumbnails),
            budget_section(run, drawn.get("budget", ())),
            recipe_section(run, place),
            checklists_section(run),
        )
    report = Report(
        title=run.data.name, written=written, first=first_screen(run, place, cards, privacy), sections=sections
    )
    return fit_to_show(report, run)


def _drawings(plots: tuple[Plot, ...]) -> dict[PlotSection, tuple[Drawing, ...]]:
    """Return plots by their section; those that the page has no room for keep their numbers alone."""
    left = DRAWINGS_BYTES
    found: dict[PlotSection, tuple[Drawing, ...]] = {}
    for plot in plots:
        size = len(plot.svg.encode())
        svg = plot.svg if size <= left else ""
        left -= size if svg else 0
        drawing = Drawing(
            title=plot.title, alt=plot.alt, svg=svg, header=plot.header, rows=plot.rows, code=f"plot-{plot.name}"
        )
        found[plot.section] = (*found.get(plot.section, ()), drawing)
    return found
