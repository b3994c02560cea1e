"""What is asked of a finished run by its directory."""

from __future__ import annotations

import dataclasses

import pytest

from autorecipe.finished import load_run, shown_as_asked
from autorecipe.record.run import Export, Parity
from autorecipe.store.directory import RunDirectory
from autorecipe.testing import make_run


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A run that is kept, and what was asked of its page."""
    asked = []
    monkeypatch.setattr(
        "autorecipe.report.page.write.write_report",
        lambda run, directory, *, show_values, show_samples: asked.append((directory, show_values, show_samples)),
    )
    with RunDirectory.create(tmp_path / "run", now_s=lambda: 0.0) as directory:
        directory.save(make_run())
    return tmp_path / "run", asked


@pytest.mark.parametrize("changed", [{"show_values": True}, {"show_samples": False}])
def test_a_finished_run_that_may_show_more_or_less_gets_its_page_anew_and_keeps_the_wish(kept, changed):
    path, asked = kept
    wanted = dataclasses.replace(make_run().config, **changed)
    shown_as_asked(str(path), wanted, pytest.fail)
    assert asked == [(path, wanted.show_values, wanted.show_samples)]
    assert load_run(str(path)).config == wanted


def test_a_finished_run_that_shows_what_is_asked_is_left_as_it_is(kept):
    path, asked = kept
    before = (path / "run.json").read_bytes()
    run = shown_as_asked(str(path), dataclasses.replace(make_run().config, time_limit_s=9.0), pytest.fail)
    assert asked == []
    assert run == load_run(str(path))
    assert (path / "run.json").read_bytes() == before


def test_the_export_of_a_run_that_was_moved_is_named_where_it_lies_now(tmp_path):
    parity = Parity(passed=True, n_rows=9, n_mutated=2, max_difference=0.0, labels_differ=0, seconds=1.0)
    export = Export(path="/elsewhere/run/export", n_members=1, n_parameters=9, size_bytes=9, parity=parity)
    with RunDirectory.create(tmp_path / "run", now_s=lambda: 0.0) as directory:
        directory.save(dataclasses.replace(make_run(), export=export))
    assert load_run(str(tmp_path / "run")).export == export
    (tmp_path / "run" / "export").mkdir()
    assert load_run(str(tmp_path / "run")).export.path == str(tmp_path / "run" / "export")
