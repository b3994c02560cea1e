"""The terminal report: pure functions from a run to lines, and the one that shows them.

Everything that is said comes from the run, so a finished run can be told again at any time.
"""

from __future__ import annotations

from autorecipe.budget import format_duration
from autorecipe.errors import StopFindings
from autorecipe.record.run import Run
from autorecipe.report.lines import Line, Lines, console_on_stdout, show
from autorecipe.report.text_closing import closing_lines, export_lines
from autorecipe.report.text_fixes import did_lines, mending_lines
from autorecipe.report.text_header import header_lines
from autorecipe.report.text_idea import idea_lines
from autorecipe.report.text_interpretation import interpretation_lines
from autorecipe.report.text_profile import all_findings_lines, column_lines, finding_lines, profile_counts
from autorecipe.report.text_result import evaluation_lines, score_lines, verdict_lines
from autorecipe.report.text_stages import heading_lines, stage_lines
from autorecipe.report.text_words import as_text

__all__ = [
    "Line",
    "Lines",
    "as_text",
    "console_on_stdout",
    "evaluation_lines",
    "export_lines",
    "header_lines",
    "heading_lines",
    "profile_lines",
    "result_lines",
    "run_lines",
    "score_lines",
    "show",
    "stage_lines",
    "stop_lines",
    "verdict_lines",
]

BLANK = Line("")


def result_lines(run: Run, directory: str) -> Lines:
    """Write what a finished run came to; the first line says who wins.

    Parameters
    ----------
    directory : str
        The run directory, as the user may write it in a command.
    """
    evaluation = evaluation_lines(run.evaluation, run) if run.evaluation else ()
    return (*evaluation, *interpretation_lines(run.interpretation, run), *closing_lines(run, directory))


def run_lines(run: Run, directory: str) -> Lines:
    """Write a whole run, from its header to its result."""
    stages = [line for result in run.stages for line in stage_lines(result, run)]
    return (*header_lines(run), BLANK, *stages, BLANK, *result_lines(run, directory), *idea_lines(run))


def profile_lines(run: Run) -> Lines:
    """Write the data, every finding and a table of the columns."""
    profile = run.profile
    if profile is None:
        return header_lines(run)
    counts = f"{profile_counts(profile)}  {format_duration(profile.seconds)}"
    return (
        *header_lines(run),
        BLANK,
        *heading_lines("profile", "What is this data like?", counts),
        *all_findings_lines(profile.findings),
        *did_lines(run),
        *mending_lines(run),
        BLANK,
        *column_lines(run),
    )


def stop_lines(error: StopFindings) -> Lines:
    """Write the findings that stop a run, and the one command that goes on."""
    found = [line for finding in error.findings for line in finding_lines(finding)]
    asks = "This needs your decision before anything is learned:"
    if not error.command:
        return (Line(asks, "heading"), *found)
    # the command stays on one line, however long, so that it can be copied
    return (Line(asks, "heading"), *found, Line("go on with"), Line(f"  {error.command}", "heading"))
