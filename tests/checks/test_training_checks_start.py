from __future__ import annotations

import dataclasses

import pytest
from evidence_builder import HEAD, HIDDEN, SECOND, finding, with_preflight

from autorecipe.record.network_readings import Internals


def start(*layers):
    return with_preflight(internals=Internals(epoch=0, layers=layers))


def hidden(name="hidden", **fields):
    return dataclasses.replace(SECOND, name=name, **fields)


def stack(spreads, gradients=None, **fields):
    gradients = gradients or [0.1] * len(spreads)
    layers = [
        hidden(f"h{i}", output_std=spread, gradient_norm=gradient, is_first=i == 0, **fields)
        for i, (spread, gradient) in enumerate(zip(spreads, gradients, strict=True))
    ]
    return start(*layers, HEAD)


ZERO = {"kernel_std": 0.0, "expected_kernel_std": 0.0, "kernel_norm": 0.0}


@pytest.mark.parametrize(
    "evidence",
    [
        start(hidden(kernel_std=0.0, kernel_norm=3.0), HEAD),
        start(hidden(**ZERO, gradient_norm=0.0, is_first=True), HEAD),
        start(hidden("a", **ZERO, gradient_norm=0.0), hidden("b", **ZERO, gradient_norm=0.0), HEAD),
    ],
)
def test_constant_kernels_stop(evidence):
    found = finding("T007", evidence)
    assert found.severity == "stop"
    assert "constant" in found.message


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (stack([0.01 * 0.3**i for i in range(8)], activation="tanh", dead_share=1.0), "shrink"),
        (stack([0.3 * 0.5**i for i in range(8)], activation="tanh"), "shrink"),
        (stack([1.0, 5.0, 30.0]), "grow"),
        (stack([0.9, 0.95, 0.95], activation="tanh"), "saturated"),
        (stack([0.5, 0.5], saturated_share=0.7), "saturated"),
        (stack([0.5, 0.5], dead_share=0.9), "dead"),
        (stack([0.1] * 30, [1e-2 * 0.3 ** (29 - i) for i in range(30)], activation="sigmoid"), "vanish"),
    ],
)
def test_a_start_that_cannot_be_learned_from_warns(evidence, words):
    found = finding("T007", evidence)
    assert (found.severity, found.action) == ("warn", "repair")
    assert words in found.message


@pytest.mark.parametrize(
    "evidence",
    [
        start(HIDDEN, SECOND, dataclasses.replace(HEAD, **ZERO)),  # a head that starts at zero
        start(HIDDEN, hidden("branch", **ZERO, gradient_norm=0.0, output_std=0.0, dead_share=1.0), HEAD),
        start(hidden("table", kind="Embedding", kernel_std=0.029, expected_kernel_std=0.029, output_std=0.1), HIDDEN),
        stack([0.5, 0.4], [0.0, 0.0]),  # no gradient passes a head that is zero
    ],
)
def test_what_starts_at_zero_on_purpose_passes(evidence):
    assert finding("T007", evidence) is None


def test_a_kernel_is_held_against_its_own_initializer():
    found = finding("T007", start(hidden(kernel_std=1.0, kernel_norm=64.0, expected_kernel_std=0.1), HEAD))
    assert found.severity == "info"
    assert "initializer" in found.message
