from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autorecipe.report.plots.draw import drawn
from autorecipe.report.plots.figure import Axis, Band, Bars, Cells, Dots, Figure, Line, Panel, Rule, thinned
from autorecipe.report.plots.layout import WIDTH, places_of, text_width
from autorecipe.report.plots.names import number_text, short_name, short_names
from autorecipe.report.plots.svg import named, stand_alone
from autorecipe.report.plots.ticks import MOST_TICKS, scale_of

FINITE = st.floats(-1e12, 1e12, allow_subnormal=False).filter(lambda v: v == 0 or abs(v) > 1e-9)
POSITIVE = st.floats(1e-9, 1e12)


def line(*heights: float) -> Line:
    return Line(points=tuple((float(i), height) for i, height in enumerate(heights)))


@given(st.lists(FINITE, min_size=1, max_size=5))
def test_ticks_lie_within_their_axis_and_read_differently(heights):
    scale = scale_of(Axis(), (line(*heights),), is_x=False, most=MOST_TICKS)
    assert scale.low <= min(heights) <= max(heights) <= scale.high
    assert 1 <= len(scale.ticks) <= MOST_TICKS
    assert all(scale.low - abs(scale.low) * 1e-6 <= t <= scale.high + abs(scale.high) * 1e-6 for t in scale.ticks)
    assert len(set(scale.texts)) == len(scale.texts)


@given(st.lists(POSITIVE, min_size=1, max_size=5))
def test_ticks_of_a_logarithmic_axis_lie_within_it(heights):
    scale = scale_of(Axis(is_log=True), (line(*heights),), is_x=False, most=MOST_TICKS)
    assert 0 < scale.low <= min(heights)
    assert max(heights) <= scale.high
    assert 1 <= len(scale.ticks) <= MOST_TICKS
    assert len(set(scale.texts)) == len(scale.texts)


@pytest.mark.parametrize(
    ("heights", "texts"),
    [
        ((0.0, 1.0), ("0.00", "0.25", "0.50", "0.75", "1.00")),
        ((0.0, 400_000.0), ("0", "100k", "200k", "300k", "400k")),
        ((-0.01, 0.02), ("-0.01", "0.00", "0.01", "0.02")),
    ],
)
def test_ticks_are_round_numbers(heights, texts):
    assert scale_of(Axis(), (line(*heights),), is_x=False, most=MOST_TICKS).texts == texts


@given(st.text(max_size=60))
def test_a_short_name_is_short_and_on_one_line(name):
    found = short_name(name)
    assert 0 < len(found) <= 24
    assert not re.search(r"[\x00-\x1f\u202a-\u202e]", found)


def test_names_that_would_look_alike_are_numbered():
    assert short_names(("a" * 30, "a" * 31, "b")) == (f"{'a' * 14}…{'a' * 9} (1)", f"{'a' * 14}…{'a' * 9} (2)", "b")


@given(st.floats(-1e20, 1e20))
def test_a_number_is_written_short_and_nearly_right(value):
    text = number_text(value)
    units = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
    plain = text.replace(",", "")
    read = float(plain[:-1]) * units[plain[-1]] if plain[-1] in units else float(plain)
    assert math.isclose(read, value, rel_tol=6e-3, abs_tol=1e-300)
    assert len(text) <= 10


def test_thinning_keeps_both_ends():
    points = tuple((float(i), 0.0) for i in range(1000))
    found = thinned(points, 50)
    assert len(found) == 50
    assert (found[0], found[-1]) == (points[0], points[-1])


def test_panels_stay_within_the_figure_and_apart():
    panel = Panel(x=Axis(label="x"), y=Axis(names=("a name of many signs", "b")), marks=(line(1, 2),), title="t")
    places, height = places_of(Figure(panels=(panel,) * 4, n_columns=2))
    assert all(place.left + place.width <= WIDTH for place in places)
    assert places[0].left + places[0].width < places[1].outer_left
    assert places[0].bottom <= places[2].outer_top
    assert places[-1].bottom <= height


@pytest.mark.parametrize("name", ["b", "a change with a long title"])
def test_numbers_below_an_axis_stand_apart(name):
    dots = Dots(points=((-0.0112, 0.0), (0.0009, 0.0)))
    panel = Panel(x=Axis(), y=Axis(names=(name,)), marks=(dots,))
    ((place,), _) = places_of(Figure(panels=(panel,)))
    assert len(place.x.texts) >= 2
    assert sum(text_width(text) + 4.0 for text in place.x.texts) <= place.width


def every_mark() -> Figure:
    marks = (
        line(1, 2, float(3)),
        Dots(points=((0.0, 1.0), (1.0, 2.0)), errors=((0.5, 1.5), (math.nan, math.nan)), is_hollow=True, label="dots"),
        Bars(spans=((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)), texts=("one", "none"), label="bars"),
        Band(points=((0.0, 0.0, 1.0), (1.0, 0.5, 2.0)), label="band"),
        Rule(at=1.0, text="$rule$ <b>&"),
        Rule(at=1.0, axis="x", text="first"),
        Rule(at=1.2, axis="x", text="second"),
        Cells(cells=((0.0, 1.0, 0.5, "cell"), (1.0, 1.0, math.nextafter(1, 2), ""))),
    )
    return Figure(panels=(Panel(x=Axis(label="x"), y=Axis(label="y"), marks=marks),))


def test_every_mark_is_drawn_and_texts_are_taken_as_they_are():
    svg = drawn(every_mark(), "every-mark")
    for text in ("one", "dots", "bars", "band", "first", "second", "cell", "$rule$ &lt;b&gt;&amp;"):
        assert f">{text}</text>" in svg
    assert "font-size" in svg
    assert "font-family:" not in svg


def test_the_users_own_settings_do_not_matter():
    import matplotlib

    plain = drawn(every_mark(), "plain")
    drawn.cache_clear()
    with matplotlib.rc_context({"axes.grid": True, "font.size": 30, "svg.fonttype": "path", "lines.linewidth": 9}):
        assert drawn(every_mark(), "plain") == plain
        assert matplotlib.rcParams["font.size"] == 30


def test_a_drawing_for_a_reader_without_eyes_is_named():
    assert 'aria-label="&quot;a&quot; &lt; b"' in named('<svg viewBox="0 0 1 1"/>', '"a" < b')


def test_a_drawing_alone_has_real_colours():
    svg = '<svg viewBox="0 0 340 100" font-family="inherit"><path style="fill: var(--series-1, #3b7cb8)"/></svg>'
    found = stand_alone(svg)
    assert "fill: #3b7cb8" in found
    assert 'width="680" height="200"' in found


def test_shares_are_percent_with_the_decimals_that_they_need():
    scale = scale_of(Axis(is_share=True, low=0.0), (line(0.0, 0.01),), is_x=False, most=MOST_TICKS)
    assert scale.texts == ("0.00 %", "0.25 %", "0.50 %", "0.75 %", "1.00 %")


def test_above_the_marks_there_is_room_for_the_text_of_a_rule():
    marks = (line(0, 10), Rule(at=1.0, axis="x", text="here"))
    for is_log in (False, True):
        panel = Panel(x=Axis(), y=Axis(is_log=is_log), marks=marks, height=60.0)
        (place,), _ = places_of(Figure(panels=(panel,)))
        plain = scale_of(panel.y, marks, is_x=False, most=MOST_TICKS)
        assert place.y.high > plain.high
