"""What a row is called in messages: a row of a table, or an image."""

from __future__ import annotations

import re

from autorecipe.config import Modality

_ROWS = re.compile(r"\b([Aa] )?([Rr])ow(s?)\b")


def row_noun(modality: Modality) -> str:
    """Return "row", or "image" where a row is one."""
    return "image" if modality == "image" else "row"


def said_of(modality: Modality, text: str) -> str:
    """Return a text that speaks of rows as it reads for the rows of a table, or for images.

    Only for texts of ours in which no word of a user stands: a class or a file may be called "row".

    >>> said_of("image", "Rows cost 0.2 a row on 300 held-out rows")
    'Images cost 0.2 an image on 300 held-out images'
    """
    return _ROWS.sub(_image_for_row, text) if modality == "image" else text


def _image_for_row(found: re.Match[str]) -> str:
    article, first, plural = found.groups()
    return f"{article[0] + 'n ' if article else ''}{'I' if first == 'R' else 'i'}mage{plural}"
