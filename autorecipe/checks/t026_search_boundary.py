"""The best value found lies at the edge of what was searched.

What it looks for: knobs whose best value lies within a tenth of an end of their range (on the scale on which they were
searched).

Why it matters: the true best may lie beyond the edge, where nobody looked.

How to read it: the search is widened once on that side; a value that still sits at the edge is told again.

Limits: within 10 % of the range from its end (Google's tuning playbook: a best point near the boundary means a bad
space; the share: choice).
"""

from __future__ import annotations

from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice
from autorecipe.evidence import Evidence

CODE = "T026"
TITLE = "Search boundary"

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Warn about knobs whose best value is the last one that was tried."""
    edges = evidence.facts.edges
    if not edges:
        return Verdict(text="no best value at the edge of a search")
    named = ", ".join(edge.removeprefix("knobs.").replace("_", " ") for edge in edges)
    message = f"The best value lies at the edge of what was searched: {named}"
    return VOICE.says("warn", message, remedy="search once more, wider on that side", measured=float(len(edges)))


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Do the best values lie inside the space that was searched?",
    when="after",
    judge=judge,
)
