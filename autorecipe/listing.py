"""The first items of a list as a sentence names them, and how many are left: no list is cut in silence."""

from __future__ import annotations

from collections.abc import Sequence


def some_of(items: Sequence[str], at_most: int, *, n_all: int | None = None, between: str = ", ", of: str = "") -> str:
    """Return the first items of a list, and how many it has besides.

    Parameters
    ----------
    n_all : int or None
        How many there are, where `items` are some of them already.
    between : str
        What stands between two items.
    of : str
        What several of them are called, to follow the number of those that are left.

    >>> some_of(("a", "b"), 2), some_of(("a", "b", "c", "d", "e"), 3), some_of(("a",), 3, n_all=1200, of="files")
    ('a, b', 'a, b, c and 2 more', 'a and 1,199 more files')
    """
    shown = items[:at_most]
    n_more = (len(items) if n_all is None else n_all) - len(shown)
    more = f" and {n_more:,} more{f' {of}' if of else ''}" if n_more > 0 else ""
    return between.join(shown) + more
