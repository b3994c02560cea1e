from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from autorecipe.report.console import as_text, header_lines, result_lines, stage_lines
from autorecipe.report.progress import (
    LiveProgress,
    PlainProgress,
    QuietProgress,
    clock_text,
    progress_for,
    telling,
)
from autorecipe.report.text_words import WIDTH

SHOW_CURSOR = "\x1b[?25h"  # what a terminal gets when a live line ends


def tell_all(progress, run):
    progress.started(run)
    for result in run.stages:
        progress.stage_started(result.stage, result.question)
        progress.trial(result.stage, "dropout 0.1", 0.861, 0.864, 101.2)
        progress.stage_ended(result, run)
    progress.finished(run, "runs/x")


def told(run):
    parts = [as_text(header_lines(run)), *(as_text(stage_lines(r, run)) for r in run.stages)]
    return "\n".join([parts[0], "".join(parts[1:]), as_text(result_lines(run, "runs/x"))])


def test_plain_progress_tells_the_whole_report(rich_run):
    out = StringIO()
    tell_all(PlainProgress(Console(file=out, width=WIDTH)), rich_run)
    assert out.getvalue() == told(rich_run)


def test_plain_progress_gives_a_sign_of_life_after_a_silence(rich_run):
    out = StringIO()
    progress = PlainProgress(Console(file=out, width=WIDTH), every_s=0.0)
    progress.started(rich_run)
    progress.trial("tune", "dropout 0.1", 0.861, 0.864, 101.2)
    assert "... tune: dropout 0.1, ROC AUC 0.861, best 0.864, 1:41 left\n" in out.getvalue()


def test_live_progress_shows_the_stage_the_score_and_the_time_left(rich_run):
    out = StringIO()
    progress = LiveProgress(Console(file=out, width=WIDTH, force_terminal=True))
    progress.started(rich_run)
    progress.trial("tune", "dropout 0.1", 0.861, 0.864, 101.2)
    assert "tune: dropout 0.1, ROC AUC 0.861, best 0.864  1:41 left" in progress.line().plain
    progress.finished(rich_run, "runs/x")
    assert "Gradient boosting wins" in out.getvalue()


def test_the_live_line_is_taken_away_when_a_run_breaks_off(rich_run, monkeypatch):
    out = StringIO()
    terminal = Console(file=out, width=WIDTH, force_terminal=True)
    monkeypatch.setattr("autorecipe.report.progress.console_on_stdout", lambda: terminal)

    def break_off():
        with telling(quiet=False) as progress:
            progress.started(rich_run)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        break_off()
    assert SHOW_CURSOR in out.getvalue()


def test_quiet_progress_says_nothing(rich_run, capsys):
    tell_all(QuietProgress(), rich_run)
    assert capsys.readouterr().out == ""


def test_a_pipe_gets_plain_lines():
    assert isinstance(progress_for(quiet=False), PlainProgress)


def test_quiet_wins_over_everything():
    assert isinstance(progress_for(quiet=True), QuietProgress)


def test_a_clock_never_runs_below_zero():
    assert clock_text(-3.0) == "0:00"
