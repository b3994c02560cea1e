"""The graph reads raw cells as NumPy does: both are driven by the same tables."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.cells import NULL_TOKENS, to_categories, to_days, to_numbers
from autorecipe.data.date_formats import DATE_FORMATS, DateFormat
from autorecipe.data.number_rules import NUMBER_RULES, NumberRule
from autorecipe.data.schema import Column

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from autorecipe.preprocessing import parse_graph  # noqa: E402  TensorFlow may be absent

EXAMPLES = settings(max_examples=50, deadline=None)
NUMBER_LIKE = st.text("0123456789.,-+$€%() kKMbneEinf\t\xa0", max_size=14)
NULL_LIKE = st.sampled_from([*NULL_TOKENS, "NA", " N/A ", "None", "nà", "İ", "\u2003"])
BLANKS = st.text(" \t\n\v\f\r\xa0", max_size=2)


def cells_of(likely):
    """Lists of cells, with blanks around them and words for missing among them."""
    cell = st.one_of(likely, NULL_LIKE)
    return st.lists(st.tuples(BLANKS, cell, BLANKS).map("".join), min_size=1, max_size=8)


def as_column(texts):
    return tf.constant(np.array(texts, object)[:, None])


@pytest.mark.parametrize("rule", NUMBER_RULES, ids=lambda rule: rule.name)
def test_numbers_in_the_graph_equal_those_in_numpy(rule: NumberRule):
    @EXAMPLES
    @given(cells_of(st.one_of(NUMBER_LIKE, st.from_regex(rule.pattern, fullmatch=True))))
    def holds(texts):
        column = Column(name="x", kind="numeric", wire="string", number_rule=rule.name, null_tokens=NULL_TOKENS)
        with np.errstate(over="ignore"):
            expected = to_numbers(pd.Series(texts, dtype=object), column).astype("float32")
        cells = parse_graph.clean(as_column(texts), NULL_TOKENS)
        np.testing.assert_array_equal(parse_graph.parse_numbers(cells, rule)[:, 0].numpy(), expected)

    holds()


@pytest.mark.parametrize("fmt", DATE_FORMATS, ids=lambda fmt: fmt.name)
def test_dates_in_the_graph_equal_those_in_numpy(fmt: DateFormat):
    @EXAMPLES
    @given(
        cells_of(st.one_of(st.text("0123456789-/.: apmTZ", max_size=20), st.from_regex(fmt.pattern, fullmatch=True)))
    )
    def holds(texts):
        column = Column(name="x", kind="datetime", wire="string", date_format=fmt.name, null_tokens=NULL_TOKENS)
        expected = to_days(pd.Series(texts, dtype=object), column)
        dates = parse_graph.parse_dates(parse_graph.clean(as_column(texts), NULL_TOKENS), fmt)
        days = dates.days.numpy()[:, 0] + dates.seconds.numpy()[:, 0] / 86_400
        np.testing.assert_array_equal(np.where(dates.found.numpy()[:, 0], days, np.nan), expected)

    holds()


@EXAMPLES
@given(cells_of(st.text(max_size=6)))
def test_cleaned_cells_equal_the_levels_in_numpy(texts):
    column = Column(name="x", kind="categorical", wire="string", null_tokens=NULL_TOKENS)
    cleaned = parse_graph.clean(as_column(texts), NULL_TOKENS).numpy()[:, 0]
    assert [text.decode() for text in cleaned] == list(to_categories(pd.Series(texts, dtype=object), column))


@EXAMPLES
@given(
    st.lists(
        st.one_of(
            st.integers(-(2**24), 2**24).map(float),
            # TensorFlow takes a subnormal number for 0
            st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
            st.sampled_from([np.nan, np.inf, -np.inf, -0.0]),
        ),
        min_size=1,
    )
)
def test_codes_on_the_float_wire_have_the_levels_of_numpy(values):
    column = Column(name="x", kind="categorical", wire="float32")
    texts = parse_graph.whole_number_text(tf.constant(values, tf.float32)).numpy()
    assert [text.decode() for text in texts] == list(to_categories(pd.Series(values), column))


@EXAMPLES
@given(st.lists(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), min_size=1))
def test_days_equal_those_of_the_calendar(dates):
    parts = ([getattr(date, part) for date in dates] for part in ("year", "month", "day"))
    days = parse_graph.days_from_civil(*(tf.constant(part, tf.int32) for part in parts))
    assert days.numpy().tolist() == [(date - dt.date(1970, 1, 1)).days for date in dates]


def test_words_are_padded_and_cut_to_one_length():
    cells = tf.constant([["Won't SHIP, 2-day", ""], ["naïve_Ünï", "a b c d"]])
    words = parse_graph.split_words(cells, no_word=r"[^\p{L}\p{N}]+", length=3).numpy()
    assert words.tolist() == [
        [[b"won", b"t", b"ship"], [b"", b"", b""]],
        [["naïve".encode(), "ünï".encode(), b""], [b"a", b"b", b"c"]],
    ]
