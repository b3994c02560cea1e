from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path

import pytest

import autorecipe.checks
from autorecipe.checks import CHECKS, d014_outcome_names, single_feature, spread, wording

FOLDER = Path(autorecipe.checks.__file__).parent


def test_every_check_file_is_listed_under_its_own_code():
    files = {path.stem for path in FOLDER.glob("[dt][0-9][0-9][0-9]_*.py")}
    listed = {check.run.__module__.rpartition(".")[2]: check.code for check in CHECKS}
    assert set(listed) == files
    assert all(module.startswith(code.lower() + "_") for module, code in listed.items())


def test_codes_and_titles_are_unique():
    assert len({check.code for check in CHECKS}) == len({check.title for check in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_every_rule_says_what_why_how_and_where_its_limits_come_from(check):
    rule = sys.modules[check.run.__module__].__doc__
    assert re.match(r"[A-Z].*[.?]\n", rule)
    for part in ("What it looks for:", "Why it matters:", "How to read it:", "Limits:"):
        assert part in rule
    assert check.question.endswith("?")


@pytest.mark.parametrize("module", [wording, single_feature, spread, d014_outcome_names])
def test_examples_in_docstrings_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried > 0
    assert failed == 0
