"""The checks of the data and of training: passed, found, or skipped and why."""

from __future__ import annotations

from autorecipe.record.finding import CheckOutcome
from autorecipe.record.run import Run
from autorecipe.report.page.cards import Chip, FindingCard
from autorecipe.report.page.value import Block, Chips, Drawing, Findings, Paragraphs, Section
from autorecipe.report.page.words import sentences
from autorecipe.report.text_soundness import diagnosis_lines
from autorecipe.row_words import said_of

STATUS = {"found": 0, "passed": 1, "skipped": 2}


def checks_section(run: Run, cards: tuple[FindingCard, ...], drawings: tuple[Drawing, ...]) -> Section:
    """Return every check's verdict, data before training, with the plots of the pre-flight checks.

    Parameters
    ----------
    cards : tuple of FindingCard
        All findings.
    """
    of_data = run.profile.outcomes if run.profile else ()
    of_training = _last_outcomes(run)
    outcomes = (*of_data, *of_training)
    n = {status: sum(o.status == status for o in outcomes) for status in STATUS}
    lead = f"{n['passed']} checks passed, {n['found']} found something, {n['skipped']} were skipped."
    found = tuple(card for card in cards if card.code.startswith("T"))
    diagnosis = tuple(
        f"{stage.stage.capitalize()}: {text}" for stage in run.stages for text in sentences(diagnosis_lines(stage, run))
    )
    blocks: tuple[Block | None, ...] = (
        Chips(title="Of the data", chips=_chips(of_data, cards, run), code="data-checks") if of_data else None,
        Chips(title="Of training", chips=_chips(of_training, cards, run), code="training-checks")
        if of_training
        else None,
        Findings(title="Findings of training", findings=found, code="training-findings") if found else None,
        Paragraphs(title="What the curves say", texts=diagnosis, code="diagnosis") if diagnosis else None,
        *drawings,
    )
    return Section(code="checks", title="The checks", lead=lead, blocks=tuple(b for b in blocks if b is not None))


def _last_outcomes(run: Run) -> tuple[CheckOutcome, ...]:
    """Return each training check's last verdict that was not skipped, else why it was."""
    last: dict[str, CheckOutcome] = {}
    for stage in run.stages:
        for outcome in stage.outcomes:
            if outcome.status != "skipped" or outcome.code not in last:
                last[outcome.code] = outcome
    return tuple(last[code] for code in sorted(last))


def _chips(outcomes: tuple[CheckOutcome, ...], cards: tuple[FindingCard, ...], run: Run) -> tuple[Chip, ...]:
    keys = {card.code: card.key for card in reversed(cards)}
    titles = {card.code: card.title for card in cards}
    return tuple(
        Chip(
            code=o.code,
            title=o.title or titles.get(o.code, ""),
            status=o.status,
            text=said_of(run.schema.modality, o.text or o.reason),
            key=keys.get(o.code, "") if o.status == "found" else "",
        )
        for o in sorted(outcomes, key=lambda o: STATUS[o.status])
    )
