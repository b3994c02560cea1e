"""Checks of the data, in the order of work: one file each, listed here."""

from __future__ import annotations

import sys

from autorecipe.checks import (
    d001_constant,
    d002_quasi_constant,
    d003_missing_cells,
    d005_disguised_missing,
    d006_infinite,
    d007_mixed_types,
    d010_id_columns,
    d012_missingness_leak,
    d013_target_leakage,
    d015_duplicate_rows,
    d016_duplicates_across_splits,
    d020_conflicting_labels,
    d022_outliers,
    d023_pile_up,
    d024_skew,
    d025_scale_disparity,
    d026_high_cardinality,
    d029_duplicate_columns,
    d030_class_imbalance,
    d031_rare_classes,
    d032_target_type,
    d033_target_quality,
    d037_validation_noise,
    d038_rows_vs_columns,
)
from autorecipe.checks.check import Check
from autorecipe.errors import UserError, nearest

CHECKS: tuple[Check, ...] = (
    d001_constant.CHECK,
    d002_quasi_constant.CHECK,
    d003_missing_cells.CHECK,
    d005_disguised_missing.CHECK,
    d006_infinite.CHECK,
    d007_mixed_types.CHECK,
    d010_id_columns.CHECK,
    d012_missingness_leak.CHECK,
    d013_target_leakage.CHECK,
    d015_duplicate_rows.CHECK,
    d016_duplicates_across_splits.CHECK,
    d020_conflicting_labels.CHECK,
    d022_outliers.CHECK,
    d023_pile_up.CHECK,
    d024_skew.CHECK,
    d025_scale_disparity.CHECK,
    d026_high_cardinality.CHECK,
    d029_duplicate_columns.CHECK,
    d030_class_imbalance.CHECK,
    d031_rare_classes.CHECK,
    d032_target_type.CHECK,
    d033_target_quality.CHECK,
    d037_validation_noise.CHECK,
    d038_rows_vs_columns.CHECK,
)


def check_by_code(code: str) -> Check:
    """Return the check with this code, upper or lower case.

    Raises
    ------
    UserError
        When there is no such code; the nearest one is named.
    """
    known = {check.code: check for check in CHECKS}
    found = known.get(code.strip().upper())
    if found is None:
        near = nearest(code.upper(), known)
        raise UserError(
            f"no check has the code {code!r}",
            fix=f"did you mean {near}?" if near else f"one of: {', '.join(known)}",
        )
    return found


def rule_text(code: str) -> str:
    """Return what a check looks for, why it matters, how to read it, and where its limits come from.

    Raises
    ------
    UserError
        When there is no such code.
    """
    check = check_by_code(code)
    text = sys.modules[check.run.__module__].__doc__ or ""
    return f"{check.code}  {text.strip()}"
