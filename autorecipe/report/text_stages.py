"""Each stage in under a screen: its question, what was tried, what was kept and why."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import get_args

from autorecipe.budget import format_duration
from autorecipe.config import StageName
from autorecipe.record.run import Run
from autorecipe.record.stage import Ended, StageResult
from autorecipe.record.trial import Trial
from autorecipe.report.cells import curve, wrapped
from autorecipe.report.text_decisions import (
    confirmation_lines,
    decision_lines,
    difference_text,
    recipe_text,
)
from autorecipe.report.text_ensemble import ensemble_lines
from autorecipe.report.text_fixes import did_lines
from autorecipe.report.text_image_profile import image_lines, picture_lines
from autorecipe.report.text_ladder import ladder_lines
from autorecipe.report.text_profile import findings_lines, profile_counts
from autorecipe.report.text_soundness import soundness_lines
from autorecipe.report.text_words import (
    Line,
    Lines,
    count_text,
    metric_of,
    noun_of,
    sentence_lines,
    value_text,
)
from autorecipe.report.width import page_width

TITLE_WIDTH = 14  # columns of text: the longest stage name, its number and two blanks
MAX_BARS = 18  # of a curve
CURVE_WORDS = 64  # columns of text beside two curves
LEAST_EPOCHS = 3  # of a curve worth drawing
ENDINGS: dict[Ended, str] = {"done": "", "budget": "time was up", "interrupted": "interrupted"}


def stage_lines(result: StageResult, run: Run) -> Lines:
    """Write a finished stage."""
    counts = profile_counts(run.profile) if result.stage == "profile" and run.profile else ""
    right = "  ".join(part for part in (counts, ENDINGS[result.ended], format_duration(result.seconds)) if part)
    return (*heading_lines(result.stage, result.question, right), *_BODIES[result.stage](result, run))


def heading_lines(stage: StageName, question: str, right: str = "") -> Lines:
    """Write a stage's number, name and question, and what stands at the right edge."""
    left = f"{get_args(StageName).index(stage)} {stage.capitalize():<{TITLE_WIDTH - 2}}{question}"
    if len(left) + len(right) + 2 > page_width():
        return (*sentence_lines(left, indent=0, style="heading"), *_at_the_edge(right))
    return (Line(f"{left}{right:>{page_width() - len(left)}}".rstrip(), "heading"),)


def _at_the_edge(right: str) -> Lines:
    return tuple(Line(f"{part:>{page_width()}}", "dim") for part in wrapped(right, page_width()))


def _profile_body(result: StageResult, run: Run) -> Lines:
    findings = findings_lines(run.profile.findings) if run.profile else ()
    return (*image_lines(run), *findings, *did_lines(run), *picture_lines(run), *_note_lines(result))


def _baseline_body(result: StageResult, run: Run) -> Lines:
    network = result.best
    return (
        *ladder_lines(result.ladder, run),
        *(_train_and_validation(network, run, lead=f"{network.name}: ") if network else ()),
        *(_curve_lines(network) if network else ()),
        *soundness_lines(result, run),
        *_note_lines(result),
        *_measurement_lines(result),
    )


def _growing_body(result: StageResult, run: Run) -> Lines:
    return (
        *_plan_lines(result),
        *decision_lines(result.decisions, run, by_training_loss=result.stage == "overfit"),
        *soundness_lines(result, run),
        *_measurement_lines(result),
        *_note_lines(result),
        *confirmation_lines(result.confirmation),
        *_end_lines(result, run),
    )


def _tune_body(result: StageResult, run: Run) -> Lines:
    return (*_search_lines(result, run), *_growing_body(result, run))


def _squeeze_body(result: StageResult, run: Run) -> Lines:
    return (*ladder_lines(result.ladder, run), *_growing_body(result, run), *ensemble_lines(result.ensemble, run))


_BODIES: dict[StageName, Callable[[StageResult, Run], Lines]] = {
    "profile": _profile_body,
    "baseline": _baseline_body,
    "overfit": _growing_body,
    "regularize": _growing_body,
    "tune": _tune_body,
    "squeeze": _squeeze_body,
}


def _plan_lines(result: StageResult) -> Lines:
    return sentence_lines(result.notes[0], style="dim") if result.plan is not None and result.notes else ()


def _note_lines(result: StageResult) -> Lines:
    notes = result.notes[1:] if result.plan is not None else result.notes  # the plan comes first
    return tuple(line for note in notes for line in sentence_lines(note))


def _train_and_validation(trial: Trial, run: Run, *, lead: str = "") -> Lines:
    title = metric_of(run.deciding_metric).title
    train, validation = value_text(trial.train_score), value_text(trial.validation_score)
    return sentence_lines(f"{lead}{title} {train} on the {noun_of(run)}s it learned from, {validation} on others")


def _curve_lines(trial: Trial) -> Lines:
    """Draw the losses of the first fold, both between the same bounds; the first epoch may lie above."""
    first = trial.fits[0] if trial.fits else None
    if first is None:
        return ()
    train, validation = (
        [loss for loss in losses if math.isfinite(loss)]
        for losses in (first.history.train_loss, first.history.validation_loss)
    )
    n_bars = min(MAX_BARS, (page_width() - CURVE_WORDS) // 2)
    if min(len(train), len(validation)) < LEAST_EPOCHS or n_bars < LEAST_EPOCHS:
        return ()
    low, high = min(*train, *validation), max(*train[1:], *validation[1:])
    drawn = [curve(losses, n_bars, low=low, high=high) for losses in (train, validation)]
    text = f"  loss by epoch: train {drawn[0]}  validation {drawn[1]}"
    return (Line(f"{text}  best in epoch {first.best_epoch} of {first.epochs}", "dim"),)


def _measurement_lines(result: StageResult) -> Lines:
    noted = " ".join(result.notes)
    asides = [m.text for m in result.measurements if m.text and m.text not in noted]
    return tuple(line for aside in asides for line in sentence_lines(aside))


def _search_lines(result: StageResult, run: Run) -> Lines:
    good = [t for t in result.trials if t.status == "ok"]
    failed = [t for t in result.trials if t.status == "failed"]
    if not result.trials:
        return ()
    text = f"tried {count_text(len(result.trials), 'recipe')}"
    if failed:
        text += f", {len(failed)} failed (first: {failed[0].cause})"
    if good:
        metric = metric_of(run.deciding_metric)
        pick = max if metric.direction == "max" else min
        best = pick(t.validation_score for t in good)
        text += f": best {metric.title} {value_text(best)}, the start {value_text(good[0].validation_score)}"
    return sentence_lines(text)


def _end_lines(result: StageResult, run: Run) -> Lines:
    if result.end is None:
        return ()
    changed = difference_text(result.start, result.end) if result.start else ""
    if not changed:
        return ()
    lines = list(sentence_lines(f"now {recipe_text(result.end)}", style="good"))
    if result.stage == "tune":
        lines += sentence_lines(f"changed: {changed}")
    if result.best is not None:
        lines += _train_and_validation(result.best, run)
        lines += _curve_lines(result.best)
    return tuple(lines)
