from __future__ import annotations

import pytest

from autorecipe.checks import CHECKS
from autorecipe.errors import UserError
from autorecipe.report.rule import rule_text, rule_titles


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_every_check_has_a_rule_that_says_where_its_limits_come_from(check):
    assert rule_text(check.code).startswith(f"{check.code}  ")
    assert "Limit" in rule_text(check.code)


def test_rules_and_checks_are_the_same_list():
    assert sorted(code for code, _ in rule_titles()) == sorted(check.code for check in CHECKS)


def test_a_code_is_read_in_any_case():
    assert rule_text(" d013 ") == rule_text("D013")


def test_an_unknown_code_gets_the_nearest():
    with pytest.raises(UserError, match="did you mean 'D013'"):
        rule_text("D0113")
