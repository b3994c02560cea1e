"""What is said where rows fall into too few groups to resample."""

from __future__ import annotations

from autorecipe.metrics.intervals import MIN_UNITS, Rows, n_groups_of


def no_interval_note(rows: Rows) -> tuple[str, ...]:
    """Say that scores of rows stand without an interval; nothing where their groups are none or enough."""
    n_groups = n_groups_of(rows)
    if not 0 < n_groups < MIN_UNITS:
        return ()
    said = f"no 95 % intervals of the scores: the rows fall into {_groups(n_groups)} that stay together, and "
    return (f"{said}resampling needs {MIN_UNITS} at least",)


def single_rows_note(n_groups: int) -> tuple[str, ...]:
    """Say that a gain's interval is of single rows, as so many groups were too few; nothing for 0 of them.

    Parameters
    ----------
    n_groups : int
        `Difference.n_too_few`.
    """
    if not n_groups:
        return ()
    said = f"the interval of the gain is of single rows, since {_groups(n_groups)} of them are too few to resample"
    return (f"{said}: rows of a group are alike, so it is narrower than it should be",)


def single_row_errors_note(rows: Rows) -> tuple[str, ...]:
    """Say that changes are judged by the error of single validation rows; nothing where groups are none or enough."""
    n_groups = n_groups_of(rows)
    if not 0 < n_groups < MIN_UNITS:
        return ()
    said = f"the validation rows fall into {_groups(n_groups)}, and resampling needs {MIN_UNITS} at least: changes are "
    return (f"{said}judged by the error of single rows, which is smaller than it should be",)


def _groups(n_groups: int) -> str:
    return f"{n_groups} group{'s' * (n_groups > 1)}"
