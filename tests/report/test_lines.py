from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper

import pytest
from rich.console import Console

from autorecipe.report.lines import Line, show
from autorecipe.report.width import NARROWEST, WIDTH, page_of, page_width

LONG = Line(f"  {'word ' * 30}".rstrip())


def test_a_pipe_gets_long_lines_as_they_are():
    out = StringIO()
    show([LONG], Console(file=out, width=40))
    assert out.getvalue() == f"{LONG.text}\n"


def test_a_narrow_terminal_gets_long_lines_in_parts():
    out = StringIO()
    show([LONG], Console(file=out, width=40, force_terminal=True, no_color=True))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 40
    assert out.getvalue().split() == LONG.text.split()


def test_a_terminal_without_bars_gets_plain_signs():
    raw = BytesIO()
    out = TextIOWrapper(raw, encoding="latin-1")
    show([Line("▁▄█")], Console(file=out, width=40))
    out.flush()
    assert raw.getvalue() == b"_-#\n"


def test_signs_that_a_terminal_lacks_are_written_out_and_others_stay():
    shown = {}
    for encoding in ("ascii", "latin-1", "utf-8"):
        out = TextIOWrapper(BytesIO(), encoding=encoding)
        show([Line("R² 0.8 ± 0.1 ≈")], Console(file=out, width=40))
        out.flush()
        shown[encoding] = out.buffer.getvalue().decode(encoding).strip()
    assert shown == {"ascii": "R2 0.8 +- 0.1 ~", "latin-1": "R² 0.8 ± 0.1 ~", "utf-8": "R² 0.8 ± 0.1 ≈"}


@pytest.mark.parametrize(("asked", "given"), [(10, NARROWEST), (60, 60), (400, WIDTH)])
def test_a_page_is_as_wide_as_the_terminal_within_bounds(asked, given):
    with page_of(asked):
        assert page_width() == given
    assert page_width() == WIDTH
