from __future__ import annotations

import dataclasses

import pytest
from rich_run import classification_run

from autorecipe.report.text_commonest import beside_commonest


@pytest.mark.parametrize(
    ("metric", "confusion", "said"),
    [
        ("accuracy", ((880, 3), (100, 17)), "; always 'no': 0.883"),
        ("precision", ((880, 3), (100, 17)), ""),
        ("accuracy", (), ""),
        ("accuracy", ((0, 0), (0, 0)), ""),
    ],
)
def test_beside_an_accuracy_stands_what_the_commonest_class_gets(metric, confusion, said):
    known = dataclasses.replace(classification_run().evaluation, confusion=confusion)
    assert beside_commonest(metric, known, ("no", "yes")) == said
