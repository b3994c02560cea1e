"""Copies of training rows among the validation and test rows, and rows that contradict them.

What it looks for: validation and test rows that are equal to a training row in every feature and, where it is
known, in the target. Of a test file or a second table also rows that are equal in every feature, and have another
target than each such training row.

Why it matters: the model has seen the answer of a copy, so the score flatters it. Of a row that contradicts it has
learned the opposite: no model is right on both.

How to read it: AutoRecipe's own split keeps copies together, so this speaks of a test file of yours, or of a
split by time or group that separates copies. Remove the copies from the test file; `--allow D016` goes on
regardless. Contradictions mean that the target is coded in another way there (classes swapped), that labels are wrong
in one of both, or that a column is missing which tells the rows apart. Where most known rows are contradicted, a score
says nothing, and it stops.

Limits: any is said. Above 1 % of the rows copies are a warning, unless chance makes the training rows equal to each
other at least half as often (as D015 judges it): where columns have few values, copies are no surprise. A test file
stops above 5 % (deepchecks TrainTestSamplesMix), when that is beyond chance and over twice the share of training rows
that have a copy among themselves: tables with copies have them everywhere. Contradictions are said where they are
beyond chance and over twice as frequent as training rows contradict each other: coarse tables are full of them. Chance
is judged by the conditional test of two rates (Przyborowski and Wilenski 1940), p below 0.001. Above 1 % of the rows
contradictions are a warning, where of a number they hide over 1 % of its variance, too (choice). Contradictions of
classes stop where they are at least 20 rows and half of those whose features are known, and over twice as frequent
among these as among training rows that have a copy (choice); two equal rows seldom have equal numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.alike import is_natural
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.contradictions import MAX_P, Contradictions, find_contradictions, n_equal, p_as_often
from autorecipe.checks.d015_duplicate_rows import with_target
from autorecipe.checks.drift import OTHER_TABLE, are_given
from autorecipe.checks.mending import N_ROWS_SHOWN
from autorecipe.checks.rows import Target, TrainingRows
from autorecipe.checks.wording import name, percent, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D016"
TITLE = "Duplicates across the split"
WARN_SHARE = 0.01  # of the other rows
STOP_SHARE = 0.05  # of the other rows
NATURAL_FACTOR = 2.0  # times the share of training rows that have a copy, or a contradiction, among themselves
STOP_KNOWN, MIN_STOP_ROWS = 0.5, 20  # of the other rows whose features are known; fewer rows show no rule
WARN_HIDDEN = 0.01  # of the target's variance: two equal rows seldom have equal prices, and that costs nothing


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the number of copies, and one with the number of contradictions.

    Raises
    ------
    NotApplicable
        When there are no validation or test rows to compare with, or no features.
    """
    if rows.other_frame is None or not len(rows.other_frame):
        raise NotApplicable("no validation or test rows apart from the training rows")
    if not rows.columns:
        raise NotApplicable("no feature to compare")
    target = _known_target(rows)
    return (*_copies(rows, target), *(_contradictions(rows, target) if target is not None and are_given(rows) else ()))


def _known_target(rows: TrainingRows) -> Target | None:
    """Return the others' target, or None where no row has one."""
    target = rows.other_target
    if target is None:
        return None
    known = np.isfinite(target) if rows.is_regression else target >= 0
    return target if known.any() else None


def _copies(rows: TrainingRows, target: Target | None) -> tuple[Finding, ...]:
    ours, theirs = rows.row_hashes, rows.other_row_hashes
    if target is not None:
        ours, theirs = with_target(ours, rows.target), with_target(theirs, target)
    are_copies, have_copies = np.isin(theirs, ours), n_equal(ours) > 1
    if not are_copies.any():
        return ()
    share, natural_share = float(are_copies.mean()), float(have_copies.mean())
    more = share > NATURAL_FACTOR * natural_share
    certain = are_given(rows) and more and share > STOP_SHARE and p_as_often(are_copies, have_copies) < MAX_P
    limit = STOP_SHARE if certain else WARN_SHARE
    natural = not more and _is_natural(rows, target)
    reason = ", as chance makes them where columns have few values" if natural else ""
    return (
        Finding(
            code=CODE,
            severity="stop" if certain else ("warn" if share > WARN_SHARE and not natural else "info"),
            title=TITLE,
            message=f"copies of training rows{_in_what(rows)}: {_called(int(are_copies.sum()), rows)}"
            f" ({percent(share)}{reason}; limit {percent(limit)})",
            measured=share,
            limit=limit,
            action="ask",
            remedy=_remedy(rows, whole=_whole(ours, theirs), certain=certain),
            fixes=(Fix(kind="ask", flag=f"--allow {CODE}"),) if certain else (),
        ),
    )


def _is_natural(rows: TrainingRows, target: Target | None) -> bool:
    """Does chance make the training rows equal to each other, too?"""
    known = [] if target is None else [np.unique(rows.target, return_inverse=True)[1]]
    return is_natural([*rows.codes.values(), *known])


def _contradictions(rows: TrainingRows, target: Target) -> tuple[Finding, ...]:
    found = find_contradictions(rows, target)
    share, natural_share = float(found.theirs.mean()), float(found.ours.mean())
    if found.p >= MAX_P or share <= NATURAL_FACTOR * natural_share:
        return ()
    serious = share > WARN_SHARE and (not rows.is_regression or found.hidden > WARN_HIDDEN)
    certain = _is_another_coding(rows, found)
    shown = rows.row_numbers[found.contradicted][:N_ROWS_SHOWN]
    return (
        Finding(
            code=CODE,
            severity="stop" if certain else ("warn" if serious else "info"),
            title=TITLE,
            message=_contradictions_text(rows, found, certain=certain),
            measured=_of_known(rows, found) if certain else share,
            limit=STOP_KNOWN if certain else WARN_SHARE,
            action="ask" if certain else "look",
            remedy="one input, two answers: no model is right on both; compare with the training rows named: the target"
            f" may be coded in another way{' (classes swapped)' if certain else ''}, or a column be missing that tells"
            f" them apart{f'; --allow {CODE} goes on regardless' if certain else ''}",
            rows=tuple(int(r) for r in shown),
            fixes=(Fix(kind="ask", flag=f"--allow {CODE}"),) if certain else (),
        ),
    )


def _contradictions_text(rows: TrainingRows, found: Contradictions, *, certain: bool) -> str:
    n_found, target = int(found.theirs.sum()), name(rows.schema.target)
    each_other = f"the training rows contradict each other in {percent(float(found.ours.mean()))}"
    if certain:
        return (
            f"of the {_called(_n_known(rows), rows)} that equal training rows in every feature{_in_what(rows)},"
            f" {n_found:,} have another {target} ({percent(_of_known(rows, found))}; limit {percent(STOP_KNOWN)};"
            f" {each_other})"
        )
    return (
        f"equal to training rows in every feature{_in_what(rows)}, but of another {target}: {_called(n_found, rows)}"
        f" ({percent(float(found.theirs.mean()))}; limit {percent(WARN_SHARE)}; {each_other})"
    )


def _n_known(rows: TrainingRows) -> int:
    return int(np.isin(rows.other_row_hashes, rows.row_hashes).sum())


def _of_known(rows: TrainingRows, found: Contradictions) -> float:
    """Return the share of contradictions among the other rows whose features a training row has."""
    return float(found.theirs.sum() / max(_n_known(rows), 1))


def _is_another_coding(rows: TrainingRows, found: Contradictions) -> bool:
    """Do most rows whose features are known have another class than there?"""
    known, n_rows = _of_known(rows, found), int(found.theirs.sum())
    natural = float(found.ours.sum() / max(int((n_equal(rows.row_hashes) > 1).sum()), 1))
    enough = are_given(rows) and n_rows >= MIN_STOP_ROWS and n_rows > WARN_SHARE * len(found.theirs)
    return enough and not rows.is_regression and known >= STOP_KNOWN and known > NATURAL_FACTOR * natural


def _in_what(rows: TrainingRows) -> str:
    """Say in what rows are compared where a second table lacks features of the first."""
    both = {column.name for column in rows.schema.columns}
    if not rows.is_against or all(str(column) in both for column in rows.frame.columns):
        return ""
    return f" in the {plural(len(rows.columns), 'feature')} that both have"


def _whole(ours: NDArray[np.uint64], theirs: NDArray[np.uint64]) -> str:
    """Say it where all of the other rows are copies."""
    if not np.isin(theirs, ours).all():
        return ""
    if len(theirs) == len(ours) and (np.sort(theirs) == np.sort(ours)).all():
        return "it holds the same rows" + ("" if (theirs == ours).all() else " in another order")
    return "all of its rows are among the training rows"


def _called(n_copies: int, rows: TrainingRows) -> str:
    if rows.is_against:
        return f"{plural(n_copies, 'row')} of the {OTHER_TABLE}"
    return plural(n_copies, "test row" if rows.config.test_path else "validation or test row")


def _remedy(rows: TrainingRows, *, whole: str, certain: bool) -> str:
    if certain and whole:
        return f"{whole}: give rows that the training rows do not hold, or --allow {CODE}"
    if certain:
        where = OTHER_TABLE if rows.is_against else "test file"
        return f"remove them from the {where}, or --allow {CODE}"
    why = "their answers are known from training, so a score that counts them comes out too high"
    return f"{whole}: {why}" if whole else why


CHECK = Check(code=CODE, title=TITLE, question="Were validation or test rows seen in training?", run=find)
