"""What raw cells mean: texts, numbers, categories and dates."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.cells import to_categories, to_days, to_numbers, to_text, to_wire
from autorecipe.data.date_formats import DATE_FORMATS, DateFormat, date_format
from autorecipe.data.number_rules import NUMBER_RULES, NumberRule, number_rule
from autorecipe.data.parse_texts import days_from_civil, parse_days, parse_numbers
from autorecipe.data.patterns import Steps, apply_steps, as_texts, full_match
from autorecipe.data.schema import Column
from autorecipe.errors import UserError

NUMBERS = Column(name="x", kind="numeric", wire="float32", null_tokens=("", "na", "-"))
DAY_S = 86_400
LAW = settings(max_examples=50, deadline=None)
FEW = settings(max_examples=25, deadline=None)  # for each of many patterns


def one_number(rule: str, text: str) -> float:
    return float(parse_numbers(as_texts([text]), number_rule(rule))[0])


def by_python(pattern: str, steps: Steps, text: str) -> str | None:
    if not re.fullmatch(pattern, text):
        return None
    for step, rewrite in steps:
        text = re.sub(step, rewrite, text)
    return text


def by_arrow(pattern: str, steps: Steps, text: str) -> str | None:
    texts = as_texts([text])
    return str(apply_steps(texts, steps)[0]) if full_match(texts, pattern)[0] else None


@pytest.mark.parametrize(
    ("rule", "text", "number"),
    [
        ("plain", "-2.5e3", -2500.0),
        ("plain", "+3", 3.0),
        ("plain", ".5", 0.5),
        ("plain", "-inf", -np.inf),
        ("thousands", "1,248", 1248.0),
        ("thousands", "12,34,567.5", 1234567.5),
        ("currency", "$84,835.00", 84835.0),
        ("currency", "€ 3", 3.0),
        ("currency", "-$3", -3.0),
        ("currency", "(1,200)", -1200.0),
        ("currency", "$(1,200.50)", -1200.5),
        ("currency", "84,835", 84835.0),
        ("currency", "500 USD", 500.0),
        ("percent", "34.27%", 34.27),
        ("percent", "34.27", 34.27),
        ("magnitude", "$1.2k", 1200.0),
        ("magnitude", "3M", 3e6),
        ("magnitude", "950", 950.0),
        ("decimal_comma", "3,14", 3.14),
        ("decimal_comma", "-1.234,5", -1234.5),
        ("decimal_comma", "1 234,50 €", 1234.5),
        ("unit", "1248 CC", 1248.0),
        ("unit", "190Nm@ 2000rpm", 190.0),
        ("unit", "12.7@ 2,700(kgm@ rpm)", 12.7),
        ("unit", "1,200 m", 1200.0),
    ],
)
def test_a_rule_reads_the_number_that_is_written(rule: str, text: str, number: float) -> None:
    assert one_number(rule, text) == number


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("plain", "1_000"),
        ("plain", "٣"),
        ("plain", "nan"),
        ("thousands", "1,23"),
        ("currency", "- -3"),
        ("decimal_comma", "3.14"),
        ("magnitude", "1.2e5k"),
        ("unit", "1133 - 1384"),
    ],
)
def test_what_a_rule_does_not_know_is_missing(rule: str, text: str) -> None:
    assert np.isnan(one_number(rule, text))


@pytest.mark.parametrize(
    ("name", "text", "iso"),
    [
        ("yyyy-mm-dd", "2019-3-23", "2019-03-23 00:00:00"),
        ("yyyy-mm-dd", "2019-03-23T20:21:09.123Z", "2019-03-23 20:21:09"),
        ("yyyy-mm-dd", "2019-03-23 20:21+02:00", "2019-03-23 20:21:00"),
        ("yyyy/m/d", "2011/1/31", "2011-01-31 00:00:00"),
        ("m/d/yyyy", "12/31/1999 5:06", "1999-12-31 05:06:00"),
        ("d/m/yyyy", "31/1/2011", "2011-01-31 00:00:00"),
        ("m/d/yy", "6/16/14", "2014-06-16 00:00:00"),
        ("m/d/yy", "1/2/68", "2068-01-02 00:00:00"),
        ("m/d/yy", "1/2/69", "1969-01-02 00:00:00"),
        ("d.m.yyyy", "1.2.2003", "2003-02-01 00:00:00"),
        ("d-m-yyyy", "1-2-2003", "2003-02-01 00:00:00"),
        ("d-mon-yyyy", "3 MAY 1999", "1999-05-03 00:00:00"),
        ("d-mon-yy", "19-Dec-70", "1970-12-19 00:00:00"),
        ("mon d, yyyy", "Sept. 1, 2021 10:00", "2021-09-01 10:00:00"),
        ("m/d/yyyy h:mm am", "1/2/2003 12:05 AM", "2003-01-02 00:05:00"),
        ("m/d/yyyy h:mm am", "11/12/2003 1:59:58 pm", "2003-11-12 13:59:58"),
        ("yyyymmdd", "20200131", "2020-01-31 00:00:00"),
    ],
)
def test_a_date_format_is_put_in_iso_order(name: str, text: str, iso: str) -> None:
    fmt = date_format(name)
    assert by_arrow(fmt.pattern, fmt.steps, text) == iso


@pytest.mark.parametrize("text", ["2019-13-01", "2019-02-32", "2019-02-01 24:00", "19-02-01"])
def test_an_impossible_date_is_missing(text: str) -> None:
    assert np.isnan(parse_days(as_texts([text]), date_format("yyyy-mm-dd"))[0])


@pytest.mark.parametrize("rule", NUMBER_RULES, ids=lambda rule: rule.name)
def test_every_text_a_number_rule_matches_is_read_as_a_number(rule: NumberRule) -> None:
    @FEW
    @given(st.from_regex(re.compile(rule.pattern, re.ASCII), fullmatch=True))
    def law(text: str) -> None:
        assert not np.isnan(parse_numbers(as_texts([text]), rule)[0])
        assert by_arrow(rule.pattern, rule.steps, text) == by_python(rule.pattern, rule.steps, text)

    law()


@pytest.mark.parametrize("fmt", DATE_FORMATS, ids=lambda fmt: fmt.name)
def test_every_text_a_date_format_matches_becomes_iso(fmt: DateFormat) -> None:
    @FEW
    @given(st.from_regex(re.compile(fmt.pattern, re.ASCII), fullmatch=True))
    def law(text: str) -> None:
        iso = by_arrow(fmt.pattern, fmt.steps, text)
        assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", iso or "")
        assert iso == by_python(fmt.pattern, fmt.steps, text)

    law()


@LAW
@given(st.text(max_size=12))
def test_python_and_arrow_agree_on_any_text(text: str) -> None:
    for rule in NUMBER_RULES:
        assert by_arrow(rule.pattern, rule.steps, text) == by_python(rule.pattern, rule.steps, text)


@LAW
@given(st.dates(min_value=dt.date(1600, 1, 1), max_value=dt.date(2500, 12, 31)))
def test_days_from_civil_counts_as_the_calendar_does(day: dt.date) -> None:
    counted = days_from_civil(np.array([day.year]), np.array([day.month]), np.array([day.day]))
    assert counted[0] == (day - dt.date(1970, 1, 1)).days


@LAW
@given(st.datetimes(min_value=dt.datetime(1900, 1, 1), max_value=dt.datetime(2100, 12, 31)))
def test_days_of_a_text_equal_days_of_the_date_itself(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    column = Column(name="t", kind="datetime", wire="string", date_format="yyyy-mm-dd")
    as_text = to_days(pd.Series([moment.isoformat()], dtype="str"), column)
    as_date = to_days(pd.Series([moment]), column)
    days = (moment - dt.datetime(1970, 1, 1)).total_seconds() / DAY_S
    assert [as_text[0], as_date[0]] == pytest.approx([days, days], rel=1e-14)


def test_text_of_typed_cells_is_what_a_file_would_hold() -> None:
    assert list(to_text(pd.Series([3.0, 0.5, np.nan]))) == ["3", "0.5", ""]
    assert list(to_text(pd.Series([1, None], dtype="Int64"))) == ["1", ""]
    assert list(to_text(pd.Series([True, False]))) == ["True", "False"]
    assert list(to_text(pd.Series(["b", None], dtype="category"))) == ["b", ""]
    assert list(to_text(pd.Series([pd.Timestamp("2020-01-02 03:04"), pd.NaT]))) == ["2020-01-02 03:04:00", ""]
    assert list(to_text(pd.Series([dt.date(2020, 1, 2), 7, "x", None], dtype=object))) == [
        "2020-01-02 00:00:00",
        "7",
        "x",
        "",
    ]


def test_text_of_a_zoned_date_is_in_utc() -> None:
    zoned = pd.Series(pd.to_datetime(["2020-01-01 01:00+02:00"]))
    assert list(to_text(zoned)) == ["2019-12-31 23:00:00"]


def test_text_of_a_file_is_left_as_it_is_written() -> None:
    assert list(to_text(pd.Series([" a ", "NA", ""], dtype="str"))) == [" a ", "NA", ""]


def test_a_cell_that_is_a_list_is_refused_by_its_row() -> None:
    with pytest.raises(UserError, match=r"'tags' holds a list(.|\n)*row 2"):
        to_text(pd.Series(["a", ["b"]], name="tags"))


def test_float_wire_sends_nan_for_null_tokens() -> None:
    sent = to_wire(pd.Series([" 1.5 ", "NA", "-", ""], dtype="str"), NUMBERS)
    assert sent.dtype == np.float32
    np.testing.assert_array_equal(sent, np.array([1.5, np.nan, np.nan, np.nan], np.float32))


def test_float_wire_refuses_a_word_by_column_and_row() -> None:
    with pytest.raises(UserError, match=r"column 'x' holds numbers, but 'abc' is none(.|\n)*row 3"):
        to_wire(pd.Series(["1", "2", "abc"], dtype="str"), NUMBERS)


def test_a_word_among_levels_that_are_numbers_is_told_what_a_level_is() -> None:
    levels = Column(name="floor", kind="categorical", wire="float32")
    with pytest.raises(UserError, match=r"holds levels that are numbers, but 'third' is none(.|\n)*unknown level"):
        to_wire(pd.Series(["1", "third"], dtype="str"), levels)


def test_string_wire_sends_the_text_unchanged() -> None:
    column = Column(name="x", kind="categorical", wire="string", null_tokens=("", "na"))
    assert list(to_wire(pd.Series([" A", "NA"], dtype="str"), column)) == [" A", "NA"]


def test_a_typed_number_means_the_same_under_a_decimal_comma() -> None:
    column = Column(name="x", kind="numeric", wire="string", number_rule="decimal_comma")
    typed = pd.Series([3.125, np.nan])
    assert list(to_wire(typed, column)) == ["3,125", ""]
    np.testing.assert_array_equal(to_numbers(typed, column), [3.125, np.nan])


def test_numbers_of_a_string_column_follow_its_rule() -> None:
    column = Column(name="x", kind="numeric", wire="string", number_rule="unit", null_tokens=("", "na"))
    numbers = to_numbers(pd.Series(["74 bhp", " 81.8 bhp", "bhp", "NA", ""], dtype="str"), column)
    np.testing.assert_array_equal(numbers, [74.0, 81.8, np.nan, np.nan, np.nan])


def test_categories_are_stripped_and_null_tokens_empty() -> None:
    column = Column(name="x", kind="categorical", wire="string", null_tokens=("", "?"))
    assert list(to_categories(pd.Series([" A", "a", "?", "none"], dtype="str"), column)) == [
        "A",
        "a",
        "",
        "none",
    ]


def test_categories_of_codes_are_whole_numbers_as_text() -> None:
    column = Column(name="x", kind="categorical", wire="float32", null_tokens=("",))
    assert list(to_categories(pd.Series(["3", "3.0", "2.5", "", "-0", "1e30"], dtype="str"), column)) == [
        "3",
        "3",
        "?",
        "",
        "0",
        "?",
    ]


def test_booleans_are_casefolded() -> None:
    column = Column(name="x", kind="boolean", wire="string", null_tokens=("",))
    assert list(to_categories(pd.Series(["TRUE", "false", ""], dtype="str"), column)) == ["true", "false", ""]
    assert list(to_categories(pd.Series([True, False]), column)) == ["true", "false"]
