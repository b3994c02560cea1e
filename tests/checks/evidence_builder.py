"""What is known of a healthy network, and the same with one thing changed."""

from __future__ import annotations

import dataclasses
import math

from autorecipe.checks.training import TRAINING_CHECKS
from autorecipe.evidence import Evidence, Facts, Rival, TrainingReading
from autorecipe.record.network_readings import Internals, LayerReading
from autorecipe.record.trial import Fit, History
from autorecipe.testing.sound_readings import SOUND_READINGS

N_EPOCHS = 20
CHANCE = 0.69
LOOKED_AT = (0, 1, 2, 4, 8, 16)
ALL = ("before", "during", "after")
# losses that fall and level off, validation a little above training, no error left to chance
TRAIN = tuple(0.40 + 0.28 * math.exp(-epoch / 3) for epoch in range(N_EPOCHS))
VALIDATION = tuple(0.42 + 0.26 * math.exp(-epoch / 3) for epoch in range(N_EPOCHS))
FACTS = Facts(
    task="binary",
    n_classes=2,
    n_train=2000,
    n_validation=500,
    learning_rate=1e-3,
    batch_size=128,
    optimizer="adam",
    starts_at_prior=True,
)
HIDDEN = LayerReading(
    name="hidden_1",
    kind="Dense",
    activation="relu",
    n_units=64,
    is_first=True,
    kernel_std=0.2,
    expected_kernel_std=0.2,
    output_mean=0.4,
    output_std=0.6,
    dead_share=0.02,
    gradient_norm=0.1,
    gradient_mean=1e-3,
    kernel_norm=8.0,
    update_ratio=5e-3,
)
SECOND = dataclasses.replace(HIDDEN, name="hidden_2", is_first=False, output_std=0.5, gradient_norm=0.12)
HEAD = LayerReading(
    name="head",
    kind="Dense",
    activation="linear",
    n_units=1,
    is_last=True,
    kernel_std=0.01,
    expected_kernel_std=0.01,
    output_std=0.3,
    gradient_norm=0.2,
    gradient_mean=1e-2,
    kernel_norm=0.1,
    update_ratio=0.02,
)
FIT = Fit(
    key="healthy",
    fold=0,
    train_loss=TRAIN[-1],
    validation_loss=VALIDATION[-1],
    validation_loss_error=0.01,
    best_epoch=N_EPOCHS,
    epochs=N_EPOCHS,
    largest_class_share=0.6,
    history=History(
        train_loss=TRAIN,
        validation_loss=VALIDATION,
        learning_rate=(1e-3,) * N_EPOCHS,
        gradient_norm=tuple(1.0 / (1 + epoch) for epoch in range(N_EPOCHS)),
        peak_gradient_norm=tuple(2.0 / (1 + epoch) for epoch in range(N_EPOCHS)),
    ),
)


def looks(*layers, epochs=LOOKED_AT, **fields):
    """Return the same look inside after each of those epochs."""
    return tuple(Internals(epoch=epoch, layers=layers or (HIDDEN, SECOND, HEAD), **fields) for epoch in epochs)


def trained(fit=None, **fields):
    """Return a healthy training, fields of its reading replaced."""
    rivals = (
        Rival(name="constant", train_loss=CHANCE, validation_loss=CHANCE),
        Rival(name="linear", train_loss=0.45, validation_loss=0.46),
        Rival(name="gradient_boosting", train_loss=0.30, validation_loss=0.42),
    )
    usual = {
        "fit": fit or dataclasses.replace(FIT, internals=looks(penalty_share=0.1)),
        "epochs": 100,
        "patience": 15,
        "chance_loss": CHANCE,
        "largest_true_share": 0.55,
        "rivals": rivals,
    }
    return TrainingReading(**{**usual, **fields})


def healthy(**fields):
    """Return all that is known of a healthy network; `facts`, `preflight` and `training` may be replaced."""
    usual = {"facts": FACTS, "preflight": SOUND_READINGS, "training": trained()}
    return Evidence(**{**usual, **fields})


def with_facts(evidence=None, **fields):
    evidence = evidence or healthy()
    return dataclasses.replace(evidence, facts=dataclasses.replace(evidence.facts, **fields))


def with_reading(name, evidence=None, **fields):
    """Return healthy evidence with fields of one pre-flight reading replaced."""
    evidence = evidence or healthy()
    reading = dataclasses.replace(getattr(evidence.preflight, name), **fields)
    return with_preflight(evidence, **{name: reading})


def with_preflight(evidence=None, **readings):
    evidence = evidence or healthy()
    return dataclasses.replace(evidence, preflight=dataclasses.replace(evidence.preflight, **readings))


def with_fit(evidence=None, **fields):
    """Return evidence with fields of the fit replaced."""
    evidence = evidence or healthy()
    fit = dataclasses.replace(evidence.training.fit, **fields)
    return with_training(evidence, fit=fit)


def with_training(evidence=None, **fields):
    evidence = evidence or healthy()
    return dataclasses.replace(evidence, training=dataclasses.replace(evidence.training, **fields))


def with_curves(train, validation, evidence=None, **fields):
    """Return evidence with these losses, the best epoch kept."""
    best = min(range(len(validation)), key=lambda i: validation[i])
    history = dataclasses.replace(FIT.history, train_loss=tuple(train), validation_loss=tuple(validation))
    usual = {
        "history": history,
        "train_loss": train[best],
        "validation_loss": validation[best],
        "best_epoch": best + 1,
        "epochs": len(train),
    }
    return with_fit(evidence, **{**usual, **fields})


def stuck(evidence=None, level=CHANCE):
    """Return the evidence of a network that does not learn."""
    return with_curves([level] * N_EPOCHS, [level] * N_EPOCHS, evidence)


def check(code):
    return next(c for c in TRAINING_CHECKS if c.code == code)


def finding(code, evidence):
    """Return what a check noticed, or None."""
    return check(code).judge(evidence).finding
