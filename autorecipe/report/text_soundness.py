"""What the training checks say of a network, what was repaired, and what its curves show."""

from __future__ import annotations

import dataclasses

from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.report.text_decisions import decision_lines
from autorecipe.report.text_profile import findings_lines
from autorecipe.report.text_words import Line, Lines, count_text, first_upper, sentence_lines
from autorecipe.row_words import said_of

# passed checks whose numbers are shown; the others are counted
SHOWN = ("T003", "T008", "T009", "T010", "T011", "T006")


def soundness_lines(result: StageResult, run: Run) -> Lines:
    """Write how many checks passed, what the others found, the repairs, and the diagnosis; nothing is told twice."""
    told = {finding for stage in _earlier(result, run) for finding in stage.findings}
    return (
        *_passed_lines(result, run),
        *findings_lines(tuple(_said(finding, run) for finding in result.findings if finding not in told)),
        *_repair_lines(result, run),
        *diagnosis_lines(result, run),
    )


def diagnosis_lines(result: StageResult, run: Run) -> Lines:
    """Write what the curves of a stage's network show, and what follows, where that is news."""
    found, earlier = result.diagnosis, _earlier(result, run)
    if found is None or (earlier and found == earlier[-1].diagnosis):
        return ()
    reason, remedy = (f": {part}" if part else "" for part in (found.reason, found.remedy))
    text = f"{first_upper(found.name)}{reason}{remedy}"
    text = said_of(run.schema.modality, text)
    return sentence_lines(text, style="bad" if found.name in ("no signal", "unstable") else "plain")


def _said(finding: Finding, run: Run) -> Finding:
    modality = run.schema.modality
    if not finding.code.startswith("T"):  # those of the data name columns and files
        return finding
    message, remedy = said_of(modality, finding.message), said_of(modality, finding.remedy)
    return dataclasses.replace(finding, message=message, remedy=remedy)


def _earlier(result: StageResult, run: Run) -> tuple[StageResult, ...]:
    names = [stage.stage for stage in run.stages]
    return run.stages[: names.index(result.stage)] if result.stage in names else run.stages


def _passed_lines(result: StageResult, run: Run) -> Lines:
    judged = [outcome for outcome in result.outcomes if outcome.status != "skipped"]
    if not judged or result.preflight is None:
        return ()
    passed = [outcome for outcome in judged if outcome.status == "passed"]
    stops = any(finding.severity == "stop" for finding in result.findings)
    is_whole = None not in dataclasses.astuple(result.preflight)
    word = "NOT SOUND" if stops else "sound" if is_whole else "sound as far as it was measured"
    shown = "; ".join(o.text for o in sorted(passed, key=_place) if o.code in SHOWN and o.text)
    shown = said_of(run.schema.modality, shown)
    text = f"{word}, {len(passed)} of {count_text(len(judged), 'check')} passed"
    return sentence_lines(f"{text}: {shown}" if shown else text, style="bad" if stops else "good")


def _place(outcome: CheckOutcome) -> int:
    return SHOWN.index(outcome.code) if outcome.code in SHOWN else len(SHOWN)


def _repair_lines(result: StageResult, run: Run) -> Lines:
    if not result.repairs:
        return ()
    return (Line("  repairs tried", "dim"), *decision_lines(result.repairs, run))
