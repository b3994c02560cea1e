from __future__ import annotations

import dataclasses

import pytest

from autorecipe.change import Change
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.stages import soundness
from autorecipe.stages.soundness import assess, evidence_of, fly_before
from autorecipe.stages.trials import try_recipe
from autorecipe.testing import FakeTrainer, fake_effects, make_run
from autorecipe.testing.sound_readings import SOUND_READINGS

DEAD = Finding(code="T017", severity="warn", title="dead units", message="60 % are dead", action="repair")
LEAKY = Change(edits=(("activation", "leaky_relu"),), title="leaky ReLU", reason="T017: 60 % are dead")
SLOWER = Change(edits=(("learning_rate", 3e-4),), title="a third of the rate", reason="T017: 60 % are dead")


def judged_dead(recipe_is_mended):
    """Stand in for the checks: units are dead unless the recipe is mended."""

    def judge(evidence: Evidence, *, when):
        findings = () if recipe_is_mended(evidence) else (DEAD,)
        return (CheckOutcome(code="T017", title="", status="found" if findings else "passed"),), findings

    return judge


@pytest.fixture
def dead_units(monkeypatch):
    """Units are dead whenever the learning rate is above 5e-4; the leaky activation is offered first."""
    monkeypatch.setattr(soundness, "judge_network", judged_dead(lambda e: e.facts.learning_rate < 5e-4))
    monkeypatch.setattr(soundness, "repairs_for", lambda findings, recipe, evidence: (LEAKY, SLOWER))
    monkeypatch.setattr(soundness, "diagnose", lambda e: Diagnosis(name="good fit", reason="", remedy=""))


def slow_is_better(recipe: Recipe, fold: int) -> float:
    return 0.8 if recipe.learning_rate < 5e-4 else 0.6


def assessed(score, **options):
    effects = fake_effects(trainer=FakeTrainer(score, **options))
    run = make_run()
    return assess(try_recipe(Recipe(), effects, name="net"), run, effects, when=("during",))


def test_a_repair_that_helps_is_kept_and_its_finding_is_gone(dead_units):
    sound = assessed(slow_is_better)
    assert [d.kept for d in sound.repairs] == [False, True]
    assert sound.best.recipe.learning_rate == 3e-4
    assert sound.findings == ()


def test_a_finding_that_no_repair_mends_says_what_was_tried(dead_units):
    sound = assessed(lambda recipe, fold: 0.7)
    assert sound.best.recipe == Recipe()
    assert sound.findings[0].remedy == "tried leaky ReLU, a third of the rate: none helped"


def test_a_finding_says_nothing_of_the_repairs_of_another(dead_units, monkeypatch):
    other = dataclasses.replace(DEAD, code="T020", remedy="larger batches")
    monkeypatch.setattr(soundness, "judge_network", lambda evidence, *, when: ((), (DEAD, other)))
    remedies = {finding.code: finding.remedy for finding in assessed(lambda recipe, fold: 0.7).findings}
    assert remedies == {"T017": "tried leaky ReLU, a third of the rate: none helped", "T020": "larger batches"}


class Forgetful(FakeTrainer):
    """Memorises no tiny batch at a rate of 1e-3."""

    def probe(self, kind, recipe):
        if kind == "tiny_batch" and recipe.learning_rate == 1e-3:
            return dataclasses.replace(SOUND_READINGS.tiny_batch, best=0.6, accuracy=0.5, n_steps=0)
        return super().probe(kind, recipe)


def test_a_repaired_network_is_measured_anew():
    effects = fake_effects(trainer=Forgetful(lambda r, fold: 0.6 if r.learning_rate == 1e-3 else 0.8))
    before, _ = fly_before(Recipe(), effects)
    net = try_recipe(Recipe(), effects, name="net")
    sound = assess(net, make_run(), effects, when=("before",), preflight=before)
    assert sound.repairs[-1].kept
    assert sound.preflight.tiny_batch == SOUND_READINGS.tiny_batch
    assert "T008" not in [finding.code for finding in sound.findings]


def test_a_network_that_could_not_be_trained_is_repaired_by_one_that_can(dead_units):
    sound = assessed(slow_is_better, fails=lambda r, fold: "NaN" if r.learning_rate > 5e-4 else "")
    assert sound.repairs[-1].rule == "kept: it can be trained"
    assert sound.best.status == "ok"


def test_what_is_only_good_to_know_is_not_repaired(dead_units, monkeypatch):
    info = dataclasses.replace(DEAD, severity="info")
    monkeypatch.setattr(soundness, "judge_network", lambda evidence, *, when: ((), (info,)))
    assert assessed(lambda recipe, fold: 0.7).trials == ()


def test_without_time_nothing_is_repaired(dead_units):
    effects = fake_effects(trainer=FakeTrainer(slow_is_better), limit_s=5.5)
    net = try_recipe(Recipe(), effects, name="net")
    assert assess(net, make_run(), effects, when=("during",)).trials == ()


def test_readings_that_the_time_is_too_short_for_are_told():
    effects = fake_effects(trainer=FakeTrainer(slow_is_better, probe_s=1.0), limit_s=10.0)
    preflight, causes = fly_before(Recipe(), effects)
    assert preflight.inputs is not None
    assert preflight.parity is None
    assert "parity: no time was left" in causes[-1]


def test_what_trains_nothing_is_always_looked_at():
    preflight, causes = fly_before(Recipe(), fake_effects(limit_s=0.0))
    assert preflight.loss_with_prior_bias is not None
    assert causes == (
        "tiny batch, rate range, controls, cross talk, duplication, internals, evaluation, parity: no time was left",
    )


def test_baselines_on_the_ladder_are_the_rivals():
    effects = fake_effects()
    rung = dataclasses.replace(try_recipe(Recipe(), effects, name="linear"), recipe=None)
    run = make_run(stages=(StageResult(stage="baseline", question="", ladder=(rung,)),))
    evidence = evidence_of(try_recipe(Recipe(), effects, name="net"), run)
    assert [rival.name for rival in evidence.training.rivals] == ["linear"]
