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
from autorecipe.data.number_rules import NUMBER_RULES, SECOND_NUMBER, NumberRule, mark_steps
from autorecipe.data.parse_texts import parse_numbers
from autorecipe.data.schema import Column
from autorecipe.preprocessing.number_marks import BARE_NUMBER, marks_of
from autorecipe.preprocessing.words import WORD_STEPS, split_words

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from autorecipe.preprocessing import parse_graph  # noqa: E402  TensorFlow may be absent

EXAMPLES = settings(max_examples=25, deadline=None)
FEW = settings(max_examples=10, deadline=None)  # for each of many patterns, of more cells at a time
NUMBER_LIKE = st.text("0123456789.,-+$€%() kKMbneEinf\t\xa0", max_size=14)
MEASURE_LIKE = st.from_regex(r"[0-9]{1,4}([.,][0-9]{1,3})?[ @a-zA-Z$€\-]{0,6}([0-9]{1,4}[ a-z]{0,4})?", fullmatch=True)
NULL_LIKE = st.sampled_from([*NULL_TOKENS, "NA", " N/A ", "None", "nà", "İ", "\u2003"])
BLANKS = st.text(" \t\n\v\f\r\xa0", max_size=2)
SMALLEST = float(np.finfo(np.float32).tiny)


def cells_of(likely, *, most=8):
    """Lists of cells, with blanks around them and words for missing among them."""
    cell = st.one_of(likely, NULL_LIKE)
    return st.lists(st.tuples(BLANKS, cell, BLANKS).map("".join), min_size=1, max_size=most)


def as_column(texts):
    return tf.constant(np.array(texts, object)[:, None])


@pytest.mark.parametrize("rule", NUMBER_RULES, ids=lambda rule: rule.name)
def test_numbers_in_the_graph_equal_those_in_numpy(rule: NumberRule):
    @FEW
    @given(cells_of(st.one_of(NUMBER_LIKE, st.from_regex(rule.pattern, fullmatch=True)), most=20))
    def holds(texts):
        column = Column(name="x", kind="numeric", wire="string", number_rule=rule.name, null_tokens=NULL_TOKENS)
        with np.errstate(over="ignore"):
            expected = to_numbers(pd.Series(texts, dtype=object), column).astype("float32")
        cells = parse_graph.clean(as_column(texts), NULL_TOKENS)
        found = parse_graph.parse_numbers(cells, rule)[:, 0].numpy()
        np.testing.assert_allclose(found, expected, rtol=0, atol=SMALLEST)  # TensorFlow may flush subnormals to zero

    holds()


@pytest.mark.parametrize("fmt", DATE_FORMATS, ids=lambda fmt: fmt.name)
def test_dates_in_the_graph_equal_those_in_numpy(fmt: DateFormat):
    @FEW
    @given(
        cells_of(
            st.one_of(st.text("0123456789-/.: apmTZ", max_size=20), st.from_regex(fmt.pattern, fullmatch=True)), most=20
        )
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


@EXAMPLES
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", max_codepoint=0x52F), max_size=30).map(
            lambda text: text.lower()  # what a capital becomes differs between versions of Unicode
        ),
        min_size=1,
        max_size=5,
    )
)
def test_words_in_the_graph_equal_those_of_the_vocabulary(texts):
    expected = [[*split_words(text), *[""] * 40][:40] for text in texts]
    found = parse_graph.split_words(as_column(texts), steps=WORD_STEPS, n_words=40).numpy()
    assert [[word.decode() for word in row[0]] for row in found] == expected


@pytest.mark.parametrize(
    "text", ["Don't PANIC!!! http://a.b/C?d=1 &AMP; 0123456789", "ÀÉ naïve £5,000,000 #One_Two", ""]
)
def test_messy_texts_split_alike_in_the_graph(text):
    expected = [*split_words(text), *[""] * 20][:20]
    found = parse_graph.split_words(as_column([text]), steps=WORD_STEPS, n_words=20).numpy()
    assert [word.decode() for word in found[0, 0]] == expected


def test_pairs_end_where_the_words_do():
    words = tf.constant([[["a", "b", ""], ["", "", ""]]])
    assert parse_graph.pairs_of(words, between=" ").numpy().tolist() == [[[b"a b", b""], [b"", b""]]]


@pytest.mark.parametrize("rule", [*NUMBER_RULES, SECOND_NUMBER], ids=lambda rule: rule.name)
def test_what_stands_beside_a_number_is_the_same_in_the_graph(rule: NumberRule):
    @EXAMPLES
    @given(cells_of(st.one_of(NUMBER_LIKE, MEASURE_LIKE)))
    def holds(texts):
        column = Column(name="x", kind="categorical", wire="string", null_tokens=NULL_TOKENS)
        cleaned = to_categories(pd.Series(texts, dtype=object), column)
        cells = parse_graph.clean(as_column(texts), NULL_TOKENS)
        if rule is SECOND_NUMBER:
            with np.errstate(over="ignore"):
                expected = parse_numbers(cleaned, rule).astype("float32")
            np.testing.assert_array_equal(parse_graph.parse_numbers(cells, rule)[:, 0].numpy(), expected)
        else:
            marks = parse_graph.number_marks(cells, rule, mark_steps(rule.name), bare=BARE_NUMBER)[:, 0].numpy()
            assert [mark.decode() for mark in marks] == list(marks_of(cleaned, rule.name))

    holds()


def test_words_are_padded_and_cut_to_one_length():
    cells = tf.constant([["Won't SHIP, 2-day", ""], ["naïve_Ünï", "a b c d"]])
    words = parse_graph.split_words(cells, steps=WORD_STEPS, n_words=3).numpy()
    assert words.tolist() == [
        [[b"wont", b"ship", b"2"], [b"", b"", b""]],
        [["naïve".encode(), "ünï".encode(), b""], [b"a", b"b", b"c"]],
    ]
