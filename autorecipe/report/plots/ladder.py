"""The ladder: from a constant prediction to the final model, with what validation and test rows say."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autorecipe.decide import fold_error
from autorecipe.metrics.choose import oriented
from autorecipe.record.evaluation import Score
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.report.plots.figure import Axis, Chart, Dots, Figure, Panel, Point, height_of
from autorecipe.report.plots.names import number_text, short_names
from autorecipe.report.text_words import mean_text, metric_of, pooled_text

FINAL = "final model"
NO_ERROR = (math.nan, math.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rung:
    name: str
    validation: float
    error: Point
    test: Score | None = None
    is_pooled: bool = False


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw every rung's score on validation rows, and on test rows where these were opened.

    On several folds a trial's score is the mean over them, and the final model's that of all their rows at once.
    """
    metric = run.evaluation.metric if run.evaluation else run.deciding_metric
    rungs = [rung for rung in _rungs(run, metric) if math.isfinite(rung.validation) or rung.test is not None]
    if len(rungs) < 2:
        return ()
    title, rows = metric_of(metric).title, run.evaluation.rows if run.evaluation else "test"
    return (
        Chart(
            name="ladder",
            section="decisions",
            title="From a constant to the final model",
            alt=f"{title} of each rung: {_said(rungs, rows, run)}.",
            figure=Figure(panels=(_panel(rungs, metric, rows, run),)),
            header=("model", "how", "validation", rows, "95 % from", "95 % to"),
            rows=tuple(
                (
                    rung.name,
                    _how(rung, run),
                    rung.validation,
                    *((s.value, _or_nan(s.low), _or_nan(s.high)) if s else (math.nan,) * 3),
                )
                for rung in rungs
                for s in (rung.test,)
            ),
        ),
    )


def _how(rung: _Rung, run: Run) -> str:
    return pooled_text(run) if rung.is_pooled else mean_text(run)


def _label(rungs: list[_Rung], run: Run) -> str:
    """Name the validation scores of a drawing: the one name that all have, or both."""
    names = tuple(dict.fromkeys(_how(rung, run) for rung in rungs if math.isfinite(rung.validation)))
    if len(names) < 2:
        return names[0] if names else "validation"
    return f"{names[0]} (of {rungs[-1].name}: {names[-1]})"


def _panel(rungs: list[_Rung], metric: str, rows: str, run: Run) -> Panel:
    names = short_names(tuple(rung.name for rung in rungs))
    tested = [(i, rung.test) for i, rung in enumerate(rungs) if rung.test is not None]
    places = [(i, rung) for i, rung in enumerate(rungs) if math.isfinite(rung.validation)]
    up, label = 0.17 if tested else 0.0, _label(rungs, run)
    has_errors = any(math.isfinite(rung.error[0]) for _, rung in places)
    has_ends = any(score.low is not None for _, score in tested)
    marks = [
        Dots(
            points=tuple((rung.validation, i - up) for i, rung in places),
            errors=tuple(rung.error for _, rung in places),
            colour="dim",
            label=f"{label}, ± its error" if has_errors else label,
            is_hollow=True,
            across="x",
        ),
        Dots(
            points=tuple((score.value, i + up) for i, score in tested),
            errors=tuple((_or_nan(score.low), _or_nan(score.high)) for _, score in tested),
            label=f"{rows}, 95 %" if has_ends else rows,
            across="x",
            is_large=True,
        ),
    ]
    direction = "more is better" if metric_of(metric).direction == "max" else "less is better"
    return Panel(
        x=Axis(label=f"{metric_of(metric).title} ({direction})"),
        y=Axis(names=names),
        marks=tuple(mark for mark in marks if mark.points),
        height=height_of(len(names)) * (1.3 if tested else 1.0),
    )


def _said(rungs: list[_Rung], rows: str, run: Run) -> str:
    parts = []
    for rung in (rungs[0], *rungs[-2:]) if len(rungs) > 2 else rungs:
        score = rung.test
        if score is None:
            parts.append(f"{rung.name} {number_text(rung.validation)} ({_how(rung, run)})")
            continue
        low, high = number_text(_or_nan(score.low)), number_text(_or_nan(score.high))
        ends = "" if score.low is None or score.high is None else f" [{low}, {high}]"
        parts.append(f"{rung.name} {number_text(score.value)}{ends} ({rows})")
    return ", ".join(parts)


def _rungs(run: Run, metric: str) -> list[_Rung]:
    """Return baselines, what each stage ended with, and the final model; the worst baseline first."""
    tested = {rung.name: rung.test for rung in run.evaluation.ladder} if run.evaluation else {}
    is_decided_by = metric == run.deciding_metric
    rungs = []
    if is_decided_by:
        trials = [trial for trial in _ladder(run) if trial.status == "ok"]
        rungs = [_of_trial(trial.name, trial, run, test=tested.get(trial.name)) for trial in trials]
        rungs += [_of_trial(f"after {name}", trial, run) for name, trial in _ends_of_stages(run)]
    elif run.evaluation:
        rungs = [_of_score(rung.name, rung.validation, rung.test) for rung in run.evaluation.ladder]
    if run.evaluation:
        own = next((s for s in run.evaluation.scores if s.metric == metric), None)
        known = next((s for s in run.evaluation.out_of_fold if s.metric == metric), None)
        is_apart = run.evaluation.rows == "test"
        rungs.append(_of_score(FINAL, known.value if known and is_apart else math.nan, own))
    return rungs


def _ladder(run: Run) -> tuple[Trial, ...]:
    baseline = run.stage("baseline")
    trials = baseline.ladder if baseline else ()
    metric = metric_of(run.deciding_metric)
    return tuple(sorted(trials, key=lambda trial: oriented(metric, trial.validation_score)))


def _ends_of_stages(run: Run) -> list[tuple[str, Trial]]:
    """Return the stages whose network is another than that of the stage before."""
    found: list[tuple[str, Trial]] = []
    baseline = run.stage("baseline")
    last = baseline.end if baseline else None
    for result in run.stages:
        if result.stage in ("profile", "baseline", "squeeze") or result.best is None or result.end in (None, last):
            continue
        if result.best.status == "ok":
            found.append((result.stage, result.best))
        last = result.end
    return found


def _of_trial(name: str, trial: Trial, run: Run, *, test: Score | None = None) -> _Rung:
    scores = [fit.validation_score for fit in trial.fits if math.isfinite(fit.validation_score)]
    n_train, n_validation = run.split.n_train, run.split.n_validation
    error = fold_error(scores, n_train=n_train, n_validation=n_validation) if len(scores) > 1 else math.nan
    value = trial.validation_score
    return _Rung(name=name, validation=value, error=(value - error, value + error), test=test)


def _of_score(name: str, validation: float | None, test: Score | None) -> _Rung:
    return _Rung(name=name, validation=_or_nan(validation), error=NO_ERROR, test=test, is_pooled=True)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
