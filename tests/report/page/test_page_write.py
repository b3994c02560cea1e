"""The report is written whole, grows with its run, and never ends it."""

from __future__ import annotations

import dataclasses
import json

import pytest
from PIL import Image
from rich_run import classification_run, unfinished_run

from autorecipe.errors import UserError
from autorecipe.report.page import write
from autorecipe.report.page.thumbnails import BUDGET_BYTES, Thumbnails
from autorecipe.report.page.write import GrowingReport, rewrite, write_report
from autorecipe.report.progress import QuietProgress
from autorecipe.store.lock import RunLock
from autorecipe.testing.runs import make_run, with_images


@pytest.fixture(autouse=True)
def no_plots(monkeypatch):
    """Plots have tests of their own."""
    monkeypatch.setattr("autorecipe.report.plots.plots_of", lambda run, *, show_values: ())


@pytest.fixture
def written(monkeypatch):
    """The runs whose report was written, in their order; each takes a second of a clock that stands still otherwise."""
    known, clock = [], [100.0]

    def write_one(run, directory, **choices):
        known.append(run)
        clock[0] += 1.0

    monkeypatch.setattr(write, "write_report", write_one)
    monkeypatch.setattr(write.time, "monotonic", lambda: clock[0])
    return known, clock


def test_the_page_and_its_twins_are_written(tmp_path):
    page = write_report(classification_run(), tmp_path, show_values=False, show_samples=True)
    assert page == tmp_path / "report.html"
    assert {entry.name for entry in tmp_path.iterdir()} == {"report.html", "report.md", "report.json"}
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["title"] == "people.csv"


def test_a_page_elsewhere_is_written_alone(tmp_path):
    page = write_report(
        unfinished_run(), tmp_path / "none", show_values=False, show_samples=True, page=tmp_path / "a.html"
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.html"]
    assert "What lies where" not in page.read_text(encoding="utf-8")


def test_a_directory_that_cannot_be_written_is_a_mistake_of_the_user(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        write_report(classification_run(), tmp_path / "file", show_values=False, show_samples=True)


def test_a_failing_report_is_told_and_ends_nothing(tmp_path, monkeypatch):
    def fail(*args, **choices):
        raise ValueError("no room")

    monkeypatch.setattr(write, "write_report", fail)
    told = []
    rewrite(classification_run(), tmp_path, told.append)
    assert told == ["the report could not be written: ValueError: no room"]


def test_a_failing_report_is_told_once_while_a_run_works(tmp_path, monkeypatch):
    def fail(*args, **choices):
        raise ValueError("no room")

    monkeypatch.setattr(write, "write_report", fail)
    told = []
    page = GrowingReport(tmp_path, told.append)
    for _ in range(3):
        page.rewrite(unfinished_run(), is_last=True)
    assert len(told) == 1


def test_a_failing_report_warns_where_nothing_else_is_said(tmp_path, monkeypatch):
    def fail(*args, **choices):
        return len(None)

    monkeypatch.setattr(write, "write_report", fail)
    with pytest.warns(RuntimeWarning, match="the report could not be written: TypeError: .* has no len"):
        GrowingReport(tmp_path, QuietProgress().warn).rewrite(unfinished_run())


def test_a_report_is_not_rewritten_a_moment_after_the_last(tmp_path, written):
    known, clock = written
    page = GrowingReport(tmp_path, print)
    page.rewrite(unfinished_run())
    clock[0] += 9.0
    page.rewrite(unfinished_run())
    assert len(known) == 1
    clock[0] += 2.0
    page.rewrite(unfinished_run())
    assert len(known) == 2
    assert page.seconds == 2.0


def test_a_report_is_not_rewritten_when_little_time_is_left(tmp_path, written):
    known, clock = written
    page = GrowingReport(tmp_path, print)
    page.rewrite(unfinished_run())
    clock[0] += 100.0
    page.rewrite(unfinished_run(), left_s=5.0)
    assert len(known) == 1
    page.rewrite(unfinished_run(), left_s=50.0)
    assert len(known) == 2


def test_the_last_report_is_always_written(tmp_path, written):
    known, _ = written
    page = GrowingReport(tmp_path, print)
    page.rewrite(unfinished_run())
    page.rewrite(classification_run(), is_last=True)
    assert known[-1].time is not None


def picture_run(directory):
    (directory / "pictures").mkdir()
    Image.effect_noise((1_600, 900), 80).save(directory / "pictures" / "samples.png")
    run = with_images(make_run(task="multiclass"))
    images = dataclasses.replace(run.profile.images, pictures=(("Samples", "pictures/samples.png"),))
    return dataclasses.replace(run, profile=dataclasses.replace(run.profile, images=images))


def test_contact_sheets_are_shown_small_unless_samples_are_hidden(tmp_path):
    run = picture_run(tmp_path)
    html = write_report(run, tmp_path, show_values=False, show_samples=True).read_text(encoding="utf-8")
    assert 'src="data:image/jpeg;base64,' in html
    assert 'width="1000"' in html
    hidden = write_report(run, tmp_path, show_values=False, show_samples=False).read_text(encoding="utf-8")
    assert "<img" not in hidden


def test_pictures_beyond_the_budget_are_named_and_not_shown(tmp_path):
    picture_run(tmp_path)
    shown = Thumbnails(tmp_path).of((("Samples", "pictures/samples.png"),) * 20)
    sizes = [len(picture.uri) for picture in shown]
    assert sum(sizes) <= BUDGET_BYTES + 20 * 30
    assert 0 in sizes
    assert len(shown) == 20


def test_pictures_that_are_missing_or_damaged_are_left_out(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (bad,) = Thumbnails(tmp_path).of((("Bad", "bad.png"), ("Gone", "gone.png")))
    assert bad.uri == ""
    assert Thumbnails(None).of((("Bad", "bad.png"),)) == ()


def test_a_page_knows_whether_a_process_works_on_its_run(tmp_path):
    def state() -> str:
        write_report(unfinished_run(), tmp_path, show_values=False, show_samples=True)
        return json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["first"]["state"]

    lock = RunLock(tmp_path)
    assert state().startswith("Overfit was next")
    lock.release()
    assert state().startswith("Broken off before Overfit")
