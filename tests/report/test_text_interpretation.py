"""What the model looks at, in lines of text."""

from __future__ import annotations

import dataclasses
import re

import pytest
from rich.cells import cell_len
from rich_run import classification_run

from autorecipe.data.schema import Column
from autorecipe.interpretation.record import Dependence, ImageLook, ImageMistake, Interpretation
from autorecipe.report.page.words import MAX_TEXT, sentences
from autorecipe.report.text_image_interpretation import image_interpretation_lines
from autorecipe.report.text_interpretation import interpretation_lines
from autorecipe.testing import make_run


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


def test_of_many_mistakes_of_images_as_many_are_named_as_a_sentence_holds_whole():
    mistakes = tuple(
        ImageMistake(name=f"daisy/{i:040}.jpg", truth="daisy", predicted="sunflower", probability=0.9)
        for i in range(40)
    )
    known = Interpretation(n_rows=648, n_networks=1, unit="log loss", loss=0.4)
    lines = image_interpretation_lines(known, ImageLook(n_wrong=40, mistakes=mistakes), whole=True)
    said = next(text for text in sentences(lines) if text.startswith("mistakes"))
    assert len(said) < MAX_TEXT
    named, more = re.search(r"\(90 %\) and (\d+) more$", said), said.count(".jpg")
    assert named is not None
    assert int(named[1]) + more == 40


def test_quantiles_of_years_are_written_whole():
    year = Column(name="year", kind="numeric", wire="float32")
    run = make_run()
    run = dataclasses.replace(run, schema=dataclasses.replace(run.schema, columns=(*run.schema.columns, year)))
    curve = Dependence(column="year", cells=("1998.0", "2001.0", "2004.0"), predictions=(0.1, 0.2, 0.3), of="yes")
    known = Interpretation(n_rows=300, n_networks=1, unit="log loss", loss=0.4, dependences=(curve,))
    text = "\n".join(line.text for line in interpretation_lines(known, run))
    assert "1998 → 0.100, 2001 → 0.200, 2004 → 0.300" in text


def test_errors_of_a_regression_are_said_to_be_of_the_standardized_target():
    known = Interpretation(n_rows=300, n_networks=1, unit="squared error", loss=0.226)
    assert known.unit_text == "squared error (standardized target)"
    assert dataclasses.replace(known, unit="log loss").unit_text == "log loss"
