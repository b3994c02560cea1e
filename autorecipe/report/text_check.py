"""What `autorecipe check` says: the verdict, its cause, what follows from it, what passed, what was not looked at."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autorecipe.budget import format_duration
from autorecipe.errors import MAX_FOREIGN
from autorecipe.record.finding import CheckOutcome, Finding, Severity
from autorecipe.report.rule import why_it_matters
from autorecipe.report.text_soundness import SHOWN
from autorecipe.report.text_words import Line, Lines, Style, as_text, count_text, first_upper, labelled
from autorecipe.report.width import page_width

if TYPE_CHECKING:
    from autorecipe.model_check import CheckReport

WORST: dict[str, Severity] = {"sound": "info", "suspicious": "warn", "broken": "stop"}  # finding of a verdict
LABELS: dict[Severity, str] = {"stop": "broken", "warn": "warning", "info": "note"}
STYLES: dict[Severity, Style] = {"stop": "bad", "warn": "plain", "info": "dim"}
VERDICT_STYLES: dict[str, Style] = {"sound": "good", "suspicious": "heading", "broken": "bad"}
HEADLINE_WIDTH = 110  # characters of a fault in the first line, which is read, searched and quoted before all others
INDENT = 9  # columns: the longest label and two spaces
BLANK = Line("")


def check_text(report: CheckReport, *, details: bool = False) -> str:
    """Write a report as plain text without a line feed at its end; its first line is the verdict."""
    return as_text(check_lines(report, details=details)).rstrip("\n")


def check_lines(report: CheckReport, *, details: bool = False) -> Lines:
    """Write the verdict, each finding, the diagnosis, what passed, and what was skipped and why.

    Parameters
    ----------
    details : bool
        Tell all of every finding and of what passed; otherwise the first finding in full and the others, which often
        follow from it, in a line each, and of what passed the most telling numbers.
    """
    first, others = report.findings[:1], report.findings[1:]
    parts = [
        (Line(verdict_line(report), VERDICT_STYLES[report.verdict]),),
        *(_finding_lines(finding, severity=WORST[report.verdict]) for finding in first),
        *([_finding_lines(f, severity=f.severity) for f in others] if details else _short_parts(report)),
        _diagnosis_lines(report),
        _passed_lines(report.outcomes, details=details),
        _skipped_lines(report.outcomes),
        _closing_lines(report, details=details),
    ]
    lines: list[Line] = []
    for part in parts:
        lines += [BLANK, *part] if lines and part else part
    return tuple(lines)


def verdict_line(report: CheckReport) -> str:
    """Write in one line whether the network is sound, and where not, the gravest fault in plain words."""
    worst = next((f for f in report.findings if f.severity != "info"), None)
    if worst is not None:
        return f"{report.verdict}: {headline(worst.message)} ({worst.code})"
    judged = [o for o in report.outcomes if o.status != "skipped"]
    n_passed = sum(o.status == "passed" for o in judged)
    n_notes = len(report.findings)
    notes = f", {count_text(n_notes, 'note')}" if n_notes else ""
    return f"sound: {n_passed} of {count_text(len(judged), 'check')} passed{notes}"


def headline(message: str) -> str:
    """Write a finding's message as it goes on after a colon: all of it where that is short, else its first clause.

    >>> headline("Softmax is applied twice: keep one.")
    'softmax is applied twice: keep one'
    """
    whole = message.rstrip(". ")
    first = whole if len(whole) <= HEADLINE_WIDTH else re.split(r"; |: |\. | \(", whole, maxsplit=1)[0]
    starts_as_word = first[1:2].islower() or first[1:2] == " "
    return first[:1].lower() + first[1:] if starts_as_word else first


def _short_parts(report: CheckReport) -> tuple[Lines, Lines]:
    """Write the findings behind the first in a line each: what may follow from it, then what stands beside it."""
    others = report.findings[1:]
    follows = [finding for finding in others if report.follows(finding)]
    beside = [finding for finding in others if not report.follows(finding)]
    return _short_lines("which brings about", follows), _short_lines("besides", beside)


def _short_lines(title: str, findings: Sequence[Finding]) -> Lines:
    lines = []
    for finding in findings:
        said = f"{LABELS[finding.severity]}: {headline(finding.message)}"
        short = textwrap.shorten(said, page_width() - INDENT, placeholder=" ...")
        lines.append(Line(f"{f'  {finding.code}':<{INDENT}}{short}", STYLES[finding.severity]))
    return (Line(title), *lines) if lines else ()


def _finding_lines(finding: Finding, *, severity: Severity) -> Lines:
    """Write a finding at length, at the gravity of the verdict that it explains."""
    style = STYLES[severity]
    message = labelled(LABELS[severity], first_upper(finding.message), flag=finding.code, indent=INDENT)
    lines = [Line(line.text, style) for line in message]
    if finding.measured is not None and finding.limit is not None and "limit" not in finding.message:
        numbers = f"measured {_number(finding.measured)}, limit {_number(finding.limit)}"
        lines += labelled("", numbers, indent=INDENT, style="dim")
    if severity != "info":
        lines += labelled("", why_it_matters(finding.code), indent=INDENT, style="dim")
    if finding.remedy:
        lines += labelled("", f"-> {finding.remedy}", indent=INDENT)
    return tuple(lines)


def _diagnosis_lines(report: CheckReport) -> Lines:
    diagnosis = report.diagnosis
    # what is at fault is mended first: the curves of a faulty network show that fault, and nothing of the data
    if diagnosis is None or report.verdict == "broken" or report.names_cause:
        return ()
    text = diagnosis.reason
    training = report.evidence.training
    after = f" after {count_text(training.fit.epochs, 'epoch')}" if training is not None else ""
    return labelled("curves", f"{diagnosis.name}{after}: {text}", indent=INDENT)


def _passed_lines(outcomes: tuple[CheckOutcome, ...], *, details: bool) -> Lines:
    passed = [o for o in outcomes if o.status == "passed"]
    if not passed:
        return ()
    said = count_text(len(passed), "check")
    if details:
        said = f"{said}: {'; '.join(o.text or o.title.lower() for o in passed)}"
    else:
        numbers = {o.code: o.text for o in passed}
        for text in filter(None, (numbers.get(code) for code in SHOWN)):
            longer = f"{said}{'; ' if ': ' in said else ': '}{text}"
            said = longer if len(longer) <= page_width() - INDENT else said  # one line
    return labelled("passed", said, indent=INDENT, style="dim")


def _skipped_lines(outcomes: tuple[CheckOutcome, ...]) -> Lines:
    codes: dict[str, list[str]] = {}  # by reason: one that several checks share is told once
    for outcome in outcomes:
        if outcome.status == "skipped":
            reason = textwrap.shorten(outcome.reason, MAX_FOREIGN, placeholder=" ...")
            codes.setdefault(reason, []).append(outcome.code)
    lines = [
        labelled("" if i else "skipped", f"{', '.join(shared)} {reason}", indent=INDENT)
        for i, (reason, shared) in enumerate(codes.items())
    ]
    return tuple(Line(line.text, "dim") for part in lines for line in part)


def _closing_lines(report: CheckReport, *, details: bool) -> Lines:
    code = report.findings[0].code if report.findings else "T002"
    text = f"checked in {format_duration(report.seconds)}; what a check looks for: autorecipe rule {code}"
    more = () if details else ("in full: autorecipe check --verbose, or report.details() in Python",)
    notes = [textwrap.fill(f"note: {note}", page_width()) for note in report.notes]
    return tuple(Line(line, "dim") for part in (*notes, text, *more) for line in part.splitlines())


def _number(value: float) -> str:
    return f"{value:,.3g}" if abs(value) < 1e4 else f"{value:.2e}"
