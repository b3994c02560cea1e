"""The columns as a table: what each holds, how it is spread, and what it says of the target alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from autorecipe.checks.wording import percent
from autorecipe.findings import ORDER
from autorecipe.listing import some_of
from autorecipe.metrics.metric import readable
from autorecipe.record.profile import ColumnProfile, Profile
from autorecipe.record.run import Run
from autorecipe.report.cells import Side, cut, fitted, sparkline
from autorecipe.report.naming_rows import NAMING_KINDS, names_rows
from autorecipe.report.text_words import Line, Lines, count_text, labelled, sentence_lines, share_text, value_text
from autorecipe.report.width import page_width
from autorecipe.row_words import row_noun

MAX_COLUMNS = 40  # what is read before scrolling back tires: choice
LEAST_NAME, MOST_NAME = 16, 30  # columns of text
N_BARS = 10
CENTRE_WIDTH = 24  # "2019-02-28 to 2019-03-31"
GAP = "  "
MAX_NAMES = 5  # of the columns of a group
MAX_GROUPS = 3  # of columns that say the same, and of those that are missing together
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    title: str
    width: int
    text: Callable[[ColumnProfile, Profile], str]
    side: Side = "left"


def table_lines(run: Run) -> Lines:
    """Write a line for each column, or for the forty that matter; fields that do not fit are left out."""
    profile = run.profile
    if profile is None:
        return ()
    shown = columns_that_matter(profile, run.schema.target)
    fields, name_width = _layout(page_width(), shown)
    lines = [Line(_row("column", [f.title for f in fields], fields, name_width), "dim")]
    for column in shown:
        cells = [field.text(column, profile) for field in fields]
        lines.append(Line(_row(column.name, cells, fields, name_width)))
        if column.parts:
            lines += labelled("", f"read as {', '.join(column.parts)}", indent=4, style="dim")
    has_scores = any(field.title == "alone" for field in fields)
    return (*lines, *_foot_lines(run, profile, len(shown), has_scores=has_scores), *_together_lines(profile))


def columns_that_matter(profile: Profile, target: str, *, at_most: int = MAX_COLUMNS) -> tuple[ColumnProfile, ...]:
    """Return the columns to show, in their order: the target, those of findings, the best alone, the fullest."""
    if len(profile.columns) <= at_most:
        return profile.columns
    gravest: dict[str, int] = {}
    for finding in profile.findings:
        for name in finding.columns:
            gravest[name] = min(gravest.get(name, len(ORDER)), ORDER[finding.severity])
    ranked = sorted(
        profile.columns,
        key=lambda c: (c.name != target, gravest.get(c.name, len(ORDER)), -(c.score or 0.0), c.missing_share),
    )
    kept = {column.name for column in ranked[:at_most]}
    return tuple(column for column in profile.columns if column.name in kept)


def _missing_text(column: ColumnProfile, profile: Profile) -> str:
    return share_text(column.missing_share) if column.missing_share else "-"


def _distinct_text(column: ColumnProfile, profile: Profile) -> str:
    return f"{column.n_distinct:,}"


def _bars_text(column: ColumnProfile, profile: Profile) -> str:
    hides_shape = column.kind in NAMING_KINDS or (column.mean is None and names_rows(column, profile.n_rows))
    return "" if hides_shape else sparkline(column.counts, N_BARS)


def _centre_text(column: ColumnProfile, profile: Profile) -> str:
    if column.kind == "datetime":
        return _dates_text(column, is_near_unique=names_rows(column, profile.n_rows))
    if column.mean is not None and column.std is not None:
        whole = f"{readable(column.mean)} (sd {readable(column.std)})"
        return whole if len(whole) <= CENTRE_WIDTH else f"{column.mean:.3g} (sd {column.std:.2g})"
    if column.kind == "text" and column.n_words is not None:
        return f"{column.n_words:.1f} words a cell"
    if not column.top or names_rows(column, profile.n_rows):
        return ""
    value, count = column.top[0]
    share = percent(min(1.0, count / max(1.0, (1 - column.missing_share) * profile.n_rows)))
    return f"{cut(value, CENTRE_WIDTH - len(share) - 1)} {share}"


def _dates_text(column: ColumnProfile, *, is_near_unique: bool) -> str:
    first, last = (column.low, column.high) if column.low is not None else (column.minimum, column.maximum)
    if first is None or last is None:
        return ""
    n = 7 if is_near_unique else 10  # the month alone where a day would name a row
    ends = ((_EPOCH + timedelta(days=int(days))).isoformat()[:n] for days in (first, last))
    return " to ".join(dict.fromkeys(ends))


def _alone_text(column: ColumnProfile, profile: Profile) -> str:
    return "" if column.score is None else f"{round(column.score, 2) + 0.0:.2f}"  # no minus before 0.00


FIELDS = (  # in the order of the table
    _Field(title="kind", width=11, text=lambda column, profile: column.kind),
    _Field(title="missing", width=7, text=_missing_text, side="right"),
    _Field(title="distinct", width=8, text=_distinct_text, side="right"),
    _Field(title="mean (sd), or commonest", width=CENTRE_WIDTH, text=_centre_text),
    _Field(title="spread", width=N_BARS, text=_bars_text),
    _Field(title="alone", width=5, text=_alone_text, side="right"),
)
WANTED = ("kind", "missing", "spread", "distinct", "mean (sd), or commonest", "alone")  # the most telling first


def _layout(width: int, shown: Sequence[ColumnProfile]) -> tuple[tuple[_Field, ...], int]:
    """Return the fields that fit beside a name, and the columns of text that the name gets."""
    longest = max((len(column.name) for column in shown), default=0)
    empty = {"spread": not any(c.counts for c in shown), "alone": all(c.score is None for c in shown)}
    left, taken = width - len(GAP) - LEAST_NAME, set[str]()
    for field in sorted(FIELDS, key=lambda f: WANTED.index(f.title)):
        if not empty.get(field.title) and len(GAP) + field.width <= left:
            left -= len(GAP) + field.width
            taken.add(field.title)
    name_width = min(LEAST_NAME + left, max(LEAST_NAME, min(longest, MOST_NAME)))
    return tuple(field for field in FIELDS if field.title in taken), name_width


def _row(name: str, cells: Sequence[str], fields: Sequence[_Field], name_width: int) -> str:
    parts = [fitted(text, field.width, side=field.side) for text, field in zip(cells, fields, strict=True)]
    return GAP.join(("", fitted(name, name_width), *parts)).rstrip()


def _foot_lines(run: Run, profile: Profile, n_shown: int, *, has_scores: bool) -> Lines:
    n_more = len(profile.columns) - n_shown
    lines: list[Line] = []
    if n_more:
        text = f"and {count_text(n_more, 'column')} more: these are the target, those of findings and the best alone; "
        lines += sentence_lines(f"{text}--json has all", style="dim")
    if has_scores:
        of = "R², 0 is the mean" if run.schema.task == "regression" else "ROC AUC, 0.5 is chance"
        noun = row_noun(run.schema.modality)
        lines += sentence_lines(
            f"alone: what the column alone says of the target on {noun}s held out ({of})", style="dim"
        )
    return tuple(lines)


def _together_lines(profile: Profile) -> Lines:
    alike = [
        labelled("  alike", f"{_names(group.columns)} (|rho| {value_text(group.strength)} at least)", indent=11)
        for group in profile.groups[:MAX_GROUPS]
    ]
    alike += _more_lines(len(profile.groups))
    together = [pattern for pattern in profile.missing_together if len(pattern.columns) > 1]
    missing = [
        labelled("  missing", f"{_names(pattern.columns)} together in {count_text(pattern.n_rows, 'row')}", indent=11)
        for pattern in together[:MAX_GROUPS]
    ]
    missing += _more_lines(len(together))
    return tuple(line for lines in (*alike, *missing) for line in lines)


def _more_lines(n_groups: int) -> list[Lines]:
    more = n_groups - MAX_GROUPS
    return [labelled("", f"and {count_text(more, 'group')} more: --json has all", indent=11)] if more > 0 else []


def _names(columns: tuple[str, ...]) -> str:
    return some_of(columns, MAX_NAMES)
