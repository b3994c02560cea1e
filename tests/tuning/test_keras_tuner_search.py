from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from autorecipe.effects import Knob
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Trial
from autorecipe.testing import FakeClock, FakeTrainer
from autorecipe.tuning.search import KerasTunerSearcher, recipe_of
from autorecipe.tuning.space import custom_knobs, space_around

START = Recipe(learning_rate=1e-3)
SPACE = space_around(START, n_rows=1000, task="binary")
RATE_ONLY = SPACE[:1]
Search = Callable[..., tuple[Trial, ...]]


def peak_at_3e_3(recipe: Recipe, fold: int) -> float:
    return 0.8 - 0.1 * abs(math.log10(recipe.learning_rate / 3e-3)) - 0.01 * fold


@pytest.fixture
def search(tmp_path: Path) -> Search:
    def run(
        trainer: FakeTrainer, *, space=RATE_ONLY, max_trials=8, seed=0, direction="max", n_folds=2, **options
    ) -> tuple[Trial, ...]:
        start = options.pop("start", START)
        searcher = KerasTunerSearcher(
            trainer=trainer, directory=tmp_path, direction=direction, n_folds=n_folds, seed=seed, **options
        )
        return searcher.search(space, start, max_trials=max_trials, clock=trainer.clock)

    return run


@pytest.mark.slow
def test_the_start_is_the_first_trial_and_trains_on_every_fold(search):
    trainer = FakeTrainer(peak_at_3e_3)
    trials = search(trainer, max_trials=3)
    assert trials[0].recipe == START
    assert [len(t.fits) for t in trials] == [2, 2, 2]
    assert trainer.calls[:2] == [(START, 0), (START, 1)]


@pytest.mark.slow
def test_a_search_finds_a_better_learning_rate_within_its_range(search):
    trials = search(FakeTrainer(peak_at_3e_3), max_trials=12)
    best = max(trials, key=lambda t: t.validation_score)
    assert best.validation_score > trials[0].validation_score
    assert best.recipe.learning_rate == pytest.approx(3e-3, rel=0.4)
    assert all(2e-4 <= t.recipe.learning_rate <= 5e-3 for t in trials)


@pytest.mark.slow
def test_a_direction_of_min_searches_for_low_scores(search):
    trials = search(FakeTrainer(lambda r, f: -peak_at_3e_3(r, f)), max_trials=12, direction="min")
    late = [t.recipe.learning_rate for t in trials[-4:]]
    assert min(abs(math.log10(rate / 3e-3)) for rate in late) < 0.1


@pytest.mark.slow
def test_values_come_back_as_the_types_of_their_fields(search):
    for trial in search(FakeTrainer(peak_at_3e_3), space=SPACE, max_trials=10):
        for knob in SPACE:
            assert type(getattr(trial.recipe, knob.field)) is type(getattr(START, knob.field))
        assert trial.recipe.seed == START.seed


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_searches_the_same_recipes(search, seed):
    first = search(FakeTrainer(peak_at_3e_3), space=SPACE, seed=seed)
    second = search(FakeTrainer(peak_at_3e_3), space=SPACE, seed=seed)
    assert first == second


@pytest.mark.slow
def test_another_seed_searches_other_recipes(search):
    first, second = (search(FakeTrainer(peak_at_3e_3), seed=s) for s in (1, 2))
    assert [t.recipe for t in first[1:]] != [t.recipe for t in second[1:]]


@pytest.mark.slow
def test_resuming_a_cut_off_search_equals_never_stopping(search):
    whole = search(FakeTrainer(peak_at_3e_3), space=SPACE)
    trainer = FakeTrainer(peak_at_3e_3, clock=FakeClock(limit_s=6.5))
    part = search(trainer, space=SPACE)
    assert 0 < len(part) < len(whole)
    trainer.clock.limit_s = math.inf
    assert search(trainer, space=SPACE) == whole
    assert len(trainer.trained) == sum(len(t.fits) for t in whole)


@pytest.mark.slow
def test_no_trial_starts_that_would_end_after_the_deadline(search):
    trainer = FakeTrainer(peak_at_3e_3, clock=FakeClock(limit_s=7.0), seconds=1.0)
    trials = search(trainer, n_folds=2, max_trials=20)
    assert len(trials) == 3
    assert trainer.clock.used_s == 6.0


@pytest.mark.slow
def test_a_trial_that_the_clock_cuts_off_between_folds_is_left_out(search):
    trainer = FakeTrainer(peak_at_3e_3, clock=FakeClock(limit_s=2.5))
    assert search(trainer, n_folds=5) == ()
    assert trainer.clock.used_s == 2.0


@pytest.mark.slow
def test_an_interruption_stops_the_search(search):
    trainer = FakeTrainer(peak_at_3e_3)

    def score(recipe: Recipe, fold: int) -> float:
        trainer.clock.stopped = len(trainer.trained) == 4
        return peak_at_3e_3(recipe, fold)

    trainer.score = score
    assert len(search(trainer, n_folds=1, max_trials=20)) == 5


@pytest.mark.slow
def test_failing_trials_are_recorded_and_never_end_the_search(search):
    def fails(recipe: Recipe, fold: int) -> str:
        return "" if recipe == START else "the loss is not finite"

    trials = search(FakeTrainer(peak_at_3e_3, fails=fails), max_trials=8)
    assert [t.status for t in trials] == ["ok"] + ["failed"] * 7
    assert trials[1].cause == "the loss is not finite"
    assert len(trials[1].fits) == 1


@pytest.mark.slow
def test_a_score_that_is_not_finite_is_a_failure(search):
    trials = search(FakeTrainer(lambda r, f: math.nan), max_trials=4)
    assert [t.status for t in trials] == ["failed"] * 4
    assert "not finite" in trials[0].cause


@pytest.mark.slow
def test_a_defect_in_training_is_not_taken_for_a_failing_recipe(search):
    def broken(recipe: Recipe, fold: int) -> float:
        raise KeyError("no such column")

    with pytest.raises(KeyError, match="no such column"):
        search(FakeTrainer(broken))


@pytest.mark.slow
def test_a_small_space_is_exhausted_without_trying_anything_twice(search):
    space = (Knob(field="depth", choices=(1, 2, 3)),)
    trials = search(FakeTrainer(lambda r, f: r.depth / 10), space=space, max_trials=12)
    assert sorted(t.recipe.depth for t in trials) == [1, 2, 3]


@pytest.mark.slow
def test_a_search_prints_nothing(search, capsys):
    search(FakeTrainer(peak_at_3e_3), space=SPACE, max_trials=4)
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_choices_of_words_are_searched_too(search):
    space = (Knob(field="activation", choices=("relu", "gelu", "selu")),)
    trials = search(FakeTrainer(lambda r, f: 0.5), space=space, max_trials=3)
    assert {t.recipe.activation for t in trials} == {"relu", "gelu", "selu"}


@pytest.mark.slow
def test_a_grid_holds_every_combination_once_the_start_first(search):
    space = (
        Knob(field="learning_rate", low=1e-4, high=1e-2, sampling="log"),
        Knob(field="depth", choices=(1, 2)),
    )
    trials = search(FakeTrainer(peak_at_3e_3), space=space, max_trials=20, method="grid")
    assert [(t.recipe.learning_rate, t.recipe.depth) for t in trials] == [
        (1e-3, 2),
        (1e-4, 1),
        (1e-3, 1),
        (1e-2, 1),
        (1e-4, 2),
        (1e-2, 2),
    ]


@pytest.mark.slow
def test_a_grid_ends_with_its_trials(search):
    trials = search(FakeTrainer(peak_at_3e_3), space=SPACE, max_trials=5, method="grid")
    assert len({t.recipe for t in trials}) == 5
    assert {t.recipe.weight_decay for t in trials} == {0.0}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["random", "grid"])
def test_other_methods_resume_as_if_never_stopped_too(search, method):
    whole = search(FakeTrainer(peak_at_3e_3), space=SPACE, method=method)
    trainer = FakeTrainer(peak_at_3e_3, clock=FakeClock(limit_s=6.5))
    part = search(trainer, space=SPACE, method=method)
    assert 0 < len(part) < len(whole)
    trainer.clock.limit_s = math.inf
    assert search(trainer, space=SPACE, method=method) == whole


@pytest.mark.slow
def test_a_random_search_learns_nothing_from_its_scores(search):
    up, down = (
        search(
            FakeTrainer(lambda r, f, s=sign: 0.5 + s * peak_at_3e_3(r, f)),
            space=SPACE,  # of one rate, written with three digits, two of ten draws may be alike
            max_trials=10,
            method="random",
        )
        for sign in (1, -1)
    )
    assert [t.recipe for t in up] == [t.recipe for t in down]
    assert len({t.recipe for t in up}) == 10


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bayesian", "random", "grid"])
def test_knobs_of_an_architecture_of_the_users_are_searched(search, method):
    start = Recipe(family="custom", knobs=(("units", 8), ("gated", False), ("scale", 1.0)))
    space = custom_knobs(start)
    trials = search(FakeTrainer(lambda r, f: 0.5), space=space, start=start, max_trials=8, method=method)
    assert {dict(t.recipe.knobs)["units"] for t in trials} <= {4, 8, 16}
    assert {dict(t.recipe.knobs)["gated"] for t in trials} == {False, True}
    assert all(type(dict(t.recipe.knobs)["scale"]) is float for t in trials)
    assert len({t.recipe for t in trials}) == 8


def test_nothing_is_tried_without_time_or_trials(search):
    spent = FakeTrainer(peak_at_3e_3, clock=FakeClock(limit_s=0.0))
    assert search(spent) == ()
    assert search(FakeTrainer(peak_at_3e_3), max_trials=0) == ()


def test_a_space_that_leaves_out_the_start_is_refused(search):
    with pytest.raises(ValueError, match="leaves out the start's width: 64"):
        search(FakeTrainer(peak_at_3e_3), space=(Knob(field="width", choices=(128, 256)),))


def test_a_knob_that_is_no_field_is_refused(search):
    with pytest.raises(ValueError, match="'widht', which is no field"):
        search(FakeTrainer(peak_at_3e_3), space=(Knob(field="widht", choices=(1,)),))


def test_suggested_numbers_are_short_and_the_starts_own_are_exact():
    start = Recipe(learning_rate=0.00123456, width=64)
    space = (
        Knob(field="learning_rate", low=1e-4, high=1e-2, sampling="log"),
        Knob(field="width", low=16, high=128),
    )
    drawn = recipe_of({"learning_rate": 0.004567891, "width": 129}, space=space, start=start)
    assert (drawn.learning_rate, drawn.width) == (0.00457, 128)
    assert recipe_of({"learning_rate": 0.00123456, "width": 64}, space=space, start=start) == start
