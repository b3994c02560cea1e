"""The short ways to numbers and dates lead where the patterns do."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data import evidence, kinds
from autorecipe.data.cells import to_levels, to_text
from autorecipe.data.date_formats import DATE_FORMATS, ISO, DateFormat, date_format
from autorecipe.data.evidence import gather
from autorecipe.data.kinds import best_date_format
from autorecipe.data.number_rules import NUMBER_RULES, NumberRule, number_rule
from autorecipe.data.parse_texts import parse_days, parse_numbers, plain_numbers
from autorecipe.data.patterns import as_texts, full_match
from autorecipe.data.schema import Column
from autorecipe.data.side_by_side import map_columns

FEW = settings(max_examples=30, deadline=None)  # for each of many patterns
numberlike = st.text(st.sampled_from("0123456789+-.eEinfa"), max_size=8)


@given(st.lists(numberlike | st.floats().map(repr) | st.integers().map(str), max_size=8))
def test_a_column_of_plain_numbers_is_read_as_its_pattern_reads_it(texts: list[str]) -> None:
    numbers = plain_numbers(pa.array(texts, pa.large_string()))
    if numbers is not None:
        matched = full_match(as_texts(texts), number_rule("plain").pattern)
        assert matched.tolist() == [text != "" for text in texts]
        assert numbers[matched].tolist() == [float(text) for text in texts if text]
        assert np.isnan(numbers[~matched]).all()


@pytest.mark.parametrize("rule", NUMBER_RULES, ids=lambda rule: rule.name)
@FEW
@given(data=st.data())
def test_what_a_rule_reads_may_be_a_number(rule: NumberRule, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(rule.pattern, fullmatch=True))
    assert re.fullmatch(evidence._MAY_BE_NUMBER, text)


@pytest.mark.parametrize("fmt", DATE_FORMATS, ids=lambda fmt: fmt.name)
@FEW
@given(data=st.data())
def test_what_a_format_reads_may_be_a_date(fmt: DateFormat, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(fmt.pattern, fullmatch=True))
    assert re.fullmatch(kinds._MAY_BE_DATE, text)


@given(st.lists(st.dates().map(str), min_size=1, max_size=5))
def test_dates_without_a_time_are_read_as_those_with_midnight(texts: list[str]) -> None:
    short = parse_days(as_texts(texts), date_format(ISO))
    assert short.tolist() == parse_days(as_texts([f"{text} 00:00" for text in texts]), date_format(ISO)).tolist()


dates = st.sampled_from(["2024-01-31", "31/01/2024", "01/02/2024", "1.2.24", "Jan 5, 2024", "no date"])


@given(st.lists(dates, min_size=1, max_size=60))
def test_leaving_out_formats_that_fit_too_few_cells_changes_no_format_that_fits_enough(cells: list[str]) -> None:
    found = gather(pd.Series(cells, dtype="str"), "when")
    best, quick = best_date_format(found), best_date_format(found, least=0.95)
    if best is not None and best[1] >= 0.95:
        assert quick == best
    else:
        assert quick is None or quick[1] < 0.95


@given(st.lists(st.sampled_from([" 1", "1", "x", "X ", "", "?", "na"]), min_size=1, max_size=20))
def test_levels_are_numbered_as_they_appear(cells: list[str]) -> None:
    column = Column(name="c", kind="categorical", wire="string", null_tokens=("", "?", "na"))
    codes, levels = to_levels(pd.Series(cells, dtype="str"), column)
    first_seen = list(dict.fromkeys(codes.tolist()))
    assert first_seen == sorted(first_seen)
    assert levels[codes].tolist() == [c.strip() if c.strip() not in ("?", "na") else "" for c in cells]


def test_missing_cells_of_a_column_of_texts_are_empty() -> None:
    assert to_text(pd.Series(["a", None, "b"], dtype="str")).tolist() == ["a", "", "b"]


def test_numbers_that_arrow_does_not_read_are_read_by_the_pattern() -> None:
    assert parse_numbers(pa.array(["+3", "4", "x"]), number_rule("plain")).tolist()[:2] == [3.0, 4.0]


@pytest.mark.parametrize("n", [0, 1, 7, 8, 100])
def test_columns_side_by_side_keep_their_order(n: int) -> None:
    assert map_columns(lambda i: i * i, range(n)) == [i * i for i in range(n)]
