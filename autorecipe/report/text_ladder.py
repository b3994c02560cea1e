"""The ladder in one line: baselines and models in order of score."""

from __future__ import annotations

import itertools

from autorecipe import decide
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.report.text_words import Lines, mean_text, metric_of, sentence_lines, value_text


def ladder_lines(ladder: tuple[Trial, ...], run: Run) -> Lines:
    """Write the rungs from worst to best, ≈ between neighbours that are within one standard error.

    Where every fold says that one is better they are not ≈, however much the folds differ in how much better it is: a
    network that went wrong on one fold makes the error as large as the difference. Chance brings three folds to one
    side in one case of four, and five in one of sixteen; it passes one standard error in one case of three.

    With one split there is no error to go by: rungs are ≈ only where the digits shown agree, which is said.
    """
    good = [trial for trial in ladder if trial.status == "ok"]
    if not good:
        return ()
    metric = metric_of(run.deciding_metric)
    how = f" ({mean_text(run)})" if run.split.n_folds > 1 else ""
    text = f"{metric.title}{how}: {_rung_text(good[0])}"
    for worse, better in itertools.pairwise(good):
        sign = "<" if metric.direction == "max" else ">"
        text += f" {'≈' if _is_level(worse, better, run) else sign} {_rung_text(better)}"
    if len(good[0].fits) == 1 and len(good) > 1:
        text += " (one split: no error bars)"
    failed = [trial for trial in ladder if trial.status == "failed"]
    return (
        *sentence_lines(text),
        *(line for t in failed for line in sentence_lines(f"failed: {t.name}: {t.cause}", style="bad")),
    )


def _rung_text(trial: Trial) -> str:
    return f"{trial.name} {value_text(trial.validation_score)}"


def _is_level(worse: Trial, better: Trial, run: Run) -> bool:
    folds = {fit.fold for fit in worse.fits} & {fit.fold for fit in better.fits}
    if len(folds) < 2 or len(worse.fits) != len(better.fits):
        return value_text(worse.validation_score) == value_text(better.validation_score)
    gains = decide.differences(worse, better, direction=metric_of(run.deciding_metric).direction)
    error = decide.fold_error(gains, n_train=run.split.n_train, n_validation=run.split.n_validation)
    is_agreed = len(gains) > 2 and (min(gains) > 0 or max(gains) < 0)
    return not is_agreed and abs(sum(gains) / len(gains)) <= error
