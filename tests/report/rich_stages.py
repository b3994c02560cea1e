"""The stages of a full run, as plain values: every kind of decision, curve, measurement and note."""

from __future__ import annotations

import dataclasses
import math

from autorecipe.change import Change
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.recipe import Recipe
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.network_readings import Internals, LayerReading
from autorecipe.record.readings import Preflight, RateReading, TinyBatchReading
from autorecipe.record.stage import Diagnosis, Idea, StagePlan, StageResult
from autorecipe.record.trial import Confirmation, Decision, Fit, History, Measurement, Trial
from autorecipe.testing.sound_readings import SOUND_READINGS

START = Recipe(epochs=20)
WIDE = dataclasses.replace(START, width=128)
DROPPED = dataclasses.replace(WIDE, dropout=0.1)
TUNED = dataclasses.replace(DROPPED, learning_rate=0.0031, batch_size=64)
N_EPOCHS = 12
LAYER = LayerReading(name="hidden_1", kind="Dense", activation="relu", n_units=64, gradient_norm=0.1, kernel_norm=16.0)


def internals(epoch: int) -> Internals:
    layers = tuple(
        dataclasses.replace(
            LAYER,
            name=f"hidden_{i}",
            is_first=i == 1,
            output_mean=0.4 - 0.02 * epoch,
            output_std=0.6 / i,
            dead_share=0.02 * i * epoch,
            gradient_norm=0.1 / i / (1 + epoch),
            update_ratio=3e-3 / (1 + epoch),
        )
        for i in (1, 2, 3)
    )
    return Internals(epoch=epoch, layers=layers, gradient_norm=0.3 / (1 + epoch))


def history(end: float) -> History:
    falls = tuple(0.69 * math.exp(-i / 3) for i in range(N_EPOCHS))
    rises = tuple(end + fall / 2 + 0.003 * i for i, fall in enumerate(falls))
    return History(
        train_loss=tuple(end / 2 + fall / 2 for fall in falls),
        validation_loss=rises,
        learning_rate=tuple(1e-3 * (1 - i / N_EPOCHS) for i in range(N_EPOCHS)),
        gradient_norm=tuple(0.5 / (1 + i) for i in range(N_EPOCHS)),
        peak_gradient_norm=tuple(1.5 / (1 + i) for i in range(N_EPOCHS)),
    )


def fit(name: str, fold: int, score: float, *, is_network: bool) -> Fit:
    return Fit(
        key=f"{name.replace(' ', '-')}-{fold}",
        fold=fold,
        seconds=2.4,
        train_loss=0.31,
        validation_loss=0.42,
        train_score=score + 0.04,
        validation_score=score,
        best_epoch=7 if is_network else 0,
        epochs=N_EPOCHS if is_network else 0,
        steps=120,
        n_parameters=61_205 if is_network else 0,
        setup_s=0.8,
        repairs=("epoch 3: the loss was NaN: back to epoch 2, rate 0.01 -> 0.001",) if fold == 1 and is_network else (),
        internals=tuple(internals(epoch) for epoch in (0, 1, 4, 8)) if fold == 0 and is_network else (),
        validation_loss_error=0.02,
        chance_loss=0.66,
        gain_over_chance=0.24,
        gain_error=0.02,
        history=history(0.35) if is_network else History(),
    )


def trial(name: str, recipe: Recipe | None, score: float) -> Trial:
    steps = (-0.01, 0.01, 0.0)
    fits = tuple(fit(name, i, score + step, is_network=recipe is not None) for i, step in enumerate(steps))
    return Trial(name=name, recipe=recipe, fits=fits)


def decision(
    edits: tuple[tuple[str, float], ...], title: str, *, kept: bool, effect: float, source: str = ""
) -> Decision:
    return Decision(
        change=Change(edits=edits, title=title, reason="the network underfits", source=source),
        kept=kept,
        effect=effect,
        error=0.004,
        rule=f"{'kept' if kept else 'rejected'}: {effect:+.4f} against 1 x error 0.0040",
        train_loss_before=0.36,
        train_loss_after=0.28,
        n_tried=3,
    )


def preflight() -> Preflight:
    rates = tuple(10 ** (-6 + 0.25 * i) for i in range(24))
    losses = tuple(0.69 - 0.3 / (1 + math.exp(-(math.log10(r) + 3.5) * 3)) for r in rates)
    steps = tuple((float(10 * i), 0.69 * math.exp(-i / 4)) for i in range(20))
    return dataclasses.replace(
        SOUND_READINGS,
        internals=internals(0),
        tiny_batch=TinyBatchReading(
            n_rows=32, start=0.694, best=0.001, limit=0.007, accuracy=1.0, n_steps=140, curve=steps
        ),
        rate_range=RateReading(
            chosen=3e-3,
            default=1e-3,
            largest_fall=0.4,
            diverged_at=0.5,
            curve=tuple(zip(rates, losses, strict=True)),
        ),
    )


def baseline() -> StageResult:
    net = trial("net 2x64", START, 0.842)
    return StageResult(
        stage="baseline",
        question="How good is a dumb model, and is the pipeline sound?",
        start=START,
        end=START,
        best=net,
        ladder=(
            trial("always the same", None, 0.5),
            trial("linear", None, 0.83),
            net,
            trial("gradient boosting", None, 0.861),
        ),
        trials=(net,),
        preflight=preflight(),
        outcomes=(
            CheckOutcome(
                code="T003", title="Loss at start", status="passed", text="loss at start 0.694 (expected 0.693)"
            ),
            CheckOutcome(code="T008", title="Tiny batch", status="passed", text="32 rows memorised in 140 steps"),
            CheckOutcome(code="T009", title="Controls", status="passed", text="zeroed inputs +0.31 log loss"),
            CheckOutcome(code="T010", title="Rate range", status="skipped", reason="no time was left"),
            CheckOutcome(code="T017", title="Dead units", status="found", text="62 % of hidden_2 are dead"),
        ),
        findings=(
            Finding(
                code="T017",
                severity="warn",
                title="Dead units",
                message="Units are dead: 62 % of hidden_2 give zero on all rows (limit 20 %)",
                action="repair",
                remedy="tried leaky ReLU: kept",
            ),
        ),
        repairs=(decision((("activation", 0.0),), "leaky ReLU", kept=True, effect=0.009),),
        diagnosis=Diagnosis(name="underfit", reason="training log loss 0.390", remedy="a larger network"),
        seconds=11.2,
    )


def middle_stages() -> tuple[StageResult, ...]:
    wide, dropped = trial("width 128", WIDE, 0.853), trial("dropout 0.1", DROPPED, 0.862)
    return (
        StageResult(
            stage="overfit",
            question="Can a larger network memorise the training rows?",
            start=START,
            end=WIDE,
            best=wide,
            trials=(wide,),
            decisions=(
                decision((("width", 128),), "width 64 -> 128", kept=True, effect=0.011),
                decision((("depth", 3),), "depth 2 -> 3", kept=False, effect=-0.012),
            ),
            measurements=(Measurement(kind="seed_spread", value=0.004),),
            plan=StagePlan(available_s=24.0, trial_s=3.8, n_trials=6, detectable_gain=0.0061),
            diagnosis=Diagnosis(name="overfit", reason="validation turned in epoch 5 of 20", remedy="dropout"),
            notes=("gains below 0.0061 cannot be told from noise here",),
            seconds=24.0,
        ),
        StageResult(
            stage="regularize",
            question="What wins the validation rows back?",
            start=WIDE,
            end=DROPPED,
            best=dropped,
            trials=(dropped,),
            decisions=(
                decision((("dropout", 0.1),), "dropout 0.1", kept=True, effect=0.009),
                decision(
                    (("label_smoothing", 0.1),), "label smoothing 0.1", kept=True, effect=-0.001, source="a paper"
                ),
            ),
            measurements=(
                Measurement(
                    kind="learning_curve",
                    value=0.004,
                    text="twice the rows might give +0.004 [0.000, 0.009]",
                    curve=((150.0, 0.81), (300.0, 0.84), (606.0, 0.862)),
                ),
            ),
            confirmation=Confirmation(effect=0.006, error=0.004, confirmed=True, rule="confirmed"),
            seconds=31.0,
            ended="budget",
        ),
    )


def tune() -> StageResult:
    recipes = [
        dataclasses.replace(DROPPED, learning_rate=10 ** (-4 + 0.3 * i), batch_size=32 * 2 ** (i % 3), dropout=0.05 * i)
        for i in range(8)
    ]
    tried = tuple(trial(f"tuner {i}", recipe, 0.85 + 0.004 * (4 - abs(i - 4))) for i, recipe in enumerate(recipes))
    failed = Trial(name="tuner 8", recipe=START, fits=(Fit(key="x", fold=0, status="failed", cause="the loss is NaN"),))
    return StageResult(
        stage="tune",
        question="Which settings around it are best?",
        start=DROPPED,
        end=TUNED,
        best=trial("tuner 4", TUNED, 0.866),
        trials=(*tried, failed),
        decisions=(decision((("learning_rate", 0.0031),), "learning rate 0.0031", kept=True, effect=0.009),),
        confirmation=Confirmation(effect=0.004, error=0.002, confirmed=True, rule="confirmed"),
        notes=("the best learning rate lies at the upper end of its range",),
        seconds=40.0,
    )


def squeeze() -> StageResult:
    parts = tuple(
        EnsemblePart(
            name=name, recipe=recipe, keys=(f"{name}-0", f"{name}-1"), weight=weight, score=score, rows_per_s=9e4
        )
        for name, recipe, weight, score in (("tuner 4", TUNED, 0.7, 0.866), ("width 128", WIDE, 0.3, 0.853))
    )
    ensemble = Ensemble(
        parts=parts,
        score=0.872,
        best_alone=0.866,
        gain=0.006,
        gain_error=0.002,
        n_rows=758,
        rows_per_s=4e4,
        left_out=("gradient boosting: it is no network",),
    )
    return StageResult(
        stage="squeeze",
        question="What do several networks give together?",
        start=TUNED,
        end=TUNED,
        best=trial("tuner 4", TUNED, 0.866),
        members=tuple(key for part in parts for key in part.keys),
        ensemble=ensemble,
        seconds=9.0,
    )


def idea() -> Idea:
    change = decision((("width", 256),), "width 128 -> 256", kept=False, effect=-0.002)
    return Idea(
        decision=change,
        trial=trial("width 256", dataclasses.replace(TUNED, width=256), 0.864),
        base=TUNED.key,
        score_before=0.866,
    )


def stages() -> tuple[StageResult, ...]:
    first = StageResult(stage="profile", question="What is this data like?", seconds=0.93)
    return (first, baseline(), *middle_stages(), tune(), squeeze())
