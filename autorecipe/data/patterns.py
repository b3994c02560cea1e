"""Regular expressions on whole columns, with the meaning they have in a TensorFlow graph.

Patterns are RE2, with ASCII digits and blanks only and without flags, so that Arrow, TensorFlow and
Python's `re` read them alike. Arrow works on a million texts in tenths of a second; every function takes
an object array of texts or an Arrow array of them, and texts come back as what was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Steps = tuple[tuple[str, str], ...]
Texts = NDArray[np.object_]
Cells = TypeVar("Cells", Texts, pa.Array)

N_TOKEN_SETS = 64  # kept, since every column is asked for the same few; choice
BLANKS = " \t\n\v\f\r"  # what tf.strings.strip removes


def strip(texts: Cells) -> Cells:
    """Return the texts without ASCII blanks around them, as `tf.strings.strip` does."""
    stripped: Cells = _like(texts, pc.utf8_trim(_to_arrow(texts), characters=BLANKS))
    return stripped


def lower(texts: Cells) -> Cells:
    """Return the texts with A-Z in lower case and nothing else changed, as `tf.strings.lower` does."""
    lowered: Cells = _like(texts, pc.ascii_lower(_to_arrow(texts)))
    return lowered


def is_in(texts: Cells, tokens: Iterable[str]) -> NDArray[np.bool_]:
    """Which texts are one of the tokens?"""
    cells = _to_arrow(texts)
    found = pc.is_in(cells, value_set=_token_set(frozenset(tokens), cells.type))
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def full_match(texts: Cells, pattern: str) -> NDArray[np.bool_]:
    """Which texts match the pattern from their first to their last character? (RE2)."""
    matched = pc.match_substring_regex(_to_arrow(texts), rf"\A(?:{pattern})\z")
    return np.asarray(matched.to_numpy(zero_copy_only=False), bool)


def apply_steps(texts: Cells, steps: Steps) -> Cells:
    r"""Replace every match of each (pattern, rewrite) in turn, as `tf.strings.regex_replace` does.

    Parameters
    ----------
    steps : tuple of (pattern, rewrite)
        RE2; a rewrite names groups by ``\1`` to ``\9``, and a group that took no part is empty.
    """
    if not steps:
        return texts
    cells = _to_arrow(texts)
    for pattern, rewrite in steps:
        cells = pc.replace_substring_regex(cells, pattern, rewrite)
    rewritten: Cells = _like(texts, cells)
    return rewritten


def to_floats(texts: Cells) -> NDArray[np.float64]:
    """Return the numbers of plain number texts ("-2.5e3", "inf")."""
    try:
        return np.asarray(_to_arrow(texts).cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    except pa.ArrowInvalid:  # Arrow, four times as fast, does not read "+3"
        return as_objects(texts).astype(np.float64)


def as_texts(values: Sequence[str]) -> Texts:
    """Return a list of texts as an object array of shape (n,)."""
    texts = np.empty(len(values), object)
    texts[:] = values
    return texts


def as_objects(texts: Cells) -> Texts:
    """Return texts as an object array of shape (n,)."""
    return texts if isinstance(texts, np.ndarray) else np.asarray(texts.to_numpy(zero_copy_only=False), object)


def taken(texts: Cells, chosen: NDArray[np.bool_]) -> Cells:
    """Return the texts that a mask of shape (n,) chooses."""
    return texts[chosen] if isinstance(texts, np.ndarray) else texts.filter(pa.array(chosen))


@lru_cache(maxsize=N_TOKEN_SETS)
def _token_set(tokens: frozenset[str], dtype: pa.DataType) -> pa.Array:
    return pa.array(sorted(tokens), dtype)


def _to_arrow(texts: Texts | pa.Array) -> pa.Array:
    return pa.array(texts, pa.string()) if isinstance(texts, np.ndarray) else texts


def _like(texts: Cells, cells: pa.Array) -> Cells:
    return as_objects(cells) if isinstance(texts, np.ndarray) else cells
