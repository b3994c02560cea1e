from __future__ import annotations

import dataclasses
import math

import pytest
from evidence_builder import (
    CHANCE,
    FIT,
    HEAD,
    HIDDEN,
    N_EPOCHS,
    SECOND,
    TRAIN,
    VALIDATION,
    check,
    finding,
    healthy,
    looks,
    stuck,
    with_curves,
    with_facts,
    with_fit,
    with_reading,
    with_training,
)

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.t013_nan_loss import OUT_OF_TIME
from autorecipe.evidence import Rival
from autorecipe.recipe import Recipe

RECIPE = Recipe()


def edits(code, evidence, recipe=RECIPE):
    return [dict(change.edits) for change in check(code).repairs(recipe, evidence)]


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"status": "failed", "cause": "the loss was NaN at rates 10, 1 and 0.1"}, "stop"),
        ({"repairs": ("epoch 3: the loss was NaN: back to epoch 2, rate 1e-3 -> 1e-4",)}, "warn"),
        ({"history": dataclasses.replace(FIT.history, train_loss=(0.6, math.nan))}, "stop"),
        ({"history": dataclasses.replace(FIT.history, gradient_norm=(1.0, math.inf))}, "stop"),
        ({"internals": looks(dataclasses.replace(HIDDEN, kernel_norm=math.nan), HEAD)}, "stop"),
    ],
)
def test_numbers_that_are_not_finite_are_noticed(fields, severity):
    found = finding("T013", with_fit(**fields))
    assert (found.severity, found.action) == (severity, "repair")


def test_a_batch_halved_for_want_of_memory_is_no_nan():
    assert finding("T013", with_fit(repairs=("epoch 1: out of memory: batch 512 -> 256",))) is None


def test_a_training_that_failed_for_another_cause_stops_and_tells_it():
    found = finding("T013", with_fit(status="failed", cause="TypeError: no dtype"))
    assert (found.severity, found.action) == ("stop", "ask")
    assert "TypeError: no dtype" in found.message


def test_a_training_that_there_was_no_time_for_did_not_fail_by_itself():
    with pytest.raises(NotApplicable, match="no time"):
        check("T013").judge(with_fit(status="failed", cause=OUT_OF_TIME))


def test_nan_is_repaired_by_a_tenth_of_the_rate_first():
    assert edits("T013", healthy())[:2] == [{"learning_rate": 1e-4}, {"clip_norm": 1.0}]


def test_a_loss_that_stays_at_chance_stops():
    found = finding("T014", stuck())
    assert (found.severity, found.action) == ("stop", "repair")
    assert "limit 0.676" in found.message


def test_a_loss_that_falls_late_passes():
    late = [CHANCE] * 15 + [0.6, 0.5, 0.45, 0.4, 0.4]
    assert finding("T014", with_curves(late, late)) is None


def test_dropout_that_hides_the_learning_is_no_fault():
    assert finding("T014", with_curves([CHANCE] * N_EPOCHS, VALIDATION)) is None


def test_where_no_baseline_learns_either_it_is_a_warning():
    rivals = (Rival(name="linear", train_loss=0.68, validation_loss=CHANCE),)
    found = finding("T014", with_training(stuck(), rivals=rivals))
    assert found.severity == "warn"
    assert "no signal" in found.message


def test_a_rival_that_gains_row_by_row_makes_a_flat_loss_a_stop():
    rivals = (Rival(name="linear", train_loss=0.68, validation_loss=CHANCE - 0.01, gain=0.01, gain_error=0.001),)
    assert finding("T014", with_training(stuck(), rivals=rivals)).severity == "stop"


def of_user(*, start):
    """What is known of a model of the user's, whose weights begin anywhere."""
    return with_facts(with_reading("loss_at_start", value=start), starts_at_prior=None)


def test_a_loss_that_falls_from_a_start_far_above_chance_is_told_only():
    falling = [1.121 - 0.0161 * i for i in range(N_EPOCHS)]
    found = finding("T014", with_curves(falling, falling, of_user(start=1.2)))
    assert (found.severity, found.action) == ("info", "none")
    assert "1.12 became 0.83" in found.message


def test_a_loss_that_falls_from_what_the_first_steps_blew_up_stops():
    falling = [30.0 * 0.95**i for i in range(N_EPOCHS)]
    assert finding("T014", with_curves(falling, falling, of_user(start=0.7))).severity == "stop"


def test_a_loss_that_fell_to_chance_and_stays_there_stops():
    fallen = [1.121, 0.9, 0.75, *[CHANCE] * (N_EPOCHS - 3)]
    assert finding("T014", with_curves(fallen, fallen, of_user(start=1.2))).severity == "stop"


def test_fewer_than_fifty_steps_are_too_few_to_judge():
    with pytest.raises(NotApplicable, match="45 steps"):
        check("T014").judge(with_training(with_curves([CHANCE] * 3, [CHANCE] * 3, steps=45), epochs=3))
    enough = with_training(with_curves([CHANCE] * 3, [CHANCE] * 3, steps=50), epochs=3)
    assert finding("T014", enough).severity == "stop"


def test_few_steps_that_early_stopping_ended_are_judged():
    assert finding("T014", with_curves([CHANCE] * 9, [CHANCE] * 9, steps=36)).severity == "stop"


def test_a_training_that_the_clock_cut_at_once_is_not_judged():
    cut = with_curves([CHANCE] * 3, [CHANCE] * 3, is_cut=True)
    with pytest.raises(NotApplicable, match="3 epochs of 100"):
        check("T014").judge(cut)


def test_a_flat_loss_is_repaired_by_the_rate_that_the_sweep_suggests():
    evidence = with_reading("rate_range", stuck(), chosen=3e-3)
    assert edits("T014", evidence, Recipe(learning_rate=1e-5))[0] == {"learning_rate": 3e-3}


def test_without_a_sweep_a_flat_loss_asks_for_more_and_a_rising_one_for_less():
    rising = with_curves([CHANCE + 0.1 * i for i in range(N_EPOCHS)], [CHANCE] * N_EPOCHS)
    assert edits("T014", stuck())[0] == {"learning_rate": 3e-3}
    assert edits("T014", rising)[0] == {"learning_rate": 3e-4}


def test_a_plain_gradient_step_is_repaired_by_adam():
    assert {"optimizer": "adam", "learning_rate": 1e-3} in edits("T014", stuck(), Recipe(optimizer="sgd"))


def vanishing(*, first=1e-9, epochs=(0, 1, 2, 4, 8)):
    return looks(dataclasses.replace(HIDDEN, gradient_norm=first), SECOND, HEAD, epochs=epochs)


def test_gradients_that_vanish_are_noticed_and_repaired_by_residual_blocks_first():
    evidence = with_fit(stuck(), internals=vanishing())
    assert finding("T015", evidence).severity == "warn"
    assert edits("T015", evidence)[0] == {"family": "residual_mlp", "depth": 2, "normalization": "layer"}
    assert edits("T015", evidence)[1]["activation"] == "selu"


def test_one_odd_look_among_five_is_no_vanishing_gradient():
    internals = (*looks(epochs=(1, 2, 4, 8)), *vanishing(epochs=(16,)))
    assert finding("T015", with_fit(stuck(), internals=internals)) is None


def test_a_path_straight_to_the_output_is_no_first_layer():
    path = dataclasses.replace(HEAD, name="linear_path", is_first=True, is_last=True, gradient_norm=1e-9)
    assert finding("T015", with_fit(stuck(), internals=looks(path, HIDDEN, HEAD))) is None


def test_a_frozen_layer_is_no_first_layer():
    frozen = dataclasses.replace(HIDDEN, name="whiten", gradient_norm=0.0, is_trained=False)
    behind = dataclasses.replace(SECOND, is_first=False)
    assert finding("T015", with_fit(stuck(), internals=looks(frozen, behind, HEAD))) is None


def test_a_gradient_many_times_the_usual_is_noticed():
    peaks = list(FIT.history.peak_gradient_norm)
    peaks[10] = 50.0
    history = dataclasses.replace(FIT.history, peak_gradient_norm=tuple(peaks))
    found = finding("T016", with_fit(history=history))
    assert found.severity == "info"
    assert "epoch 11" in found.message
    flat = dataclasses.replace(history, train_loss=(CHANCE,) * N_EPOCHS, validation_loss=(CHANCE,) * N_EPOCHS)
    assert finding("T016", with_fit(history=flat)).severity == "warn"
    assert edits("T016", healthy())[:2] == [{"clip_norm": 1.0}, {"learning_rate": 3e-4}]


def test_the_large_gradients_of_the_first_epochs_are_usual():
    history = dataclasses.replace(FIT.history, peak_gradient_norm=(500.0, 300.0, 200.0, *[0.1] * (N_EPOCHS - 3)))
    assert finding("T016", with_fit(history=history)) is None


def test_gradients_that_grow_on_their_way_back_count_only_where_learning_is_bad():
    grown = looks(dataclasses.replace(HIDDEN, gradient_norm=100.0), SECOND, HEAD)
    assert finding("T016", with_fit(internals=grown)) is None
    assert finding("T016", with_fit(stuck(), internals=grown)).severity == "warn"


@pytest.mark.parametrize(("share", "is_found"), [(0.02, False), (0.2, False), (0.3, True), (0.9, True)])
def test_dead_units_are_noticed_beyond_a_fifth_of_a_layer(share, is_found):
    internals = looks(HIDDEN, dataclasses.replace(SECOND, dead_share=share), HEAD)
    assert (finding("T017", with_fit(stuck(), internals=internals)) is not None) == is_found


def test_a_branch_that_is_still_zero_is_not_dead():
    branch = dataclasses.replace(SECOND, kernel_norm=0.0, kernel_std=0.0, dead_share=1.0)
    assert finding("T017", with_fit(stuck(), internals=looks(HIDDEN, branch, HEAD))) is None


def test_dead_units_are_repaired_by_rate_then_leaky_relu_then_normalization():
    titles = [change.title for change in check("T017").repairs(RECIPE, healthy())]
    assert titles == ["learning rate 1e-3 -> 3e-4", "LeakyReLU", "batch normalization"]


def test_saturated_hidden_units_are_noticed_and_a_sure_output_is_not():
    saturated = dataclasses.replace(HIDDEN, activation="tanh", saturated_share=0.7)
    assert finding("T018", with_fit(stuck(), internals=looks(saturated, HEAD))).severity == "warn"
    sure = dataclasses.replace(HEAD, activation="sigmoid", saturated_share=0.9)
    assert finding("T018", with_fit(stuck(), internals=looks(HIDDEN, sure))) is None


@pytest.mark.parametrize(("ratio", "first"), [(1e-6, 3e-3), (0.8, 3e-4)])
def test_steps_out_of_proportion_are_noticed_and_repaired_in_their_direction(ratio, first):
    internals = looks(dataclasses.replace(HIDDEN, update_ratio=ratio), HEAD)
    evidence = with_fit(stuck(), internals=internals)
    assert finding("T019", evidence).severity == "warn"
    assert edits("T019", evidence)[0] == {"learning_rate": first}


def test_adams_first_step_and_kernels_that_start_at_zero_are_left_out():
    first = (*looks(dataclasses.replace(HIDDEN, update_ratio=0.9), HEAD, epochs=(0,)), *looks(epochs=(1, 2, 4)))
    assert finding("T019", with_fit(stuck(), internals=first)) is None
    zero = dataclasses.replace(SECOND, expected_kernel_std=0.0, update_ratio=5.0)
    assert finding("T019", with_fit(stuck(), internals=looks(HIDDEN, zero, HEAD))) is None


def test_a_kernel_that_never_moves_is_named():
    still = dataclasses.replace(SECOND, update_ratio=0.0, gradient_norm=0.0)
    found = finding("T019", with_fit(stuck(), internals=looks(HIDDEN, still, HEAD)))
    assert "do not move at all: hidden_2" in found.message


SWINGING = [0.5 + 0.1 * (-1) ** i + 0.001 * i for i in range(N_EPOCHS)]


def test_losses_that_swing_beyond_their_error_warn():
    found = finding("T020", with_curves(SWINGING, SWINGING))
    assert (found.severity, found.action) == ("warn", "repair")
    assert edits("T020", healthy()) == [{"learning_rate": 3e-4}, {"batch_size": 256}, {"ema_decay": 0.99}]


def test_a_small_validation_set_that_swings_is_no_oscillation():
    assert finding("T020", with_curves(TRAIN, SWINGING)) is None
    assert finding("T020", with_curves(SWINGING, SWINGING, validation_loss_error=0.2)) is None


def test_penalties_that_overwhelm_the_data_are_weakened():
    evidence = with_fit(stuck(), internals=looks(penalty_share=4.0))
    assert finding("T021", evidence).severity == "warn"
    assert edits("T021", evidence, Recipe(l2=0.1, weight_decay=0.5)) == [{"l2": 0.01}, {"weight_decay": 0.05}]
    assert finding("T021", with_fit(stuck(), internals=looks(penalty_share=0.3))) is None


TURNED = [0.5 - 0.01 * i for i in range(10)] + [0.42 + 0.02 * i for i in range(10)]
FALLING = [0.5 - 0.02 * i for i in range(20)]


def test_a_validation_loss_that_turned_is_told_and_a_warning_without_early_stopping():
    stopped = with_curves(FALLING, TURNED)
    assert finding("T022", stopped).severity == "info"
    kept = finding("T022", with_training(stopped, patience=0))
    assert (kept.severity, kept.action) == ("warn", "repair")
    assert edits("T022", stopped, Recipe(patience=0))[0] == {"patience": 15}


def test_one_epoch_of_rising_validation_loss_is_noise():
    rising = [*VALIDATION[:-1], VALIDATION[-2] + 0.015]
    assert finding("T022", with_curves(TRAIN, rising)) is None


def test_a_network_that_never_learned_cannot_overfit():
    turned = [CHANCE + 0.01 * i for i in range(N_EPOCHS)]
    with pytest.raises(NotApplicable, match="see T014"):
        check("T022").judge(with_curves([CHANCE - 0.0001 * i for i in range(N_EPOCHS)], turned))


def test_a_training_loss_near_zero_alone_is_no_overfitting():
    assert finding("T022", with_curves([0.5 * 0.5**i for i in range(20)], VALIDATION)) is None


def test_a_patience_of_three_epochs_that_stopped_too_soon_warns():
    short = with_training(with_curves(FALLING, [*FALLING[:-2], 0.145, 0.145]), patience=3)
    found = finding("T023", short)
    assert (found.severity, found.limit) == ("warn", 10.0)
    assert edits("T023", short)[0] == {"patience": 10}
    assert finding("T023", with_training(short, patience=6)).severity == "info"


def test_early_stopping_after_a_turn_was_right():
    assert finding("T023", with_training(with_curves(FALLING, TURNED), patience=3)) is None


def test_a_failed_training_has_no_curves_to_judge():
    failed = with_fit(status="failed", cause="the loss was NaN")
    for code in ("T014", "T020", "T022", "T024", "T025", "T027"):
        with pytest.raises(NotApplicable, match="the training failed"):
            check(code).judge(failed)
