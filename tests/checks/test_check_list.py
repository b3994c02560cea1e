from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path

import pytest

import autorecipe.checks
from autorecipe.checks import (
    CHECKS,
    IMAGE_CHECKS,
    cheap_model,
    contradictions,
    curves,
    d008_spelling_variants,
    d014_outcome_names,
    d040_schema_of_other_rows,
    d043_target_drift,
    file_names,
    group_keys,
    label_properties,
    mending,
    single_feature,
    spread,
    t010_rate_range,
    twins,
    verdicts,
    wording,
)
from autorecipe.checks.training import TRAINING_CHECKS

FOLDER = Path(autorecipe.checks.__file__).parent
ASKED = [(check, check.run) for check in (*CHECKS, *IMAGE_CHECKS)] + [(check, check.judge) for check in TRAINING_CHECKS]
ALL_CHECKS = [check for check, _ in ASKED]


def test_every_check_file_is_listed_under_its_own_code():
    files = {path.stem for path in FOLDER.glob("[dt][0-9][0-9][0-9]_*.py")}
    listed = {run.__module__.rpartition(".")[2]: check.code for check, run in ASKED}
    assert set(listed) == files
    assert all(module.startswith(code.lower() + "_") for module, code in listed.items())


def test_codes_and_titles_are_unique():
    codes, titles = {check.code for check in ALL_CHECKS}, {check.title for check in ALL_CHECKS}
    assert len(codes) == len(titles) == len(ALL_CHECKS)


def test_training_checks_are_listed_in_gate_order():
    codes = [check.code for check in TRAINING_CHECKS]
    assert codes == sorted(codes)


@pytest.mark.parametrize(("check", "run"), ASKED, ids=lambda value: getattr(value, "code", ""))
def test_every_rule_says_what_why_how_and_where_its_limits_come_from(check, run):
    rule = sys.modules[run.__module__].__doc__
    assert re.match(r"[A-Z].*[.?]\n", rule)
    for part in ("What it looks for:", "Why it matters:", "How to read it:", "Limits:"):
        assert part in rule
    assert check.question.endswith("?")


@pytest.mark.parametrize(
    "module",
    [
        cheap_model,
        group_keys,
        wording,
        single_feature,
        spread,
        d008_spelling_variants,
        d014_outcome_names,
        d040_schema_of_other_rows,
        d043_target_drift,
        verdicts,
        contradictions,
        curves,
        t010_rate_range,
        file_names,
        label_properties,
        mending,
        twins,
    ],
)
def test_examples_in_docstrings_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried > 0
    assert failed == 0
