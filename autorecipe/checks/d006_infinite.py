"""Infinite numbers.

What it looks for: cells of numeric columns that are infinite, or too large for a 32-bit float (3.4e38).

Why it matters: unscaled, one of them turns the loss, and from there every weight, into NaN. They come from a
division by zero or the logarithm of zero further up, and seldom mean "very large".

How to read it: they are scaled to the far end of their column. Mend the step that made them, or empty the
cells.

Limits: any (TensorFlow Data Validation's FLOAT_TYPE_HAS_INF, Data Wrangler's "finite floats are valid";
ydata-profiling waits for 1 %).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check
from autorecipe.checks.mending import raw_texts
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import names, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D006"
TITLE = "Infinite values"
LARGEST = float(np.finfo(np.float32).max)
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the columns that hold infinite numbers."""
    infinite = {c: np.abs(x) > LARGEST for c, x in rows.features.numbers.items()}
    counts = {c: int(mask.sum()) for c, mask in infinite.items() if mask.any()}
    if not counts:
        return ()
    anywhere = np.logical_or.reduce([infinite[c] for c in counts])
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"infinite numbers in {names(tuple(counts), [plural(n, 'row') for n in counts.values()])}; limit 0",
            columns=tuple(counts),
            measured=float(max(counts.values())),
            limit=0.0,
            action="clip",
            remedy="taken as the far end of their column; look for a division by zero in the rows named",
            fixes=tuple(Fix(kind="mask values", columns=(c,), values=raw_texts(rows, c, infinite[c])) for c in counts),
            rows=tuple(int(r) for r in rows.row_numbers[anywhere][:N_ROWS_SHOWN]),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Are some numbers infinite?", run=find)
