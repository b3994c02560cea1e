"""The target is distributed differently in the test rows.

What it looks for: where the split is your own (a test file, or a split by time), a target that is distributed
otherwise than in the training rows: classes by half the sum of the differences of their shares, numbers by the
Kolmogorov-Smirnov distance. It also says when the test rows hold one class only, and when a target of numbers is
alike again once it is divided by a power of ten, by 60 or by 3,600: then its unit may differ.

Why it matters: a model that learned that 5 % default says so of rows of which 20 % do. With another unit every
prediction is wrong by the same factor. Rows of one class cannot say how well classes are told apart.

How to read it: 0 means equal, 1 that no value is shared. Features need not differ for it. On purpose (another place,
a later year) it is a fair question. By accident, draw the test rows at random (`--test 0.15`). Probabilities can be
brought to known shares of classes without learning anew (Saerens et al. 2002). What looks like another unit stops
where the test rows are a file of your own; `--allow D043` goes on regardless.

Limits: a distance of 0.1, as of a column (deepchecks LabelDrift has 0.15), or the share of a class more than doubled
or halved, which the distance hides of a rare class (choice). Chance must not explain either: p below 0.001, of the
distance by the asymptotic test and by 999 permutations of the rows, of a class by the conditional binomial test
(Przyborowski and Wilenski 1940), shared out over the classes. Rare classes are compared together; where all are
rare, each alone (measured: of 228 pairs of random parts, of columns with ten to 400 values, none differs). A factor is
taken for a unit when it takes away three quarters of the distance (choice; measured: 17 public tables were cut in two
at the quartiles of each column; of 1,628 pairs that differ none was taken for another unit, and of 255 changed units
254 were). Fewer than 20 rows with a target are not compared.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d035_column_drift import DRAWN_ANEW, MAX_P, MIN_DISTANCE, N_PERMUTATIONS
from autorecipe.checks.drift import (
    MIN_ROWS,
    OTHER_TABLE,
    Drift,
    are_given,
    compare_levels,
    compare_numbers,
    compared_rows,
    drift_of_counts,
    permuted_p,
    require_given_rows,
)
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import kolmogorov_smirnov
from autorecipe.checks.wording import name, number, percent
from autorecipe.fix import Fix
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding

CODE = "D043"
TITLE = "Target drift"
MAX_RATIO = 2.0  # of a class's shares; choice
UNIT_FACTORS: Final = (*(10.0**power for power in range(1, 10)), 60.0, 3600.0)  # and one over each
UNIT_GAIN = 4.0  # times as near, once the factor is taken away; choice
N_QUANTILES = 1_001  # of each side, by which factors are compared
N_CLASSES_SHOWN = 3
MAX_UNREAD = 0.01  # of the cells that are not missing, as of a feature (D040)
ON_PURPOSE = "as it should be if on purpose"


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding when the target is distributed otherwise, or is of one class only.

    Raises
    ------
    NotApplicable
        When the split is not the user's own, or too few of the other rows have a target.
    """
    called = require_given_rows(rows)
    if rows.other_target is None:
        raise NotApplicable("the other rows have no target")
    our_rows, their_rows = compared_rows(rows, at_most=max(rows.n_rows, len(rows.other_target)))
    ours, theirs = rows.target[our_rows], rows.other_target[their_rows]
    theirs = theirs[np.isfinite(theirs) if rows.is_regression else theirs >= 0]
    if min(len(ours), len(theirs)) < MIN_ROWS:
        raise NotApplicable(f"fewer than {MIN_ROWS} rows with a target on one side")
    if rows.is_regression:
        return _of_numbers(rows, ours.astype(np.float64), theirs.astype(np.float64), called)
    n_classes = len(rows.schema.classes)
    counts = np.stack([np.bincount(side.astype(np.int64), minlength=n_classes) for side in (ours, theirs)])
    if (counts[1] > 0).sum() == 1:
        return (_one_class(rows, counts, called),)
    # classes that are all rare are one to the asymptotic test; the permutations need no frequent ones
    drift = compare_levels(_labels(rows, ours), _labels(rows, theirs)) or drift_of_counts(counts)
    return () if drift is None else _of_classes(rows, counts, drift, called)


def _labels(rows: TrainingRows, target: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(np.array(rows.schema.classes, dtype=object)[target.astype(np.int64)])


def _one_class(rows: TrainingRows, counts: NDArray[np.int64], called: str) -> Finding:
    target, place = name(rows.schema.target), int(counts[1].argmax())
    return Finding(
        code=CODE,
        severity="warn",
        title=TITLE,
        message=f"{target} has 1 class in the {called} (limit: at least 2): all {counts[1, place]:,} rows are"
        f" {name(rows.schema.classes[place])}, in the training rows {percent(counts[0, place] / counts[0].sum())}",
        measured=1.0,
        limit=2.0,
        action="ask",
        remedy="rows of one class cannot say how well classes are told apart (ROC AUC needs two): add rows of others",
    )


def _of_classes(rows: TrainingRows, counts: NDArray[np.int64], drift: Drift, called: str) -> tuple[Finding, ...]:
    differs = _differs(rows, drift)
    multiplied = [] if differs else [k for k in range(counts.shape[1]) if _is_multiplied(counts, k)]
    if not differs and not multiplied:
        return ()
    shares = counts / counts.sum(axis=1, keepdims=True)
    ratio = max((_ratio(shares[:, k]) for k in multiplied), default=1.0)
    distance = f"distance {drift.distance:.2f}; limit {MIN_DISTANCE}"
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"{name(rows.schema.target)} is distributed otherwise in the {called}:"
            f" {_shares_text(rows, shares, multiplied)}; {distance if differs else f'limit {MAX_RATIO:.0f} times'},"
            f" p below {MAX_P}",
            measured=drift.distance if differs else ratio,
            limit=MIN_DISTANCE if differs else MAX_RATIO,
            action="ask",
            remedy=f"{ON_PURPOSE}, though probabilities learned here are off there; {_otherwise(rows)}",
            fixes=_share_out(rows),
        ),
    )


def _shares_text(rows: TrainingRows, shares: NDArray[np.float64], classes: list[int]) -> str:
    """Write the shares of some classes, or of all, those that differ most first."""
    gaps = np.abs(shares[0] - shares[1])
    ranked = sorted(classes or np.flatnonzero(gaps).tolist(), key=lambda k: -gaps[k])
    labels = [name(label) for label in rows.schema.classes]
    said = [f"{labels[k]} in {percent(shares[1, k])} (training rows: {percent(shares[0, k])})" for k in ranked]
    return some_of(said, N_CLASSES_SHOWN)


def _differs(rows: TrainingRows, drift: Drift) -> bool:
    """Return whether the distance is above the limit beyond chance."""
    return (
        drift.distance > MIN_DISTANCE
        and drift.p < MAX_P
        and permuted_p(drift, n_permutations=N_PERMUTATIONS, seed=rows.config.seed) <= MAX_P
    )


def _ratio(shares: NDArray[np.float64]) -> float:
    return float(shares.max() / shares.min()) if shares.min() > 0 else float("inf")


def _is_multiplied(counts: NDArray[np.int64], place: int) -> bool:
    """Return whether the share of a class is more than doubled or halved, beyond chance.

    Of all rows of the class, each lies among theirs with their share of all rows, where nothing differs.
    """
    from scipy.special import bdtr, bdtrc

    shares = counts[:, place] / counts.sum(axis=1)
    if _ratio(shares) <= MAX_RATIO:
        return False
    n_theirs, n_both = int(counts[1, place]), int(counts[:, place].sum())
    share = counts[1].sum() / counts.sum()
    tail = bdtr(n_theirs, n_both, share) if shares[1] < shares[0] else bdtrc(n_theirs - 1, n_both, share)
    return bool(2 * tail * counts.shape[1] < MAX_P)


def _of_numbers(
    rows: TrainingRows, ours: NDArray[np.float64], theirs: NDArray[np.float64], called: str
) -> tuple[Finding, ...]:
    drift = compare_numbers(ours, theirs)
    if drift is None or not _differs(rows, drift):
        return ()
    factor = unit_factor(ours, theirs)
    certain = factor is not None and are_given(rows)
    unit = f"; {_times(factor)}: its unit may differ" if factor is not None else ""
    otherwise = "write both in one unit" + (f", or --allow {CODE}" if certain else "")
    return (
        Finding(
            code=CODE,
            severity="stop" if certain else "warn",
            title=TITLE,
            message=f"{name(rows.schema.target)} is distributed otherwise in the {called}: median"
            f" {number(float(np.median(theirs)))} (training rows: {number(float(np.median(ours)))}); distance"
            f" {drift.distance:.2f}; limit {MIN_DISTANCE}, p below {MAX_P}{unit}",
            measured=drift.distance,
            limit=MIN_DISTANCE,
            action="ask",
            remedy=otherwise if factor is not None else f"{ON_PURPOSE}; {_otherwise(rows)}",
            fixes=(Fix(kind="ask", flag=f"--allow {CODE}"),) if certain else _share_out(rows),
        ),
    )


def unit_factor(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float | None:
    """Return how many times as large theirs are where a change of unit explains nearly all of it, else None.

    Parameters
    ----------
    ours, theirs : float ndarray, shape (n,), (m,)

    >>> metres = np.linspace(1.0, 9.0, 200) ** 2
    >>> unit_factor(metres, 100 * metres[50:150]), unit_factor(metres, metres + 40)
    (None, None)
    >>> unit_factor(metres, 100 * metres[::2]), unit_factor(metres, metres[::2] / 1000)
    (100.0, 0.001)
    """
    grid = np.linspace(0, 1, N_QUANTILES)
    ours, theirs = np.quantile(ours, grid), np.quantile(theirs, grid)
    before = kolmogorov_smirnov(ours, theirs)[0]
    distances = {f: kolmogorov_smirnov(ours, theirs / f)[0] for u in UNIT_FACTORS for f in (u, 1 / u)}
    best = min(distances, key=lambda f: distances[f])
    return best if distances[best] * UNIT_GAIN <= before else None


def _times(factor: float) -> str:
    larger = factor > 1
    return f"about {factor if larger else 1 / factor:,.0f} times as {'large' if larger else 'small'} and else alike"


def _otherwise(rows: TrainingRows) -> str:
    if rows.is_against:
        return "otherwise ask how either table was drawn"
    return f"otherwise {DRAWN_ANEW.removesuffix(', or ')}"


def _share_out(rows: TrainingRows) -> tuple[Fix, ...]:
    return () if rows.is_against else (Fix(kind="ask", flag="--test 0.15"),)


def unreadable(rows: TrainingRows, share: float) -> tuple[Finding, ...]:
    """Return a stop where cells of the other table's target are no numbers, though the training rows hold numbers.

    Parameters
    ----------
    share : float
        Of the cells that are not missing.
    """
    if share <= MAX_UNREAD:
        return ()
    target = name(rows.schema.target)
    return (
        Finding(
            code=CODE,
            severity="stop",
            title=TITLE,
            message=f"{target} is no number in {percent(share)} of the cells of the {OTHER_TABLE} (limit"
            f" {percent(MAX_UNREAD)}), and a number in the training rows",
            measured=share,
            limit=MAX_UNREAD,
            action="ask",
            remedy="write it there as in the training rows",
            fixes=(Fix(kind="ask", flag=f"--allow {CODE}"),),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Is the target distributed differently in the test rows?", run=find)
