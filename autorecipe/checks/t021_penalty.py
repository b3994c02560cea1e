"""The penalties overwhelm the data.

What it looks for: the gradient of the penalties (L1, L2) beside the gradient of the data loss, at the last looks during
training.

Why it matters: weights that are pulled to zero harder than to the targets learn to be small and nothing else.

How to read it: alone it is information: where a penalized training has arrived, both pull equally hard by necessity.
With a training that goes badly it is a warning.

Limits: a ratio above 1 at each of the last looks, three to five of them (choice; CS231n: regularization must not
overwhelm the data). Repair: a tenth of each penalty.
"""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import later_probes
from autorecipe.checks.internals import gated
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe

CODE = "T021"
TITLE = "Penalties"
LIMIT = 1.0  # gradient of the penalties over that of the data; choice, after CS231n
LARGEST = 3.4e38  # largest float32, which stands for infinity in a look inside: IEEE 754
MIN_LOOKS, N_LOOKS = 3, 5  # looks inside that are judged; choice
WEAKER = 10.0  # a penalty is divided by it; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say where the penalties pull harder than the data."""
    shares = [look.penalty_share for look in later_probes(evidence)][-N_LOOKS:]
    if not any(share > 0 for share in shares):
        raise NotApplicable("there are no penalties")
    if len(shares) < MIN_LOOKS:
        raise NotApplicable(f"the layers were looked at {len(shares)} times during training, not {MIN_LOOKS}")
    smallest = min(shares)
    if not smallest > LIMIT:
        return Verdict(text=f"penalties pull {figure(shares[-1])} times as hard as the data (limit {LIMIT:g})")
    pull = f"they pull at least {figure(smallest)} times as hard" if smallest < LARGEST else "these do not pull at all"
    message = f"The penalties overwhelm the data: {pull} at each of {len(shares)} looks (limit {LIMIT:g})"
    return gated(VOICE, evidence, message, remedy="a tenth of the penalties", measured=smallest, limit=LIMIT)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Weaken each penalty that there is."""
    return remedies.weaker_penalties(recipe, WEAKER)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Do the data pull harder than the penalties?",
    when="during",
    judge=judge,
    repairs=repairs,
)
