"""The journal: what each stage asked, what it tried, what that did, and what was kept, from a constant to the model."""

from __future__ import annotations

from autorecipe.config import Modality
from autorecipe.record.run import Run
from autorecipe.record.stage import Ended, StageResult
from autorecipe.record.trial import Confirmation, Decision, Trial
from autorecipe.report.page.cards import DecisionCard
from autorecipe.report.page.value import Block, Drawing, Group, Journal, Leaf, Paragraphs, Section, Table
from autorecipe.report.page.words import sentences
from autorecipe.report.text_decisions import confirmation_lines, difference_text, recipe_text
from autorecipe.report.text_header import ERRORS_EXPLAINED
from autorecipe.report.text_idea import rule_in_words, scores_text
from autorecipe.report.text_stages import ENDINGS
from autorecipe.report.text_words import (
    count_text,
    effect_text,
    mean_text,
    metric_of,
    noun_of,
    pooled_text,
    score_text,
    value_text,
)
from autorecipe.row_words import said_of

NOTHING_YET = "No stage has ended yet."


def decisions_section(run: Run, drawings: tuple[Drawing, ...]) -> Section:
    """Return the ladder and, stage by stage, every decision with its rule."""
    stages = tuple(stage for stage in run.stages if stage.stage != "profile")
    n = sum(len(stage.decisions) + len(stage.repairs) for stage in stages)
    n_kept = sum(decision.kept for stage in stages for decision in (*stage.decisions, *stage.repairs))
    explained = ERRORS_EXPLAINED.format(noun_of(run))
    lead = f"{count_text(n, 'change')} tried, {n_kept:,} kept. {explained}." if stages else NOTHING_YET
    groups = tuple(_stage_group(stage, run) for stage in stages)
    blocks: tuple[Block | None, ...] = (_ladder(run), *drawings, *groups, _ideas(run))
    return Section(code="decisions", title="The decisions", lead=lead, blocks=tuple(b for b in blocks if b is not None))


def _ladder(run: Run) -> Table | None:
    """Every rung from a constant to the final model, by its score in validation."""
    baseline = run.stage("baseline")
    if baseline is None:
        return None
    title = metric_of(run.deciding_metric).title
    rungs = [(trial.name, "Baseline", _score_of(trial)) for trial in baseline.ladder]
    before = baseline.end
    for stage in run.stages:
        if stage.stage in ("profile", "baseline") or stage.best is None or stage.end in (None, before):
            continue
        name = recipe_text(stage.end) if stage.end is not None else stage.best.name
        rungs.append((name, stage.stage.capitalize(), _score_of(stage.best)))
        before = stage.end
    squeeze = run.stage("squeeze")
    if squeeze is not None and squeeze.ensemble is not None and len(squeeze.ensemble.parts) > 1:
        said = f"{value_text(squeeze.ensemble.score)}{f' ({pooled_text(run)})' if run.split.n_folds > 1 else ''}"
        rungs.append(("the final model, several networks", "Squeeze", said))
    return Table(
        title="From a constant to the final model",
        header=("model", "stage", f"{title}, {mean_text(run)}"),
        rows=tuple(rungs),
        n_texts=2,
        note=_test_note(run),
        code="ladder",
    )


def _score_of(trial: Trial) -> str:
    return value_text(trial.validation_score) if trial.status == "ok" else "failed"


def _test_note(run: Run) -> str:
    known = run.evaluation
    score = next((s for s in known.scores if s.metric == known.metric), None) if known is not None else None
    if known is None or score is None or known.rows != "test":
        return ""
    return f"On the untouched rows the final model has {metric_of(score.metric).title} {score_text(score)}."


def _stage_group(stage: StageResult, run: Run) -> Group:
    gain = f"gain in {metric_of(run.deciding_metric).title}"
    modality = run.schema.modality
    blocks: list[Leaf] = []
    if stage.repairs:
        cards = tuple(_card(d, stage.stage, modality) for d in stage.repairs)
        blocks.append(Journal(title="Repairs", decisions=cards, gain_title=gain, code=f"{stage.stage}-repairs"))
    if stage.decisions:
        cards = tuple(_card(d, stage.stage, modality) for d in stage.decisions)
        blocks.append(Journal(title="Changes", decisions=cards, gain_title=gain, code=f"{stage.stage}-changes"))
    texts = tuple(said_of(modality, text) for text in _texts(stage, run))
    if texts:
        blocks.append(Paragraphs(texts=texts, code=f"{stage.stage}-notes"))
    return Group(
        title=f"{stage.stage.capitalize()}: {stage.question}",
        lead=_stage_lead(stage),
        blocks=tuple(blocks),
        is_folded=len(stage.decisions) > 0,
        code=f"stage-{stage.stage}",
    )


def _stage_lead(stage: StageResult) -> str:
    n_kept = sum(d.kept for d in stage.decisions)
    parts = [f"{count_text(len(stage.decisions), 'change')} tried, {n_kept} kept" if stage.decisions else ""]
    ending: dict[Ended, str] = {**ENDINGS, "done": ""}
    parts += [ending[stage.ended], f"{stage.seconds:.0f} s"]
    return ", ".join(part for part in parts if part)


def _texts(stage: StageResult, run: Run) -> tuple[str, ...]:
    noted = " ".join(stage.notes)
    asides = tuple(m.text for m in stage.measurements if m.text and m.text not in noted)
    changed = stage.end is not None and stage.start is not None and difference_text(stage.start, stage.end)
    ends = (f"Now {recipe_text(stage.end)}.",) if changed and stage.end is not None else ()
    return (*stage.notes, *asides, *_confirmation_texts(stage.confirmation), *ends)


def _confirmation_texts(confirmation: Confirmation | None) -> tuple[str, ...]:
    return sentences(confirmation_lines(confirmation))


def _card(decision: Decision, stage: str, modality: Modality) -> DecisionCard:
    before, after = decision.train_loss_before, decision.train_loss_after
    failed = decision.effect == 0 and decision.error == 0 and bool(decision.rule)
    return DecisionCard(
        stage=stage,
        title=decision.change.title,
        kept=decision.kept,
        effect=decision.effect,
        error=decision.error,
        said="" if failed else effect_text(decision.effect, decision.error),
        train_loss=f"{value_text(before)} → {value_text(after)}" if before or after else "",
        reason=said_of(modality, decision.change.reason),
        rule=said_of(modality, decision.rule),
        n_tried=decision.n_tried,
    )


def _ideas(run: Run) -> Table | None:
    if not run.ideas:
        return None
    rows = tuple((idea.decision.change.title, scores_text(idea, run), rule_in_words(idea)) for idea in run.ideas)
    return Table(title="Your ideas", header=("idea", "score", "verdict"), rows=rows, n_texts=3, code="ideas")
