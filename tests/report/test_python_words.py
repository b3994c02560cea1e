"""Remedies for those who work in Python."""

from __future__ import annotations

import ast
import inspect
import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autorecipe import AutoRecipe
from autorecipe.checks.mending import drop_columns, set_type
from autorecipe.report.python_words import KINDS, LISTS, SHARES, SWITCHES, TEXTS, in_python

PARAMETERS = inspect.signature(AutoRecipe).parameters
NAMED = (*LISTS.values(), *TEXTS.values(), *SHARES.values(), *KINDS.values())


def test_every_argument_is_one_of_the_estimator():
    assert set(NAMED) | {said.partition("=")[0] for said in SWITCHES.values()} <= set(PARAMETERS)


@given(columns=st.lists(st.text("ab_ é.", min_size=1, max_size=8), min_size=1, max_size=3))
def test_the_list_of_columns_is_the_one_that_the_flags_name(columns):
    flags = " ".join(fix.flag for fix in drop_columns(columns))
    said = in_python(f"{flags} if not known")
    assert ast.literal_eval(said.removeprefix("drop=").removesuffix(" if not known")) == columns


@pytest.mark.parametrize(
    ("remedy", "said"),
    [
        ("--keep COLUMN keeps one", 'keep=["COLUMN"] keeps one'),
        (
            "--split-by-group 'subject#'; else --allow 'D018:subject#'",
            'split_by_group="subject#"; else allow=["D018:subject#"]',
        ),
        ("--metric log_loss rather", 'metric="log_loss" rather'),
        ("--test 0.15 shares", "test_size=0.15 shares"),
        ("mend them in the file", "mend them in the file"),
        ("--pictures DIR draws", "--pictures DIR draws"),
    ],
)
def test_a_flag_becomes_an_argument_and_the_sentence_stays(remedy, said):
    assert in_python(remedy) == said


def test_a_kind_is_given_by_column():
    flag = set_type(["Total Charges"], "numeric")[0].flag
    assert shlex.split(flag) == ["--type", "Total Charges=numeric"]
    assert in_python(flag) == 'types={"Total Charges": "numeric"}'


def test_a_command_on_a_file_is_written_whole():
    said = in_python("if they are errors, profile --fix --also D015 leaves them out")
    assert re.search(r"autorecipe profile FILE --fix --also D015", said)
