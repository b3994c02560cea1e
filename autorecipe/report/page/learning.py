"""How the networks learned, and what the search found."""

from __future__ import annotations

from autorecipe.budget import format_duration
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Trial
from autorecipe.report.page.cards import FindingCard
from autorecipe.report.page.value import Block, Drawing, Findings, Paragraphs, Section, Table
from autorecipe.report.text_decisions import difference_text, recipe_text
from autorecipe.report.text_words import count_text, first_upper, metric_of, noun_of, value_text

MOST_TRIALS = 15  # of the search, the best first; report.json and run.json have the others
NOTHING_YET = "No network is trained yet."
BOUNDARY = "T026"  # the check that looks at the ends of the searched ranges


def learning_section(run: Run, drawings: tuple[Drawing, ...]) -> Section:
    """Return the curves of each stage's best network, and what happened while it was trained."""
    best = _each_best(run)
    lead = "How far each stage's best network was trained, and which epoch was kept." if best else NOTHING_YET
    repairs = tuple(
        f"{stage.stage.capitalize()}, fold {fit.fold}: {text}"
        for stage, trial in best
        for fit in trial.fits
        for text in fit.repairs
    )
    blocks: tuple[Block | None, ...] = (
        *drawings,
        _best_table(best, run) if best else None,
        Paragraphs(texts=tuple(dict.fromkeys(repairs)), code="events") if repairs else None,
    )
    return Section(
        code="learning", title="Learning curves", lead=lead, blocks=tuple(b for b in blocks if b is not None)
    )


def _each_best(run: Run) -> tuple[tuple[StageResult, Trial], ...]:
    """Return the best network of each stage that found a new one."""
    first: dict[tuple[str, ...], tuple[StageResult, Trial]] = {}
    for stage in run.stages:
        if stage.best is not None:
            first.setdefault(tuple(fit.key for fit in stage.best.fits), (stage, stage.best))
    return tuple(first.values())


def _best_table(best: tuple[tuple[StageResult, Trial], ...], run: Run) -> Table:
    loss = "log loss" if run.schema.task != "regression" else "MSE"
    title = metric_of(run.deciding_metric).title
    rows = []
    for stage, trial in best:
        fits = trial.fits
        kept = " / ".join(str(fit.best_epoch) for fit in fits)
        trained = " / ".join(str(fit.epochs) for fit in fits)
        numbers = (trial.train_loss, trial.validation_loss, trial.train_score, trial.validation_score)
        cells = tuple(value_text(number) for number in numbers)
        rows.append((stage.stage.capitalize(), f"{kept} of {trained}", *cells, format_duration(trial.seconds)))
    header = (
        "stage",
        "epoch kept, of",
        f"train {loss}",
        f"validation {loss}",
        f"train {title}",
        f"validation {title}",
        "seconds",
    )
    unit = " The MSE is that of the standardized target." if run.schema.task == "regression" else ""
    note = f"Epochs of each fold; a stage that found nothing better is left out.{unit}"
    told = [i for i, name in enumerate(header) if header.index(name) == i]  # the metric may be the loss
    return Table(
        title="Each stage's best network",
        header=tuple(header[i] for i in told),
        rows=tuple(tuple(row[i] for i in told) for row in rows),
        note=note,
        code="best",
    )


def tuning_section(run: Run, cards: tuple[FindingCard, ...], drawings: tuple[Drawing, ...]) -> Section:
    """Return what Tune tried, the best first, and whether the best lies at an end of its range."""
    stage = run.stage("tune")
    if stage is None:
        return Section(code="tuning", title="Tuning", lead="Not searched yet.", blocks=())
    good = [trial for trial in stage.trials if trial.status == "ok"]
    n_failed = len(stage.trials) - len(good)
    lead = f"{count_text(len(stage.trials), 'recipe')} tried"
    lead += f", {n_failed} failed." if n_failed else "."
    if not stage.trials:
        lead = f"{first_upper('; '.join(stage.notes)) or 'Nothing was tuned'}."
    at_the_end = tuple(card for card in cards if card.code == BOUNDARY)
    blocks: tuple[Block | None, ...] = (
        *drawings,
        Findings(title="At an end of its range", findings=at_the_end, code="boundary") if at_the_end else None,
        _trials_table(good, stage, run) if good else None,
    )
    return Section(code="tuning", title="Tuning", lead=lead, blocks=tuple(b for b in blocks if b is not None))


def _trials_table(good: list[Trial], stage: StageResult, run: Run) -> Table:
    metric = metric_of(run.deciding_metric)
    ranked = sorted(good, key=lambda t: t.validation_score, reverse=metric.direction == "max")
    shown = ranked[:MOST_TRIALS]
    rows = tuple(
        (
            _settings(trial, stage),
            value_text(trial.validation_score),
            value_text(trial.train_score),
            f"{trial.n_parameters:,}",
            format_duration(trial.seconds),
        )
        for trial in shown
    )
    more = len(ranked) - len(shown)
    return Table(
        title="The best of the search",
        header=("settings", f"validation {metric.title}", f"train {metric.title}", "parameters", "seconds"),
        rows=rows,
        note=f"and {count_text(more, 'recipe')} more, by {noun_of(run)}s of validation" if more > 0 else "",
        code="trials",
    )


def _settings(trial: Trial, stage: StageResult) -> str:
    if trial.recipe is None:
        return trial.name
    if stage.start is None:
        return recipe_text(trial.recipe)
    return difference_text(stage.start, trial.recipe) or "as the stage began"
