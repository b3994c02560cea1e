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
    found = dataclasses.replace(known, importances=importances, dependences=(curve,))
    lines = interpretation_lines(found, classification_run())
    assert all("\n" not in line.text for line in lines)
    assert max(cell_len(line.text) for line in lines) <= 100


def test_levels_are_named_but_for_columns_in_which_most_rows_have_their_own():
    known, run = classification_run().interpretation, classification_run()
    column = next(c for c in run.schema.features if c.kind == "categorical")
    curve = dataclasses.replace(known.dependences[0], column=column.name, cells=("a7", "b9"), predictions=(0.1, 0.2))
    named = dataclasses.replace(known, dependences=(curve,))
    profile = dataclasses.replace(
        run.profile,
        columns=tuple(
            dataclasses.replace(c, is_near_unique=True) if c.name == column.name else c for c in run.profile.columns
        ),
    )
    unique = dataclasses.replace(run, profile=profile)
    shown, hidden = ("\n".join(line.text for line in interpretation_lines(named, r)) for r in (run, unique))
    assert "a7 → 0.100, b9 → 0.200" in shown
    assert "commonest → 0.100, 2nd → 0.200" in hidden
