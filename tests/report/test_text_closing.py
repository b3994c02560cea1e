from __future__ import annotations

import dataclasses

from rich_run import classification_run, unfinished_run

from autorecipe.record.finding import Finding
from autorecipe.record.run import TimeUse
from autorecipe.report.text_closing import closing_lines, cut_text
from autorecipe.report.text_words import as_text


def test_a_run_that_is_not_finished_says_what_is_next():
    said = as_text(closing_lines(unfinished_run(), "runs/a"))
    assert said.startswith("state   not finished, Overfit is next: the same fit command goes on where it stopped")


def test_a_run_that_was_left_in_an_interrupted_stage_goes_on_with_that_stage():
    run = unfinished_run()
    last = dataclasses.replace(run.stages[-1], ended="interrupted")
    said = as_text(closing_lines(dataclasses.replace(run, stages=(*run.stages[:-1], last)), "runs/a"))
    assert f"not finished, {last.stage.capitalize()} is next" in said


def test_a_network_that_the_user_cut_short_is_not_blamed_on_the_time_limit():
    run = classification_run()
    for is_interrupted, who in ((True, "your interrupt"), (False, "the time limit")):
        fits = tuple(dataclasses.replace(f, is_cut=True, is_interrupted=is_interrupted) for f in run.best.fits)
        last = dataclasses.replace(run.stages[-1], best=dataclasses.replace(run.best, fits=fits))
        cut = dataclasses.replace(run, stages=(*run.stages[:-1], last))
        assert cut_text(cut) == f"{who} cut this network's training short"


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


def with_time(run, *, asked_s, used_s, ended="budget"):
    last = dataclasses.replace(run.stages[-1], ended=ended)
    parts = (("tune", 20.0), ("evaluate", 3.0), ("export and proof", 5.0))
    time = TimeUse(asked_s=asked_s, used_s=used_s, parts=parts)
    stages = tuple(dataclasses.replace(stage, ended="done") for stage in run.stages[:-1])
    return dataclasses.replace(run, stages=(*stages, last), time=time)


def test_time_that_was_up_and_yet_not_used_is_explained():
    said = " ".join(as_text(closing_lines(with_time(classification_run(), asked_s=45.0, used_s=35.0), "r")).split())
    told = "used 35s (the search left 18s for the evaluation, the export and its proof, which took 8.0s)"
    assert told in said


def test_a_machine_that_was_busy_is_named_as_the_cause_of_a_limit_that_was_not_kept():
    run = with_time(classification_run(), asked_s=60.0, used_s=85.0)
    busy = dataclasses.replace(run, time=dataclasses.replace(run.time, slowness=4.25))
    said = " ".join(as_text(closing_lines(busy, "r")).split())
    assert "used 1m25s (other work on this machine made it 4.2 times as slow, so there was less time to search)" in said
    assert "take longer than was asked" not in said


def test_a_limit_that_an_idle_machine_did_not_keep_was_too_short():
    said = " ".join(as_text(closing_lines(with_time(classification_run(), asked_s=10.0, used_s=25.0), "r")).split())
    assert "(starting, one network, its export and the proof take longer than was asked)" in said
    assert "other work" not in said


def test_of_time_that_was_used_or_not_wanted_nothing_is_explained():
    for run in (
        with_time(classification_run(), asked_s=45.0, used_s=44.0),
        with_time(classification_run(), asked_s=45.0, used_s=35.0, ended="done"),
    ):
        assert "the search left" not in as_text(closing_lines(run, "r"))
