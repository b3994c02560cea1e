from __future__ import annotations

import pytest

from autorecipe.errors import UserError
from autorecipe.report.rule import rule_titles
from autorecipe.report.text_rule import GROUPS, rule_lines, rules_lines
from autorecipe.report.width import page_of


@pytest.mark.parametrize("width", [40, 80, 100])
def test_every_rule_fits_the_terminal(width):
    with page_of(width):
        assert all(len(line.text) <= width for code, _ in rule_titles() for line in rule_lines(code))
        assert all(len(line.text) <= width for line in rules_lines())


def test_a_rule_says_in_parts_what_why_how_and_from_where():
    headings = [line.text for line in rule_lines("d013") if line.style == "heading"]
    assert headings[0].startswith("D013  ")
    assert headings[1:] == ["What it looks for", "Why it matters", "How to read it", "Limits"]


def test_a_rule_loses_no_word():
    from autorecipe.report.rule import rule_text

    shown = " ".join(line.text for line in rule_lines("T008")).replace(":", "").lower().split()
    assert shown == rule_text("T008").replace(":", "").lower().split()


def test_checks_are_listed_in_groups_and_none_is_missing():
    lines = rules_lines()
    assert [line.text for line in lines if line.style == "heading"] == list(GROUPS.values())
    assert all(any(line.text.startswith(f"  {code}  ") for line in lines) for code, _ in rule_titles())


def test_an_unknown_code_gets_the_nearest():
    with pytest.raises(UserError, match="did you mean 'D013'"):
        rule_lines("D0013")
