from __future__ import annotations

import dataclasses
import math

import pytest
from evidence_builder import (
    check,
    finding,
    healthy,
    with_facts,
    with_preflight,
    with_reading,
)

from autorecipe.checks.check import NotApplicable
from autorecipe.recipe import Recipe
from autorecipe.record.network_readings import InputColumn, LayerFact, LayoutReading, StartReading
from autorecipe.record.readings import CrossTalkReading

USERS = with_facts(starts_at_prior=None)
COLUMN = InputColumn(name="age", mean=0.1, std=0.8, minimum=-2.0, maximum=2.5, zero_share=0.0)


def columns(*changes):
    made = tuple(dataclasses.replace(COLUMN, name=f"x{i}", **fields) for i, fields in enumerate(changes))
    return with_reading("inputs", columns=made)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"columns": (dataclasses.replace(COLUMN, n_not_finite=3),)}, "3 input values are NaN or infinite: age"),
        ({"n_labels_not_finite": 1}, "1 target is NaN"),
        ({"dtype": "object"}, "type object"),
        ({"label_dtype": "<U5"}, "targets are of type <U5"),
        ({"n_distinct_labels": 1}, "nothing to learn"),
        ({"columns": (dataclasses.replace(COLUMN, maximum=1e300),)}, "larger than float32"),
    ],
)
def test_input_that_is_no_number_stops(fields, words):
    found = finding("T001", with_reading("inputs", **fields))
    assert found.severity == "stop"
    assert words in found.message


def test_a_loss_that_starts_where_the_record_says_passes_with_both_numbers():
    assert check("T003").judge(healthy()).text == (
        "loss at start 0.694 (expected 0.693), with the prior's bias 0.691 (expected 0.69)"
    )


@pytest.mark.parametrize(("value", "severity"), [(0.6, "warn"), (0.9, "warn"), (9.0, "stop"), (math.inf, "stop")])
def test_a_loss_far_from_the_record_is_noticed(value, severity):
    assert finding("T003", with_reading("loss_with_prior_bias", value=value)).severity == severity


@pytest.mark.parametrize(
    ("ratio", "severity"), [(0.99, None), (1.5, None), (2.4, None), (4.0, "warn"), (40.0, "stop"), (math.nan, "stop")]
)
def test_a_network_of_the_users_is_held_to_looser_limits(ratio, severity):
    found = finding("T003", with_reading("loss_at_start", USERS, value=ratio * math.log(2)))
    assert (found.severity if found else None) == severity


def test_a_bias_that_does_not_know_rare_positives_is_given_its_value():
    rare = StartReading(value=0.69, ignorance=math.log(2), prior=0.056)
    found = finding("T003", with_preflight(USERS, loss_at_start=rare))
    assert found.severity == "warn"
    assert "-4.60 for 1.00%" in found.remedy
    known = dataclasses.replace(rare, bias_for_prior=4.59)
    assert "= 4.59" in finding("T003", with_preflight(USERS, loss_at_start=known)).remedy


def test_a_bias_that_knows_the_prior_passes():
    rare = StartReading(value=0.058, ignorance=math.log(2), prior=0.056)
    assert finding("T003", with_preflight(USERS, loss_at_start=rare)) is None


def test_a_target_far_from_zero_asks_for_its_mean():
    far = StartReading(value=10_000.0, ignorance=10_000.0, prior=100.0, bias_for_prior=99.5)
    found = finding("T003", with_preflight(with_facts(USERS, task="regression"), loss_at_start=far))
    assert "standardize the target first: subtract its mean, 99.5" in found.remedy
    assert "standard deviation, 10" in found.remedy


def test_a_target_of_another_size_asks_to_be_standardized():
    large = StartReading(value=5e6, ignorance=5e6, prior=2e6, bias_for_prior=-1732.0)
    found = finding("T003", with_preflight(with_facts(USERS, task="regression"), loss_at_start=large))
    assert "standardize the target first: subtract its mean, -1,732" in found.remedy


def test_a_target_of_usual_size_beside_zero_asks_for_its_mean_as_bias():
    near = StartReading(value=5.0, ignorance=5.0, prior=1.0, bias_for_prior=2.0)
    found = finding("T003", with_preflight(with_facts(USERS, task="regression"), loss_at_start=near))
    assert "start the output's bias at the target's mean, 2" in found.remedy


@pytest.mark.parametrize(
    "evidence",
    [
        columns({"mean": 120.0, "std": 80.0, "minimum": 0.0, "maximum": 255.0}),
        columns({"std": 0.5}, {"std": 0.05}, {"std": 0.01}, {"std": 9.0}, {"std": 0.01}),
        columns({"std": 1e-5}),
        columns({"std": 0.0}, {"std": 0.0}, {"std": 1.0}),
    ],
)
def test_inputs_that_are_not_scaled_are_noticed(evidence):
    assert finding("T005", evidence).severity == "warn"


def test_inputs_that_never_vary_stop():
    assert finding("T005", columns({"std": 0.0}, {"std": 0.0})).severity == "stop"


def test_rare_indicator_columns_and_standardized_ones_pass():
    assert finding("T005", columns({"std": 1.0}, {"std": 0.03}, {"std": 0.0}, {"mean": 3.0, "std": 1.4})) is None


@pytest.mark.parametrize("kind", ["Normalization", "Rescaling", "BatchNormalization", "Embedding"])
def test_a_network_that_scales_its_own_inputs_passes(kind):
    raw = columns({"mean": 120.0, "std": 80.0})
    first, dense = LayerFact(name="scale", kind=kind), LayerFact(name="d", kind="Dense")
    assert finding("T005", with_preflight(raw, layout=LayoutReading(layers=(first, dense)))) is None
    assert finding("T005", with_preflight(raw, layout=LayoutReading(layers=(dense, first)))) is not None


@pytest.mark.parametrize("kind", ["Rescaling", "Normalization", "BatchNormalization"])
def test_pixels_that_are_rescaled_twice_are_found_behind_the_networks_own_rescaling(kind):
    first, conv = LayerFact(name="scale", kind=kind), LayerFact(name="conv", kind="Conv2D")
    pixels = columns({"mean": -1.0, "std": 0.002}, {"mean": -1.0, "std": 0.001})
    found = finding("T005", with_preflight(pixels, layout=LayoutReading(layers=(first, conv))))
    if kind == "BatchNormalization":  # whatever goes in, it comes out standardized
        assert found is None
        return
    assert found.severity == "warn"
    assert f"tiny behind the network's own {kind}" in found.message


@pytest.mark.parametrize(("share", "is_found"), [(0.0, False), (1e-7, False), (2e-6, True), (0.5, True)])
def test_rows_that_are_mixed_stop(share, is_found):
    found = finding("T006", with_preflight(cross_talk=CrossTalkReading(largest_share=share, n_rows=16)))
    assert (found is not None and found.severity == "stop") == is_found


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"best": 0.01, "accuracy": 0.95}, "warn"),
        ({"best": 0.3, "accuracy": 0.8}, "stop"),
        ({"best": math.nan, "accuracy": 1.0}, "stop"),
    ],
)
def test_rows_that_cannot_be_memorised_are_noticed(fields, severity):
    found = finding("T008", with_reading("tiny_batch", n_steps=0, **fields))
    assert found.severity == severity
    assert found.action == "repair"


def test_amounts_that_are_nearly_memorised_warn():
    evidence = with_reading("tiny_batch", with_facts(task="regression"), start=1.0, best=0.05, limit=1e-3)
    assert finding("T008", evidence).severity == "warn"
    assert finding("T008", with_reading("tiny_batch", evidence, best=0.5)).severity == "stop"


def of_layers(*facts):
    return with_reading("tiny_batch", with_preflight(layout=LayoutReading(layers=facts)), best=0.3, accuracy=0.8)


def test_a_linear_model_need_not_memorise_rows():
    scaled = LayerFact(name="scaled", kind="Normalization")
    with pytest.raises(NotApplicable, match="linear model"):
        check("T008").judge(of_layers(scaled, LayerFact(name="output", kind="Dense", n_units=1)))


def test_a_network_with_a_hidden_layer_that_cannot_memorise_rows_stops():
    hidden, output = (LayerFact(name=name, kind="Dense", n_units=8) for name in ("hidden", "output"))
    assert finding("T008", of_layers(hidden, output)).severity == "stop"


def test_the_verdict_of_a_memorised_batch_says_how_many_steps_it_took():
    assert check("T008").judge(healthy()).text == "32 rows memorised in 140 steps"


def test_inputs_no_better_than_zeros_warn():
    found = finding("T009", with_reading("controls", gain_over_zeroed=0.01, zeroed_error=0.02))
    assert found.severity == "warn"
    assert "no usable signal" in found.message


def test_shuffled_targets_that_can_be_predicted_stop():
    assert finding("T009", with_reading("controls", shuffled_gain=0.05, shuffled_error=0.01)).severity == "stop"
    assert finding("T009", with_reading("controls", shuffled_gain=0.02, shuffled_error=0.01)) is None


def test_few_rows_say_nothing_about_zeros():
    with pytest.raises(NotApplicable, match="30 validation rows"):
        check("T009").judge(with_reading("controls", gain_over_zeroed=0.01, zeroed_error=0.02, n_validation=30))


@pytest.mark.parametrize(
    ("rate", "words"), [(10.0, "far too high"), (1e-9, "far too low"), (1e-3, None), (1e-2, None), (1e-4, None)]
)
def test_a_rate_far_from_where_the_loss_falls_warns(rate, words):
    found = finding("T010", with_facts(learning_rate=rate))
    assert (found is None) if words is None else (words in found.message and found.severity == "warn")


def test_a_flat_sweep_warns_unless_the_network_learns_all_the_same():
    flat = with_reading("rate_range", largest_fall=0.01)
    assert finding("T010", flat).severity == "info"
    lost = with_reading("controls", flat, gain_over_chance=0.0)
    assert finding("T010", lost).severity == "warn"


def test_a_sweep_that_diverges_early_asks_for_a_warm_up():
    evidence = with_reading("rate_range", diverged_at=1e-5)
    assert finding("T010", evidence).severity == "warn"
    assert dict(check("T010").repairs(Recipe(), evidence)[0].edits) == {"warm_up_share": 0.05}


def test_the_rate_is_not_judged_where_the_record_says_so():
    with pytest.raises(NotApplicable, match="says nothing about this kind of network"):
        check("T010").judge(with_facts(suits_rate_test=False))


@pytest.mark.parametrize(
    ("field", "difference"), [("repeat_difference", 0.01), ("repeat_difference", math.nan), ("reload_difference", 0.01)]
)
def test_predictions_that_are_not_repeated_stop(field, difference):
    assert finding("T011", with_reading("parity", **{field: difference})).severity == "stop"


def test_a_network_that_cannot_be_saved_is_no_other_one_after_loading():
    evidence = with_reading("parity", reload_difference=math.nan, not_saved="TypeError: no config")
    assert finding("T011", evidence) is None
    assert "cannot be saved and loaded (TypeError: no config)" in check("T011").judge(evidence).text


def test_modes_far_apart_are_told_from_each_other():
    served = finding("T011", with_reading("parity", train_mode_loss=0.4, inference_mode_loss=3.0))
    trained = finding("T011", with_reading("parity", train_mode_loss=3.0, inference_mode_loss=0.4))
    assert "another one in inference" in served.message
    assert "another one in training" in trained.message


def test_tiny_losses_of_a_memorised_set_are_no_gap():
    assert finding("T011", with_reading("parity", train_mode_loss=0.05, inference_mode_loss=0.01)) is None


def test_modes_are_not_compared_before_a_pass_over_the_rows():
    early = with_reading("parity", train_mode_loss=3.0, inference_mode_loss=0.4, n_epochs=0.5)
    assert finding("T011", early) is None


def test_heavy_dropout_is_repaired_by_less_of_it():
    evidence = with_reading("parity", train_mode_loss=3.0, inference_mode_loss=0.4)
    first = check("T011").repairs(Recipe(dropout=0.9, normalization="batch"), evidence)[0]
    assert dict(first.edits) == {"dropout": 0.45}


@pytest.mark.parametrize("fields", [{"constant_score": 0.61}, {"sorted_difference": 0.02}])
def test_a_metric_computed_wrongly_stops(fields):
    assert finding("T012", with_reading("evaluation", **fields)).severity == "stop"


def layout(*layers):
    return with_preflight(layout=LayoutReading(layers=layers))


def dense(name, activation="relu", **fields):
    return LayerFact(name=name, kind="Dense", activation=activation, n_units=8, **fields)


DROP = LayerFact(name="drop", kind="Dropout", rate=0.3)
NORM = LayerFact(name="norm", kind="BatchNormalization")


@pytest.mark.parametrize(
    ("evidence", "severity", "words"),
    [
        (layout(dense("a"), dataclasses.replace(DROP, rate=0.95), dense("b")), "warn", "Dropout 0.95 in drop"),
        (layout(dense("a", "linear"), DROP, dense("b", "linear")), "warn", "together they are one"),
        (layout(dense("a", "linear", use_bias=True), NORM, dense("b")), "warn", "bias of a"),
        (layout(dense("a"), DROP, NORM, dense("b")), "info", "right before norm"),
        (layout(dense("a", "softmax"), dense("b")), "warn", "Softmax in the hidden layer a"),
        (with_facts(layout(dense("a"), NORM, dense("b")), batch_size=4), "warn", "batches of 4"),
    ],
)
def test_an_odd_architecture_is_told(evidence, severity, words):
    found = finding("T029", evidence)
    assert found.severity == severity
    assert words in found.message


@pytest.mark.parametrize(
    "layers",
    [
        (dense("a", "linear"), LayerFact(name="relu", kind="ReLU"), DROP, dense("b", "linear")),
        (dense("a", "linear"), NORM, LayerFact(name="act", kind="Activation"), dense("b", "linear")),
        (dense("a", "linear"), dense("b", "linear"), LayerFact(name="sum", kind="Add"), dense("c", "linear")),
    ],
)
def test_a_usual_architecture_passes(layers):
    assert finding("T029", layout(*layers)) is None


def test_what_the_layers_start_from_is_told_where_nothing_was_measured():
    evidence = with_preflight(layout(dense("a", kernel_initializer="Zeros"), dense("b")), internals=None)
    assert "starts constant" in finding("T029", evidence).message
