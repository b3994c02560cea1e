"""Levels that are written in several ways.

What it looks for: levels of a category that are equal once case, blanks, and dots, commas, quotes, underscores
and hyphens between letters are not looked at: "New York", "new york", "New-York".

Why it matters: to a network they are as different as any two levels: each has its own few rows to learn from,
and a spelling that was not in the training rows is a level never seen.

How to read it: nothing is merged by itself, since served cells would then have to be merged as well. Write them in
one way where the file comes from; `profile DATA --fix --also D008 -o OUT.csv` does it in a file of its own, each as its
most frequent spelling.

Limits: any group that covers at least 2 rows (deepchecks StringMismatch asks for none). Left alone are keys of
one or two letters ("a" and "A" may be two alleles, "m" and "M" milli and mega), and groups whose spellings
differ in the target beyond chance (p below 0.01, shared out over the groups): there the spelling says something.
Columns of more than 1,000 levels are not looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import name, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D008"
TITLE = "Spelling variants"
MIN_KEY = 3  # letters and digits of a key; shorter ones may be codes whose case matters
MAX_LEVELS = 1_000
MAX_P = 0.01
N_SHOWN = 3
MAX_FIXES = 20  # groups that get a fix, the largest first
BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """Spellings of one level, the most frequent first."""

    column: str
    spellings: tuple[str, ...]
    n_rows: int


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the levels that are written in several ways.

    Raises
    ------
    NotApplicable
        Without categories.
    """
    columns = [c for c in rows.of_kind("categorical") if 1 < len(rows.counts[c]) <= MAX_LEVELS]
    if not columns:
        raise NotApplicable("no categories of up to 1,000 levels")
    groups = [group for column in columns if rows.schema.column(column).wire == "string" for group in _in(rows, column)]
    alike = [g for g in groups if not _differ(rows, g, max_p=MAX_P / len(groups))]
    alike.sort(key=lambda g: -g.n_rows)
    if not alike:
        return ()
    shown = "; ".join(
        f"{name(g.column)}: {' = '.join(repr(s) for s in g.spellings[:N_SHOWN])}" for g in alike[:N_SHOWN]
    )
    more = f" and {len(alike) - N_SHOWN} more" if len(alike) > N_SHOWN else ""
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{plural(len(alike), 'level')} written in several ways (limit 0): {shown}{more}",
            columns=tuple(dict.fromkeys(g.column for g in alike)),
            measured=float(len(alike)),
            limit=0.0,
            action="ask",
            remedy=f"kept apart; profile DATA --fix --also {CODE} -o OUT.csv writes each in one way; write them so"
            " wherever the model is asked",
            fixes=tuple(
                Fix(kind="merge values", columns=(g.column,), values=g.spellings[1:], to=g.spellings[0])
                for g in alike[:MAX_FIXES]
            ),
            quoted=tuple(repr(s) for g in alike[:N_SHOWN] for s in g.spellings[:N_SHOWN]),
        ),
    )


def key_of(level: str) -> str:
    """Return what is left of a level's text when case, blanks and small signs are not looked at.

    >>> key_of("New-York."), key_of("new  york"), key_of("A-"), key_of("1.5")
    ('newyork', 'newyork', 'a-', '1.5')
    """
    text = BETWEEN_LETTERS.sub("", " ".join(level.casefold().split()).rstrip(".,;:"))
    return text if any(c.isdigit() for c in text) else re.sub(r"[\s_.,;:'\"’`]", "", text)


def _in(rows: TrainingRows, column: str) -> list[Variants]:
    codes, first, counts = np.unique(rows.codes[column], return_index=True, return_counts=True)
    levels, counts = rows.features.categories[column][first[codes >= 0]], counts[codes >= 0]
    by_key: dict[str, list[int]] = defaultdict(list)
    for level, text in enumerate(levels):
        key = key_of(str(text))
        if sum(c.isalnum() for c in key) >= MIN_KEY:
            by_key[key].append(level)
    found = []
    for same in by_key.values():
        ranked = sorted(same, key=lambda level: -counts[level])
        if len(ranked) > 1:
            n_rows = int(counts[ranked].sum())
            found.append(Variants(column=column, spellings=tuple(str(levels[i]) for i in ranked), n_rows=n_rows))
    return found


def _differ(rows: TrainingRows, group: Variants, *, max_p: float) -> bool:
    """Do the spellings differ in the target beyond chance?"""
    labels = rows.features.categories[group.column]
    parts = [rows.target[labels == spelling] for spelling in group.spellings]
    return _variance_p(parts) < max_p if rows.is_regression else _shares_p(parts) < max_p


def _variance_p(parts: list[NDArray[np.float64]]) -> float:
    """Return the probability of such different means by chance (analysis of variance)."""
    from scipy.special import fdtrc

    together = np.concatenate(parts)
    n, k = len(together), len(parts)
    within = sum(float(((part - part.mean()) ** 2).sum()) for part in parts)
    between = float(((together - together.mean()) ** 2).sum()) - within
    if n <= k or within == 0:
        return 1.0 if between == 0 or n <= k else 0.0
    return float(fdtrc(k - 1, n - k, (between / (k - 1)) / (within / (n - k))))


def _shares_p(parts: list[NDArray[np.int64]]) -> float:
    """Return the probability of such different shares of the classes by chance (chi-square test)."""
    from scipy.special import chdtrc

    n_classes = int(max(part.max() for part in parts)) + 1
    counts = np.stack([np.bincount(part.astype(np.int64), minlength=n_classes) for part in parts])
    counts = counts[:, counts.sum(axis=0) > 0]
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    degrees = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return float(chdtrc(degrees, float(((counts - expected) ** 2 / expected).sum()))) if degrees else 1.0


CHECK = Check(code=CODE, title=TITLE, question="Are levels written in several ways?", run=find)
