"""Full runs as plain values: something in every section of the report, for both tasks, with hostile names or wide."""

from __future__ import annotations

import dataclasses

from rich_data import number, profile, schema_of
from rich_stages import idea, stages

from autorecipe.config import Config
from autorecipe.interpretation.record import Dependence, Importance, Interpretation, LargeError, WeakSlice
from autorecipe.record.evaluation import (
    Calibration,
    CalibrationBin,
    ClassCurves,
    Coverage,
    Evaluation,
    Intervals,
    ResidualBin,
    Residuals,
    Rung,
    Score,
)
from autorecipe.record.run import DataSummary, Export, Parity, Run, SplitSummary, TimeUse

GRID = tuple(i / 20 for i in range(21))


def classification_run(*, hostile: bool = False, config: Config | None = None) -> Run:
    """A finished run of two classes with something in every field; hostile: its columns, classes and cells too."""
    data = profile(hostile=hostile)
    schema = schema_of(data, hostile=hostile)
    return Run(
        config=config or Config(target=schema.target),
        data=DataSummary(
            name="<b>people</b>.csv" if hostile else "people.csv",
            path="people.csv",
            fingerprint="0123456789abcdef",
            n_rows=891,
            n_columns=len(schema.columns),
            notes=("cells are separated by ';'",),
        ),
        schema=schema,
        split=SplitSummary(
            scheme="folds", n_train=606, n_validation=152, n_test=133, n_folds=5, reason="under 2,000 rows"
        ),
        metric="roc_auc",
        deciding_metric="roc_auc",
        profile=data,
        stages=stages(),
        evaluation=evaluation(schema.classes[1]),
        export=export(),
        time=TimeUse(asked_s=120, used_s=118, parts=(("baseline", 11.2), ("tune", 40.0), ("imports", 6.1))),
        test_opened=1,
        ideas=(idea(),),
        interpretation=interpretation(tuple(own.name for own in data.columns), of=schema.classes[1]),
        version="0.1.0",
        git_commit="0123abc",
        environment=(("python", "3.11.2"), ("keras", "3.12.0"), ("tensorflow", "2.20.0"), ("cpus", "2")),
    )


def regression_run() -> Run:
    """A finished run of a number with something in every field."""
    run = classification_run()
    data = profile()
    return dataclasses.replace(
        run,
        config=Config(target="price"),
        schema=schema_of(data, regression=True),
        metric="rmse",
        deciding_metric="rmse",
        evaluation=regression_evaluation(),
        interpretation=dataclasses.replace(
            interpretation(tuple(own.name for own in data.columns), of=""), unit="squared error"
        ),
    )


def unfinished_run() -> Run:
    """A run that has got as far as its profile and baselines."""
    run = classification_run()
    return dataclasses.replace(
        run,
        stages=run.stages[:2],
        evaluation=None,
        export=None,
        time=None,
        test_opened=0,
        ideas=(),
        interpretation=None,
    )


def wide_run(n_columns: int = 2_000) -> Run:
    """A finished run of many columns."""
    run = classification_run()
    columns = tuple(number(f"gene expression {i:04d}", score=0.5 + i / n_columns / 3) for i in range(n_columns))
    data = dataclasses.replace(profile(), columns=columns)
    return dataclasses.replace(
        run,
        profile=data,
        schema=schema_of(data),
        data=dataclasses.replace(run.data, n_columns=n_columns + 2),
        interpretation=interpretation(tuple(own.name for own in columns[:200]), of="yes"),
    )


def score(metric: str, value: float, *, half: float = 0.03) -> Score:
    return Score(metric=metric, value=value, low=value - half, high=value + half)


def evaluation(positive: str) -> Evaluation:
    bins = tuple(
        CalibrationBin(predicted=p, observed=p**1.2, n_rows=13, low=max(p - 0.2, 0.0), high=min(p + 0.2, 1.0))
        for p in GRID[1:-1:2]
    )
    return Evaluation(
        rows="test",
        n_rows=133,
        metric="roc_auc",
        scores=(score("roc_auc", 0.871), score("log_loss", 0.43), score("accuracy", 0.82), score("recall", 0.7)),
        out_of_fold=(score("roc_auc", 0.873),),
        n_out_of_fold=758,
        ladder=(
            Rung(name="always the same", validation=0.5, test=Score(metric="roc_auc", value=0.5)),
            Rung(name="linear", validation=0.83, test=score("roc_auc", 0.841)),
            Rung(name="gradient boosting", validation=0.861, test=score("roc_auc", 0.851)),
        ),
        verdict="ahead",
        rival="gradient boosting",
        own=score("roc_auc", 0.871),
        n_compared=133,
        difference=score("roc_auc", 0.02, half=0.015),
        threshold=0.431,
        threshold_reason="most right out of fold",
        calibration=Calibration(ece=0.041, low=0.03, high=0.08, chance=0.05, bins=bins),
        confusion=((73, 9), (15, 36)),
        notes=("the test rows were opened once",),
        curves=(
            ClassCurves(
                label=positive,
                roc=tuple((x, x**0.3) for x in GRID),
                precision_recall=tuple((x, 1.0 - 0.6 * x**2) for x in GRID),
                area=0.871,
                mean_precision=0.8,
                share=0.38,
            ),
        ),
    )


def regression_evaluation() -> Evaluation:
    bins = tuple(
        ResidualBin(predicted=10.0 * i, n_rows=7, low=-5.0 - i, median=0.3 * i - 2, high=6.0 + i) for i in range(1, 20)
    )
    return Evaluation(
        rows="test",
        n_rows=133,
        metric="rmse",
        scores=(score("rmse", 4.21, half=0.4), score("mae", 3.1, half=0.3), score("r2", 0.81)),
        out_of_fold=(score("rmse", 4.32, half=0.3),),
        n_out_of_fold=758,
        ladder=(Rung(name="gradient boosting", validation=4.4, test=score("rmse", 4.5, half=0.4)),),
        verdict="level",
        rival="gradient boosting",
        own=score("rmse", 4.21, half=0.4),
        n_compared=133,
        difference=score("rmse", 0.29, half=0.4),
        intervals=Intervals(
            n_rows=758,
            half_widths=tuple(2.8 + 0.05 * i for i in range(99)),
            floor=0.0,
            coverages=(
                Coverage(level=0.8, half_width=5.8, covered=0.79, error=0.035),
                Coverage(level=0.95, half_width=7.3, covered=0.94, error=0.02),
            ),
        ),
        residuals=Residuals(
            bins=bins, edges=tuple(float(e) for e in range(-10, 11)), counts=(1, 2, 4, 8, 11, 14, 16, 18, 19, 20) * 2
        ),
    )


def interpretation(columns: tuple[str, ...], *, of: str) -> Interpretation:
    return Interpretation(
        n_rows=758,
        n_networks=5,
        unit="log loss",
        loss=0.42,
        importances=tuple(
            Importance(column=name, rise=0.2 / (1 + i), error=0.02 / (1 + i)) for i, name in enumerate(columns)
        ),
        dependences=tuple(
            Dependence(
                column=name,
                cells=tuple(str(cell) for cell in (1, 14, 28, 39, 77)),
                predictions=(0.6, 0.5, 0.42, 0.4, 0.3),
                of=of,
            )
            for name in columns[:3]
        ),
        slices=(WeakSlice(column="age", rows="age from 0.42 to 14", n_rows=61, loss=0.7, elsewhere=0.39, error=0.08),),
        errors=(
            LargeError(row=298, truth="yes", predicted="no", loss=3.4),
            LargeError(row=17, truth="no", predicted="yes", loss=2.9),
        ),
        seconds=3.2,
    )


def export() -> Export:
    parity = Parity(passed=True, n_rows=133, n_mutated=20, max_difference=2.4e-7, labels_differ=0, seconds=9.0)
    return Export(
        path="runs/people-1/export",
        n_members=4,
        n_parameters=61_205,
        size_bytes=1_240_000,
        parity=parity,
        label="survived",
        rows_per_s=41_000.0,
        one_row_ms=1.9,
    )
