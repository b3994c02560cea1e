"""Test rows that do not fit the schema of the training rows.

What it looks for: where the split is your own (a test file, or a split by time), numbers beyond the smallest and
largest of the training rows, cells that are no number where the training rows hold numbers, and numbers with another
unit beside them (74 kW, or 74 alone, instead of 74 bhp). Between two files also columns that are missing, new, or of
another kind.

Why it matters: the exported model answers such rows all the same: cells that do not parse count as missing, and
beyond the range it has seen nothing. A changed unit, a moved comma or a renamed column shows here first.

How to read it: a missing column stops, since the model cannot be asked without it; a new one that is called alike may
be it. Otherwise a new column is a note: it is not looked at. Another unit in most cells stops, since the number is read
and not converted; no unit at all may be the same one, and is a warning. Numbers beyond the range are to be expected of
later rows of a column that grows.

Limits: 1 % of the rows beyond the range, and a probability of at most 0.001 over all columns of so many by chance
(exceedances of Gumbel and von Schelling 1950). 1 % of cells that do not parse, and from half of them
the column is of another kind, which stops. The same two limits for units that are ten times as frequent as in the
training rows (choice), beyond chance by the conditional test of two rates (Przyborowski and Wilenski 1940). (TensorFlow
Data Validation's SCHEMA_MISSING_COLUMN, SCHEMA_NEW_COLUMN and type anomalies, whose limits the user sets.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autorecipe.checks.check import Check
from autorecipe.checks.d035_column_drift import drifted_columns
from autorecipe.checks.drift import require_given_rows
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.other_units import other_units
from autorecipe.checks.parse import ParsedFeatures
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import N_NAMES, flag_value, name, names, number, percent
from autorecipe.errors import nearest
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

CODE = "D040"
TITLE = "Schema of other rows"
MAX_BEYOND = 0.01  # of the other rows
MAX_P = 0.001  # of so many beyond the range by chance, shared out over the columns
MAX_UNREAD = 0.01  # of the cells that are not missing
OTHER_KIND = 0.5  # of the cells that are not missing


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return findings for numbers beyond the range, for other units, and for cells that are no number.

    Raises
    ------
    NotApplicable
        When the split is not the user's own.
    """
    called = require_given_rows(rows)
    theirs = rows.other_features
    if theirs is None:
        return ()
    unread = {c: _unread_share(theirs.unparsed[c], theirs.missing[c]) for c in theirs.numbers}
    unread = {c: s for c, s in unread.items() if s > MAX_UNREAD and s > 2 * rows.features.unparsed[c].mean()}
    return (*_beyond(rows, theirs, called), *_other_units(rows, called), *unreadable(unread, called))


def _unread_share(unparsed: np.ndarray, missing: np.ndarray) -> float:
    return float(unparsed.sum() / max(int((~missing).sum()), 1))


def _beyond(rows: TrainingRows, theirs: ParsedFeatures, called: str) -> tuple[Finding, ...]:
    shares: dict[str, float] = {}
    ranges: dict[str, str] = {}
    n_columns = len(rows.of_kind("numeric"))
    for column in rows.of_kind("numeric"):
        ours, others = rows.features.numbers[column], theirs.numbers[column]
        ours, others = ours[np.isfinite(ours)], others[~np.isnan(others)]
        if not len(ours) or not len(others):
            continue
        n_beyond = int(((others < ours.min()) | (others > ours.max())).sum())
        if n_beyond > MAX_BEYOND * len(others) and by_chance(n_beyond, len(ours), len(others)) * n_columns < MAX_P:
            shares[column] = n_beyond / len(others)
            ranges[column] = f"{number(ours.min())} to {number(ours.max())}"
    if not shares:
        return ()
    columns = tuple(sorted(shares, key=lambda c: -shares[c]))
    told = set(columns) <= set(drifted_columns(rows))  # D035 warns of the same cause
    return (
        Finding(
            code=CODE,
            severity="info" if told else "warn",
            title=TITLE,
            message=f"numbers of the {called} beyond those of the training rows:"
            f" {names(columns, [f'{percent(shares[c])} beyond {ranges[c]}' for c in columns])};"
            f" limit {percent(MAX_BEYOND)}",
            columns=columns,
            measured=shares[columns[0]],
            limit=MAX_BEYOND,
            action="ask",
            remedy=f"compare units and codings; --drop {flag_value(columns[0])} leaves one out",
            fixes=drop_columns(columns),
            quoted=tuple(end for c in columns for end in ranges[c].split(" to ")),
        ),
    )


def _other_units(rows: TrainingRows, called: str) -> tuple[Finding, ...]:
    """Return a stop for units that most cells have and the training rows do not, or a warning."""
    found = {c: u for c, u in other_units(rows).items() if u.share > MAX_UNREAD and u.p * len(rows.columns) < MAX_P}
    if not found:
        return ()
    converts = [c for c, units in found.items() if units.unit and units.share > OTHER_KIND]
    columns = tuple(sorted(found, key=lambda c: (c not in converts, -found[c].share)))
    limit = OTHER_KIND if converts else MAX_UNREAD
    return (
        Finding(
            code=CODE,
            severity="stop" if converts else "warn",
            title=TITLE,
            message=f"other units in the {called}: {names(columns, [found[c].text for c in columns])};"
            f" limit {percent(limit)}",
            columns=columns,
            measured=found[columns[0]].share,
            limit=limit,
            action="ask",
            remedy="the number alone is read: write it in the unit of the training rows, or"
            f" --drop {flag_value(columns[0])} leaves one out",
            fixes=drop_columns(columns),
            quoted=tuple(unit for c in columns for unit in (found[c].unit, found[c].usual) if unit),
        ),
    )


def by_chance(n_beyond: int, n_ours: int, n_theirs: int) -> float:
    """Bound the probability that so many of their rows lie beyond both ends of ours, where all are alike.

    Each further row at an end is one of theirs with at most their share s of all rows: k of them over both ends, in any
    of k + 1 ways, have at most (k + 1) s^k.

    >>> round(by_chance(4, 750, 250), 4)
    0.0195
    """
    share = n_theirs / (n_ours + n_theirs)
    return min(1.0, float((n_beyond + 1) * share**n_beyond))


def unreadable(shares: dict[str, float], called: str) -> tuple[Finding, ...]:
    """Return one finding with columns of numbers (or dates) whose other cells are often something else.

    Parameters
    ----------
    shares : dict of str to float
        Of the cells that are not missing.
    """
    if not shares:
        return ()
    columns = tuple(sorted(shares, key=lambda c: -shares[c]))
    other_kind = shares[columns[0]] > OTHER_KIND
    limit = OTHER_KIND if other_kind else MAX_UNREAD
    return (
        Finding(
            code=CODE,
            severity="stop" if other_kind else "warn",
            title=TITLE,
            message=f"cells of the {called} that cannot be read as those of the training rows:"
            f" {names(columns, [percent(shares[c]) for c in columns])}; limit {percent(limit)}",
            columns=columns,
            measured=shares[columns[0]],
            limit=limit,
            action="ask",
            remedy=f"write them as in the training rows, or --drop {flag_value(columns[0])}; they count as missing",
            fixes=drop_columns(columns),
        ),
    )


def column_names(rows: TrainingRows, other: Iterable[str]) -> tuple[Finding, ...]:
    """Return a stop for features that another table lacks, and a note for columns that it has in addition.

    Parameters
    ----------
    other : iterable of str
        The other table's columns; blanks around names make no difference.
    """
    theirs = {str(c).strip(): str(c) for c in other}
    ours = {c.name.strip() for c in rows.schema.columns}
    lacking = tuple(c.name for c in rows.columns if c.name.strip() not in theirs)
    new = tuple(shown for stripped, shown in theirs.items() if stripped not in ours)
    target = () if rows.schema.target.strip() in theirs else (rows.schema.target,)
    called = renamed((*lacking, *target), new)
    if lacking and len(lacking) == len(rows.columns) and 2 * len(called) < len(lacking):
        return (_nothing_in_common(rows, tuple(theirs.values())),)
    return (*_lacking(rows, lacking, called), *_in_addition(new, {c: called[c] for c in target if c in called}))


def renamed(lacking: Iterable[str], new: Iterable[str]) -> dict[str, str]:
    """Return which new column each of those that are lacking may be, in other letters or by the nearest name.

    >>> renamed(["Fuel", "KM_Driven", "Seats"], ["km_driven", "Fuel_Type"])
    {'KM_Driven': 'km_driven', 'Fuel': 'Fuel_Type'}
    """
    left, found = list(new), {}
    for is_alike in (_in_other_letters, nearest):
        for column in lacking:
            near = "" if column in found else is_alike(column, left)
            if near:
                found[column] = near
                left.remove(near)
    return found


def _in_other_letters(column: str, known: Iterable[str]) -> str:
    return next((name for name in known if name.strip().casefold() == column.strip().casefold()), "")


def _nothing_in_common(rows: TrainingRows, theirs: tuple[str, ...]) -> Finding:
    return Finding(
        code=CODE,
        severity="stop",
        title=TITLE,
        message=f"no feature in common: the other table has {names(theirs)}, and none of the {len(rows.columns):,}"
        f" features {names([c.name for c in rows.columns])} (limit 0 lacking)",
        columns=tuple(c.name for c in rows.columns),
        measured=float(len(rows.columns)),
        limit=0.0,
        action="ask",
        remedy="is it the right file?",
    )


def _lacking(rows: TrainingRows, lacking: tuple[str, ...], called: dict[str, str]) -> tuple[Finding, ...]:
    if not lacking:
        return ()
    near = [f"{name(called[c])} there may be {name(c)}" for c in lacking if c in called]
    return (
        Finding(
            code=CODE,
            severity="stop",
            title=TITLE,
            message=f"the other table lacks {names(lacking)} (limit 0 of {len(rows.columns):,} features)"
            + (f"; {some_of(near, N_NAMES)}" if near else ""),
            columns=lacking,
            measured=float(len(lacking)),
            limit=0.0,
            action="ask",
            remedy=f"{'rename or ' if near else ''}add them there, or learn without them: "
            + some_of([f"--drop {flag_value(c)}" for c in lacking], N_NAMES, between=" "),
            fixes=drop_columns(lacking),
        ),
    )


def _in_addition(new: tuple[str, ...], target: dict[str, str]) -> tuple[Finding, ...]:
    """Return a note; `target` is the target that is lacking, and which new column may be it."""
    if not new:
        return ()
    asked = "".join(f"; {name(near)} there may be {name(lacking)}, the target" for lacking, near in target.items())
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"the other table has {names(new)} in addition (limit 0){asked}",
            columns=new,
            measured=float(len(new)),
            limit=0.0,
            remedy="rename it there, and the target is compared too"
            if target
            else "not looked at: no model can learn from a column that the training rows lack",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Do the test rows fit the schema of the training rows?", run=find)
