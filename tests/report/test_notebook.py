"""What a notebook shows: small, escaped, without scripts, and no cells that the page would not show."""

from __future__ import annotations

import dataclasses
import html.parser
from pathlib import Path

import pandas as pd
import pytest
from rich_data import HOSTILE
from rich_run import classification_run, regression_run, unfinished_run, wide_run

from autorecipe import AutoRecipe, AutoRecipeClassifier
from autorecipe.config import Config
from autorecipe.record.finding import Finding
from autorecipe.report.notebook import MOST_COLUMNS, ShownProfile, profile_html, run_html
from autorecipe.testing import make_run, with_images

MAX_CHARACTERS = 200_000
RUNS = {
    "classification": classification_run,
    "regression": regression_run,
    "unfinished": unfinished_run,
    "hostile": lambda: classification_run(hostile=True),
    "wide": wide_run,
}


class Tags(html.parser.HTMLParser):
    """The tags of a piece of HTML, its attributes, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def fitted(run, kind=AutoRecipe):
    model = kind(verbose=0)
    model._keep(run, Path("runs/people-1"))
    return model


@pytest.mark.parametrize("show", [profile_html, lambda run: run_html(run, Path("runs/x"))], ids=["profile", "run"])
@pytest.mark.parametrize("name", list(RUNS))
def test_it_is_small_and_nothing_in_it_acts(name, show):
    source = show(RUNS[name]())
    tags = Tags(source)
    assert len(source) < MAX_CHARACTERS
    assert not tags.names & {"script", "img", "iframe", "link", "b<"}
    assert not {a for a in tags.attributes if a.startswith("on") or a in ("src", "href")}


def test_hostile_names_are_text():
    source = profile_html(classification_run(hostile=True))
    text = Tags(source).text
    assert HOSTILE[0] in text
    assert HOSTILE[1] in text
    assert "x" * 200 not in text


def test_a_profile_shows_counts_findings_and_columns():
    text = Tags(profile_html(classification_run())).text
    for said in ("758 training rows", "boat alone predicts the target", "Needs you.", "age", "2.0 %", "ROC AUC alone"):
        assert said in text


def test_a_profile_says_what_is_predicted():
    assert "Taskbinary: survived" in Tags(profile_html(classification_run())).text


def test_an_output_cell_does_not_claim_to_grow():
    text = Tags(run_html(unfinished_run(), Path("runs/x"))).text
    assert "Overfit was next when this was written." in text
    assert "rewritten" not in text


def test_names_of_images_stay_out():
    run = with_images(make_run(task="multiclass"))
    named = Finding(
        code="D121",
        severity="warn",
        title="",
        message="2 images of two labels",
        remedy="delete the wrong copies (rose/anna (2).jpg, tulip/anna.jpg and 7 more) or keep rose/anna (2).jpg",
        examples=("rose/anna (2).jpg", "tulip/anna.jpg", "tulip/otto.jpg"),
    )
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(named,)))
    for source in (profile_html(run), run_html(run, Path("runs/x"))):
        assert "anna" not in source
        assert "Delete the wrong copies or keep ..." in source


def test_of_many_columns_the_first_are_shown_and_the_others_counted():
    text = Tags(profile_html(wide_run())).text
    assert f"gene expression {MOST_COLUMNS - 1:04d}" in text
    assert f"gene expression {MOST_COLUMNS:04d}" not in text
    assert f"and {2_000 - MOST_COLUMNS:,} more columns" in text


def test_cells_are_not_shown_unless_asked_for_and_those_that_name_a_row_never():
    hidden = profile_html(classification_run())
    shown = profile_html(classification_run(config=Config(target="survived", show_values=True)))
    assert "female" not in hidden
    assert "SECRET-999" not in hidden
    assert "female" in shown
    assert "PRIVATE" not in shown


def test_a_fitted_estimator_shows_its_verdict_and_how_it_is_used():
    text = Tags(fitted(classification_run())._repr_html_()).text
    for said in ("ROC AUC 0.871", "0.02 above gradient boosting", "boat alone", "autorecipe"):
        assert said in text


def test_the_report_is_named_where_there_is_one(tmp_path):
    assert "The whole report" not in run_html(classification_run(), tmp_path)
    (tmp_path / "report.html").write_text("")
    assert str(tmp_path / "report.html") in run_html(classification_run(), tmp_path)


def test_ipython_gets_the_same_beside_plain_text():
    model = fitted(classification_run(), AutoRecipeClassifier)
    bundle = model._repr_mimebundle_()
    assert bundle == {"text/plain": repr(model), "text/html": model._repr_html_()}


def test_before_the_fit_scikit_learns_own_diagram_is_shown():
    assert "AutoRecipe" in AutoRecipe()._repr_html_()
    assert "sk-" in AutoRecipe()._repr_html_()


def test_a_profile_is_a_profile_with_a_view():
    run = classification_run()
    profile = fitted(run).profile_
    assert isinstance(profile, ShownProfile)
    assert (profile.columns, profile.findings) == (run.profile.columns, run.profile.findings)
    assert profile._repr_html_() == profile_html(run)
    assert "environment" not in repr(profile)


def test_a_run_without_a_profile_has_none():
    assert ShownProfile.of(dataclasses.replace(classification_run(), profile=None)) is None


def test_data_can_be_looked_at_without_training(no_training):
    rows = {"age": list(range(60)), "city": ["Ulm", "Bonn", "Kiel"] * 20}
    profile = AutoRecipe(verbose=0).profile(pd.DataFrame(rows), [0, 1] * 30)
    assert {column.name for column in profile.columns} >= {"age", "city"}
    assert "city" in profile._repr_html_()


def test_what_is_to_be_done_is_said_as_python_arguments():
    run = classification_run()
    finding = Finding(
        code="D013", severity="stop", title="", message="a leaks", columns=("a",), action="ask", remedy="--drop a"
    )
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(finding,)))
    for source in (profile_html(run), run_html(run, Path("runs/x"))):
        text = Tags(source).text
        assert 'drop=["a"]' in text
        assert "--drop" not in text
        assert "those of AutoRecipe(...)" in text
