"""No cell leaves the table unless it was asked for, and none that names a row ever does."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich_run import classification_run, regression_run

from autorecipe.data.schema import Column
from autorecipe.interpretation.record import Dependence, LargeError, WeakSlice
from autorecipe.record.finding import Finding
from autorecipe.record.profile import ColumnProfile
from autorecipe.record.run import Run
from autorecipe.report.page.content import report_of
from autorecipe.report.page.first import Place
from autorecipe.report.page.html import as_html
from autorecipe.report.page.privacy import (
    Privacy,
    evidence_text,
    note_text,
    privacy_of,
    privacy_text,
    said_of_finding,
)
from autorecipe.report.page.twins import as_json, as_markdown

NOTHING = Privacy(show_values=False, show_samples=True, never=frozenset(), known=frozenset({"age", "yes"}))
ALL = dataclasses.replace(NOTHING, show_values=True, never=frozenset({"ticket"}))


def finding(message, *, quoted=(), columns=("age",)):
    return Finding(code="D005", severity="info", title="", message=message, columns=columns, quoted=quoted)


def all_forms(run: Run, *, show_values: bool, show_samples: bool = True) -> str:
    """The page, its Markdown and its JSON, one after the other."""
    report = report_of(
        run, (), Place(path="runs/x"), show_values=show_values, show_samples=show_samples, written="today"
    )
    return as_html(report) + as_markdown(report) + json.dumps(as_json(report), ensure_ascii=False)


def secretive_run() -> Run:
    """A run whose every cell begins with SECRET."""
    run = classification_run()
    columns = tuple(
        dataclasses.replace(own, top=(("SECRET level", 5),) if own.top else (), minimum=None, maximum=None)
        for own in run.profile.columns
    )
    schema = dataclasses.replace(
        run.schema,
        columns=tuple(
            dataclasses.replace(c, reason="3 levels such as 'SECRET level', 'SECRET'") for c in run.schema.columns
        ),
    )
    looks = dataclasses.replace(
        run.interpretation,
        dependences=(
            Dependence(column="sex", cells=("SECRET level", "SECRET other"), predictions=(0.1, 0.2), of="yes"),
        ),
        slices=(WeakSlice(column="sex", rows="sex is 'SECRET level'", n_rows=40, loss=0.9, elsewhere=0.4, error=0.1),),
    )
    return dataclasses.replace(
        run, profile=dataclasses.replace(run.profile, columns=columns), schema=schema, interpretation=looks
    )


def test_no_cell_is_shown_in_any_form_unless_asked_for():
    assert "SECRET" not in all_forms(secretive_run(), show_values=False)


def test_cells_that_name_no_row_are_shown_on_request():
    shown = all_forms(secretive_run(), show_values=True)
    assert "SECRET level (5)" in shown
    assert "SECRET-999" in shown


def test_cells_that_name_a_row_are_never_shown():
    assert "PRIVATE" not in all_forms(classification_run(), show_values=True)


def test_the_first_screen_says_what_is_shown():
    assert privacy_text(NOTHING, has_images=False).startswith("no cell values")
    assert "none of ids, texts" in privacy_text(ALL, has_images=False)
    assert privacy_text(NOTHING, has_images=True) == "thumbnails and names of images"
    assert privacy_text(dataclasses.replace(NOTHING, show_samples=False), has_images=True).startswith("no images")


def test_levels_that_are_numbers_are_shown_unless_they_name_rows():
    run = classification_run()
    code = Column(name="smoker", kind="boolean", wire="float32")
    account = dataclasses.replace(code, name="account", kind="categorical", role="id")
    schema = dataclasses.replace(run.schema, columns=(*run.schema.columns, code, account))
    privacy = privacy_of(dataclasses.replace(run, schema=schema), show_values=False, show_samples=True)
    assert privacy.may_show_levels("smoker")
    assert not privacy.may_show("smoker")
    assert not privacy.may_show_levels("account")


def test_labels_of_classes_are_shown_always():
    run = classification_run()
    assert "yes" in privacy_of(run, show_values=False, show_samples=True).known
    assert "survived" not in privacy_of(run, show_values=False, show_samples=True).never


def test_ids_texts_and_near_unique_columns_are_never_shown():
    never = privacy_of(classification_run(), show_values=True, show_samples=True).never
    assert {"PassengerId", "remarks", "ticket"} <= never
    assert not {"age", "sex"} & never


def test_a_column_with_a_value_for_most_rows_names_them_whatever_its_profile_says():
    run = classification_run()
    street = ColumnProfile(name="sex", kind="categorical", missing_share=0.0, n_distinct=500)
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, columns=(street,)))
    assert "sex" in privacy_of(run, show_values=True, show_samples=True).never


@pytest.mark.parametrize(
    ("message", "quoted", "said"),
    [
        ("age holds '-999' in 14 rows", ("-999",), "age holds '...' in 14 rows"),
        ("14 rows hold 14.5, which is odd", ("14.5",), "14 rows hold ..., which is odd"),
        ("1 of 100 rows holds '1'", ("1",), "1 of 100 rows holds '...'"),
        ("'age' holds 'unknown'", (), "'age' holds '...'"),
        ("rows of 'yes' only", (), "rows of 'yes' only"),
        ("keep it: --keep 'age'", (), "keep it: --keep 'age'"),
    ],
)
def test_what_a_finding_quotes_is_taken_out(message, quoted, said):
    assert said_of_finding(message, finding(message, quoted=quoted), NOTHING) == said


def test_what_a_finding_quotes_of_a_column_that_names_rows_is_always_taken_out():
    message = "ticket holds 'A-113'"
    assert (
        said_of_finding(message, finding(message, quoted=("A-113",), columns=("ticket",)), ALL) == "ticket holds '...'"
    )
    assert said_of_finding(message, finding(message, quoted=("A-113",)), ALL) == message


@given(st.text(min_size=3).filter(lambda value: value.strip() == value), st.integers(0, 99))
def test_a_quoted_cell_is_in_no_finding(value, n):
    message = f"{n} rows hold '{value}', and {n} more"
    said = said_of_finding(message, finding(message, quoted=(value,)), NOTHING)
    assert f"'{value}'" not in said
    assert said.startswith(f"{n} rows hold '...'")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("3 levels such as 'S', 'C', 'Q'", "3 levels"),
        ("all look like '$1,200': the number is read", "all: the number is read"),
        ("98.2 % are dates such as '2020-01-31', read as year-month-day", "98.2 % are dates, read as year-month-day"),
        ("7 whole numbers from 0 to 8: amounts", "7 whole numbers: amounts"),
        ("only no and yes", "two values"),
        ("only 7", "one value"),
        ("4.1 words a cell, 891 distinct", "4.1 words a cell, 891 distinct"),
        ("categories in the table: 'a', 'b'", "categories in the table"),
        ("3 levels such as '\"'`', '<img src=x>', 'b'", "3 levels"),
        ("2 levels such as 'a' b', 'c'", "2 levels"),
        (
            "all look like 'it's $1': the number is read, others such as 'n'a' count as missing",
            "all: the number is read, others count as missing",
        ),
        ("numbers", "numbers"),
    ],
)
def test_evidence_names_no_cells(reason, said):
    assert evidence_text(reason, "fare", NOTHING) == said
    assert evidence_text(reason, "fare", ALL) == reason


def test_a_regression_shows_neither_the_ends_of_its_target_nor_the_truth_of_rows():
    run = regression_run()
    run = dataclasses.replace(
        run,
        schema=dataclasses.replace(run.schema, task_reason="price has numbers with fractions, from 14999 to 500001"),
        interpretation=dataclasses.replace(
            run.interpretation, errors=(LargeError(row=7, truth="431.77", predicted="12.5", loss=9.876543),)
        ),
    )
    hidden, shown = all_forms(run, show_values=False), all_forms(run, show_values=True)
    assert not [text for text in ("14999", "500001", "431.77") if text in hidden]
    assert all(text in shown for text in ("14999", "431.77"))


def test_numbers_show_their_middle_and_never_their_extremes():
    shown = all_forms(classification_run(), show_values=True)
    assert "98 % from 1 to 77" in shown
    assert "512.3" not in shown


def test_names_of_files_in_notes_go_with_the_images():
    note = "left out 1 file that cannot be read, as 'jane_doe.png': it is empty"
    assert note_text(note, NOTHING) == note
    assert "jane" not in note_text(note, dataclasses.replace(NOTHING, show_samples=False))
