"""What tells two tables apart, in lines."""

from __future__ import annotations

from autorecipe.against import HeldAgainst
from autorecipe.report.text_against import comparison_lines


def said(**changed):
    values = {
        "name": "a.csv",
        "other_name": "b.csv",
        "n_rows": 650,
        "n_columns": 12,
        "n_other_rows": 241,
        "n_other_columns": 12,
        "target": "y",
        "has_target": True,
        "has_target_cells": True,
        "findings": (),
        "seconds": 1.0,
    }
    lines = comparison_lines(HeldAgainst(**values | changed))
    return " ".join(" ".join(line.text for line in lines).split())


def test_a_target_of_empty_cells_is_not_said_to_be_compared():
    text = said(has_target_cells=False)
    assert "y, in both, empty in all 241 rows of b.csv: features alone are compared" in text
    assert "the target is not looked at" in text


def test_a_target_that_only_the_first_table_has_is_said_to_be_missing():
    assert "y, not in b.csv: features alone are compared" in said(has_target=False, has_target_cells=False)


def test_a_target_in_both_is_compared():
    assert "y, in both nothing tells" in said()
