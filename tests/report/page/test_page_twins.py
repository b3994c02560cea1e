"""The Markdown and the JSON say what the page says."""

from __future__ import annotations

import dataclasses
import json

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from rich_run import classification_run, regression_run, unfinished_run, wide_run

from autorecipe.record.run import Run
from autorecipe.report.page.content import report_of
from autorecipe.report.page.first import Place
from autorecipe.report.page.twins import MAX_LINES, as_json, as_markdown
from autorecipe.report.plots.plot import Plot

PLOT = Plot(name="ladder", section="decisions", title="Ladder", alt="", svg="<svg/>", header=("a",), rows=((1.5,),))


def report(run: Run):
    place = Place(path="runs/people-1", names=frozenset({"export", "run.json"}))
    return report_of(run, (PLOT,), place, show_values=True, show_samples=True, written="today")


def test_the_markdown_is_at_most_sixty_lines():
    for run in (classification_run(), classification_run(hostile=True), regression_run(), unfinished_run(), wide_run()):
        text = as_markdown(report(run))
        assert len(text.splitlines()) <= MAX_LINES
        assert text.count("```") in (0, 2)


def test_the_markdown_says_the_verdict_the_state_and_the_privacy():
    known = report(classification_run())
    text = as_markdown(known).replace("\\", "")
    assert all(said in text for said in (known.first.verdict, known.first.state, known.first.privacy))


def test_names_write_no_markdown_and_no_markup():
    text = as_markdown(report(classification_run(hostile=True)))
    assert "<script>" not in text
    assert "\\<script\\>" in text


@settings(deadline=None, max_examples=30)  # each renders a whole report
@given(st.text())
def test_a_name_stays_on_its_line(name):
    run = classification_run()
    run = dataclasses.replace(run, data=dataclasses.replace(run.data, name=name))
    before = as_markdown(report(classification_run())).splitlines()
    assert len(as_markdown(report(run)).splitlines()) == len(before)


def test_the_json_has_every_column_of_a_wide_table():
    plain = as_json(report(wide_run()))
    assert len(plain["columns"]) == 2_000


def test_the_json_has_lists_with_stable_codes():
    run = classification_run()
    plain = as_json(report(run))
    assert {f["code"] for f in plain["findings"]} >= {f.code for f in run.profile.findings}
    assert plain["metrics"][0]["code"] == run.metric
    assert len(plain["decisions"]) == sum(len(s.decisions) + len(s.repairs) for s in run.stages)
    assert [t["code"] for t in plain["checklists"]] == [f"J{i + 1}" for i in range(16)]
    assert [s["code"] for s in plain["sections"]][:2] == ["data", "checks"]


def test_the_json_has_the_numbers_of_plots_and_not_their_lines():
    text = json.dumps(as_json(report(classification_run())))
    assert "<svg" not in text
    drawn = next(s for s in json.loads(text)["sections"] if s["code"] == "decisions")
    assert [b["rows"] for b in drawn["blocks"] if b["code"] == "plot-ladder"] == [[[1.5]]]


def test_the_json_can_be_written_and_read():
    plain = as_json(report(classification_run(hostile=True)))
    assert msgspec.json.decode(msgspec.json.encode(plain))["title"] == plain["title"]
