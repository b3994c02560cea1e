"""Which losses, output activations and labels fit each other: the rules of check T002."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autorecipe.checks.verdicts import figure
from autorecipe.evidence import Facts
from autorecipe.record.finding import Severity
from autorecipe.record.network_readings import HeadReading

LOWEST_SUM, HIGHEST_SUM = 0.95, 1.05  # of a row of probabilities: TheDeepChecker
# names of Keras in snake case, and what its older aliases say
CLASS_LOSSES = (
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "kl_divergence",
)
BINARY_LOSSES = ("binary_crossentropy", "binary_focal_crossentropy")
HINGE_LOSSES = ("hinge", "squared_hinge", "categorical_hinge")
AMOUNT_LOSSES = (
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
    "mse",
    "mae",
    "poisson",
)
LOWEST_VALUE = {"relu": 0.0, "relu6": 0.0, "softplus": 0.0, "exponential": 0.0, "sigmoid": 0.0, "tanh": -1.0}
HIGHEST_VALUE = {"relu6": 6.0, "sigmoid": 1.0, "tanh": 1.0}
CUTTING = ("relu", "relu6", "leaky_relu", "elu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A disagreement of the loss with the output or the labels."""

    severity: Severity
    message: str
    remedy: str


def categorical_problem(head: HeadReading, facts: Facts) -> Problem | None:
    """Return what is wrong under a loss over several classes that exclude each other."""
    return _first(_categorical_labels(head, facts), _categorical_output(head))


def binary_problem(head: HeadReading, facts: Facts) -> Problem | None:
    """Return what is wrong under a loss of one yes or no per output."""
    return _first(_binary_labels(head, facts), _binary_output(head), _binary_for_classes(head, facts))


def hinge_problem(head: HeadReading, facts: Facts) -> Problem | None:
    """Return what is wrong under a hinge loss, which compares margins."""
    squashing = [name for name in head.activations if name in ("sigmoid", "softmax")]
    if facts.task == "regression":
        return _stop("The loss expects classes and gets amounts", "use mean_squared_error for amounts")
    if squashing:
        message = f"The loss expects margins and gets probabilities: {head.loss} after {squashing[-1]}"
        return Problem(severity="warn", message=message, remedy="use a linear output")
    return None


def amount_problem(head: HeadReading, facts: Facts) -> Problem | None:
    """Return what is wrong under a loss of amounts."""
    if facts.task != "regression":
        fitting = "binary_crossentropy" if facts.task == "binary" else "sparse_categorical_crossentropy"
        message = f"The loss is made for amounts and gets classes: {head.loss} for {facts.n_classes} classes"
        return Problem(severity="warn", message=message, remedy=f"use {fitting}")
    if "softmax" in head.activations:
        message = "The output cannot reach the targets: softmax gives shares that sum to 1, the targets are amounts"
        return _stop(message, "use a linear output")
    last = next((name for name in reversed(head.activations) if name != "linear"), "")
    return _first(_out_of_reach(head, last), _broadcast(head))


def _categorical_labels(head: HeadReading, facts: Facts) -> Iterable[Problem]:
    is_sparse = head.loss.startswith("sparse")
    if head.n_outputs == 1:
        message = f"The loss expects one output per class and gets one output in all: {head.loss} on 1 unit"
        remedy = "use binary_crossentropy with one sigmoid unit, or one unit per class"
        yield _stop(message, remedy)
    if facts.task == "regression" or (is_sparse and not head.labels_are_whole):
        yield _stop(
            f"The loss expects classes and gets amounts: {head.loss} for real-valued targets",
            "use mean_squared_error and a linear output",
        )
    if is_sparse and head.labels_are_one_hot:
        message = "The loss expects class numbers and gets one column per class"
        yield _stop(message, "use categorical_crossentropy, or the labels' argmax")
    if not is_sparse and not head.labels_are_one_hot:
        message = "The loss expects one column per class and gets class numbers"
        yield _stop(message, "use sparse_categorical_crossentropy, or one-hot labels")
    if is_sparse and (head.label_minimum < 0 or head.label_maximum >= head.n_outputs):
        message = (
            f"Labels lie outside the outputs: they run from {head.label_minimum:g} to {head.label_maximum:g}, the"
            f" {head.n_outputs} outputs stand for 0 to {head.n_outputs - 1}"
        )
        yield _stop(message, "number the classes from 0, and give each one an output")


def _categorical_output(head: HeadReading) -> Iterable[Problem]:
    n_softmax = head.activations.count("softmax")
    if head.from_logits and n_softmax:
        message = "The loss expects logits and gets probabilities: softmax with from_logits=True is a double softmax"
        yield _stop(message, "drop the softmax, or set from_logits=False")
    if n_softmax > 1:
        message = f"Softmax is applied {'twice' if n_softmax == 2 else f'{n_softmax} times'}: all probabilities become"
        yield _stop(f"{message} nearly equal", "keep one softmax")
    if "sigmoid" in head.activations:
        message = f"The loss expects classes that exclude each other and gets sigmoid outputs: {head.loss} after"
        yield _stop(f"{message} sigmoid", "use softmax; or binary_crossentropy where several labels may hold")
    if not head.from_logits and not n_softmax and not _are_shares(head):
        message = (
            f"The loss expects probabilities and gets raw scores: from_logits=False without softmax, outputs from"
            f" {figure(head.lowest)} to {figure(head.highest)}"
        )
        yield _stop(message, "set from_logits=True, or end in softmax")
    if n_softmax == 1 and not (head.row_sum_low >= LOWEST_SUM and head.row_sum_high <= HIGHEST_SUM):
        message = (
            f"The outputs of a row do not sum to 1: they sum to {figure(head.row_sum_low)} to"
            f" {figure(head.row_sum_high)} after softmax"
        )
        yield _stop(message, "apply softmax over the last axis")
    if cut := [name for name in head.activations if name in CUTTING]:
        yield _cut_off(cut[0])


def _binary_labels(head: HeadReading, facts: Facts) -> Iterable[Problem]:
    if head.label_minimum < 0 or head.label_maximum > 1:
        if facts.task == "regression":
            message = f"The loss expects classes and gets amounts: {head.loss} for targets from"
            remedy = "use mean_squared_error and a linear output"
        else:
            message = "The loss expects labels 0 and 1 and gets others: they run from"
            remedy = "number the classes 0 and 1; several classes need sparse_categorical_crossentropy"
        yield _stop(f"{message} {head.label_minimum:g} to {head.label_maximum:g}", remedy)
    if head.n_outputs > 1 and not head.labels_are_one_hot:
        message = f"The loss expects one label per output and gets one label for {head.n_outputs} outputs"
        yield _stop(message, "use one unit for two classes, or sparse_categorical_crossentropy with softmax")


def _binary_output(head: HeadReading) -> Iterable[Problem]:
    n_squashing = sum(name in ("sigmoid", "softmax") for name in head.activations)
    if "softmax" in head.activations and head.n_outputs == 1:
        yield _stop("The output is always 1: softmax over a single unit", "use sigmoid")
    if head.from_logits and n_squashing:
        message = "The loss expects logits and gets probabilities: sigmoid with from_logits=True is applied twice"
        yield _stop(message, "drop the sigmoid, or set from_logits=False")
    if n_squashing > 1:
        yield _stop("Sigmoid is applied twice: probabilities end between 0.5 and 0.73", "keep one sigmoid")
    if not head.from_logits and not n_squashing and not _are_probabilities(head):
        message = (
            f"The loss expects probabilities and gets raw scores: from_logits=False without sigmoid, outputs from"
            f" {figure(head.lowest)} to {figure(head.highest)}"
        )
        yield _stop(message, "set from_logits=True, or end in sigmoid")
    if cut := [name for name in head.activations if name in CUTTING]:
        yield _cut_off(cut[0])


def _binary_for_classes(head: HeadReading, facts: Facts) -> Iterable[Problem]:
    if facts.task == "multiclass" and head.n_outputs == 1:
        message = f"One yes or no cannot tell {facts.n_classes} classes apart: {head.loss} on 1 unit"
        yield _stop(message, "use one unit per class with sparse_categorical_crossentropy")
    if facts.task == "multiclass":
        message = f"The loss judges each class apart although they exclude each other: {head.loss} for"
        message = f"{message} {facts.n_classes} classes"
        yield Problem(severity="warn", message=message, remedy="use categorical_crossentropy with softmax")


def _out_of_reach(head: HeadReading, activation: str) -> Iterable[Problem]:
    low, high = LOWEST_VALUE.get(activation), HIGHEST_VALUE.get(activation)
    if (low is not None and head.label_minimum < low) or (high is not None and head.label_maximum > high):
        message = (
            f"The output cannot reach the targets: {activation} ends at {low:g}"
            f"{f' and {high:g}' if high is not None else ''}, the targets run from {figure(head.label_minimum)} to"
            f" {figure(head.label_maximum)}"
        )
        yield _stop(message, "use a linear output")
    if activation in CUTTING:
        yield _cut_off(activation)


def _broadcast(head: HeadReading) -> Iterable[Problem]:
    n_targets, n_outputs = head.label_width, head.n_outputs
    if n_targets == n_outputs:
        return
    if n_targets == 1:
        message = f"One target is compared with {n_outputs} outputs: the loss repeats it for each of them"
    elif n_outputs == 1:
        message = f"{n_targets} targets are compared with one output: the loss repeats it for each of them"
    else:
        message = f"{n_targets} targets are compared with {n_outputs} outputs"
    yield Problem(severity="warn", message=message, remedy="use one output per target")


def _cut_off(activation: str) -> Problem:
    message = f"The output is cut off: {activation} on the last layer flattens scores below zero, with their gradient"
    return Problem(severity="warn", message=message, remedy="use a linear last layer")


def _stop(message: str, remedy: str) -> Problem:
    return Problem(severity="stop", message=message, remedy=remedy)


def _are_shares(head: HeadReading) -> bool:
    sums = head.row_sum_low >= LOWEST_SUM and head.row_sum_high <= HIGHEST_SUM
    return head.lowest >= 0 and sums


def _are_probabilities(head: HeadReading) -> bool:
    """An output that is one constant says nothing: an untrained linear output may be 0 everywhere."""
    return 0 <= head.lowest < head.highest <= 1


def _first(*rules: Iterable[Problem]) -> Problem | None:
    return next((problem for rule in rules for problem in rule), None)
