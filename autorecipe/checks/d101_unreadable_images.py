"""Files that cannot be read as images.

What it looks for: files whose pixels cannot be decoded to the end: truncated, empty, or no image at all. The whole file
is decoded, since a header may be sound and the pixels missing.

Why it matters: such files are left out. Few of them are an accident; many mean that a download broke off, or that a
class is not what you think it is.

How to read it: the files are named. Fetch them again or delete them; `--allow D101` goes on without them.

Limits: any is a warning, above 5 % of the files it is a stop (choice: one file in twenty is no accident).
"""

from __future__ import annotations

import re
from collections import Counter

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import N_EXAMPLES, ImageRows
from autorecipe.checks.mending import ask
from autorecipe.checks.wording import percent, plural
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding

CODE = "D101"
TITLE = "Unreadable images"
STOP_SHARE = 0.05  # of the files
N_SHOWN = 3  # files named in the sentence
_DETAIL = re.compile(r" \(.*\)$")  # "(36 bytes not processed)" makes each file's reason another one


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the files that were left out."""
    n_bad = len(rows.unreadable)
    if n_bad == 0:
        return ()
    n_files = n_bad + len(rows.names)
    share = n_bad / n_files
    stops = share > STOP_SHARE
    shown = some_of(tuple(name for name, _ in rows.unreadable), N_SHOWN, n_all=n_bad)
    return (
        Finding(
            code=CODE,
            severity="stop" if stops else "warn",
            title=TITLE,
            message=f"{plural(n_bad, 'file')} of {n_files:,} ({percent(share)}; limit {percent(STOP_SHARE)}) cannot be"
            f" read: {shown} ({_reasons(rows)})",
            measured=share,
            limit=STOP_SHARE,
            action="ask" if stops else "none",
            remedy="fetch them again or delete them, or --allow D101" if stops else "left out",
            examples=tuple(name for name, _ in rows.unreadable[:N_EXAMPLES]),
            fixes=ask(f"--allow {CODE}") if stops else (),
        ),
    )


def _reasons(rows: ImageRows) -> str:
    counts = Counter(_DETAIL.sub("", reason) for _, reason in rows.unreadable)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{n} {reason}" for reason, n in counts.most_common(N_SHOWN))


CHECK = ImageCheck(code=CODE, title=TITLE, question="Can every file be read?", run=find)
