from __future__ import annotations

import dataclasses

import pytest
from rich.cells import cell_len

from autorecipe.record.finding import Finding
from autorecipe.record.profile import ColumnGroup, ColumnProfile, MissingPattern
from autorecipe.record.run import Run
from autorecipe.report.console import profile_lines
from autorecipe.report.text_columns import MAX_COLUMNS, columns_that_matter, table_lines
from autorecipe.report.text_words import as_text
from autorecipe.report.width import page_of

AGE = ColumnProfile(
    name="Age",
    kind="numeric",
    missing_share=0.2,
    n_distinct=88,
    mean=29.7,
    std=14.5,
    counts=(1, 2, 4, 8, 4, 2, 1, 1, 0, 1),
    score=0.55,
)
SEX = ColumnProfile(name="Sex", kind="categorical", missing_share=0.0, n_distinct=2, top=(("male", 491), ("f", 267)))


def with_columns(run: Run, *columns: ColumnProfile, findings: tuple[Finding, ...] = (), **fields: object) -> Run:
    profile = dataclasses.replace(run.profile, columns=columns, findings=findings, **fields)
    return dataclasses.replace(run, profile=profile)


def text_of(run: Run) -> str:
    return as_text(table_lines(run))


def test_a_number_shows_its_centre_its_spread_and_its_score_alone(rich_run):
    said = text_of(with_columns(rich_run, AGE))
    assert "20.0 %" in said
    assert "29.7 (sd 14.5)" in said
    assert "▂▃▅█▅▃▂▂▁▂" in said
    assert "0.55" in said
    assert "alone: what the column alone says of the target on rows held out (ROC AUC, 0.5 is chance)" in said


def test_a_category_shows_its_commonest_level_and_its_share(rich_run):
    assert "male 65 %" in text_of(with_columns(rich_run, SEX))


@pytest.mark.parametrize(
    "fields",
    [{"kind": "id"}, {"kind": "text"}, {"is_near_unique": True}, {"n_distinct": 700}],
    ids=["id", "text", "near unique", "many levels"],
)
def test_cells_that_name_rows_are_never_printed(rich_run, fields):
    column = dataclasses.replace(SEX, top=(("Braund, Mr. Owen", 1),), **fields)
    assert "Braund" not in text_of(with_columns(rich_run, column))


def test_dates_that_name_rows_show_the_month_alone(rich_run):
    column = dataclasses.replace(AGE, name="at", kind="datetime", low=17_956.0, high=17_986.0, n_distinct=700)
    text = text_of(with_columns(rich_run, column))
    assert "2019-03 " in text
    assert "2019-03-" not in text
    longer = dataclasses.replace(column, high=17_996.0)
    assert "2019-03 to 2019-04" in text_of(with_columns(rich_run, longer))
    common = dataclasses.replace(column, n_distinct=31)
    assert "2019-03-01 to 2019-03-31" in text_of(with_columns(rich_run, common))


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize(
    "name", ["Age", "x" * 300, "日本語の列" * 20, "a\nb\tc"], ids=["short", "long", "wide signs", "line feed"]
)
def test_no_line_is_wider_than_the_terminal(rich_run, width, name):
    findings = tuple(dataclasses.replace(f, columns=(name,)) for f in rich_run.profile.findings)
    run = with_columns(rich_run, dataclasses.replace(AGE, name=name), SEX, findings=findings)
    with page_of(width):
        assert max(cell_len(line.text) for line in profile_lines(run)) <= width
        assert all("\n" not in line.text for line in profile_lines(run))


def test_a_narrow_terminal_still_shows_kind_and_missing(rich_run):
    with page_of(40):
        said = text_of(with_columns(rich_run, AGE))
    assert "numeric" in said
    assert "20.0 %" in said


def test_two_thousand_columns_show_the_forty_that_matter(rich_run):
    columns = tuple(dataclasses.replace(AGE, name=f"x{i}", score=i / 4_000) for i in range(2_000))
    named = Finding(code="D001", severity="warn", title="", message="", columns=("x7",))
    target = rich_run.schema.target
    run = with_columns(rich_run, *columns, dataclasses.replace(SEX, name=target), findings=(named,))
    shown = columns_that_matter(run.profile, target)
    assert len(shown) == MAX_COLUMNS
    assert [c.name for c in shown][:2] == ["x7", "x1962"]
    assert shown[-1].name == target
    assert "and 1,961 columns more" in text_of(run)


def test_columns_that_go_together_are_named(rich_run):
    groups = (ColumnGroup(columns=("a", "b"), strength=0.971),)
    missing = (MissingPattern(columns=("c",), n_rows=9), MissingPattern(columns=("c", "d"), n_rows=31))
    said = text_of(with_columns(rich_run, AGE, groups=groups, missing_together=missing))
    assert "alike    a, b (|rho| 0.971 at least)" in said
    assert "missing  c, d together in 31 rows" in said
    assert "9 rows" not in said
