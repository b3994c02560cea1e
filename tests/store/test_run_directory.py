from __future__ import annotations

import dataclasses
import os

import msgspec
import numpy as np
import pytest

from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import from_yaml
from autorecipe.record.evaluation import Evaluation
from autorecipe.record.profile import Profile
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit
from autorecipe.store.directory import RunDirectory
from autorecipe.testing import make_run


@pytest.fixture
def directory(tmp_path):
    with RunDirectory.create(tmp_path / "runs" / "a-1", now_s=lambda: 1.5) as made:
        yield made


def reopen(directory: RunDirectory) -> RunDirectory:
    directory.close()
    return RunDirectory.open(directory.path, now_s=lambda: 2.5)


def test_a_saved_run_comes_back_in_another_session(directory):
    directory.save(make_run())
    with reopen(directory) as again:
        assert again.load() == make_run()


def test_a_run_has_plain_twins_for_people_and_programs(directory):
    evaluation = Evaluation(rows="test", n_rows=9, metric="auc", scores=(), out_of_fold=(), ladder=(), verdict="alone")
    stage = StageResult(stage="overfit", question="?", end=Recipe(width=32))
    profile = Profile(n_rows=7, columns=(), outcomes=(), findings=())
    run = dataclasses.replace(make_run(stages=(stage,)), profile=profile, evaluation=evaluation)
    directory.save(run)
    assert msgspec.json.decode((directory.path / "profile.json").read_bytes())["n_rows"] == 7
    assert msgspec.json.decode((directory.path / "metrics.json").read_bytes())["n_rows"] == 9
    assert from_yaml((directory.path / "recipe.yaml").read_text()) == Recipe(width=32)


def test_the_recipe_says_what_the_final_model_is_made_of(directory):
    own, other = Recipe(width=32), Recipe(width=8)
    parts = tuple(
        EnsemblePart(name=name, recipe=recipe, keys=("a", "b"), weight=weight, score=0.8)
        for name, recipe, weight in (("net 2x32", own, 0.75), ("net 2x8", other, 0.25))
    )
    ensemble = Ensemble(parts=parts, score=0.8, best_alone=0.8, gain=0.0, gain_error=0.0, n_rows=9)
    stage = StageResult(stage="squeeze", question="?", end=own, ensemble=ensemble)
    directory.save(make_run(stages=(stage,)))
    text = (directory.path / "recipe.yaml").read_text()
    assert "#   weight 0.75: net 2x32 (mlp, 2 networks)\n#   weight 0.25: net 2x8 (mlp, 2 networks)\n" in text
    assert from_yaml(text) == own
    alone = dataclasses.replace(stage, ensemble=dataclasses.replace(ensemble, parts=parts[:1]))
    directory.save(make_run(stages=(alone,)))
    assert "weight" not in (directory.path / "recipe.yaml").read_text().partition("family")[0]


def test_the_journal_keeps_its_lines_in_order(directory):
    directory.event("kept", "width 64 -> 128")
    directory.event("note", "line\nbreak ü")
    lines = (directory.path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert msgspec.json.decode(lines[0]) == {"s": 1.5, "kind": "kept", "text": "width 64 -> 128"}
    assert [e.text for e in directory.events()] == ["width 64 -> 128", "line\nbreak ü"]


def test_a_half_written_line_of_the_journal_is_left_out_and_not_joined_to_the_next(directory):
    directory.save(make_run())
    directory.event("a", "first")
    with open(directory.path / "events.jsonl", "a") as journal:
        journal.write('{"s": 1, "ki')
    with reopen(directory) as again:
        again.event("b", "second")
        assert [e.text for e in again.events()] == ["first", "second"]


def test_a_fit_comes_back_with_its_predictions_and_weights(directory):
    fit = Fit(key="abc", fold=1, validation_score=0.8)
    weights = [np.full((2, 3), i, dtype="float32") for i in range(12)]
    directory.save_fit("abc", fit, predictions={"validation": np.arange(3.0)}, weights=weights)
    assert directory.load_fit("abc") == fit
    np.testing.assert_array_equal(directory.load_predictions("abc")["validation"], [0, 1, 2])
    for back, array in zip(directory.load_weights("abc"), weights, strict=True):
        np.testing.assert_array_equal(back, array)


def test_a_failed_fit_comes_back_without_weights(directory):
    fit = Fit(key="abc", fold=1, status="failed", cause="nan", train_loss=float("nan"))
    directory.save_fit("abc", fit, predictions={}, weights=None)
    assert directory.load_fit("abc").cause == "nan"
    assert directory.load_predictions("abc") == {}
    with pytest.raises(UserError, match=r"cannot read arrays from .*weights\.npz"):
        directory.load_weights("abc")


def test_a_fit_that_is_not_there_is_none(directory):
    assert directory.load_fit("abc") is None


@pytest.mark.parametrize("damage", ["fit.json", "predictions.npz"])
def test_half_a_fit_is_none(directory, damage):
    directory.save_fit("abc", Fit(key="abc", fold=1), predictions={}, weights=None)
    os.remove(directory.path / "trials" / "abc" / damage)
    assert directory.load_fit("abc") is None


def test_a_damaged_fit_is_none(directory):
    directory.save_fit("abc", Fit(key="abc", fold=1), predictions={}, weights=None)
    (directory.path / "trials" / "abc" / "fit.json").write_text('{"key": "abc"')
    assert directory.load_fit("abc") is None


def test_a_fit_that_dies_while_it_is_replaced_is_none(directory, monkeypatch):
    directory.save_fit("abc", Fit(key="abc", fold=1), predictions={}, weights=None)

    def die(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(KeyboardInterrupt):
        directory.save_fit("abc", Fit(key="abc", fold=2), predictions={}, weights=None)
    assert directory.load_fit("abc") is None


def test_seconds_spent_are_counted_over_sessions(directory):
    assert directory.spent_s() == 0
    directory.save_spent(61.5)
    assert directory.spent_s() == 61.5


def test_damaged_seconds_are_named(directory):
    (directory.path / "spent.json").write_text("{}")
    with pytest.raises(UserError, match=r"spent\.json"):
        directory.spent_s()


def test_starting_afresh_removes_the_earlier_run_and_nothing_else(directory):
    directory.save(make_run())
    directory.save_fit("abc", Fit(key="abc", fold=1), predictions={}, weights=None)
    (directory.path / "mine.txt").write_text("keep")
    directory.close()
    with RunDirectory.create(directory.path, now_s=lambda: 0.0) as fresh:
        assert fresh.load_fit("abc") is None
        assert sorted(os.listdir(fresh.path)) == [".lock", "mine.txt"]


def test_a_start_that_died_before_its_first_run_json_can_be_started_again(directory):
    directory.event("a", "b")
    directory.close()
    with RunDirectory.create(directory.path, now_s=lambda: 0.0) as again:
        assert again.events() == ()


@pytest.mark.parametrize("name", ["photo.jpg", "export"])
def test_files_that_no_run_wrote_are_not_touched(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(UserError, match=f"not empty and not a run: it holds '{name}'"):
        RunDirectory.create(tmp_path, now_s=lambda: 0.0)
    assert (tmp_path / name).read_text() == "mine"


def test_what_is_no_run_cannot_be_opened(tmp_path):
    with pytest.raises(UserError, match=r"is not a run: it has no run\.json"):
        RunDirectory.open(tmp_path, now_s=lambda: 0.0)


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_directory_that_cannot_be_made_is_a_user_error(tmp_path, path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        RunDirectory.create(tmp_path / path, now_s=lambda: 0.0)


def test_a_held_directory_is_not_started_afresh(directory):
    directory.save(make_run())
    with pytest.raises(UserError, match="another process is working"):
        RunDirectory.create(directory.path, now_s=lambda: 0.0)
    assert directory.load() == make_run()
