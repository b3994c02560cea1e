from __future__ import annotations

import dataclasses

from rich_run import classification_run, unfinished_run

from autorecipe.record.finding import Finding
from autorecipe.report.text_closing import closing_lines
from autorecipe.report.text_words import as_text


def test_a_run_that_is_not_finished_says_what_is_next():
    said = as_text(closing_lines(unfinished_run(), "runs/a"))
    assert said.startswith("state   not finished, Overfit is next: the same fit command goes on where it stopped")


def test_a_run_that_stopped_before_training_says_why():
    run = unfinished_run()
    ask = Finding(code="D013", severity="stop", title="", message="")
    stopped = dataclasses.replace(run, stages=run.stages[:1], profile=dataclasses.replace(run.profile, findings=(ask,)))
    assert "state   not trained: a finding needs your decision" in as_text(closing_lines(stopped, "runs/a"))


def test_of_a_finished_run_and_a_mere_look_there_is_no_state():
    run = unfinished_run()
    look = dataclasses.replace(run, stages=run.stages[:1], config=dataclasses.replace(run.config, until="profile"))
    for other in (classification_run(), look):
        assert "state" not in as_text(closing_lines(other, "runs/a"))
