from __future__ import annotations

import dataclasses

import pytest
from stage_runs import NET, effects_with, even, run_after

from autorecipe.change import Change
from autorecipe.config import Config
from autorecipe.recipe import Recipe
from autorecipe.stages.early import try_early
from autorecipe.stages.growth import early_changes
from autorecipe.stages.portfolio import (
    DEFAULT_SOURCE,
    data_size,
    family_change,
    family_changes,
    is_family_change,
    is_too_dear,
)
from autorecipe.testing import make_run

EMBED = Change(edits=(("numeric_embedding", "piecewise_linear"),), title="embed the numbers", source="a paper")


def tried(changes, score=even, *, limit_s: float = float("inf"), **options):
    effects = effects_with(score, **options)
    run = run_after(effects)
    run = dataclasses.replace(run, config=dataclasses.replace(run.config, time_limit_s=float("inf")))
    effects.clock.limit_s = effects.clock.used_s + limit_s
    return try_early(changes, run.stages[-1].best, run, effects, seed_spread=0.0)


def change_to(name: str) -> Change:
    return family_change(name, NET, data_size(make_run()))


def test_the_strong_default_stands_unless_it_is_worse_beyond_its_error():
    found = tried((change_to("tabm_mini"),))
    assert found.best.recipe.family == "tabm_mini"
    assert found.decisions[0].change.source == DEFAULT_SOURCE
    worse = tried((change_to("tabm_mini"),), lambda r, fold: 0.8 - 0.1 * (r.family == "tabm_mini"))
    assert worse.best.recipe == NET


def test_a_further_family_must_win():
    changes = (change_to("tabm_mini"), change_to("realmlp"))
    assert tried(changes).best.recipe.family == "tabm_mini"
    better = tried(changes, lambda r, fold: 0.8 + 0.1 * (r.family == "realmlp"))
    assert better.best.recipe.family == "realmlp"
    assert [d.kept for d in better.decisions] == [True, True]


def test_a_family_brings_all_its_settings_along():
    kept = tried((EMBED, change_to("realmlp")), lambda r, fold: 0.8 + 0.1 * (r.family == "realmlp"))
    assert kept.best.recipe == change_to("realmlp").apply(NET)


def test_an_edit_for_the_plain_net_is_not_tried_on_another_family():
    found = tried((change_to("tabm_mini"), EMBED))
    assert [t.name for t in found.trials] == ["TabM-mini"]


def test_what_does_not_fit_into_the_time_is_left_out_and_said():
    found = tried((EMBED, change_to("tabm_mini")), limit_s=0.0)
    assert (found.trials, found.left_out) == ((), ("embed the numbers", "TabM-mini"))
    assert found.notes == ("no time for embed the numbers, TabM-mini",)


def test_a_further_family_leaves_most_of_the_limit_to_others():
    run = make_run(config=Config(target="bought", time_limit_s=100.0))
    assert is_too_dear(change_to("realmlp"), 11.0, run)
    assert not is_too_dear(change_to("realmlp"), 9.0, run)
    assert not is_too_dear(change_to("modern_nca"), 11.0, run)
    named = make_run(config=Config(target="bought", time_limit_s=100.0, families=("realmlp",)))
    assert not is_too_dear(change_to("realmlp"), 11.0, named)


@pytest.mark.parametrize(("families", "expected"), [(("mlp",), []), (("dcn", "realmlp"), ["dcn", "realmlp"])])
def test_the_families_that_the_user_names_are_tried_in_place_of_those_that_suit(families, expected):
    run = make_run(config=Config(target="bought", families=families))
    changes = family_changes(NET, run, has_gpu=False)
    assert [dict(c.edits)["family"] for c in changes] == expected


def test_the_quick_preset_tries_one_family():
    run = make_run(config=Config(target="bought", preset="quick"))
    changes = early_changes(NET, run, effects_with(even))
    assert [is_family_change(change) for change in changes] == [False, True]


def test_an_architecture_of_the_users_stands_alone():
    own = dataclasses.replace(NET, family="custom", architecture="m:f")
    assert family_changes(own, make_run(), has_gpu=False) == ()


def test_a_family_keeps_the_loss_and_the_seed():
    plain = Recipe(loss="huber", seed=7)
    after = change_to("tabm_mini").apply(plain)
    assert (after.loss, after.seed) == ("huber", 7)


def test_what_an_interrupt_left_out_is_told_apart_from_what_there_was_no_time_for():
    effects = effects_with(even)
    run = run_after(effects)
    effects.clock.stopped = True
    found = try_early((EMBED,), run.stages[-1].best, run, effects, seed_spread=0.0)
    assert found.notes == ("interrupted before embed the numbers",)
