"""Findings as the report tells them: the gravest first, with the number against its limit and why it matters."""

from __future__ import annotations

import functools
import re

from autorecipe.errors import UserError
from autorecipe.findings import findings_of, is_mere_note, needs_user
from autorecipe.metrics.metric import readable
from autorecipe.record.finding import Finding
from autorecipe.record.run import Run
from autorecipe.report.page.cards import FindingCard
from autorecipe.report.page.privacy import Privacy, said_of_finding
from autorecipe.report.rule import why_it_matters
from autorecipe.report.text_words import count_text, first_upper, noun_of
from autorecipe.row_words import said_of

MAX_WHERE, MAX_FILES = 12, 6  # columns and files named of one finding; the rest are counted


def finding_cards(run: Run, privacy: Privacy) -> tuple[FindingCard, ...]:
    """Return every finding of a run as a card, mere notes last."""
    return tuple(_card(finding, i, run, privacy) for i, finding in enumerate(findings_of(run)))


def _card(finding: Finding, i: int, run: Run, privacy: Privacy) -> FindingCard:
    message = said_of_finding(_said(finding.message, finding, run), finding, privacy)
    flag = _flag(finding)
    return FindingCard(
        key=f"finding-{finding.code.lower()}-{i + 1}",
        code=finding.code,
        severity=finding.severity,
        title=finding.title,
        message=message if message.startswith(finding.columns) else first_upper(message),
        where=_where(finding, run, privacy),
        names=finding.columns,
        numbers=_numbers(finding),
        why=first_upper(said_of(run.schema.modality, _why(finding.code))),
        done=first_upper(said_of_finding(_said(finding.remedy, finding, run), finding, privacy)),
        flag=said_of_finding(flag, finding, privacy),
        needs_you=needs_user(finding),
        is_note=is_mere_note(finding),
    )


def _flag(finding: Finding) -> str:
    """The flag of the best fix that is the user's to choose and that the remedy does not name; a note needs none."""
    if finding.severity == "info":
        return ""
    said = finding.remedy
    flags = (fix.flag for fix in finding.fixes if fix.flag and not fix.is_safe)
    return next((flag for flag in flags if flag in said or flag.split()[0] not in said), "")


def _said(text: str, finding: Finding, run: Run) -> str:
    # those of the data name columns and files, in which any word may stand
    return said_of(run.schema.modality, text) if finding.code.startswith("T") else text


def _where(finding: Finding, run: Run, privacy: Privacy) -> tuple[str, ...]:
    shown = finding.columns[:MAX_WHERE]
    more = len(finding.columns) - len(shown)
    where = (*shown, *((f"and {count_text(more, 'column')} more",) if more > 0 else ()))
    if finding.rows:
        where = (*where, f"{noun_of(run)}s {', '.join(str(row) for row in finding.rows)}")
    if finding.examples and privacy.show_samples:
        files = finding.examples[:MAX_FILES]
        more = len(finding.examples) - len(files)
        where = (*where, ", ".join(files) + (f" and {more} more" if more > 0 else ""))
    return where


def _numbers(finding: Finding) -> str:
    if finding.measured is None or finding.limit is None or _says_limit(finding.message, finding.limit):
        return ""
    return f"measured {readable(finding.measured)}, limit {readable(finding.limit)}"


def _says_limit(message: str, limit: float) -> bool:
    """Whether a message names its limit, by the word or as a number of its own or a share."""
    spelled = f"{re.escape(f'{limit:g}')}(?![\\d.]*\\d)|{re.escape(f'{100 * limit:g}')} %"
    return "limit" in message or re.search(rf"(?<![\d.])(?:{spelled})", message) is not None


@functools.cache
def _why(code: str) -> str:
    try:
        return why_it_matters(code)
    except UserError:  # a check that this version does not have
        return ""
