from __future__ import annotations

import pytest
from rich.cells import cell_len

from autorecipe.look import Timing
from autorecipe.report.text_timings import timing_lines
from autorecipe.report.text_words import as_text
from autorecipe.report.width import page_of

PARTS = (
    Timing(code="D013", title="Target leakage", seconds=1.5),
    Timing(code="", title="reading", seconds=0.5),
    Timing(code="D001", title="Constant columns", seconds=0.0004),
    Timing(code="D002", title="Nearly constant columns", seconds=0.0003),
)


def test_each_part_has_its_seconds_and_its_share():
    said = as_text(timing_lines(PARTS))
    assert "D013  Target leakage                      1.500 75.0 %" in said
    assert "2.001" in said.splitlines()[-1]


def test_parts_of_no_time_are_told_as_one():
    assert "2 others" in as_text(timing_lines(PARTS))
    assert "D002" not in as_text(timing_lines(PARTS))


def test_without_parts_nothing_is_said():
    assert timing_lines(()) == ()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_table_fits_a_narrow_terminal(width):
    with page_of(width):
        assert max(cell_len(line.text) for line in timing_lines(PARTS)) <= width
