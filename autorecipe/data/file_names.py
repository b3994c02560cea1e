"""What messages and tables call a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autorecipe.listing import some_of

N_LISTED: Final = 5  # names in one message
NOT_UTF8: Final = re.compile("[\ud800-\udfff]")  # what Python makes of such bytes (PEP 383), and nothing can write


def shown(name: str) -> str:
    r"""Return a name as it is shown, written and hashed: with U+FFFD for each byte that is not UTF-8.

    >>> shown("caf\udce9.png") == "caf\N{REPLACEMENT CHARACTER}.png"
    True
    """
    return NOT_UTF8.sub("\N{REPLACEMENT CHARACTER}", name)


def listed(names: Sequence[str]) -> str:
    """Return the first names, as messages show them.

    >>> listed(["a.png", "b.png"])
    "'a.png', 'b.png'"
    """
    return some_of(tuple(f"'{shown(name)}'" for name in names), N_LISTED)
