"""Numbers with one long tail.

What it looks for: numeric columns whose skewness (Fisher's g1) is above 3 or below -3.

Why it matters: scaled by mean and deviation, most of the column falls into a sliver, and the network sees
little difference between its values.

How to read it: such columns suit quantile scaling (to normal scores); the scaling is one of the choices that
the stages make by score.

Limits: 3 (Data Wrangler; an exponential column has 2, ydata-profiling's 20 misses lognormal ones), on at
least 500 rows: below, g1 is unstable.
"""

from __future__ import annotations

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import SKEW_LIMIT, SKEW_MIN_ROWS, skewness
from autorecipe.checks.wording import names
from autorecipe.record.finding import Finding

CODE = "D024"
TITLE = "Skew"


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the skewed columns.

    Raises
    ------
    NotApplicable
        Below SKEW_MIN_ROWS rows.
    """
    if rows.n_rows < SKEW_MIN_ROWS:
        raise NotApplicable(f"{rows.n_rows} rows: skewness is unstable below {SKEW_MIN_ROWS}")
    skews = {c: skewness(rows.features.numbers[c]) for c in rows.of_kind("numeric")}
    skewed = sorted((c for c, s in skews.items() if abs(s) > SKEW_LIMIT), key=lambda c: -abs(skews[c]))
    if not skewed:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"one long tail: {names(skewed, [f'skew {skews[c]:.3g}' for c in skewed])}; limit {SKEW_LIMIT:.0f}",
            columns=tuple(skewed),
            measured=skews[skewed[0]],
            limit=SKEW_LIMIT,
            remedy="suits quantile scaling, which the stages try",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Do numbers have one long tail?", run=find)
