"""Findings as the report tells them: the gravest first, with the number against its limit and why it matters."""

from __future__ import annotations

import functools

from autorecipe.errors import UserError
from autorecipe.metrics.metric import readable
from autorecipe.report.page.cards import FindingCard
from autorecipe.report.page.privacy import Privacy, said_of_finding
from autorecipe.report.rule import why_it_matters
from autorecipe.report.text_words import count_text, first_upper, noun_of
from autorecipe.row_words import said_of
from autorecipe.run import Finding, Run

ORDER = {"stop": 0, "warn": 1, "info": 2}
MAX_WHERE, MAX_FILES = 12, 6  # columns and files named of one finding; the rest are counted


def all_findings(run: Run) -> tuple[Finding, ...]:
    """Return the findings of the data and of training, each once, the gravest first and those that ask before others.

    A finding of a training check that was there in an earlier stage is the same one.
    """
    of_data = run.profile.findings if run.profile else ()
    of_training = tuple(f for stage in run.stages for f in stage.findings)
    return tuple(sorted(dict.fromkeys((*of_data, *of_training)), key=_rank))


def needs_user(finding: Finding) -> bool:
    """Return whether a finding waits for the user's answer."""
    return finding.severity == "stop" or (finding.action == "ask" and finding.severity == "warn")


def finding_cards(run: Run, privacy: Privacy) -> tuple[FindingCard, ...]:
    """Return every finding of a run as a card."""
    return tuple(_card(finding, i, run, privacy) for i, finding in enumerate(all_findings(run)))


def _rank(finding: Finding) -> tuple[int, bool, float]:
    return ORDER[finding.severity], not needs_user(finding), -_excess(finding)


def _excess(finding: Finding) -> float:
    """How far a finding is beyond its limit, as a ratio; findings are ranked by it within their gravity."""
    if finding.measured is None or not finding.limit:
        return 0.0
    return abs(finding.measured / finding.limit)


def _card(finding: Finding, i: int, run: Run, privacy: Privacy) -> FindingCard:
    message = said_of_finding(_said(finding.message, finding, run), finding, privacy)
    flag = next((fix.flag for fix in finding.fixes if fix.flag and not fix.is_safe), "")
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
    )


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
    if finding.measured is None or finding.limit is None or "limit" in finding.message:
        return ""
    return f"measured {readable(finding.measured)}, limit {readable(finding.limit)}"


@functools.cache
def _why(code: str) -> str:
    try:
        return why_it_matters(code)
    except UserError:  # a check that this version does not have
        return ""
