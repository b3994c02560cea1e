"""What tells two tables apart, in lines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from autorecipe.budget import format_duration
from autorecipe.checks.wording import name
from autorecipe.report.text_profile import all_findings_lines
from autorecipe.report.text_words import Line, Lines, count_text, labelled, sentence_lines

if TYPE_CHECKING:
    from autorecipe.against import HeldAgainst


def comparison_lines(compared: HeldAgainst) -> Lines:
    """Write the two tables, and every finding, the gravest first."""
    found = Counter(finding.severity for finding in compared.findings)
    counts = (
        count_text(found["stop"], "stop"),
        count_text(found["warn"], "warning"),
        count_text(found["info"], "note"),
    )
    said = "  ".join(text for text in counts if not text.startswith("0 "))
    alike = "the same columns and kinds, no drift beyond chance, no shared rows"
    target = "" if compared.has_target_cells else "; the target is not looked at"
    nothing = f"nothing tells them apart: {alike}{target}"
    return (
        Line(
            f"{compared.other_name} against {compared.name}  {said or 'alike'}  {format_duration(compared.seconds)}",
            "heading",
        ),
        *labelled("rows", _both(compared, compared.n_other_rows, compared.n_rows)),
        *labelled("columns", _both(compared, compared.n_other_columns, compared.n_columns)),
        *labelled("target", f"{name(compared.target)}, {_of_target(compared)}"),
        *all_findings_lines(compared.findings),
        *(() if compared.findings else sentence_lines(nothing, style="good")),
    )


def _of_target(compared: HeldAgainst) -> str:
    if not compared.has_target:
        return f"not in {compared.other_name}: features alone are compared"
    if not compared.has_target_cells:
        rows = count_text(compared.n_other_rows, "row")
        return f"in both, empty in all {rows} of {compared.other_name}: features alone are compared"
    return "in both"


def _both(compared: HeldAgainst, n_other: int, n_first: int) -> str:
    """Write two numbers, each beside its table, in the order of the heading."""
    if compared.name == compared.other_name:
        return f"{n_other:,} in the table of --against, {n_first:,} in the first"
    return f"{n_other:,} in {compared.other_name}, {n_first:,} in {compared.name}"
