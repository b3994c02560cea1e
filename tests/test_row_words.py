from __future__ import annotations

import pytest

from autorecipe.row_words import row_noun, said_of

SAID = "Rows: a row in 300 rows, row by row; A row's worth is no crow, no arrow and no brown."


def test_a_row_of_a_table_stays_one():
    assert row_noun("table") == "row"
    assert said_of("table", SAID) == SAID


def test_a_row_of_images_is_an_image():
    assert row_noun("image") == "image"
    expected = "Images: an image in 300 images, image by image; An image's worth is no crow, no arrow and no brown."
    assert said_of("image", SAID) == expected


@pytest.mark.parametrize("text", ["", "log loss 0.3", "throw", "rowing", "row_number"])
def test_other_words_are_left_alone(text):
    assert said_of("image", text) == text
