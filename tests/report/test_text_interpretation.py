"""What the model looks at, in lines of text."""

from __future__ import annotations

import dataclasses

import pytest
from rich.cells import cell_len
from rich_run import classification_run

from autorecipe.report.text_interpretation import interpretation_lines


@pytest.mark.parametrize("name", ["a|b\nc", "x" * 10_000, "日本語の列" * 20], ids=["line feed", "long", "wide signs"])
def test_a_name_of_any_form_stays_on_its_line(name):
    known = classification_run().interpretation
    importances = (dataclasses.replace(known.importances[0], column=name), *known.importances[1:])
    dependences = (dataclasses.replace(known.dependences[0], column=name, of=name, cells=(name, name)),)
    curve = dataclasses.replace(dependences[0], predictions=(0.1, 0.2))
    lines = interpretation_lines(dataclasses.replace(known, importances=importances, dependences=(curve,)))
    assert all("\n" not in line.text for line in lines)
    assert max(cell_len(line.text) for line in lines) <= 100
