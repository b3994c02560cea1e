"""The user's own idea, judged as the stages judge theirs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autorecipe import api
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.idea import (
    LEAST_LIMIT_S,
    announcement,
    best_with_ideas,
    change_for,
    default_limit_s,
    idea_s,
    try_change,
    with_idea,
)
from autorecipe.recipe import Recipe
from autorecipe.record.stage import Idea, StageResult
from autorecipe.report.text_idea import idea_lines, tried_lines
from autorecipe.report.text_words import as_text
from autorecipe.stages.trials import try_recipe
from autorecipe.store.codec import decode, encode
from autorecipe.store.directory import RunDirectory
from autorecipe.testing import FakeTrainer, fake_effects, make_run

NET = Recipe(epochs=3)
SIGNS = (1, -1, 1, -1, 0)


def gaining(**gains):
    """A score that wobbles over the folds, and gains a little with each field that is above the net's own."""

    def score(recipe, fold):
        gained = sum(gain for field, gain in gains.items() if getattr(recipe, field) != getattr(NET, field))
        wobble = 0.002 * SIGNS[fold % 5] * (1 if recipe == NET else -1)
        return 0.8 + gained + wobble

    return score


def effects_of(score, *, n_folds=5, limit_s=float("inf"), **options):
    return fake_effects(trainer=FakeTrainer(score, **options), n_folds=n_folds, limit_s=limit_s)


def run_of(effects, **options):
    best = try_recipe(NET, effects, name="net", whatever_the_clock=True)
    result = StageResult(stage="regularize", question="?", start=NET, end=NET, best=best, trials=(best,))
    return make_run(n_folds=effects.n_folds, stages=(result,), **options)


def tried(score, *words, **options):
    """Return the run after ideas, one per word, each on top of those kept before."""
    effects = effects_of(score, **options)
    run = run_of(effects)
    for word in words:
        run = with_idea(run, try_change(change_for(run, (word,)), run, effects))
    return run


def test_a_gain_beyond_the_noise_is_kept():
    run = tried(gaining(width=0.05), "width=256")
    idea = run.ideas[0]
    assert idea.decision.kept
    assert (idea.trial.recipe, idea.base) == (dataclasses.replace(NET, width=256), NET.key)
    assert idea.decision.effect == pytest.approx(idea.trial.validation_score - idea.score_before)
    assert best_with_ideas(run) == idea.trial


def test_a_difference_within_the_noise_is_not():
    run = tried(gaining(width=0.0001), "width=256")
    assert not run.ideas[0].decision.kept
    assert best_with_ideas(run) == run.best


def test_a_tie_goes_to_the_simpler_recipe():
    assert tried(gaining(), "width=32").ideas[0].decision.kept


def test_an_idea_builds_on_the_one_that_was_kept():
    run = tried(gaining(width=0.05, dropout=0.05), "width=256", "depth=4", "dropout=0.3")
    assert [idea.decision.kept for idea in run.ideas] == [True, False, True]
    assert best_with_ideas(run).recipe == dataclasses.replace(NET, width=256, dropout=0.3)


def test_once_a_search_went_on_its_own_best_stands():
    effects = effects_of(gaining(width=0.05))
    run = run_of(effects)
    run = with_idea(run, try_change(change_for(run, ("width=256",)), run, effects))
    taken_back = try_recipe(dataclasses.replace(NET, width=128), effects, name="tuned")
    later = StageResult(stage="tune", question="?", end=taken_back.recipe, best=taken_back)
    run = dataclasses.replace(run, stages=(*run.stages, later))
    assert best_with_ideas(run) == taken_back


def test_the_same_idea_is_entered_once():
    run = tried(gaining(), "depth=4", "depth=5", "depth=4")
    assert [idea.trial.recipe.depth for idea in run.ideas] == [5, 4]


def test_the_more_ideas_were_tried_on_a_base_the_more_the_next_has_to_gain():
    run = tried(gaining(), "depth=4", "depth=5", "depth=6", "depth=4")
    assert [(i.trial.recipe.depth, i.decision.n_tried) for i in run.ideas] == [(5, 2), (6, 3), (4, 3)]


def test_a_base_that_was_changed_begins_anew():
    run = tried(gaining(width=0.05), "depth=4", "width=256", "depth=5")
    assert [idea.decision.n_tried for idea in run.ideas] == [1, 2, 1]


def test_a_network_that_could_not_be_trained_was_no_candidate():
    run = tried(gaining(), "width=256", "depth=4", fails=lambda r, f: "OutOfMemory: no room" if r.width > 64 else "")
    assert run.ideas[1].decision.n_tried == 1


def test_on_one_split_the_seeds_count_too():
    def steady(recipe, fold):
        return 0.8 + 0.02 * (recipe.width > 64)

    def moody(recipe, fold):
        return steady(recipe, fold) + 0.001 * (recipe.seed % 97)

    kept = [
        tried(score, "width=256", n_folds=1, error_of_rows=0.001).ideas[0].decision.kept for score in (steady, moody)
    ]
    assert kept == [True, False]


def test_a_network_that_cannot_be_trained_is_entered_with_its_cause():
    run = tried(gaining(), "width=256", fails=lambda recipe, fold: "OutOfMemory: no room" if recipe.width > 64 else "")
    assert run.ideas[0].decision.rule == "rejected: OutOfMemory: no room"
    assert best_with_ideas(run) == run.best
    assert "it could not be trained" in as_text(tried_lines(run, "runs/x"))


def test_without_a_network_there_is_nothing_to_change():
    with pytest.raises(UserError, match="no trained network to change"):
        change_for(make_run(), ("width=256",))


def test_an_idea_that_runs_out_of_time_is_not_judged():
    effects = effects_of(gaining(), seconds=10.0)
    run = run_of(effects)
    effects.trainer.clock.limit_s = effects.trainer.clock.used_s + 25
    with pytest.raises(UserError, match=r"time ended before every fold(.|\n)*--time-limit"):
        try_change(change_for(run, ("width=256",)), run, effects)


def test_a_wish_to_stop_ends_it():
    effects = effects_of(gaining())
    run = run_of(effects)
    effects.trainer.clock.stopped = True
    with pytest.raises(KeyboardInterrupt):
        try_change(change_for(run, ("width=256",)), run, effects)


def test_the_limit_follows_what_the_best_recipe_took():
    slow, quick = (run_of(effects_of(gaining(), seconds=seconds)) for seconds in (100.0, 0.1))
    change = change_for(slow, ("dropout=0.3",))
    assert idea_s(change, slow) == pytest.approx(500.0)
    assert default_limit_s(change, slow) > idea_s(change, slow)
    assert default_limit_s(change, quick) == LEAST_LIMIT_S
    said = announcement(change, slow, limit_s=60.0)
    assert said == "tries dropout 0.0 -> 0.3 on 5 folds: about 8m20s of training, given 1m00s at most"


def test_one_split_counts_the_seeds_of_its_error():
    run = run_of(effects_of(gaining(), n_folds=1, seconds=100.0))
    assert idea_s(change_for(run, ("dropout=0.3",)), run) == pytest.approx(300.0)


def test_ideas_survive_the_run_file():
    idea = tried(gaining(width=0.05), "width=256").ideas[0]
    assert decode(encode(idea), Idea) == idea


@pytest.mark.parametrize(
    ("score", "word", "words"),
    [
        (
            gaining(width=0.05),
            "width=256",
            ("kept: the gain is larger", "resume runs/x searches on from it"),
        ),
        (gaining(), "width=32", ("kept: it is simpler", "autorecipe resume runs/x")),
        (gaining(), "width=256", ("within its error, so it may be chance", "autorecipe try runs/x")),
        (gaining(width=-0.05), "width=256", ("worse by more than its error", "the recipe stays as it was")),
    ],
)
def test_what_became_of_it_is_said_in_plain_words(score, word, words):
    text = " ".join(as_text(tried_lines(tried(score, word), "runs/x")).split())
    assert "change width 64 ->" in text
    assert "before," in text
    assert "on 5 folds (± is one standard error)" in text
    assert all(part in text for part in words)


def test_the_report_lists_every_idea():
    assert idea_lines(make_run()) == ()
    text = as_text(idea_lines(tried(gaining(width=0.05), "width=256", "depth=4")))
    assert text.startswith("Your ideas\n  kept  width 64 -> 256: ROC AUC 0.800 before, 0.850 with it")
    assert "\n  no    depth 2 -> 4: " in text


@pytest.fixture
def kept_run(tmp_path):
    """A run on the disk, of rows that are there."""
    data = Path(__file__).parents[1] / "examples" / "data" / "breast_cancer.csv"
    run = run_of(effects_of(gaining()), config=Config(target="target"))
    run = dataclasses.replace(run, data=dataclasses.replace(run.data, path=str(data)))
    with RunDirectory.create(tmp_path / "run", now_s=lambda: 0.0) as directory:
        directory.save(run)
    return tmp_path / "run"


def test_rows_that_have_changed_are_refused_and_the_run_stays(kept_run):
    before = (kept_run / "run.json").read_bytes()
    with pytest.raises(UserError, match="has changed since the run began"):
        api.try_idea(str(kept_run), ("width=256",))
    assert (kept_run / "run.json").read_bytes() == before


def test_a_judged_idea_is_entered_in_the_run_and_its_journal(kept_run, monkeypatch):
    effects = effects_of(gaining(width=0.05))

    def judged_elsewhere(run, intake, store, change, *, clock, architecture):
        run = with_idea(run, try_change(change, run, effects))
        store.save(run)
        store.event("idea", change.title)
        return run

    monkeypatch.setattr("autorecipe.after.try_on", judged_elsewhere)
    monkeypatch.setattr(api, "same_rows", lambda run, config, directory: None)
    returned = api.try_idea(str(kept_run), (("width", 256), "dropout=0.1"), time_limit_s=30.0)
    with RunDirectory.open(kept_run, now_s=lambda: 0.0) as directory:
        assert directory.load() == returned
        assert directory.events()[-1].text == "width 64 -> 256, dropout 0.0 -> 0.1"
    assert returned.ideas[0].decision.kept


def test_an_interrupted_idea_leaves_the_run_as_it_was(kept_run, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    before = (kept_run / "run.json").read_bytes()
    monkeypatch.setattr("autorecipe.after.try_on", interrupted)
    monkeypatch.setattr(api, "same_rows", lambda run, config, directory: None)
    with pytest.raises(KeyboardInterrupt):
        api.try_idea(str(kept_run), ("width=256",))
    assert (kept_run / "run.json").read_bytes() == before
    with RunDirectory.open(kept_run, now_s=lambda: 0.0):  # the directory was let go
        pass
