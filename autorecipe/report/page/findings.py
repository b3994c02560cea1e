"""Findings as the report tells them: the gravest first, with the number against its limit and why it matters."""

from __future__ import annotations

import functools

from autorecipe.errors import UserError
from autorecipe.findings import findings_of, is_mere_note, needs_user
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding
from autorecipe.record.run import Run
from autorecipe.report.page.cards import FindingCard
from autorecipe.report.page.privacy import Privacy, said_of_finding
from autorecipe.report.rule import why_it_matters
from autorecipe.report.text_profile import more_flags
from autorecipe.report.text_words import count_text, first_upper, noun_of
from autorecipe.row_words import said_of

MAX_WHERE, MAX_FILES = 12, 6  # columns and files named of one finding; the rest are counted


def finding_cards(run: Run, privacy: Privacy) -> tuple[FindingCard, ...]:
    """Return every finding of a run as a card, mere notes last."""
    return tuple(_card(finding, i, run, privacy) for i, finding in enumerate(findings_of(run)))


def _card(finding: Finding, i: int, run: Run, privacy: Privacy) -> FindingCard:
    message = said_of_finding(_said(finding.message, finding, run), finding, privacy)
    return FindingCard(
        key=f"finding-{finding.code.lower()}-{i + 1}",
        code=finding.code,
        severity=finding.severity,
        title=finding.title,
        message=message if message.startswith(finding.columns) else first_upper(message),
        where=_where(finding, run, privacy),
        names=finding.columns,
        why=first_upper(said_of(run.schema.modality, _why(finding.code))),
        done=first_upper(said_of_finding(_said(finding.remedy, finding, run), finding, privacy)),
        flag=said_of_finding(more_flags(finding), finding, privacy),
        needs_you=needs_user(finding),
        is_note=is_mere_note(finding),
    )


def _said(text: str, finding: Finding, run: Run) -> str:
    # those of the data name columns and files, in which any word may stand
    return said_of(run.schema.modality, text) if finding.code.startswith("T") else text


def _where(finding: Finding, run: Run, privacy: Privacy) -> tuple[str, ...]:
    columns = () if all(column in finding.message for column in finding.columns) else finding.columns
    more = len(columns) - MAX_WHERE
    where = (*columns[:MAX_WHERE], *((f"and {count_text(more, 'column')} more",) if more > 0 else ()))
    if finding.rows:
        where = (*where, f"{noun_of(run)}s {', '.join(str(row) for row in finding.rows)}")
    if finding.examples and privacy.show_samples:
        where = (*where, some_of(finding.examples, MAX_FILES))
    return where


@functools.cache
def _why(code: str) -> str:
    try:
        return why_it_matters(code)
    except UserError:  # a check that this version does not have
        return ""
