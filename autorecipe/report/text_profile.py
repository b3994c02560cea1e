"""What the profile says: how many checks passed, and what the others found."""

from __future__ import annotations

from collections import Counter

from autorecipe.metrics.metric import readable
from autorecipe.report.text_image_profile import class_lines, image_lines, picture_lines
from autorecipe.report.text_words import WIDTH, Line, Lines, Style, count_text, labelled
from autorecipe.run import ColumnProfile, Finding, Profile, Run, Severity

MAX_FINDINGS = 8  # on the first screen; `autorecipe profile` shows all of them
LABELS: dict[Severity, str] = {"stop": "stop", "warn": "warn", "info": "note"}
NUMBER_COLUMNS = ("missing", "distinct", "min", "median", "max")
NAME_WIDTH = 26  # columns of text; longer names are cut with two dots
NUMBER_WIDTH = 11


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


def findings_lines(findings: tuple[Finding, ...], *, at_most: int = MAX_FINDINGS) -> Lines:
    """Write findings, the gravest first, each with its code and the flag that overrides it."""
    order = {severity: i for i, severity in enumerate(LABELS)}
    ranked = sorted(findings, key=lambda f: order[f.severity])
    lines = [line for finding in ranked[:at_most] for line in finding_lines(finding)]
    n_left = len(ranked) - at_most
    if n_left > 0:
        lines.append(Line(f"  and {n_left} more: autorecipe profile shows all", "dim"))
    return tuple(lines)


def finding_lines(finding: Finding) -> Lines:
    """Write one finding: its message, its remedy, its code at the right edge."""
    label = f"  {LABELS[finding.severity]}"
    message = finding.message.rstrip(".")
    style: Style = "bad" if finding.severity == "stop" else "plain"
    remedy = finding.remedy.rstrip(".")
    if not remedy:
        return labelled(label, message, flag=finding.code, style=style)
    together = f"{message}   {remedy}"
    if len(together) + 10 + len(finding.code) <= WIDTH and "\n" not in together:
        return (Line(f"{f'{label:<8}{together}':<{WIDTH - len(finding.code)}}{finding.code}", style),)
    first = labelled(label, message, flag=finding.code, style=style)
    return (*first, *labelled("", remedy, indent=11, style="dim"))


def column_lines(run: Run) -> Lines:
    """Write a table of the columns (kind, missing cells, distinct values, range); of images what they are like."""
    if run.profile is None:
        return ()
    if run.profile.images is not None:
        drawn = picture_lines(run) or labelled("  look", "--pictures DIR draws contact sheets", indent=11)
        return (*class_lines(run), *image_lines(run), *drawn)
    head = f"  {'column':<{NAME_WIDTH}}{'kind':<12}"
    head += "".join(f"{name:>{NUMBER_WIDTH}}" for name in NUMBER_COLUMNS)
    return (Line(head, "dim"), *(line for column in run.profile.columns for line in _lines_of(column)))


def _lines_of(column: ColumnProfile) -> Lines:
    if not column.parts:
        return (_column_line(column),)
    return (_column_line(column), *labelled("", f"read as {', '.join(column.parts)}", indent=4, style="dim"))


def _column_line(column: ColumnProfile) -> Line:
    name = column.name if len(column.name) < NAME_WIDTH else f"{column.name[: NAME_WIDTH - 3]}.."
    cells = [f"{100 * column.missing_share:.1f} %", f"{column.n_distinct:,}"]
    numbers = (column.minimum, column.median, column.maximum)
    cells += ["" if n is None else readable(n) for n in numbers]
    text = f"  {name:<{NAME_WIDTH}}{column.kind:<12}" + "".join(f"{c:>{NUMBER_WIDTH}}" for c in cells)
    if all(n is None for n in numbers) and column.top:
        commonest = ", ".join(value for value, _ in column.top)
        text = f"{text.rstrip()}   {commonest}"
        text = text if len(text) <= WIDTH else f"{text[: WIDTH - 2]}.."
    return Line(text.rstrip())
