"""Columns on very different scales, and the scaling that suits each.

What it looks for: numeric columns whose standard deviations differ by more than a factor of 100.

Why it matters: unscaled, the largest column would rule every gradient.

How to read it: nothing is to be done: every number is scaled before the network sees it, by median and
quartiles with a smooth clip, or by quantiles to normal scores. The finding names the columns that suit
quantiles.

Limits: a factor of 100 (mljar scales from |mean| > 0.5 or std > 1.5, UMLAUT asks for inputs in [-1, 1]: both
fire on nearly every raw table). What reaches the network is judged before training, not here.
"""

from __future__ import annotations

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import choose_scaling, finite
from autorecipe.checks.wording import name, names, number
from autorecipe.record.finding import Finding

CODE = "D025"
TITLE = "Scales"
MAX_RATIO = 100.0  # largest to smallest standard deviation


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the ratio of scales and the chosen scaling.

    Raises
    ------
    NotApplicable
        With fewer than two numeric columns that vary.
    """
    values = {c: finite(rows.features.numbers[c]) for c in rows.of_kind("numeric")}
    stds = {c: float(v.std()) for c, v in values.items() if len(v) and v.std() > 0}
    if len(stds) < 2:
        raise NotApplicable("fewer than two numeric columns that vary")
    widest, narrowest = max(stds, key=lambda c: stds[c]), min(stds, key=lambda c: stds[c])
    ratio = stds[widest] / stds[narrowest]
    if ratio <= MAX_RATIO:
        return ()
    by_quantile = [c for c in stds if choose_scaling(values[c]) == "quantile"]
    rest = f"; quantiles suit {names(by_quantile)}" if by_quantile else ""
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{name(widest)} spreads {number(ratio)} times as wide as {name(narrowest)}"
            f" (limit {MAX_RATIO:.0f})",
            columns=(widest, narrowest),
            measured=ratio,
            limit=MAX_RATIO,
            remedy=f"each number is scaled: median and quartiles, smooth clip{rest}",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Are the columns on very different scales?", run=find)
