"""What a notebook shows of a fitted estimator and of a profile: a small piece of HTML without scripts.

It takes the colours of the notebook, light or dark, and shows of cells what the report's page shows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup, escape

from autorecipe.record.profile import Profile
from autorecipe.record.run import Run
from autorecipe.report.page.cards import ColumnCard, Fact, FindingCard
from autorecipe.report.page.content import report_of
from autorecipe.report.page.first import Place
from autorecipe.report.page.html import bars, isolated, kept_whole
from autorecipe.report.page.value import Columns, Findings, Report, Section
from autorecipe.report.page.words import SEVERITIES, nothing_text
from autorecipe.report.page.write import PAGE
from autorecipe.report.python_words import in_python
from autorecipe.report.text_words import share_text, value_text

MOST_COLUMNS = 60  # of a profile; choice: with bars some 60 kB
MOST_FINDINGS = 20
WHOSE_ARGUMENTS = "Arguments named here, as drop=[...], are those of AutoRecipe(...)."
GROWS = " This page is rewritten after each stage."  # which an output cell is not
STYLE = """
.autorecipe{font-size:13px;line-height:1.45;max-width:70em;overflow-wrap:anywhere}
.autorecipe h4{font-size:1.1em;margin:.8em 0 .3em}
.autorecipe p{margin:.2em 0}
.autorecipe ul{margin:.3em 0;padding-left:1.3em}
.autorecipe .dim{opacity:.75}
.autorecipe .scroll{overflow-x:auto;max-height:32em;overflow-y:auto}
.autorecipe table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.autorecipe tr,.autorecipe th,.autorecipe td{background:transparent;color:inherit}
.autorecipe th,.autorecipe td{text-align:start;vertical-align:top;padding:.25em .9em .25em 0;max-width:24em;
border:0;border-bottom:1px solid rgba(128,128,128,.35)}
.autorecipe td{overflow-wrap:normal}
.autorecipe thead th{white-space:nowrap;overflow-wrap:normal}
.autorecipe tbody th{min-width:7em}
.autorecipe td.n,.autorecipe th.n{text-align:end;white-space:nowrap}
.autorecipe .facts td{max-width:50em}
.autorecipe svg{width:100px;height:24px;fill:currentColor;opacity:.7}
.autorecipe pre{margin:.3em 0;white-space:pre-wrap}
.autorecipe .whole{white-space:nowrap}
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownProfile(Profile):
    """A profile that a notebook shows as a table of its columns under its findings.

    Attributes
    ----------
    run : Run
        That it is part of.
    """

    run: Run = field(repr=False)

    @classmethod
    def of(cls, run: Run) -> ShownProfile | None:
        """Return the profile of a run; None before there is one."""
        if run.profile is None:
            return None
        known = {part.name: getattr(run.profile, part.name) for part in dataclasses.fields(Profile)}
        return cls(**known, run=run)

    def _repr_html_(self) -> str:
        return profile_html(self.run)


def profile_html(run: Run) -> str:
    """Return the counts of a run's profile, what is to be predicted, its findings and the table of its columns.

    At most 20 findings and 60 columns are listed, and cells only as the run's config allows.
    """
    report = _report(run, "")
    data = next(section for section in report.sections if section.code == "data")
    findings, columns = _findings_of(data), _columns_of(data)
    parts = [
        Markup("<h4><bdi>{}</bdi></h4><p class=dim>{}</p>").format(report.title, data.lead),
        _facts_html(report.first.facts),
        _findings_html(findings, len(findings), n_notes=0),
    ]
    if columns is not None:
        parts.append(_columns_html(columns))
    return _framed(parts)


def run_html(run: Run, directory: Path) -> str:
    """Return a run's verdict, what it was asked, its first findings, and where its report and its model are."""
    report = _report(run, str(directory))
    first = report.first
    page = directory / PAGE
    parts = [
        Markup("<h4>{}</h4>").format(first.verdict),
        *(Markup("<p class=dim>{}</p>").format(text) for text in (*first.beside, first.state.removesuffix(GROWS))),
        _facts_html(first.facts),
        _findings_html(first.findings, first.n_findings, n_notes=len(first.notes)),
    ]
    if page.is_file():
        parts.append(Markup("<p>The whole report: <code>{}</code></p>").format(page))
    if first.code:
        parts.append(Markup("<pre><code>{}</code></pre>").format(first.code))
    return _framed(parts)


def _report(run: Run, directory: str) -> Report:
    # pictures and the names of files stay out: an output cell is copied further than a page
    return report_of(run, (), Place(path=directory), show_values=run.config.show_values, show_samples=False, written="")


def _framed(parts: Iterable[Markup]) -> str:
    style = Markup(STYLE)
    return kept_whole(Markup("<div class=autorecipe><style>{}</style>{}</div>").format(style, Markup("\n").join(parts)))


def _findings_of(data: Section) -> tuple[FindingCard, ...]:
    return next((block.findings for block in data.blocks if isinstance(block, Findings)), ())


def _columns_of(data: Section) -> Columns | None:
    return next((block for block in data.blocks if isinstance(block, Columns)), None)


def _facts_html(facts: tuple[Fact, ...]) -> Markup:
    row = Markup("<tr><th scope=row>{}</th><td>{}</td></tr>")
    return Markup("<table class=facts>{}</table>").format(Markup("").join(row.format(f.label, f.text) for f in facts))


def _findings_html(findings: tuple[FindingCard, ...], n_all: int, *, n_notes: int) -> Markup:
    if not findings:
        return Markup("<p>{}</p>").format(nothing_text(n_notes))
    shown = findings[:MOST_FINDINGS]
    items = Markup("").join(_finding_html(card) for card in shown)
    more = n_all - len(shown)
    rest = Markup("<p class=dim>and {} more</p>").format(more) if more > 0 else Markup("")
    return Markup("<ul>{}</ul>{}<p class=dim>{}</p>").format(items, rest, WHOSE_ARGUMENTS)


def _finding_html(card: FindingCard) -> Markup:
    remedy = "; ".join(part for part in (card.done, card.flag) if part)
    said_in_python = isolated(in_python(remedy), card.names)
    done = Markup("<br><span class=dim>{}</span>").format(said_in_python) if remedy else Markup("")
    asks = Markup(" <b>Needs you.</b>") if card.needs_you else Markup("")
    said = isolated(card.message, card.names)
    return Markup("<li><b>{}</b> {}{} <span class=dim>{}</span>{}</li>").format(
        SEVERITIES[card.severity], said, asks, card.code, done
    )


def _columns_html(block: Columns) -> Markup:
    shown = block.columns[:MOST_COLUMNS]
    names = ("column", "kind", "distribution", "missing", "distinct", "statistics", f"{block.score_title} alone")
    head = Markup("").join(Markup("<th scope=col{}>{}</th>").format(_side(i), name) for i, name in enumerate(names))
    more = len(block.columns) - len(shown)
    return Markup("<div class=scroll><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}").format(
        head,
        Markup("").join(_column_html(column) for column in shown),
        Markup("<p class=dim>and {} more columns</p>").format(f"{more:,}") if more > 0 else Markup(""),
    )


def _column_html(card: ColumnCard) -> Markup:
    role = Markup(" <span class=dim>({})</span>").format(card.role) if card.role else Markup("")
    cells = (
        escape(card.kind),
        _bars_html(card),
        escape(share_text(card.missing_share)),
        escape(f"{card.n_distinct:,}"),
        Markup("<bdi>{}</bdi>").format(card.statistics),
        escape("" if card.score is None else value_text(card.score)),
    )
    name = Markup("<th scope=row><bdi>{}</bdi>{}</th>").format(card.name, role)
    row = Markup("").join(Markup("<td{}>{}</td>").format(_side(i), cell) for i, cell in enumerate(cells, start=1))
    return Markup("<tr>{}{}</tr>").format(name, row)


def _side(i: int) -> Markup:
    """Return the class of a column of the table that holds numbers."""
    return Markup(" class=n") if i in (3, 4, 6) else Markup("")


def _bars_html(card: ColumnCard) -> Markup:
    if not card.counts:
        return Markup("")
    drawing = '<svg viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label="{}"><path d="{}"/></svg>'
    return Markup(drawing).format(card.drawing, bars(card.counts))
