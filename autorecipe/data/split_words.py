"""Why rows were shared out as they were, as the first screen of a run says it."""

from __future__ import annotations

from autorecipe.data.split_request import SplitRequest
from autorecipe.data.units import Units
from autorecipe.row_words import said_of


def split_reason(drawn: str, *, units: Units, request: SplitRequest, n_test: int) -> str:
    """Say how rows are validated, what was kept together, and that no test rows could be spared.

    Parameters
    ----------
    drawn : str
        Why validation rows are drawn as they are; not told where they were given.
    """
    size = "validated on the rows given for it" if request.n_validation_rows_given else drawn
    order = "in order of time" if request.time is not None else ""
    no_test = "no rows could be spared for a test" if request.test_share > 0 and n_test == 0 else ""
    parts = (size, order, _kept_together(units, request), no_test)
    return said_of(request.modality, ", ".join(part for part in parts if part))


def drawn_text(few: bool, limit: int, request: SplitRequest) -> str:
    """Say whether rows are few enough for folds."""
    if request.modality == "image":
        return f"fewer than {limit:,} images" if few else f"one split: {limit:,} images or more"
    return f"under {limit:,}" if few else f"{limit:,} or more"


def _kept_together(units: Units, request: SplitRequest) -> str:
    if request.has_near_copies:
        note = units.note.replace("groups and repeated rows", "groups, rows and their near copies")
        return note.replace("repeated rows on one side", "rows beside their copies and near copies")
    # images that nearly repeat each other are found as well, and the first screen explains no sides
    alike = "images stay beside their copies and near copies"
    if not _is_of_images_alone(request):
        alike = "rows equal to another in all features, kept on one side"
    return units.note.replace("repeated rows on one side", alike)


def _is_of_images_alone(request: SplitRequest) -> bool:
    return request.modality == "image" and request.groups is None


def rows_learned(n_learned: int, n_rows: int) -> str:
    """Say which rows a refit learned from: copies of others are left out of training there too.

    >>> rows_learned(571, 571), rows_learned(6_926, 8_128)
    ('all rows', 'all 6,926 rows that are not copies')
    """
    return "all rows" if n_learned == n_rows else f"all {n_learned:,} rows that are not copies"
