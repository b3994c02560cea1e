"""Which column is predicted?"""

from __future__ import annotations

from collections.abc import Sequence

from autorecipe.data import names
from autorecipe.errors import UserError, nearest

TARGET_NAMES = ("target", "label", "class", "outcome", "y")
_OUTCOME_WORDS = names.word_set("""
    churn churned exited attrition survived survival died death deceased default defaulted fraud approved
    response responded converted conversion clicked purchased revenue income salary price prices cost
    charges fare sales quality score rating grade species diagnosis disease stroke risk result outcome
    target label class status count cnt demand strength mpg rings decision deposit pass passed
""")
_N_LIKELY = 3  # columns named when no target was given


def find_target(columns: Sequence[str], target: str) -> str:
    """Return the target's name as the header spells it.

    Parameters
    ----------
    columns : sequence of str
        The header.
    target : str
        What the user wrote, matched after trimming; "" takes the single column called target, label, class,
        outcome or y (any case).

    Raises
    ------
    UserError
        When no column is called that, or none was named and none is evident.
    """
    if target:
        return _named_target(columns, target)
    found = [name for name in columns if name.strip().casefold() in TARGET_NAMES]
    if len(found) == 1:
        return found[0]
    likely = found[:_N_LIKELY] or _likely_targets(columns)
    listed = " or ".join(f"'{name.strip()}'" for name in likely)
    raise UserError(
        f"which column is to be predicted? No target was given; it may be {listed}",
        where="--target",
        fix=f"--target '{likely[0].strip()}'" if likely else "give a table with at least two columns",
    )


def _named_target(columns: Sequence[str], target: str) -> str:
    found = next((name for name in columns if name.strip() == target.strip()), None)
    if found is not None:
        return found
    near = nearest(target, columns)
    listed = ", ".join(f"'{name.strip()}'" for name in columns)
    raise UserError(
        f"no column is called '{target}'; the columns are {listed}",
        where=f"--target '{target}'",
        fix=f"--target '{near.strip()}'" if near else "name one of the columns",
    )


def _likely_targets(columns: Sequence[str]) -> list[str]:
    resembling = [name for name in columns if _OUTCOME_WORDS.intersection(names.words(name))]
    last = list(columns[-1:])
    return list(dict.fromkeys([*reversed(resembling[-(_N_LIKELY - 1) :]), *last, *reversed(resembling)]))[:_N_LIKELY]
