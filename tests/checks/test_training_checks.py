from __future__ import annotations

import dataclasses
import json
import math

import pytest
from evidence_builder import (
    ALL,
    CHANCE,
    HEAD,
    HIDDEN,
    check,
    finding,
    healthy,
    looks,
    stuck,
    trained,
    with_facts,
    with_fit,
    with_reading,
    with_training,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training import TRAINING_CHECKS, judge_network, repairs_for
from autorecipe.evidence import Evidence, Rival
from autorecipe.recipe import Recipe
from autorecipe.record.finding import Finding
from autorecipe.record.network_readings import Internals
from autorecipe.record.readings import Preflight

RECIPE = Recipe()
FINITE = st.floats(min_value=-1e30, max_value=1e30, allow_nan=False)
LOSSES = st.lists(st.floats(min_value=1e-6, max_value=1e6), min_size=1, max_size=30)


@pytest.mark.parametrize("check", TRAINING_CHECKS, ids=lambda check: check.code)
def test_a_healthy_network_passes(check):
    verdict = check.judge(healthy())
    assert verdict.finding is None, verdict.text
    assert verdict.text


def test_a_regression_is_spoken_of_in_squared_errors():
    head = healthy().preflight.head
    evidence = with_reading("head", with_facts(task="regression"), loss="mean_squared_error", from_logits=None)
    assert head is not None
    outcomes, _ = judge_network(evidence, when=ALL)
    text = " ".join(outcome.text for outcome in outcomes)
    assert "squared error" in text
    assert "log loss" not in text


def test_what_was_not_measured_is_skipped_with_its_reason():
    outcomes, findings = judge_network(Evidence(facts=healthy().facts), when=ALL)
    assert not findings
    assert {o.code for o in outcomes if o.status != "skipped"} == {"T026"}
    assert all(o.reason for o in outcomes if o.status == "skipped")


def test_only_the_moments_asked_for_are_judged_in_gate_order():
    outcomes, _ = judge_network(healthy(), when=("before",))
    codes = [outcome.code for outcome in outcomes]
    assert codes == sorted(codes)
    assert codes == [c.code for c in TRAINING_CHECKS if c.when == "before"]


def test_findings_can_be_stored_as_json():
    evidence = with_reading("loss_at_start", value=math.nan)
    _, findings = judge_network(evidence, when=ALL)
    json.dumps([dataclasses.asdict(f) for f in findings], allow_nan=False)
    assert [f.code for f in findings] == ["T003"]


@settings(max_examples=50, deadline=None)
@given(
    train=LOSSES,
    validation=LOSSES,
    error=st.floats(min_value=0, max_value=10),
    numbers=st.tuples(FINITE, FINITE, FINITE, FINITE),
    status=st.sampled_from(["ok", "failed"]),
    task=st.sampled_from(["binary", "multiclass", "regression"]),
)
def test_no_finite_evidence_makes_a_check_fail(train, validation, error, numbers, status, task):
    a, b, c, d = numbers
    layer = dataclasses.replace(
        HIDDEN, kernel_std=abs(a), output_std=abs(b), gradient_norm=abs(c), update_ratio=abs(d), dead_share=0.5
    )
    evidence = with_training(with_facts(task=task), chance_loss=abs(a))
    history = dataclasses.replace(
        evidence.training.fit.history, train_loss=tuple(train), validation_loss=tuple(validation)
    )
    evidence = with_fit(
        evidence, history=history, status=status, validation_loss_error=error, internals=looks(layer, HEAD)
    )
    for name in ("loss_at_start", "loss_with_prior_bias"):
        evidence = with_reading(name, evidence, value=a, ignorance=abs(b), prior=abs(c))
    evidence = with_reading("tiny_batch", evidence, best=a, start=b)
    evidence = with_reading("controls", evidence, gain_over_zeroed=a, shuffled_gain=b, zeroed_error=abs(c))
    evidence = with_reading("parity", evidence, train_mode_loss=abs(a), inference_mode_loss=abs(b))
    evidence = with_reading("rate_range", evidence, chosen=abs(a), largest_fall=b, diverged_at=abs(c))
    outcomes, findings = judge_network(evidence, when=ALL)
    assert len(outcomes) == len(TRAINING_CHECKS)
    assert {f.code for f in findings} == {o.code for o in outcomes if o.status == "found"}
    changes = repairs_for(findings, RECIPE, evidence)
    assert all(change.apply(RECIPE) != RECIPE for change in changes)


@settings(max_examples=50, deadline=None)
@given(losses=LOSSES, exponent=st.integers(min_value=-20, max_value=20))
def test_the_unit_of_a_loss_does_not_decide_whether_it_falls(losses, exponent):
    factor = 2.0**exponent

    def is_noticed(scale):
        evidence = with_reading("loss_with_prior_bias", stuck(), value=scale * CHANCE)
        curve = tuple(scale * loss for loss in losses)
        history = dataclasses.replace(evidence.training.fit.history, train_loss=curve, validation_loss=curve)
        rivals = tuple(
            Rival(name=r.name, train_loss=scale * r.train_loss, validation_loss=scale * r.validation_loss)
            for r in evidence.training.rivals
        )
        evidence = with_fit(evidence, history=history, validation_loss_error=0.01 * scale)
        noticed = finding("T014", with_training(evidence, chance_loss=CHANCE * scale, rivals=rivals))
        return noticed.severity if noticed else None

    assert is_noticed(1.0) == is_noticed(factor)


@settings(max_examples=50, deadline=None)
@given(more=st.integers(min_value=2, max_value=32))
def test_a_loss_that_is_a_mean_passes_at_any_batch_size(more):
    assert finding("T004", with_reading("duplication", losses=((1.0, 0.7), (float(more), 0.7)))) is None
    assert finding("T004", with_reading("duplication", losses=((1.0, 0.7), (float(more), 0.7 * more)))) is not None


def asking(*codes, action="repair"):
    return tuple(Finding(code=code, severity="warn", title="t", message="m", action=action) for code in codes)


def test_each_finding_gets_its_best_repair_before_any_gets_its_second():
    changes = repairs_for(asking("T015", "T017"), RECIPE, healthy())
    assert [c.title for c in changes[:2]] == [
        "residual blocks with layer normalization",
        "learning rate 1e-3 -> 3e-4",
    ]
    assert [c.reason[:4] for c in changes[:4]] == ["T015", "T017", "T015", "T017"]


def test_a_named_cause_is_repaired_before_the_symptom():
    changes = repairs_for(asking("T014", "T017"), RECIPE, healthy())
    assert changes[0].reason.startswith("T017")


def test_repairs_are_neither_repeated_nor_empty():
    changes = repairs_for(asking("T016", "T017", "T020"), RECIPE, healthy())
    after = [change.apply(RECIPE) for change in changes]
    assert len(set(after)) == len(after)
    assert RECIPE not in after
    assert RECIPE not in [c.apply(RECIPE) for c in repairs_for(asking("T018"), RECIPE, healthy())]


def test_findings_that_ask_for_nothing_are_not_repaired():
    assert repairs_for(asking("T017", action="none"), RECIPE, healthy()) == ()


def test_the_shape_of_an_architecture_of_the_users_is_left_alone():
    own = dataclasses.replace(RECIPE, family="custom", architecture="nets:wide", knobs=(("units", 64),))
    changes = repairs_for(asking("T015", "T017", "T016"), own, healthy())
    assert {field for change in changes for field, _ in change.edits} == {
        "learning_rate",
        "clip_norm",
        "warm_up_share",
    }


@pytest.mark.parametrize("code", [c.code for c in TRAINING_CHECKS])
def test_every_repair_can_be_applied_to_every_family(code):
    for family in ("mlp", "residual_mlp"):
        recipe = dataclasses.replace(RECIPE, family=family, dropout=0.9, l2=0.1, optimizer="sgd", learning_rate=10.0)
        for change in check(code).repairs(recipe, healthy()):
            changed = change.apply(recipe)
            assert 0 < changed.learning_rate <= 10.0
            assert change.title


def test_internals_alone_are_information_and_with_bad_learning_a_warning():
    dead = dataclasses.replace(HIDDEN, dead_share=0.8)
    well = with_fit(internals=looks(dead, HEAD))
    badly = with_fit(stuck(), internals=looks(dead, HEAD))
    assert (finding("T017", well).severity, finding("T017", well).action) == ("info", "none")
    assert (finding("T017", badly).severity, finding("T017", badly).action) == ("warn", "repair")
    assert "does not fall below chance" in finding("T017", badly).message


def test_a_validation_loss_no_better_than_chance_is_bad_learning():
    dead = dataclasses.replace(HIDDEN, dead_share=0.8)
    evidence = with_fit(internals=looks(dead, HEAD), validation_loss=0.8)
    assert finding("T017", evidence).severity == "warn"


def test_a_network_never_looked_into_is_not_judged_by_its_layers():
    evidence = with_fit(internals=())
    for code in ("T015", "T017", "T018", "T019", "T021"):
        with pytest.raises(NotApplicable, match="not looked at during training"):
            check(code).judge(evidence)


def test_the_look_before_the_first_step_is_not_training():
    only_start = with_fit(internals=(Internals(epoch=0, layers=(HIDDEN, HEAD)),))
    with pytest.raises(NotApplicable, match="not looked at during training"):
        check("T015").judge(only_start)


def test_an_untrained_network_with_nothing_measured_has_no_findings():
    evidence = Evidence(facts=healthy().facts, preflight=Preflight(), training=trained())
    assert judge_network(evidence, when=("before",))[1] == ()
