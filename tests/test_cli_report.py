from __future__ import annotations

import webbrowser

import pytest
from click.testing import CliRunner

from autorecipe.cli import cli
from autorecipe.store.codec import encode
from autorecipe.testing import make_run


@pytest.fixture
def directory(tmp_path, monkeypatch):
    """A run's directory; plots have tests of their own."""
    monkeypatch.setattr("autorecipe.report.plots.plots_of", lambda run, *, show_values: ())
    (tmp_path / "run.json").write_bytes(encode(make_run()))
    return tmp_path


def report(*words):
    return CliRunner().invoke(cli, ["report", *(str(word) for word in words)])


def test_a_report_is_told_and_its_page_written(directory):
    result = report(directory)
    assert result.exit_code == 0, result.output
    assert "report.html" in result.stdout
    assert (directory / "report.html").exists()


def test_what_is_shown_is_what_the_flags_say(directory):
    report(directory)
    page = directory / "report.html"
    assert "This page shows no cell values" in page.read_text(encoding="utf-8")
    report(directory, "--show-values")
    assert "This page shows cell values" in page.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_says_what_mends_it(directory):
    (directory / "report.html").mkdir()
    result = report(directory)
    assert result.exit_code == 2
    assert f"where: {directory}\nfix: make the directory of the run writable, or report a copy" in result.stderr


def test_the_page_is_opened_on_request(directory, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    assert report(directory, "--open").exit_code == 0
    assert opened == [(directory / "report.html").resolve().as_uri()]


def test_without_a_browser_the_path_is_named(directory, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    result = report(directory, "--open")
    assert result.exit_code == 2
    assert "no browser was found" in result.stderr


def test_figures_are_written_where_asked(directory, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        "autorecipe.report.figures.write_figures",
        lambda run, folder, *, show_values: asked.append((folder.name, show_values)) or (folder / "a.svg",) * 2,
        raising=False,
    )
    result = report(directory, "--figures", tmp_path / "plots")
    assert result.exit_code == 0
    assert "plots: 1 figure as SVG, and the numbers of each as CSV" in " ".join(result.output.split())
    assert asked == [("plots", False)]


def test_figures_alone_tell_what_was_written_and_leave_the_page(directory, tmp_path):
    result = report(directory, "--figures", tmp_path / "plots")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("figures ")
    assert "task" not in result.stdout
    assert not (directory / "report.html").exists()


def test_a_page_that_is_opened_is_written_beside_the_figures(directory, monkeypatch, tmp_path):
    monkeypatch.setattr(webbrowser, "open", lambda url: True)
    assert report(directory, "--figures", tmp_path / "plots", "--open").exit_code == 0
    assert (directory / "report.html").exists()
