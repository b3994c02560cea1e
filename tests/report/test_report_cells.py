from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from autorecipe.report.cells import BARS, curve, cut, fitted, sparkline, wrapped

TEXTS = st.text(alphabet=st.sampled_from("abc ABC-é日本語한국😀\u200b\t\n.,"), max_size=60)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(2, 40))
def test_a_fitted_text_takes_exactly_its_columns(text, width):
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted(text, width, side="right")) == width


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(2, 40))
def test_a_cut_text_is_on_one_line_and_fits(text, width):
    assert cell_len(cut(text, width)) <= width
    assert "\n" not in cut(text, width)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(12, 40), st.integers(0, 4))
def test_wrapping_keeps_every_sign_and_the_width(text, width, further):
    lines = wrapped(text, width, further=further)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(cell_len(line) for line in lines) <= width
    assert all(line.startswith(" " * further) for line in lines[1:])


@settings(max_examples=100, deadline=None)
@given(st.integers(24, 60), st.sampled_from(["", "é"]))
def test_no_line_ends_between_a_number_and_its_per_cent_sign_or_a_flag_and_its_value(width, sign):
    words = f"found in 4 % {sign} of all: --drop age or --type 'zip code=text' or --allow D013:age, which is known"
    lines = wrapped(words, width)
    assert " ".join(lines).split() == words.split()
    for whole in ("4 %", "--drop age", "--type 'zip code=text'", "--allow D013:age"):
        assert any(whole in line for line in lines)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=30), st.integers(1, 20))
def test_a_sparkline_has_at_most_its_bars_and_shows_what_is_not_empty(counts, n_bars):
    drawn = sparkline(counts, n_bars)
    assert len(drawn) == min(len(counts), n_bars)
    assert (any(counts)) == any(bar != BARS[0] for bar in drawn)


def test_the_largest_count_is_the_tallest_bar():
    assert sparkline([1, 9, 3], 3)[1] == BARS[-1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50), st.integers(1, 20))
def test_a_curve_is_drawn_whatever_its_bounds(values, n_bars):
    assert len(curve(values, n_bars, low=0.0, high=1.0)) == min(len(values), n_bars)
    assert set(curve(values, n_bars, low=1.0, high=1.0)) == {BARS[0]}
