"""The twins of the page: Markdown of at most 60 lines for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from autorecipe.report.page.cards import Fact
from autorecipe.report.page.value import (
    Block,
    Chips,
    Columns,
    Drawing,
    Findings,
    FirstScreen,
    Group,
    Journal,
    Metrics,
    Picture,
    Report,
    Table,
    Ticks,
)
from autorecipe.report.page.words import SEVERITIES, nothing_text

JSON_VERSION = 1  # raised when a field changes its meaning
MAX_LINES = 60
MOST_METRICS, MOST_RUNGS, MOST_KEPT = 8, 8, 8
MOST_TEXT, MOST_CELL = 400, 100  # characters
LEFT_TO_LISTS = (Findings, Columns, Journal, Metrics, Ticks)  # blocks that the lists beside the sections hold
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|~&"})


def as_json(report: Report) -> dict[str, object]:
    """Return the report as plain values: lists with stable codes, then every section.

    Drawings come with their numbers and without their lines, pictures with their path alone.
    """
    blocks = tuple(blocks_of(report))
    return {
        "version": JSON_VERSION,
        "title": report.title,
        "written": report.written,
        "first": msgspec.to_builtins(report.first),
        "findings": [msgspec.to_builtins(f) for f in _all(blocks, Findings, "findings")],
        "columns": [msgspec.to_builtins(c) for c in _all(blocks, Columns, "columns")],
        "decisions": [msgspec.to_builtins(d) for d in _all(blocks, Journal, "decisions")],
        "metrics": [msgspec.to_builtins(m) for m in _all(blocks, Metrics, "metrics")],
        "checks": [msgspec.to_builtins(c) for c in _all(blocks, Chips, "chips")],
        "checklists": [msgspec.to_builtins(t) for t in _all(blocks, Ticks, "ticks")],
        "sections": [
            {"code": s.code, "title": s.title, "lead": s.lead, "blocks": [_plain(block) for block in s.blocks]}
            for s in report.sections
        ],
    }


def as_markdown(report: Report) -> str:
    """Return the essentials as Markdown, at most `MAX_LINES` lines."""
    first = report.first
    head = [f"# {_said(report.title)}", "", f"**{_said(first.verdict)}**", ""]
    head += [_said(text) for text in (first.state, f"Shown: {first.privacy}.")]
    parts = [
        head,
        [f"- {_said(fact.label)}: {_said(fact.text)}" for fact in first.facts],
        _finding_lines(first),
        _metric_lines(report),
        _table_lines(report, "ladder", MOST_RUNGS),
        _kept_lines(report),
        [f"- {label}: `{path}`" for label, path in _paths(first.paths)],
        ["```python", *first.code.splitlines(), "```"] if first.code else [],
    ]
    lines = [line for part in parts if part for line in (*part, "")]
    return "\n".join(lines[:MAX_LINES]).rstrip() + "\n"


def _paths(facts: tuple[Fact, ...]) -> list[tuple[str, str]]:
    """Where the parts of a run lie: the page in place of this file."""
    own = "report.md"
    parts = [(fact.label, fact.text) for fact in facts if not fact.text.endswith(own)]
    pages = [("As a page", f"{fact.text.removesuffix(own)}report.html") for fact in facts if fact.text.endswith(own)]
    return [*pages, *parts]


def blocks_of(report: Report) -> Iterator[Block]:
    """Give every block of a report, those inside groups too."""
    for section in report.sections:
        for block in section.blocks:
            yield block
            if isinstance(block, Group):
                yield from block.blocks


def _all(blocks: tuple[Block, ...], kind: type, field: str) -> list[object]:
    """Return the items of all blocks of a kind, each once."""
    return list(dict.fromkeys(item for b in blocks if isinstance(b, kind) for item in getattr(b, field)))


def _plain(block: Block) -> dict[str, object]:
    if isinstance(block, Group):
        inside = [_plain(leaf) for leaf in block.blocks]
        return {"kind": block.kind, "code": block.code, "title": block.title, "lead": block.lead, "blocks": inside}
    if isinstance(block, (*LEFT_TO_LISTS, Chips)):
        return {"kind": block.kind, "code": block.code, "title": block.title}
    plain: dict[str, object] = msgspec.to_builtins(block)
    if isinstance(block, Drawing):
        del plain["svg"]
    if isinstance(block, Picture):
        del plain["uri"]
    return plain


def _finding_lines(first: FirstScreen) -> list[str]:
    if not first.findings:
        return [nothing_text(len(first.notes))]
    lines = [f"## Findings ({len(first.findings)} of {first.n_findings})", ""]
    for card in first.findings:
        done = f" ({_said(card.done)})" if card.done else ""
        lines.append(f"- {SEVERITIES[card.severity]} **{card.code}** {_said(card.message)}{done}")
    return lines


def _metric_lines(report: Report) -> list[str]:
    metrics = [m for block in blocks_of(report) if isinstance(block, Metrics) for m in block.metrics]
    rows = [_row((m.title, m.said, m.text)) for m in metrics[:MOST_METRICS]]
    return ["| metric | value | |", "|---|---|---|", *rows, *_more_lines(len(metrics) - len(rows))] if rows else []


def _table_lines(report: Report, code: str, most: int) -> list[str]:
    table = next((b for b in blocks_of(report) if isinstance(b, Table) and b.code == code), None)
    if table is None:
        return []
    rows = table.rows if len(table.rows) <= most else (*table.rows[: most - 1], table.rows[-1])
    head = [_row(table.header), "|---" * len(table.header) + "|"]
    return [*head, *(_row(row) for row in rows), *_more_lines(len(table.rows) - len(rows))]


def _kept_lines(report: Report) -> list[str]:
    decisions = [d for block in blocks_of(report) if isinstance(block, Journal) for d in block.decisions]
    kept = [d for d in decisions if d.kept]
    lines = [f"- {d.stage}: {_said(d.title)} {_said(d.said)}".rstrip() for d in kept[:MOST_KEPT]]
    more = _more_lines(len(kept) - len(lines))
    return [f"Kept {len(kept)} of {len(decisions)} changes:", *lines, *more] if decisions else []


def _more_lines(n_more: int) -> list[str]:
    return ["", f"and {n_more:,} more: report.json has all"] if n_more > 0 else []


def _said(text: str, most: int = MOST_TEXT) -> str:
    """Write a text so that Markdown shows its signs, in one line."""
    line = " ".join(text.split())
    line = line if len(line) <= most else f"{line[:most]}..."
    return line.translate(_MARKS)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_said(cell, MOST_CELL) for cell in cells)} |"
