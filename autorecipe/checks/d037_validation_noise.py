"""How small a gain can the validation rows show?

What it looks for: the standard error of the score on the rows that decide: the validation rows, or all
training rows under cross-validation.

Why it matters: two models that differ by less than twice this error cannot be told apart: choosing the better
one of many is choosing the luckier one.

How to read it: it is a note, no defect. Differences between models on the same rows are a little sharper than
this, since errors partly cancel; the stages measure that and keep a change only when it clears the noise.

Limits: said when twice the error is above 0.02 in accuracy (at worst, sqrt(p (1 - p) / n) with p the
majority's share; below 2,500 rows for two equal classes), or above 5 % of the RMSE (1 / sqrt(2 n); below 800
rows).
"""

from __future__ import annotations

import math

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent
from autorecipe.record.finding import Finding

CODE = "D037"
TITLE = "Validation noise"
ACCURACY_LIMIT = 0.02  # two standard errors
RMSE_LIMIT = 0.05  # two standard errors, relative


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one note when small gains cannot be seen.

    Raises
    ------
    NotApplicable
        Without rows to score on.
    """
    if rows.n_scored <= 0:
        raise NotApplicable("no rows to score on")
    if rows.is_regression:
        noise, limit, what = 2 / math.sqrt(2 * rows.n_scored), RMSE_LIMIT, "of the RMSE"
    else:
        share = float(rows.class_counts.max() / rows.n_rows)
        noise, limit, what = 2 * math.sqrt(share * (1 - share) / rows.n_scored), ACCURACY_LIMIT, "in accuracy"
    if noise <= limit:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{rows.n_scored:,} {rows.noun}s decide: gains below {percent(noise)} {what} drown in noise"
            f" (two standard errors; limit {percent(limit)})",
            measured=noise,
            limit=limit,
            remedy=f"changes are kept only beyond their error; more {rows.noun}s would show smaller gains",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="How small a gain can the validation rows show?", run=find)
