from __future__ import annotations

import pytest

from autorecipe.checks import CHECKS, IMAGE_CHECKS
from autorecipe.checks.training import TRAINING_CHECKS
from autorecipe.errors import UserError
from autorecipe.report.rule import rule_text, rule_titles

ALL_CHECKS = (*CHECKS, *IMAGE_CHECKS, *TRAINING_CHECKS)


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.code)
def test_every_check_has_a_rule_that_says_where_its_limits_come_from(check):
    assert rule_text(check.code).startswith(f"{check.code}  ")
    assert "Limit" in rule_text(check.code)


def test_rules_and_checks_are_the_same_list():
    assert {code for code, _ in rule_titles()} == {check.code for check in ALL_CHECKS}


def test_rules_of_the_data_come_before_those_of_training_each_in_the_order_of_the_codes():
    codes = [code for code, _ in rule_titles()]
    assert codes == sorted(codes)
    assert (codes[0], codes[-1]) == ("D001", "T029")


def test_a_code_is_read_in_any_case():
    assert rule_text(" d013 ") == rule_text("D013")


def test_the_noughts_of_a_code_may_be_left_out():
    assert rule_text("d13") == rule_text("D013")


def test_an_unknown_code_gets_the_nearest():
    with pytest.raises(UserError, match="did you mean 'D013'"):
        rule_text("D0013")


@pytest.mark.parametrize("code", ["D099", "D999", "T120", "E013"])
def test_another_number_is_another_check_however_near(code):
    with pytest.raises(UserError, match=r"there are D001 to D\d+, D101 to D\d+ and T001 to T029") as refused:
        rule_text(code)
    assert "did you mean" not in str(refused.value)


def test_the_nearest_of_an_unknown_training_code_is_one_of_training():
    with pytest.raises(UserError, match="did you mean 'T01"):
        rule_text("T0112")
