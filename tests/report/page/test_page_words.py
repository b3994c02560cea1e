"""Texts that a page can show."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st
from rich_run import classification_run

from autorecipe.report.page.value import CodeText, Drawing, Paragraphs
from autorecipe.report.page.words import MAX_TEXT, cut, fit_to_show, is_drawn, sentences
from autorecipe.report.text_words import sentence_lines

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=60).map(" ".join)
LONG = "n" * 10_000


def with_column(name: str):
    run = classification_run()
    columns = (dataclasses.replace(run.schema.columns[0], name=name), *run.schema.columns[1:])
    return dataclasses.replace(run, schema=dataclasses.replace(run.schema, columns=columns))


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_wrapped_sentences_become_whole_again(texts):
    assert sentences(line for text in texts for line in sentence_lines(text)) == tuple(texts)


def test_a_long_name_is_cut_wherever_it_stands():
    said = fit_to_show(Paragraphs(texts=(f"{LONG} is constant",)), with_column(LONG)).texts[0]
    assert said == f"{'n' * 80}... (10,000 characters) is constant"


def test_a_long_text_is_cut_with_its_length():
    said = fit_to_show(Paragraphs(texts=("x" * 5_000,)), classification_run()).texts[0]
    assert said == f"{'x' * MAX_TEXT}... (5,000 characters)"


def test_signs_that_no_page_shows_are_replaced():
    said = fit_to_show(Paragraphs(texts=("a\x00b\x1b[31mc\ud800",)), classification_run()).texts[0]
    assert said == "a\ufffdb\ufffd[31mc\ufffd"


def test_code_and_drawings_stay_as_they_are():
    code = CodeText(title="recipe.yaml", text="x" * 5_000)
    plot = Drawing(title="t", alt="a", svg="<svg>" + "x" * 5_000, header=(), rows=(), code="plot-a")
    assert fit_to_show((code, plot), classification_run()) == (code, plot)
    assert is_drawn("a", (plot,))
    assert not is_drawn("b", (plot,))


@given(st.text(max_size=50), st.integers(1, 60))
def test_a_text_is_cut_only_where_it_is_longer(text, most):
    assert (cut(text, most) == text) == (len(text) <= most)
