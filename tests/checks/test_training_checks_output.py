from __future__ import annotations

import pytest
from evidence_builder import check, finding, with_facts, with_preflight

from autorecipe.checks.check import NotApplicable
from autorecipe.record.network_readings import HeadReading


def head(**fields):
    """A head of three classes that is as it should be, unless fields say otherwise."""
    usual = {
        "n_outputs": 3,
        "activations": ("softmax",),
        "loss": "sparse_categorical_crossentropy",
        "from_logits": False,
        "lowest": 0.1,
        "highest": 0.7,
        "row_sum_low": 1.0,
        "row_sum_high": 1.0,
        "label_minimum": 0.0,
        "label_maximum": 2.0,
    }
    return HeadReading(**{**usual, **fields})


def of_classes(**fields):
    return with_preflight(with_facts(task="multiclass", n_classes=3), head=head(**fields))


def of_two(**fields):
    usual = {"n_outputs": 1, "activations": ("sigmoid",), "loss": "binary_crossentropy", "label_maximum": 1.0}
    return with_preflight(head=head(**{**usual, **fields}))


def of_amounts(**fields):
    usual = {
        "n_outputs": 1,
        "activations": ("linear",),
        "loss": "mean_squared_error",
        "from_logits": None,
        "label_minimum": -3.0,
        "label_maximum": 5.0,
        "labels_are_whole": False,
    }
    return with_preflight(with_facts(task="regression", n_classes=1), head=head(**{**usual, **fields}))


RAW = {"activations": ("linear",), "lowest": -2.0, "highest": 3.0, "row_sum_low": -1.0, "row_sum_high": 2.0}


@pytest.mark.parametrize(
    ("evidence", "severity", "words"),
    [
        (of_classes(from_logits=True), "stop", "expects logits and gets probabilities"),
        (of_classes(activations=("softmax", "softmax")), "stop", "applied twice"),
        (of_classes(**RAW), "stop", "expects probabilities and gets raw scores"),
        (of_classes(activations=("sigmoid",), row_sum_high=1.8), "stop", "gets sigmoid outputs"),
        (of_classes(n_outputs=1), "stop", "one output per class"),
        (of_classes(label_minimum=1.0, label_maximum=3.0), "stop", "run from 1 to 3"),
        (of_classes(label_minimum=-1.0), "stop", "outside the outputs"),
        (of_classes(labels_are_one_hot=True), "stop", "gets one column per class"),
        (of_classes(loss="categorical_crossentropy"), "stop", "gets class numbers"),
        (of_classes(labels_are_whole=False), "stop", "real-valued"),
        (of_classes(row_sum_low=0.2, row_sum_high=2.4), "stop", "do not sum to 1"),
        (of_classes(activations=("relu", "softmax")), "warn", "cut off"),
        (of_classes(loss="mean_squared_error", from_logits=None), "warn", "made for amounts and gets classes"),
        (of_classes(n_outputs=1, loss="binary_crossentropy", label_maximum=2.0), "stop", "labels 0 and 1"),
        (of_classes(loss="binary_crossentropy", labels_are_one_hot=True, label_maximum=1.0), "warn", "judges each"),
        (of_two(from_logits=True), "stop", "expects logits and gets probabilities"),
        (of_two(activations=("sigmoid", "sigmoid")), "stop", "applied twice"),
        (of_two(**RAW), "stop", "without sigmoid"),
        (of_two(activations=("linear",), lowest=0.0, highest=0.0), "stop", "without sigmoid"),
        (of_two(activations=("softmax",)), "stop", "always 1"),
        (of_two(label_minimum=-1.0), "stop", "run from -1 to 1"),
        (of_two(loss="hinge", from_logits=None), "warn", "expects margins"),
        (of_amounts(activations=("relu",)), "stop", "cannot reach the targets"),
        (of_amounts(activations=("relu",), label_minimum=0.0), "warn", "cut off"),
        (of_amounts(activations=("tanh",)), "stop", "tanh ends at -1 and 1"),
        (of_amounts(activations=("softmax",)), "stop", "shares that sum to 1"),
        (of_amounts(loss="binary_crossentropy", from_logits=True), "stop", "expects classes and gets amounts"),
        (of_amounts(loss="sparse_categorical_crossentropy", n_outputs=6), "stop", "gets amounts"),
        (of_amounts(n_outputs=2), "warn", "compared with 2 outputs"),
        (of_amounts(label_width=2), "warn", "2 targets are compared with one output"),
        (of_amounts(n_outputs=3, label_width=2), "warn", "2 targets are compared with 3 outputs"),
    ],
)
def test_a_loss_that_does_not_fit_the_output_or_the_labels_is_named(evidence, severity, words):
    found = finding("T002", evidence)
    assert found.severity == severity
    assert words in found.message
    assert found.remedy


@pytest.mark.parametrize(
    "evidence",
    [
        of_classes(),
        of_classes(from_logits=True, **RAW),
        of_classes(loss="categorical_crossentropy", labels_are_one_hot=True, label_maximum=1.0),
        of_classes(activations=("linear",)),
        of_two(),
        of_two(from_logits=True, **RAW),
        of_two(n_outputs=2, labels_are_one_hot=True, activations=("sigmoid",)),
        of_two(loss="hinge", from_logits=None, activations=("tanh",), label_minimum=-1.0),
        of_amounts(),
        of_amounts(activations=("softplus",), label_minimum=0.0),
        of_amounts(activations=("sigmoid",), label_minimum=0.0, label_maximum=1.0),
    ],
)
def test_a_loss_that_fits_passes(evidence):
    assert finding("T002", evidence) is None


def test_an_unknown_loss_is_not_judged():
    with pytest.raises(NotApplicable, match="nothing is known about the loss my_loss"):
        check("T002").judge(of_two(loss="my_loss"))


def test_one_output_for_each_of_several_targets_passes():
    assert finding("T002", of_amounts(n_outputs=2, label_width=2)) is None
