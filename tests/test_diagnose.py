from __future__ import annotations

import dataclasses
import math
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.diagnose import diagnose
from autorecipe.evidence import Evidence, Facts, Rival, TrainingReading
from autorecipe.record.stage import DiagnosisName
from autorecipe.record.trial import Fit, History

CHANCE = 0.69
ERROR = 0.01
N_EPOCHS = 30
FACTS = Facts(
    task="binary",
    n_classes=2,
    n_train=2000,
    n_validation=500,
    learning_rate=1e-3,
    batch_size=128,
    optimizer="adam",
)
RIVALS = (
    Rival(name="constant", train_loss=CHANCE, validation_loss=CHANCE),
    Rival(name="linear", train_loss=0.42, validation_loss=0.43),
)
LOSS = st.floats(min_value=1e-3, max_value=100)


def falling(start, end, n=N_EPOCHS):
    """Losses that fall to a level and stay there."""
    return [end + (start - end) * math.exp(-epoch / 3) for epoch in range(n)]


def evidence(train, validation, *, rivals=RIVALS, chance=CHANCE, epochs=100, reading=None, **fields):
    best = min(range(len(validation)), key=lambda i: validation[i])
    usual = {
        "key": "k",
        "fold": 0,
        "train_loss": train[best],
        "validation_loss": validation[best],
        "validation_loss_error": ERROR,
        "best_epoch": best + 1,
        "epochs": len(train),
        "largest_class_share": 0.6,
        "history": History(train_loss=tuple(train), validation_loss=tuple(validation)),
    }
    training = TrainingReading(
        fit=Fit(**{**usual, **fields}),
        epochs=epochs,
        patience=15,
        chance_loss=chance,
        largest_true_share=0.6,
        rivals=rivals,
        **(reading or {}),
    )
    return Evidence(facts=FACTS, training=training)


def test_a_network_level_with_its_rivals_is_a_good_fit():
    found = diagnose(evidence(falling(0.7, 0.40), falling(0.7, 0.42)))
    assert found.name == "good fit"
    assert "training log loss 0.4" in found.reason
    assert "0.69" in found.reason


def test_nan_asks_for_a_tenth_of_the_rate_then_clipping_then_normalization():
    found = diagnose(evidence([0.6], [0.6], status="failed", cause="the loss was NaN"))
    assert found.name == "unstable"
    assert found.remedy.startswith("a tenth of the learning rate, then clipped gradients, then a normalization")


def test_a_training_saved_from_nan_is_unstable_all_the_same():
    repairs = ("epoch 3: the loss was NaN: back to epoch 2, rate 1e-3 -> 1e-4",)
    found = diagnose(evidence(falling(0.7, 0.40), falling(0.7, 0.42), repairs=repairs))
    assert (found.name, "epoch 3" in found.reason) == ("unstable", True)


def test_a_batch_halved_for_want_of_memory_is_not_unstable():
    repairs = ("epoch 1: out of memory: batch 512 -> 256",)
    assert diagnose(evidence(falling(0.7, 0.40), falling(0.7, 0.42), repairs=repairs)).name == "good fit"


def test_a_training_cut_in_its_first_epoch_is_cut_short_and_asks_for_more_time():
    found = diagnose(evidence([0.36], [0.35], is_cut=True, largest_class_share=1.0, epochs=60))
    assert found.name == "cut short"
    assert found.reason.startswith("its training was ended in epoch 1 of at most 60; training log loss 0.36")
    assert found.remedy == "more time (a longer --time-limit)"


def test_a_training_cut_before_it_learned_is_cut_short_and_not_without_a_signal():
    rivals = (Rival(name="constant", train_loss=CHANCE, validation_loss=CHANCE),)
    found = diagnose(evidence([CHANCE, CHANCE], [CHANCE, CHANCE], is_cut=True, rivals=rivals))
    assert found.name == "cut short"


def test_a_cut_training_that_overfits_already_is_called_so():
    found = diagnose(evidence([0.6, 0.3, 0.05], [0.6, 0.5, 0.5], is_cut=True))
    assert found.name == "overfit"


def test_a_cut_training_of_many_epochs_is_judged_by_its_curves():
    assert diagnose(evidence(falling(0.7, 0.40), falling(0.7, 0.42), is_cut=True)).name == "good fit"


def swinging(level):
    return [level + 0.1 * (-1) ** i + 0.001 * i for i in range(N_EPOCHS)]


def test_losses_that_swing_wildly_ask_for_a_tenth_of_the_rate():
    found = diagnose(evidence(swinging(0.9), swinging(0.9)))
    assert found.name == "unstable"
    assert found.remedy.startswith("a tenth")


def test_an_unstable_training_that_learns_asks_for_a_smaller_rate_then_batch_normalization():
    found = diagnose(evidence(swinging(0.5), swinging(0.5)))
    assert found.name == "unstable"
    assert found.remedy == "a smaller learning rate, then batch normalization"


def test_no_improvement_after_twenty_epochs_asks_for_a_faster_rate():
    flat = [CHANCE] * N_EPOCHS
    found = diagnose(evidence(flat, flat))
    assert found.name == "underfit"
    assert found.remedy == "2 to 5 times the learning rate"
    assert "linear reaches 0.43" in found.reason


def test_a_loss_that_does_not_fall_from_the_start_asks_for_the_range_test_and_the_initializer():
    flat = [CHANCE] * 8
    found = diagnose(evidence(flat, flat))
    assert found.name == "underfit"
    assert "range test" in found.remedy
    assert "initializer" in found.remedy


def test_train_right_and_validation_wrong_is_overfit():
    found = diagnose(evidence(falling(0.7, 0.01), falling(0.7, 0.42)))
    assert found.name == "overfit"
    assert found.remedy.startswith("dropout, then L2")
    assert "%" in found.reason


def test_a_validation_loss_that_turned_beyond_its_errors_is_overfit():
    validation = falling(0.7, 0.42, 15) + [0.42 + 0.01 * i for i in range(15)]
    found = diagnose(evidence([0.6 - 0.008 * i for i in range(30)], validation))
    assert found.name == "overfit"
    assert "turned in epoch" in found.reason


def test_train_and_validation_equally_poor_is_underfit():
    found = diagnose(evidence(falling(0.69, 0.60), falling(0.69, 0.61)))
    assert found.name == "underfit"
    assert found.remedy.startswith("a larger network")
    assert "linear reaches 0.42 and 0.43" in found.reason


def test_without_rivals_equally_poor_losses_are_underfit_too():
    assert diagnose(evidence(falling(0.69, 0.60), falling(0.69, 0.61), rivals=())).name == "underfit"


def test_a_training_loss_at_the_floor_is_not_underfit():
    found = diagnose(evidence(falling(0.69, 0.60), falling(0.69, 0.61), reading={"floor": 0.6}))
    assert found.name == "good fit"


def test_a_slow_training_asks_for_a_larger_rate_and_batch():
    slow = [0.6 - 0.006 * i for i in range(N_EPOCHS)]
    found = diagnose(evidence(slow, slow, epochs=N_EPOCHS))
    assert found.name == "underfit"
    assert found.remedy == "a larger rate and batch, or more time"


def test_a_rival_that_only_memorises_better_does_not_make_it_underfit():
    rivals = (Rival(name="gradient_boosting", train_loss=0.05, validation_loss=0.43),)
    assert diagnose(evidence(falling(0.7, 0.40), falling(0.7, 0.42), rivals=rivals)).name == "good fit"


def test_no_signal_is_when_no_baseline_beats_chance_either():
    rivals = (Rival(name="linear", train_loss=0.66, validation_loss=0.70),)
    flat = [CHANCE] * N_EPOCHS
    seen = evidence(flat, flat, rivals=rivals)
    found = diagnose(seen)
    assert found.name == "no signal"
    assert "columns that tell more" in found.remedy
    of_images = dataclasses.replace(seen, facts=dataclasses.replace(FACTS, modality="image"))
    assert "images that show what they say" in diagnose(of_images).remedy


def beside_chance(*, gain, rival_gain=0.0, gain_error=ERROR):
    """A rare class: the error of the mean loss is larger than all that can be gained."""
    rivals = (
        Rival(name="constant", train_loss=0.197, validation_loss=0.197, gain=1e-9, gain_error=1e-12),
        Rival(name="linear", train_loss=0.19, validation_loss=0.19, gain=rival_gain, gain_error=gain_error),
    )
    curve = falling(0.197, 0.197 - gain)
    reading = {"gain": gain, "gain_error": gain_error}
    return evidence(curve, curve, rivals=rivals, chance=0.197, reading=reading, validation_loss_error=0.0207)


def test_a_gain_of_two_errors_row_by_row_is_signal_however_far_the_rows_lie_apart():
    assert diagnose(beside_chance(gain=1.5 * ERROR)).name == "no signal"
    assert diagnose(beside_chance(gain=3.5 * ERROR)).name != "no signal"


def test_a_rival_that_gains_over_chance_row_by_row_says_that_there_is_signal():
    assert diagnose(beside_chance(gain=0.0, rival_gain=1.9 * ERROR)).name == "no signal"
    found = diagnose(beside_chance(gain=0.0, rival_gain=2.1 * ERROR))
    assert found.name == "underfit"
    assert "linear reaches 0.19" in found.reason


def test_no_signal_tells_the_gain_and_its_error():
    assert "the gain is 0.015 ± 0.01" in diagnose(beside_chance(gain=1.5 * ERROR)).reason


def test_where_rows_were_not_compared_a_loss_two_percent_below_chance_is_signal():
    for share, name in ((0.99, "no signal"), (0.96, "overfit")):
        rising = [share * CHANCE + 0.01 * i for i in range(N_EPOCHS)]
        rivals = (Rival(name="linear", train_loss=CHANCE, validation_loss=CHANCE),)
        seen = evidence(falling(0.69, 0.1), rising, rivals=rivals, train_loss=0.1, validation_loss_error=0.02)
        assert diagnose(seen).name == name


def test_a_network_that_memorises_what_rivals_can_predict_is_overfit():
    found = diagnose(evidence(falling(0.69, 0.1), [CHANCE + 0.01 * i for i in range(N_EPOCHS)], train_loss=0.1))
    assert found.name == "overfit"


def test_memorised_rows_without_a_rival_that_predicts_are_no_signal():
    rising = [CHANCE + 0.01 * i for i in range(N_EPOCHS)]
    assert diagnose(evidence(falling(0.69, 0.1), rising, rivals=(), train_loss=0.1)).name == "no signal"


def test_predictions_of_one_class_ask_for_the_threshold_first():
    found = diagnose(evidence(falling(0.7, 0.40), falling(0.7, 0.42), largest_class_share=1.0))
    assert "100 % of the predictions are one class, 60 % of the rows are" in found.reason
    assert found.remedy == (
        "choose the decision threshold first, then a tenth of the learning rate, then focal loss (--loss focal)"
    )


def test_predictions_of_one_class_are_natural_where_nearly_all_rows_are():
    rare = evidence(falling(0.7, 0.40), falling(0.7, 0.42), largest_class_share=1.0)
    rare = dataclasses.replace(rare, training=dataclasses.replace(rare.training, largest_true_share=0.99))
    assert "one class" not in diagnose(rare).reason


def test_a_network_that_was_not_trained_cannot_be_diagnosed():
    with pytest.raises(ValueError, match="not trained"):
        diagnose(Evidence(facts=FACTS))


@settings(max_examples=50, deadline=None)
@given(
    train=st.lists(LOSS, min_size=1, max_size=40),
    validation=st.lists(LOSS, min_size=1, max_size=40),
    chance=LOSS,
    rival=LOSS,
    error=st.floats(min_value=0, max_value=5),
    is_cut=st.booleans(),
)
def test_any_finite_curves_get_a_diagnosis_with_a_reason_and_a_remedy(train, validation, chance, rival, error, is_cut):
    n = min(len(train), len(validation))
    rivals = (Rival(name="linear", train_loss=rival, validation_loss=rival),)
    curves, fields = (train[:n], validation[:n]), {"validation_loss_error": error, "is_cut": is_cut}
    found = diagnose(evidence(*curves, rivals=rivals, chance=chance, **fields))
    assert found.name in get_args(DiagnosisName)
    assert is_cut or found.name != "cut short"
    assert found.reason
    assert found.remedy


@settings(max_examples=50, deadline=None)
@given(level=st.floats(min_value=0.05, max_value=0.68), exponent=st.integers(min_value=-10, max_value=10))
def test_the_unit_of_the_loss_does_not_change_the_diagnosis(level, exponent):
    factor = 2.0**exponent

    def named(scale):
        rivals = tuple(
            Rival(name=r.name, train_loss=scale * r.train_loss, validation_loss=scale * r.validation_loss)
            for r in RIVALS
        )
        curve = [scale * loss for loss in falling(0.7, level)]
        return diagnose(
            evidence(curve, curve, rivals=rivals, chance=scale * CHANCE, validation_loss_error=scale * ERROR)
        ).name

    assert named(1.0) == named(factor)


def test_without_the_loss_of_the_prior_nothing_is_called_no_signal():
    unknown = evidence(falling(0.7, 0.40), falling(0.7, 0.42), chance=0.0)
    assert diagnose(unknown).name == "good fit"


def test_constant_predictions_a_hair_below_chance_have_not_learned():
    level, error = 0.995 * CHANCE, 1e-5
    rising = [level + 0.0002 * i for i in range(10)]
    found = diagnose(evidence([level - 0.0001 * i for i in range(10)], rising, rivals=(), validation_loss_error=error))
    assert found.name == "underfit"
    assert "does not fall from the start" in found.reason


def test_curves_of_one_of_several_folds_say_so():
    known = evidence([0.6, 0.3, 0.05], [0.6, 0.5, 0.5])
    folds = dataclasses.replace(known, training=dataclasses.replace(known.training, n_folds=5))
    assert diagnose(folds).reason == f"on the first of 5 folds, {diagnose(known).reason}"


def test_a_network_that_the_user_cut_short_needs_no_longer_limit():
    assert "--time-limit" in diagnose(evidence([CHANCE] * 2, [CHANCE] * 2, is_cut=True)).remedy
    interrupted = evidence([CHANCE] * 2, [CHANCE] * 2, is_cut=True, is_interrupted=True)
    assert "your interrupt" in diagnose(interrupted).remedy
