from __future__ import annotations

import dataclasses

import pytest

from autorecipe.also import Done, Taken
from autorecipe.data.apply_fixes import Applied
from autorecipe.fix import Fix
from autorecipe.fixing import Fixed
from autorecipe.record.finding import Finding
from autorecipe.report.console import profile_lines
from autorecipe.report.text_fixes import did_lines, done_text, fix_text, fixed_lines, taken_text
from autorecipe.report.text_words import as_text


def with_findings(run, *findings, dropped=()):
    profile = dataclasses.replace(run.profile, findings=findings, dropped=dropped)
    return dataclasses.replace(run, profile=profile)


@pytest.mark.parametrize(
    ("applied", "said"),
    [
        (Applied(kind="drop column", column="an id", n=9), "left out the column 'an id'"),
        (Applied(kind="drop rows", column="", n=1), "left out 1 row"),
        (
            Applied(kind="add column", column="probe", n=9, to="probe_group"),
            "added the column probe_group: what probe says before the last separator",
        ),
        (
            Applied(kind="add column", column="", n=9, to="row_number"),
            "added the column row_number: the place of each row in the file",
        ),
        (Applied(kind="mask values", column="a", n=12, values=("?",)), "emptied 12 cells of a that said '?'"),
        (
            Applied(kind="merge values", column="a", n=2, values=("usa", "U.S.A."), to="USA"),
            "wrote 'USA' into 2 cells of a that said 'usa' or 'U.S.A.'",
        ),
        (
            Applied(kind="parse column", column="a", n=1_248, n_emptied=1, to="numeric"),
            "read 1,248 cells of a as numbers; 1 cell among them held none, and are empty now",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Applied) else "",
)
def test_what_was_done_names_the_column_and_the_number(applied, said):
    assert done_text(applied) == said


def test_a_flag_that_had_nothing_to_do_says_so():
    assert taken_text(Taken(flag="D015")) == "--also D015: nothing that it mends was found"
    assert taken_text(Taken(flag="D001", is_unasked=True)) == "--also D001: what D001 mends is done unasked"
    assert taken_text(Taken(flag="D015", n_rows=1)) == "--also D015: 1 row left out"
    assert taken_text(Taken(flag="D005:an age", columns=("an age",))) == "--also 'D005:an age': 'an age'"


def test_flags_of_one_kind_stand_beside_each_other_and_kinds_are_alternatives():
    fixes = (
        Fix(kind="drop column", columns=("a",), flag="--drop a"),
        Fix(kind="drop column", columns=("b",), flag="--drop b"),
        Fix(kind="ask", flag="--allow D013:a"),
        Fix(kind="mask values"),
    )
    assert fix_text(fixes) == "--drop a --drop b or --allow D013:a"


def test_fit_says_what_it_did_in_the_words_of_fix(rich_run):
    masked = Finding(
        code="D005",
        severity="info",
        title="",
        message="texts that stand for missing",
        columns=("b",),
        action="mask",
        fixes=(Fix(kind="mask values", columns=("b",), values=("?",), is_safe=True),),
    )
    said = as_text(did_lines(with_findings(rich_run, masked, dropped=("a",))))
    assert said == "  did   left out a; took other texts for missing in b\n"


def test_fit_says_how_many_copies_it_does_not_learn_from(rich_run):
    rows = Fix(kind="drop rows", rows=(4, 7), is_safe=True, is_unlearned=True)
    copies = Finding(code="D015", severity="info", title="", message="exact copies", action="regroup", fixes=(rows,))
    said = as_text(did_lines(with_findings(rich_run, copies)))
    assert said == "  did   left 2 copies of earlier training rows, equal in every cell, out of training\n"


def test_fit_says_that_the_split_keeps_near_copies_together(rich_run):
    near = Finding(code="D019", severity="info", title="", message="nearly equal to each other", action="regroup")
    said = as_text(did_lines(with_findings(rich_run, near)))
    assert said == "  did   drew the split so that near copies of rows lie in one part\n"


def test_nothing_done_is_nothing_said(rich_run):
    assert did_lines(with_findings(rich_run)) == ()


def test_a_profile_names_the_command_that_mends_the_file(rich_run):
    safe = Finding(
        code="D001",
        severity="warn",
        title="",
        message="a holds 1 distinct value",
        fixes=(Fix(kind="drop column", columns=("a",), is_safe=True, flag="--drop a"),),
    )
    said = " ".join(as_text(profile_lines(with_findings(rich_run, safe))).split())
    assert "--fix -o OUT.csv does what is safe about 1 finding in a file of its own" in said


def test_a_flag_of_what_was_found_and_no_file_can_mend_says_what_is_advised():
    text = taken_text(Taken(flag="D031", remedies=("add rows of the class",)))
    assert text == "--also D031: D031 was found, but no fix of a file exists for it: add rows of the class"


def test_rows_left_out_are_named_and_what_may_differ_too(rich_run):
    what = Applied(kind="drop rows", column="", n=9, rows=(4, 1_207), equal="features")
    done = Done(code="D015", applied=what)
    fixed = Fixed(run=rich_run, path="clean.csv", n_rows=882, n_columns=12, done=(done,), asked=())
    said = " ".join(as_text(fixed_lines(fixed)).split())
    assert "left out 9 rows, equal to an earlier one in all" in said
    assert "rows 4, 1,207 and 7 more" in said


@pytest.mark.parametrize(
    ("code", "said"),
    [("D015", "left out 9 rows, copies of earlier rows of the table"), ("D022", "left out 9 rows ")],
)
def test_copies_that_were_left_out_of_a_file_are_called_copies_of_the_table(rich_run, code, said):
    done = Done(code=code, applied=Applied(kind="drop rows", column="", n=9))
    fixed = Fixed(run=rich_run, path="clean.csv", n_rows=882, n_columns=12, done=(done,), asked=())
    assert said in as_text(fixed_lines(fixed))
