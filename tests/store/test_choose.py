from __future__ import annotations

import dataclasses
import os

import pytest

from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.record.profile import Profile
from autorecipe.record.run import Export, Parity, Run
from autorecipe.record.stage import StageResult
from autorecipe.store.choose import choose_directory, is_finished
from autorecipe.store.contents import check_ours_or_empty, remove_own
from autorecipe.store.directory import RunDirectory
from autorecipe.store.lock import LOCK_NAME
from autorecipe.testing import make_run

CONFIG = Config(target="bought")
PARITY = Parity(passed=True, n_rows=1, n_mutated=1, max_difference=0.0, labels_differ=0, seconds=1.0)
EXPORT = Export(path="export", n_members=1, n_parameters=1, size_bytes=1, parity=PARITY)


def run_of(*, fingerprint="f1", config=CONFIG, export=None) -> Run:
    run = make_run(config=config)
    data = dataclasses.replace(run.data, fingerprint=fingerprint)
    return dataclasses.replace(run, data=data, export=export)


def keep(path, run, *, age_s=0):
    with RunDirectory.create(path, now_s=lambda: 0.0) as directory:
        directory.save(run)
    written = 1_000_000_000 - age_s
    os.utime(path / "run.json", (written, written))
    return path


def choose(root, *, out="", fingerprint="f1", config=CONFIG, new=False, name="shop"):
    return choose_directory(out=str(out), root=root, name=name, fingerprint=fingerprint, config=config, new=new)


def test_the_first_run_is_numbered_one(tmp_path):
    choice = choose(tmp_path / "runs")
    assert choice.path == tmp_path / "runs" / "shop-1"
    assert (choice.continues, choice.finished, choice.note) == (False, False, "")


def test_the_next_run_takes_the_number_after_the_highest(tmp_path):
    for name in ("shop-2", "shop-10", "shop-x", "other-99"):
        (tmp_path / name).mkdir()
    assert choose(tmp_path).path.name == "shop-11"


def test_a_name_that_is_no_folder_name_is_made_one(tmp_path):
    assert choose(tmp_path, name="../my data").path == tmp_path / "my_data-1"


def test_the_newest_unfinished_run_of_the_same_data_and_flags_goes_on(tmp_path):
    keep(tmp_path / "shop-1", run_of(), age_s=30)
    keep(tmp_path / "shop-2", run_of(), age_s=20)
    keep(tmp_path / "shop-3", run_of(export=EXPORT), age_s=10)
    choice = choose(tmp_path)
    assert (choice.path.name, choice.continues, choice.finished) == ("shop-2", True, False)
    assert "continues" in choice.note


@pytest.mark.parametrize("change", [{"tensorboard": "curves"}, {"histograms": True}], ids=lambda own: next(iter(own)))
def test_what_is_written_for_tensorboard_makes_no_other_run(tmp_path, change):
    keep(tmp_path / "shop-1", run_of())
    assert choose(tmp_path, config=dataclasses.replace(CONFIG, **change)).continues


def test_another_time_limit_is_the_same_run(tmp_path):
    keep(tmp_path / "shop-1", run_of())
    assert choose(tmp_path, config=dataclasses.replace(CONFIG, time_limit_s=5.0)).continues


@pytest.mark.parametrize(
    "asked", [{"fingerprint": "f2"}, {"config": dataclasses.replace(CONFIG, seed=1)}, {"new": True}]
)
def test_other_data_other_flags_and_new_start_afresh(tmp_path, asked):
    keep(tmp_path / "shop-1", run_of())
    choice = choose(tmp_path, **asked)
    assert (choice.path.name, choice.continues) == ("shop-2", False)


def test_a_finished_run_is_shown(tmp_path):
    keep(tmp_path / "shop-1", run_of(export=EXPORT))
    choice = choose(tmp_path)
    assert (choice.path.name, choice.continues, choice.finished) == ("shop-1", True, True)
    assert "--new starts afresh" in choice.note


def test_a_run_that_another_process_works_on_is_passed_over(tmp_path):
    path = keep(tmp_path / "shop-1", run_of())
    with RunDirectory.open(path, now_s=lambda: 0.0):
        choice = choose(tmp_path)
    assert (choice.path.name, choice.continues) == ("shop-2", False)
    assert "another process is working on it" in choice.note


def test_a_damaged_run_is_passed_over_and_that_is_said(tmp_path):
    (keep(tmp_path / "shop-1", run_of()) / "run.json").write_text("{")
    choice = choose(tmp_path)
    assert choice.path.name == "shop-2"
    assert "damaged" in choice.note


def test_a_given_directory_that_is_new_or_empty_is_taken(tmp_path):
    assert choose(tmp_path, out=tmp_path / "new").path == tmp_path / "new"
    assert not choose(tmp_path, out=tmp_path).continues


def test_a_given_run_of_the_same_data_and_flags_goes_on(tmp_path):
    keep(tmp_path / "mine", run_of())
    choice = choose(tmp_path, out=tmp_path / "mine")
    assert (choice.path, choice.continues) == (tmp_path / "mine", True)


@pytest.mark.parametrize("new", [False, True])
def test_a_given_run_of_other_data_is_refused_by_name(tmp_path, new):
    keep(tmp_path / "mine", run_of(fingerprint="f2"))
    with pytest.raises(UserError, match=r"other data: 'shop\.csv' with fingerprint f2, not f1"):
        choose(tmp_path, out=tmp_path / "mine", new=new)


TRAINED = (StageResult(stage="profile", question=""), StageResult(stage="baseline", question=""))


def test_a_given_run_that_has_trained_nothing_gives_way_to_other_flags(tmp_path):
    keep(tmp_path / "mine", dataclasses.replace(run_of(), stages=TRAINED[:1]))
    choice = choose(tmp_path, out=tmp_path / "mine", config=dataclasses.replace(CONFIG, seed=4))
    assert not choice.continues
    assert "had not trained anything" in choice.note


def test_a_given_run_of_other_flags_is_refused_with_the_flags(tmp_path):
    keep(tmp_path / "mine", dataclasses.replace(run_of(), stages=TRAINED))
    config = dataclasses.replace(CONFIG, test_share=0.3, seed=4)
    with pytest.raises(UserError, match=r"--test was not given, now 0\.3; --seed was 0, now 4(.|\n)*--new"):
        choose(tmp_path, out=tmp_path / "mine", config=config)


def test_new_starts_afresh_in_a_given_run_of_other_flags(tmp_path):
    keep(tmp_path / "mine", run_of())
    choice = choose(tmp_path, out=tmp_path / "mine", config=dataclasses.replace(CONFIG, seed=4), new=True)
    assert (choice.path, choice.continues) == (tmp_path / "mine", False)
    assert "its earlier run is removed" in choice.note


def test_a_given_directory_of_other_files_is_refused(tmp_path):
    (tmp_path / "photo.jpg").write_text("")
    with pytest.raises(UserError, match="not empty and not a run"):
        choose(tmp_path, out=tmp_path)


def test_a_given_file_is_refused(tmp_path):
    (tmp_path / "photo.jpg").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        choose(tmp_path, out=tmp_path / "photo.jpg")


def run_until(until, *stages):
    return dataclasses.replace(make_run(config=Config(until=until)), stages=stages)


def test_a_run_is_finished_once_it_reached_the_stage_to_stop_after():
    baseline = StageResult(stage="baseline", question="?")
    assert is_finished(run_until("baseline", baseline))
    assert not is_finished(run_until("overfit", baseline))


def test_an_interrupted_last_stage_is_not_the_end():
    assert not is_finished(run_until("tune", StageResult(stage="tune", question="?", ended="interrupted")))


def test_a_squeezed_run_is_not_finished_before_its_export():
    squeezed = run_until("squeeze", StageResult(stage="squeeze", question="?"))
    assert not is_finished(squeezed)
    assert is_finished(dataclasses.replace(squeezed, export=EXPORT))


def test_a_run_until_the_profile_is_finished_with_it():
    profile = Profile(n_rows=1, columns=(), outcomes=(), findings=())
    assert not is_finished(run_until("profile"))
    assert is_finished(dataclasses.replace(run_until("profile"), profile=profile))


def test_what_a_killed_first_write_left_behind_does_not_bar_the_directory(tmp_path):
    (tmp_path / LOCK_NAME).touch()
    (tmp_path / ".run.json.4711.part").write_text("{")
    check_ours_or_empty(tmp_path)
    remove_own(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [LOCK_NAME]
