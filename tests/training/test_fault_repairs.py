from __future__ import annotations

import math

import pytest
from small_data import N_TRAIN, N_VALIDATION, recipe_for, small_data, small_trainer

from autorecipe.checks.training import judge_network, repairs_for
from autorecipe.evidence import Evidence, Facts, TrainingReading
from autorecipe.record.readings import NotMeasured, Preflight

pytestmark = pytest.mark.slow

N_TRIED = 2  # changes, the most promising first: fewer than a run tries
PROBES = ("layout", "internals", "rate_range")  # what the checks that promise these repairs look at
FAULTS = {
    "learning rate 10": ("T014", {"learning_rate": 10.0, "optimizer": "sgd", "depth": 2}),
    "learning rate 1e-9": ("T014", {"learning_rate": 1e-9}),
    "a rate that makes NaN": ("T013", {"learning_rate": 30.0, "optimizer": "sgd", "depth": 1}),
    "dropout 0.95": ("T029", {"dropout": 0.95}),
    "an initializer that lets signals fade": (
        "T007",
        {"initializer": "lecun_normal", "depth": 10, "optimizer": "sgd", "learning_rate": 0.03},
    ),
}


def evidence_of(trainer, recipe, fit):
    readings = {name: trainer.probe(name, recipe) for name in PROBES}
    assert not any(isinstance(reading, NotMeasured) for reading in readings.values())
    facts = Facts(
        task="binary",
        n_classes=2,
        n_train=N_TRAIN,
        n_validation=N_VALIDATION,
        learning_rate=recipe.learning_rate,
        batch_size=recipe.batch_size,
        optimizer=recipe.optimizer,
        starts_at_prior=True,
    )
    training = TrainingReading(
        fit=fit,
        epochs=recipe.epochs,
        patience=recipe.patience,
        chance_loss=fit.chance_loss,
        largest_true_share=fit.largest_true_share,
    )
    return Evidence(facts=facts, preflight=Preflight(**readings), training=training)


def loss_of(fit):
    return fit.validation_loss if fit.status == "ok" else math.inf


@pytest.mark.parametrize("fault", FAULTS)
def test_a_promised_repair_makes_the_network_better(fault):
    code, edits = FAULTS[fault]
    trainer = small_trainer(small_data("binary"))
    recipe = recipe_for("binary", width=16, epochs=30, patience=8, **{"learning_rate": 3e-3, **edits})
    broken = trainer.fit(recipe, 0)
    evidence = evidence_of(trainer, recipe, broken)
    findings = judge_network(evidence, when=("before", "during"))[1]
    found = tuple(f for f in findings if f.code == code and f.severity != "info" and f.action == "repair")
    assert found, [(f.code, f.severity) for f in findings]
    changes = repairs_for(found, recipe, evidence)[:N_TRIED]
    repaired = [trainer.fit(change.apply(recipe), 0) for change in changes]
    # by more than the rows' own noise, as far as the broken network has a loss at all
    error = broken.validation_loss_error if broken.status == "ok" else 0.0
    assert min(map(loss_of, repaired)) < loss_of(broken) - error, [c.title for c in changes]
