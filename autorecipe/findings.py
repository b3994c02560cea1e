"""A run's findings in the order in which they are told: what waits for the user, what was done, then mere notes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from autorecipe.record.finding import Action, Finding, Severity
from autorecipe.record.run import Run

ORDER: dict[Severity, int] = {"stop": 0, "warn": 1, "info": 2}
LEFT_TO_THE_USER: tuple[Action, ...] = ("ask", "look", "none")  # actions of a warning that waits for an answer
LEFT_AS_IT_IS: tuple[Action, ...] = ("none", "clip", "ask")  # of a note: what every table gets, or may be asked for


def findings_of(run: Run) -> tuple[Finding, ...]:
    """Return the findings of the data and of training, each once, in the order of `ranked`.

    Of a training check counts what the last stage says that asked it: of several findings there the gravest, and none
    where it passed. Its message names the stage.
    """
    of_data = run.profile.findings if run.profile else ()
    of_training: dict[str, Finding] = {}
    for stage in run.stages:
        for outcome in stage.outcomes:
            if outcome.status != "skipped":
                of_training.pop(outcome.code, None)
        for finding in sorted(stage.findings, key=lambda f: ORDER[f.severity], reverse=True):  # the gravest stays
            said = f"{stage.stage.capitalize()}: {finding.message}"  # a later stage has another network
            of_training[finding.code] = dataclasses.replace(finding, message=said)
    return ranked((*of_data, *of_training.values()))


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, each once: the gravest first, those that wait for the user before others, mere notes last.

    Within that, what names rows or images to look at comes first, then what is furthest beyond its limit.
    """
    return tuple(sorted(dict.fromkeys(findings), key=_rank))


def needs_user(finding: Finding) -> bool:
    """Return whether a finding waits for the user: it stops, or it is a warning about which nothing was done."""
    return finding.severity == "stop" or (finding.action in LEFT_TO_THE_USER and finding.severity == "warn")


def was_acted_on(finding: Finding) -> bool:
    """Return whether something was done about a finding that is not done always."""
    return not needs_user(finding) and not is_mere_note(finding) and finding.action != "look"


def is_mere_note(finding: Finding) -> bool:
    """Return whether a finding needs nothing of the user, and nothing was done about it that is not done always.

    A note that names labels to be looked at is none: only a person can tell whether they are wrong.
    """
    return finding.severity == "info" and finding.action in LEFT_AS_IT_IS


def _rank(finding: Finding) -> tuple[int, bool, bool, bool, float]:
    order, is_left = ORDER[finding.severity], finding.action == "look"
    return order, not needs_user(finding), is_mere_note(finding), not is_left, -_excess(finding)


def _excess(finding: Finding) -> float:
    """How far a finding is beyond its limit, as a ratio."""
    if finding.measured is None or not finding.limit:
        return 0.0
    return abs(finding.measured / finding.limit)
