"""What the profile says: how many checks passed, what the others found, and what can be done about it."""

from __future__ import annotations

from collections import Counter

from rich.cells import cell_len

from autorecipe.findings import is_mere_note, ranked
from autorecipe.record.finding import Finding, Severity
from autorecipe.record.profile import Profile
from autorecipe.record.run import Run
from autorecipe.report.cells import fitted
from autorecipe.report.text_columns import table_lines
from autorecipe.report.text_fixes import fix_text
from autorecipe.report.text_image_profile import class_lines, image_lines, picture_lines
from autorecipe.report.text_words import Line, Lines, Style, count_text, labelled, sentence_lines
from autorecipe.report.width import page_width

MAX_FINDINGS = 8  # while a run goes on; `autorecipe profile` and the report show all of them
ALL_SHOWN = "the report shows all"
LABELS: dict[Severity, str] = {"stop": "stop", "warn": "warn", "info": "note"}
STYLES: dict[Severity, Style] = {"stop": "bad", "warn": "warn", "info": "plain"}
ROWS_NAMED = "rows named"
INDENT = 11  # columns at which it is said what is done


def profile_counts(profile: Profile) -> str:
    """Write how the checks went: "29 passed  2 warnings  3 notes  1 skipped"."""
    found = Counter(f.severity for f in profile.findings)
    outcomes = Counter(o.status for o in profile.outcomes)
    parts = [
        f"{outcomes['passed']} passed",
        count_text(found["stop"], "stop"),
        count_text(found["warn"], "warning"),
        count_text(found["info"], "note"),
        f"{outcomes['skipped']} skipped",
    ]
    return "  ".join(part for part in parts if not part.startswith("0 "))


def findings_lines(findings: tuple[Finding, ...]) -> Lines:
    """Write the first findings that need the user or were acted on, each with its code; notes are counted."""
    notes = [finding for finding in findings if is_mere_note(finding)]
    others = [finding for finding in ranked(findings) if not is_mere_note(finding)]
    n_left = len(others) - MAX_FINDINGS
    return (
        *(line for finding in others[:MAX_FINDINGS] for line in finding_lines(finding)),
        *((Line(f"  and {n_left} more: {ALL_SHOWN}", "dim"),) if n_left > 0 else ()),
        *_counted_lines(notes),
    )


def all_findings_lines(findings: tuple[Finding, ...]) -> Lines:
    """Write every finding, the gravest first, notes that need nothing last."""
    return tuple(line for finding in ranked(findings) for line in finding_lines(finding))


def _counted_lines(notes: list[Finding]) -> Lines:
    if not notes:
        return ()
    codes = ", ".join(sorted({note.code for note in notes}))
    need = "need" if len(notes) > 1 else "needs"
    text = f"{count_text(len(notes), 'note')} that {need} nothing of you ({codes}): {ALL_SHOWN}"
    return sentence_lines(text, style="dim")


def finding_lines(finding: Finding) -> Lines:
    """Write one finding: its message, what is done, the flags that decide otherwise, its code at the right edge."""
    label = f"  {LABELS[finding.severity]}"
    message, style = finding.message.rstrip("."), STYLES[finding.severity]
    remedy = "; ".join(part for part in (_remedy(finding), more_flags(finding)) if part)
    if not remedy:
        return labelled(label, message, flag=finding.code, style=style)
    together, width = f"{message}   {remedy}", page_width()
    if cell_len(together) + 10 + len(finding.code) <= width and "\n" not in together:
        return (Line(f"{fitted(f'{label:<8}{together}', width - len(finding.code))}{finding.code}", style),)
    first = labelled(label, message, flag=finding.code, style=style)
    return (*first, *labelled("", remedy, indent=INDENT, style="dim"))


def column_lines(run: Run) -> Lines:
    """Write a table of the columns; of images what they are like."""
    if run.profile is None:
        return ()
    if run.profile.images is not None:
        drawn = picture_lines(run) or labelled("  look", "--pictures DIR draws contact sheets", indent=INDENT)
        return (*class_lines(run), *image_lines(run), *drawn)
    return table_lines(run)


def _remedy(finding: Finding) -> str:
    """Write what is to be done, with the rows that it speaks of."""
    remedy = finding.remedy.rstrip(".")
    rows = ", ".join(str(row) for row in finding.rows)
    return remedy.replace(ROWS_NAMED, f"{ROWS_NAMED} ({rows})", 1) if rows else remedy


def more_flags(finding: Finding) -> str:
    """Write the flags of the fixes that are yours to choose and the remedy does not name; a note needs none."""
    if finding.severity == "info":
        return ""
    return fix_text(
        tuple(f for f in finding.fixes if f.flag and not f.is_safe and f.flag.split()[0] not in finding.remedy)
    )
