"""Which column is predicted?"""

from __future__ import annotations

from collections.abc import Sequence

from autorecipe.data import names
from autorecipe.errors import UserError, nearest

TARGET_NAMES = ("target", "label", "class", "outcome", "y")
# Words of names that are seldom anything but the answer, and words that are features as often; choice.
_ANSWERS = names.word_set("""
    target label class outcome result decision diagnosis species churn churned exited attrition survived survival died
    death deceased defaulted fraud approved response responded converted conversion clicked purchased
""")
_OFTEN_ANSWERS = names.word_set("""
    default revenue income salary price prices cost charges fare sales value quality score rating grade disease stroke
    risk status count cnt demand strength mpg rings deposit pass passed
""")
_PREDICTIONS = names.word_set("prediction predictions predicted pred forecast")
_ANSWER, _OFTEN_ANSWER, _LAST, _FIRST = 3.0, 2.0, 2.0, 1.0  # how much each says; choice
_N_LIKELY = 3  # columns named when no target was given


def find_target(columns: Sequence[str], target: str) -> str:
    """Return the target's name as the header spells it.

    Parameters
    ----------
    columns : sequence of str
        The header.
    target : str
        What the user wrote, matched after trimming; "" takes the single column called target, label, class,
        outcome or y (any case). A y beside an x and further columns is a coordinate.

    Raises
    ------
    UserError
        When no column is called that, or none was named and none is evident.
    """
    if target:
        return _named_target(columns, target)
    called = [name.strip().casefold() for name in columns]
    is_place = "x" in called and len(columns) > 2
    found = [c for c, low in zip(columns, called, strict=True) if low in TARGET_NAMES and not (low == "y" and is_place)]
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
    """Rank the columns by their names and places, later ones first among equals; keys and predictions are none."""
    says = {name: _says_answer(name) + _place_says(i, len(columns)) for i, name in enumerate(columns)}
    ranked = sorted(says, key=says.__getitem__)[::-1]
    return [name for name in ranked if says[name] > 0][:_N_LIKELY] or list(columns[-1:])


def _place_says(i: int, n: int) -> float:
    return _LAST if i == n - 1 else _FIRST if i == 0 else 0.0


def _says_answer(name: str) -> float:
    """Return how much a name says that it is the answer: words that are, and the share of the name that they make."""
    found = names.words(name)
    if names.is_key(name) or _PREDICTIONS.intersection(found):
        return -_ANSWER
    alike = [word for word in found if word in _ANSWERS or word in _OFTEN_ANSWERS]
    if not alike:
        return 0.0
    return (_ANSWER if _ANSWERS.intersection(alike) else _OFTEN_ANSWER) + len(alike) / len(found)
