"""What a trial will cost, how many fit, and how they are shortened when too few do."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.planner import (
    FEWEST_EPOCHS,
    LEAST_ROWS,
    MIN_TRIALS,
    Allowance,
    is_shortened,
    plan_stage,
    plan_text,
    shortened,
)
from autorecipe.recipe import Recipe
from autorecipe.record.stage import StagePlan
from autorecipe.record.trial import Fit, Trial
from autorecipe.trial_cost import expected_epochs, predicted_s

LAW = settings(max_examples=50, deadline=None)
NET = Recipe(epochs=100, patience=15)
STEADY = dataclasses.replace(NET, patience=0)  # trained to its last epoch, whatever others needed
N_TRAIN = 16_000


def trained(
    recipe: Recipe = NET,
    *,
    epochs: int = 40,
    epoch_s: float = 0.5,
    setup_s: float = 0.0,
    best_epoch: int = 25,
    n_folds: int = 1,
    is_cut: bool = False,
) -> Trial:
    fits = tuple(
        Fit(
            key=f"{recipe.key}-{fold}",
            fold=fold,
            seconds=setup_s + epochs * epoch_s,
            setup_s=setup_s,
            epochs=epochs,
            best_epoch=best_epoch,
            n_parameters=16 * recipe.width + recipe.width**2 * (recipe.depth - 1),
            is_cut=is_cut,
        )
        for fold in range(n_folds)
    )
    return Trial(name="net", recipe=recipe, fits=fits)


def cost(recipe: Recipe, known: list[Trial] | None = None, *, n_folds: int = 1, n_train: int = N_TRAIN) -> float:
    return predicted_s(recipe, known or [trained()], n_folds=n_folds, n_train=n_train)


def several_sizes() -> list[Trial]:
    """Networks of several sizes, among them a small one that a busy machine has slowed down."""
    seconds = {32: 0.9, 64: 0.5, 256: 3.0}
    return [trained(dataclasses.replace(NET, width=width), epoch_s=s, setup_s=0.7) for width, s in seconds.items()]


def test_the_same_recipe_costs_what_it_cost():
    assert cost(NET) == pytest.approx(40 * 0.5)


def test_every_fold_costs_the_same():
    assert cost(NET, n_folds=5) == pytest.approx(5 * cost(NET))


def test_without_a_trained_network_nothing_is_known():
    baseline = Trial(name="linear", recipe=None, fits=(Fit(key="l", fold=0, seconds=3.0),))
    assert predicted_s(NET, [baseline], n_folds=1, n_train=N_TRAIN) == 0.0


def test_a_new_topology_is_compiled_first():
    known = [trained(setup_s=2.0)]
    seeded = dataclasses.replace(NET, seed=5, learning_rate=1e-2, l2=1e-4, weight_decay=0.02)
    assert cost(seeded, known) == pytest.approx(20.0)
    assert cost(dataclasses.replace(NET, activation="gelu"), known) == pytest.approx(22.0)


def test_what_is_switched_on_is_compiled_first_and_another_strength_of_it_is_not():
    plain, dropped = trained(setup_s=2.0), trained(dataclasses.replace(NET, dropout=0.1), setup_s=2.0)
    stronger = dataclasses.replace(NET, dropout=0.4)
    assert cost(stronger, [plain]) == pytest.approx(22.0)
    assert cost(stronger, [plain, dropped]) == pytest.approx(20.0)


def test_early_stopping_is_expected_where_it_was_seen():
    assert expected_epochs(NET, [trained(epochs=30), trained(epochs=40), trained(epochs=50)]) == 40
    assert expected_epochs(dataclasses.replace(NET, epochs=20), [trained()]) == 20


def test_a_training_that_went_through_all_its_epochs_says_nothing_of_early_stopping():
    assert expected_epochs(NET, [trained(epochs=100)]) == 100


def test_a_training_that_the_clock_cut_is_taken_to_need_more_but_not_all_epochs():
    cut = expected_epochs(NET, [trained(is_cut=True)])
    assert expected_epochs(NET, [trained()]) < cut < NET.epochs


@pytest.mark.parametrize("edits", [{"patience": 0}, {"patience": 100}])
def test_a_training_without_patience_runs_to_its_end_and_says_nothing_of_others(edits):
    endless = dataclasses.replace(NET, **edits)
    assert expected_epochs(endless, [trained()]) == 100
    assert expected_epochs(NET, [trained(), trained(endless, epochs=100), trained(endless, epochs=100)]) == 40


def test_a_falling_rate_stops_early_too():
    assert expected_epochs(dataclasses.replace(NET, schedule="cosine"), [trained()]) == 40


def test_a_step_of_sharpness_aware_minimization_costs_two():
    assert cost(dataclasses.replace(NET, sam=0.05)) == pytest.approx(2 * cost(NET))


@pytest.mark.parametrize(
    "edits",
    [{"width": 256}, {"depth": 5}, {"numeric_embedding": "piecewise_linear"}, {"batch_size": 32}, {"funnel": False}],
)
def test_more_work_never_costs_less(edits):
    small = dataclasses.replace(NET, funnel=True, width=128)
    known = [trained(small)]
    assert cost(dataclasses.replace(small, **edits), known) > cost(small, known)


def test_twice_a_knob_of_an_own_architecture_costs_more():
    own = dataclasses.replace(NET, family="custom", architecture="m:f", knobs=(("units", 64), ("gated", True)))
    wider = dataclasses.replace(own, knobs=(("units", 128), ("gated", True)))
    assert cost(wider, [trained(own)]) > cost(own, [trained(own)])


def test_networks_of_the_same_kind_tell_more_than_others():
    embedded = dataclasses.replace(NET, numeric_embedding="piecewise_linear")
    known = [trained(epoch_s=0.5), trained(embedded, epoch_s=7.0, epochs=10)]
    assert cost(embedded, known) == pytest.approx(70.0)
    assert cost(NET, known) == pytest.approx(20.0)


@LAW
@given(st.integers(1, 500), st.integers(1, 500))
def test_more_epochs_never_cost_less(a, b):
    few, many = sorted((a, b))
    for recipe in (NET, STEADY):
        short, long = (dataclasses.replace(recipe, epochs=n) for n in (few, many))
        assert cost(short, several_sizes()) <= cost(long, several_sizes()) + 1e-9


@LAW
@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_more_rows_never_cost_less(a, b):
    few, many = (dataclasses.replace(NET, row_share=share) for share in sorted((a, b)))
    assert cost(few, several_sizes()) <= cost(many, several_sizes()) + 1e-9


@LAW
@given(st.integers(1, 2000), st.integers(1, 2000))
def test_a_wider_network_never_costs_less(a, b):
    narrow, wide = (dataclasses.replace(NET, width=width, activation="elu") for width in sorted((a, b)))
    assert cost(narrow, several_sizes()) <= cost(wide, several_sizes()) + 1e-9


def planned(available_s: float, *, n_wanted: int = 20, n_train: int = N_TRAIN, **options) -> StagePlan:
    reference = options.pop("reference", trained())
    allowed = Allowance(
        available_s=available_s,
        n_wanted=n_wanted,
        n_folds=1,
        n_train=n_train,
        n_seeds=options.pop("n_seeds", 0),
        kept_s=options.pop("kept_s", 0.0),
        may_shorten=options.pop("may_shorten", True),
    )
    return plan_stage(reference, [reference], allowed, **options)


def test_as_many_trials_are_planned_as_fit():
    plan = planned(300.0)
    assert (plan.n_trials, plan.trial_s) == (14, pytest.approx(20.0))
    assert not is_shortened(plan)


def test_the_seeds_that_measure_the_noise_are_paid_first():
    assert planned(300.0, n_seeds=2).n_trials == planned(260.0).n_trials == 12
    assert planned(100.0, n_seeds=2, may_shorten=False).n_trials == planned(70.0, may_shorten=False).n_trials


def test_no_more_trials_are_planned_than_are_wanted():
    assert planned(math.inf, n_wanted=3).n_trials == 3


def test_while_the_limit_does_not_bite_no_choice_depends_on_seconds():
    slow, fast = (planned(1e6, reference=trained(epoch_s=s)) for s in (0.2, 2.0))
    assert (slow.n_trials, slow.epochs, slow.row_share) == (fast.n_trials, fast.epochs, fast.row_share)


def test_epochs_are_shortened_first_and_no_further_than_they_must_be():
    plan = planned(80.0, reference=trained(best_epoch=10))
    assert 10 <= plan.epochs < 40
    assert plan.row_share == 1.0
    assert plan.n_trials == MIN_TRIALS
    longer_s = cost(dataclasses.replace(NET, epochs=plan.epochs + 1))
    assert 80.0 - cost(NET) - longer_s < (MIN_TRIALS + 0.2) * longer_s


def test_rows_are_left_out_when_fewer_epochs_do_not_suffice():
    plan = planned(60.0)
    assert plan.row_share == 0.5
    assert plan.epochs >= 25


def test_a_stage_that_wants_few_trials_is_not_shortened_for_more():
    assert not is_shortened(planned(60.0, n_wanted=2))


def test_too_few_rows_are_never_halved():
    assert not is_shortened(planned(60.0, n_train=2 * LEAST_ROWS - 1))


@pytest.mark.parametrize("options", [{"may_shorten": False}, {"n_train": 1000}])
def test_what_may_not_be_shortened_is_planned_whole(options):
    plan = planned(45.0, **options)
    assert not is_shortened(plan)
    assert plan.n_trials == 2


def test_when_not_even_the_shortest_fits_nothing_is_shortened():
    plan = planned(10.0)
    assert (plan.n_trials, is_shortened(plan)) == (0, False)


def test_what_candidates_cost_counts_not_what_the_start_cost():
    wide = dataclasses.replace(NET, width=512)
    assert planned(300.0, candidates=(wide,)).n_trials < planned(300.0).n_trials


@LAW
@given(st.floats(1, 1000), st.integers(1, 40), st.integers(2_000, 100_000))
def test_a_shortened_plan_leaves_time_for_its_reference_and_a_whole_trial(available_s, best_epoch, n_train):
    reference = trained(best_epoch=best_epoch)
    plan = planned(available_s, reference=reference, n_train=n_train)
    if is_shortened(plan):
        spent_s = plan.n_trials * plan.trial_s + plan.trial_s + plan.whole_trial_s
        assert spent_s <= available_s
        assert plan.n_trials >= MIN_TRIALS
        assert plan.epochs >= max(best_epoch, FEWEST_EPOCHS)
        assert plan.row_share == 1 or plan.row_share * n_train >= LEAST_ROWS


def test_a_recorded_plan_is_taken_again():
    recorded = StagePlan(available_s=87.0, trial_s=9.0, n_trials=5, epochs=33)
    assert planned(40.0, recorded=recorded) == recorded


def test_more_time_than_a_recorded_plan_had_makes_a_new_one():
    recorded = StagePlan(available_s=87.0, trial_s=9.0, n_trials=5, epochs=33)
    assert planned(870.0, recorded=recorded).n_trials == 20


def test_seconds_no_longer_kept_back_are_not_more_time():
    recorded = StagePlan(available_s=49.0, trial_s=7.0, n_trials=4, epochs=30, kept_s=24.0)
    assert planned(69.0, recorded=recorded) == recorded


def test_a_plan_says_what_is_kept_back_from_its_trials():
    assert planned(300.0, kept_s=24.0).kept_s == 24.0


def test_a_baseline_cannot_be_planned_for():
    linear = Trial(name="linear", recipe=None, fits=())
    with pytest.raises(ValueError, match="'linear' is a baseline"):
        planned(10.0, reference=linear)


def test_a_recipe_is_shortened_to_the_plan_and_never_lengthened():
    plan = StagePlan(available_s=1.0, trial_s=1.0, n_trials=4, epochs=20, row_share=0.5)
    assert shortened(NET, plan) == dataclasses.replace(NET, epochs=20, row_share=0.5)
    brief = dataclasses.replace(NET, epochs=10, row_share=0.25)
    assert shortened(brief, plan) == brief


WHOLE = StagePlan(available_s=45.0, trial_s=3.0, n_trials=14, detectable_gain=0.0041)
HALVED = StagePlan(available_s=99.0, trial_s=8.4, n_trials=4, epochs=20, row_share=0.5, whole_trial_s=41.0)


@pytest.mark.parametrize(
    ("plan", "unit", "text"),
    [
        (WHOLE, "", "about 14 trials of 3 s each; gains below 0.0041 cannot be told from noise here"),
        (WHOLE, "ROC AUC", "about 14 trials of 3 s each; gains below 0.0041 (ROC AUC) cannot be told from noise here"),
        (
            HALVED,
            "",
            "about 4 trials of 8.4 s each, on half of the rows, 20 epochs each, because a whole trial takes 41 s",
        ),
        (dataclasses.replace(WHOLE, n_trials=1, detectable_gain=0.0), "", "about 1 trial of 3 s"),
        (dataclasses.replace(WHOLE, n_trials=0, detectable_gain=0.0), "", "no time for a trial of 3 s"),
    ],
)
def test_a_plan_says_what_is_expected(plan, unit, text):
    assert plan_text(plan, unit=unit) == text


def test_a_plan_without_time_for_a_usual_trial_does_not_deny_the_shorter_ones_that_were_tried():
    plan = dataclasses.replace(WHOLE, n_trials=0, detectable_gain=0.0)
    assert plan_text(plan, n_tried=2) == "no time for trials of the 3 s expected on average: tried 2 that take less"


@pytest.mark.parametrize(
    ("n_first", "said"),
    [
        (1, "no time for a further trial of 3 s after the one that comes first"),
        (6, "no time for a further trial of 3 s after the 6 that come first"),
    ],
)
def test_a_plan_made_after_the_first_trials_does_not_deny_them(n_first, said):
    assert plan_text(dataclasses.replace(WHOLE, n_trials=0, detectable_gain=0.0), n_first=n_first) == said
