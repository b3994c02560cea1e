"""A run with something in every place that the report shows."""

from __future__ import annotations

import dataclasses

import pytest

from autorecipe.change import Change
from autorecipe.config import Config
from autorecipe.data.schema import Column, Schema
from autorecipe.recipe import Recipe
from autorecipe.record.evaluation import Evaluation, Rung, Score
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.profile import ColumnProfile, Profile
from autorecipe.record.run import DataSummary, Export, Parity, Run, SplitSummary, TimeUse
from autorecipe.record.stage import Diagnosis, StagePlan, StageResult
from autorecipe.record.trial import Confirmation, Decision, Fit, Measurement, Trial
from autorecipe.testing.sound_readings import SOUND_READINGS

SMALL = Recipe()
EMBEDDED = dataclasses.replace(SMALL, numeric_embedding="piecewise_linear")
DROPPED = dataclasses.replace(EMBEDDED, dropout=0.1)
TUNED = dataclasses.replace(DROPPED, learning_rate=0.0031, batch_size=64)


def trial(name: str, recipe: Recipe | None, scores: tuple[float, ...], *, train: float = 0.0) -> Trial:
    fits = tuple(
        Fit(key=f"{name}-{i}", fold=i, train_score=train or s + 0.02, validation_score=s, seconds=1.0)
        for i, s in enumerate(scores)
    )
    return Trial(name=name, recipe=recipe, fits=fits)


def decision(title: str, *, kept: bool, gain: tuple[float, float], loss: tuple[float, float], rule: str = ""):
    return Decision(
        change=Change(edits=(("width", 128),), title=title),
        kept=kept,
        effect=gain[0],
        error=gain[1],
        rule=rule,
        train_loss_before=loss[0],
        train_loss_after=loss[1],
    )


def column(name: str, kind: str, *, role: str = "feature") -> Column:
    return Column(name=name, kind=kind, wire="float32" if kind == "numeric" else "string", role=role)


def profile() -> Profile:
    findings = (
        Finding(
            code="D003",
            severity="info",
            title="missing cells",
            message="Cabin: 77 % of the cells are missing (limit 50 %)",
            columns=("Cabin",),
            remedy="a flag says where",
        ),
        Finding(
            code="D010",
            severity="warn",
            title="row numbers",
            message="PassengerId is a row number: left out",
            columns=("PassengerId",),
            action="drop",
            remedy="keep it: --keep PassengerId",
        ),
        Finding(
            code="D018",
            severity="info",
            title="groups",
            message="344 rows share a Ticket and their fates agree 76 % of the time, by chance 53 %, "
            "so rows of one Ticket should stay on one side of the split",
            columns=("Ticket",),
            remedy="--split-by-group Ticket",
        ),
    )
    outcomes = (
        *(CheckOutcome(code=f"D{i:03d}", title="", status="passed") for i in range(20, 49)),
        *(CheckOutcome(code=f.code, title=f.title, status="found") for f in findings),
        CheckOutcome(code="D017", title="time", status="skipped", reason="no date"),
    )
    columns = (
        ColumnProfile(
            name="Age",
            kind="numeric",
            missing_share=0.199,
            n_distinct=88,
            minimum=0.42,
            median=28,
            maximum=80,
        ),
        ColumnProfile(
            name="Sex",
            kind="categorical",
            missing_share=0.0,
            n_distinct=2,
            top=(("male", 577), ("female", 314)),
        ),
    )
    return Profile(
        n_rows=758,
        columns=columns,
        outcomes=outcomes,
        findings=findings,
        dropped=("PassengerId",),
        seconds=0.93,
    )


DEAD_UNITS = Finding(
    code="T017",
    severity="warn",
    title="Dead units",
    message="Units are dead: 62 % of hidden_2 give zero on all rows (limit 20 %)",
    action="repair",
    remedy="tried learning rate 0.01 -> 0.003, leaky ReLU: kept leaky ReLU, and it is still there",
)


def baseline() -> StageResult:
    net = trial("net 2x64", SMALL, (0.84, 0.85, 0.83, 0.86, 0.84), train=0.871)
    return StageResult(
        stage="baseline",
        question="How good is a dumb model, and is the pipeline sound?",
        start=SMALL,
        end=SMALL,
        best=net,
        ladder=(
            trial("always the same", None, (0.5, 0.5, 0.5, 0.5, 0.5)),
            trial("linear", None, (0.84, 0.86, 0.82, 0.85, 0.84)),
            net,
            trial("gradient boosting", None, (0.86, 0.87, 0.85, 0.88, 0.86)),
        ),
        preflight=SOUND_READINGS,
        outcomes=(
            CheckOutcome(code="T001", title="", status="passed", text="no cell is missing"),
            CheckOutcome(code="T003", title="", status="passed", text="loss at start 0.694 (expected 0.693)"),
            CheckOutcome(code="T008", title="", status="passed", text="32 rows memorised in 140 steps"),
            CheckOutcome(code="T009", title="", status="passed", text="zeroed inputs +0.31 log loss"),
            CheckOutcome(code="T010", title="", status="skipped", reason="no time was left"),
            CheckOutcome(code="T017", title="", status="found", text="62 % of hidden_2 are dead"),
        ),
        findings=(DEAD_UNITS,),
        repairs=(
            decision("learning rate 0.01 -> 0.003", kept=False, gain=(0.001, 0.004), loss=(0.39, 0.4)),
            decision("leaky ReLU", kept=True, gain=(0.009, 0.004), loss=(0.39, 0.36)),
        ),
        diagnosis=Diagnosis(
            name="underfit",
            reason="training log loss 0.390, gradient boosting reaches 0.310",
            remedy="a larger network",
        ),
        notes=("not measured: parity: no time was left",),
        seconds=11.2,
    )


def overfit() -> StageResult:
    return StageResult(
        stage="overfit",
        question="Can a larger network memorise the training rows?",
        start=SMALL,
        end=EMBEDDED,
        best=trial("embed the numbers", EMBEDDED, (0.85, 0.86, 0.84, 0.86, 0.85), train=0.921),
        decisions=(
            decision("embed the numbers", kept=True, gain=(0.008, 0.003), loss=(0.36, 0.28)),
            decision(
                "width 64 -> 128",
                kept=True,
                gain=(0.001, 0.004),
                loss=(0.28, 0.11),
                rule="kept: it fits more",
            ),
            decision("depth 2 -> 3", kept=False, gain=(-0.012, 0.004), loss=(0.11, 0.13), rule="rejected: neither"),
        ),
        measurements=(Measurement(kind="seed_spread", value=0.004),),
        findings=(DEAD_UNITS,),
        plan=StagePlan(available_s=24.0, trial_s=3.8, n_trials=6, detectable_gain=0.0061),
        diagnosis=Diagnosis(name="overfit", reason="validation turned in epoch 5 of 20", remedy="dropout, then L2"),
        notes=(
            "about 6 trials of 3.8 s each; gains below 0.0061 cannot be told from noise here",
            "done: validation has turned while training still falls",
        ),
        seconds=24.0,
    )


def regularize() -> StageResult:
    twice = "twice the rows might give +0.004 [0.000, 0.009]"
    return StageResult(
        stage="regularize",
        question="What wins the validation rows back?",
        start=EMBEDDED,
        end=DROPPED,
        best=trial("dropout 0.1", DROPPED, (0.86, 0.87, 0.85, 0.87, 0.86), train=0.905),
        decisions=(
            decision("dropout 0.1", kept=True, gain=(0.006, 0.003), loss=(0.11, 0.18), rule="kept: +0.0060 > 1"),
            decision(
                "label smoothing 0.1",
                kept=True,
                gain=(-0.001, 0.003),
                loss=(0.18, 0.2),
                rule="kept (published evidence): -0.0010 is not worse by more than its error 0.0030",
            ),
            decision("L2 0.0001", kept=False, gain=(0.0, 0.0), loss=(0.0, 0.0), rule="rejected: out of memory"),
        ),
        measurements=(Measurement(kind="learning_curve", value=0.004, text=twice),),
        confirmation=Confirmation(effect=0.006, error=0.004, confirmed=True, rule="confirmed"),
        notes=(twice,),
        seconds=31.0,
        ended="budget",
    )


def tune() -> StageResult:
    trials = (
        trial("tuner 0", DROPPED, (0.86, 0.86)),
        trial("tuner 1", TUNED, (0.87, 0.88)),
        Trial(
            name="tuner 2",
            recipe=SMALL,
            fits=(Fit(key="x", fold=0, status="failed", cause="the loss is NaN"),),
        ),
    )
    return StageResult(
        stage="tune",
        question="Which settings around it are best?",
        start=DROPPED,
        end=DROPPED,
        trials=trials,
        decisions=(
            dataclasses.replace(
                decision("learning rate 0.0031", kept=False, gain=(0.009, 0.005), loss=(0.0, 0.0)),
                n_tried=8,
                rule="rejected: +0.0090 is not > 2.04 x error 0.0050 (best of 8)",
            ),
        ),
        confirmation=Confirmation(effect=-0.001, error=0.002, confirmed=False, rule="taken back"),
        seconds=40.0,
    )


def evaluation() -> Evaluation:
    def score(metric: str, value: float, low: float, high: float) -> Score:
        return Score(metric=metric, value=value, low=low, high=high)

    return Evaluation(
        rows="test",
        n_rows=133,
        metric="roc_auc",
        scores=(
            score("roc_auc", 0.861, 0.79, 0.92),
            score("log_loss", 0.43, 0.37, 0.5),
            score("accuracy", 0.82, 0.75, 0.88),
            score("precision", 0.81, 0.7, 0.9),
            score("recall", 0.7, 0.58, 0.81),
        ),
        out_of_fold=(score("roc_auc", 0.873, 0.85, 0.9),),
        n_out_of_fold=758,
        ladder=(
            Rung(name="always the same", validation=0.5, test=score("roc_auc", 0.5, 0.5, 0.5)),
            Rung(name="gradient boosting", validation=0.864, test=score("roc_auc", 0.882, 0.82, 0.93)),
        ),
        verdict="behind",
        rival="gradient boosting",
        difference=score("roc_auc", -0.021, -0.038, -0.004),
        threshold=0.431,
        threshold_reason="most right out of fold",
        confusion=((73, 9), (15, 36)),
    )


@pytest.fixture
def rich_run() -> Run:
    columns = (
        column("PassengerId", "numeric"),
        column("Age", "numeric"),
        column("Sex", "categorical"),
        column("Survived", "categorical", role="target"),
        column("Name", "id", role="id"),
    )
    schema = Schema(
        columns=columns,
        target="Survived",
        task="binary",
        task_reason="Survived is 0 or 1, 38 % are 1",
        classes=("0", "1"),
    )
    question = "What is this data like?"
    stages = (
        StageResult(stage="profile", question=question, seconds=0.93),
        baseline(),
        overfit(),
        regularize(),
        tune(),
    )
    parity = Parity(passed=True, n_rows=133, n_mutated=20, max_difference=2.4e-7, labels_differ=0, seconds=9.0)
    return Run(
        config=Config(target="Survived"),
        data=DataSummary(
            name="titanic.csv",
            path="titanic.csv",
            fingerprint="0" * 16,
            n_rows=891,
            n_columns=12,
            notes=("cells are separated by ';'",),
        ),
        schema=schema,
        split=SplitSummary(
            scheme="folds", n_train=606, n_validation=152, n_test=133, n_folds=5, reason="under 2,000 rows"
        ),
        metric="roc_auc",
        deciding_metric="roc_auc",
        profile=profile(),
        stages=stages,
        evaluation=evaluation(),
        export=Export(
            path="runs/titanic-1/export",
            n_members=5,
            n_parameters=61_205,
            size_bytes=1_240_000,
            parity=parity,
        ),
        time=TimeUse(asked_s=120, used_s=118, parts=(("baseline", 11.2), ("tune", 40.0), ("imports", 6.1))),
        test_opened=1,
    )
