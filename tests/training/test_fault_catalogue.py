from __future__ import annotations

import warnings
from functools import cache

import pytest
from fault_models import FAULTS, TWINS, build

import autorecipe

pytestmark = pytest.mark.slow

EPOCHS = 8  # of the short training: enough for five looks inside
NO_LIMIT_S = 3600.0  # the verdicts must not hang on how busy the machine is
LOUD = ("stop", "warn")


@cache
def checked(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of some of these faults too
        return autorecipe.check(*build(make), epochs=EPOCHS, time_limit_s=NO_LIMIT_S)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_check_that_should_notices_the_fault(fault):
    report = checked(fault.make)
    assert fault.code in {f.code for f in report.findings if f.severity in LOUD}, str(report)


@pytest.mark.parametrize("twin", TWINS)
def test_the_healthy_twin_passes_with_at_most_one_warning(twin):
    report = checked(TWINS[twin])
    assert report.ok, str(report)
    assert len([f for f in report.findings if f.severity in LOUD]) <= 1, str(report)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("inputs from 0 to 255", "T005"),
        ("softmax with from_logits", "T002"),
        ("learning rate 10", "T010"),
        ("learning rate 1e-9", "T010"),
        ("zero initialisation", "T007"),
        ("normalization in training only", "T011"),
        ("dropout 0.95", "T029"),
    ],
)
def test_the_first_line_names_the_cause_and_not_what_follows_from_it(name, code):
    report = checked(next(fault.make for fault in FAULTS if fault.name == name))
    assert str(report).splitlines()[0].endswith(f"({code})"), str(report)


def test_every_twin_is_the_twin_of_a_fault():
    assert {fault.twin for fault in FAULTS} == set(TWINS)
