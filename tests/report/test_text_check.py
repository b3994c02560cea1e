from __future__ import annotations

import dataclasses
import doctest

import pytest

from autorecipe.checks.training import TRAINING_CHECKS
from autorecipe.evidence import Evidence, Facts
from autorecipe.model_check import CheckReport, ranked
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.stage import Diagnosis
from autorecipe.report import text_check
from autorecipe.report.rule import why_it_matters
from autorecipe.report.text_check import check_text

FACTS = Facts(
    task="binary",
    n_classes=2,
    n_train=80,
    n_validation=20,
    learning_rate=1e-3,
    batch_size=32,
    optimizer="adam",
)


def finding(code, severity="warn", message="Something is odd: 3 of 4 (limit 2)", **fields):
    return Finding(code=code, severity=severity, title=code, message=message, **fields)


def outcome(code, status, **fields):
    return CheckOutcome(code=code, title=f"Title of {code}", status=status, **fields)


def report(*findings, outcomes=(), **fields):
    return CheckReport(
        outcomes=outcomes,
        findings=findings,
        evidence=Evidence(facts=FACTS),
        seconds=2.5,
        **{"diagnosis": None, **fields},
    )


def test_the_first_line_of_a_broken_network_names_the_fault():
    said = check_text(report(finding("T002", "stop", "The loss expects logits and gets probabilities: a softmax")))
    assert said.splitlines()[0] == "broken: the loss expects logits and gets probabilities: a softmax (T002)"


def test_a_long_message_is_cut_at_its_first_clause_in_the_first_line():
    message = f"Inputs are out of scale: {'x' * 200}"
    assert check_text(report(finding("T005", "warn", message))).startswith(
        "suspicious: inputs are out of scale (T005)\n"
    )


def test_a_sound_network_is_counted():
    outcomes = (
        outcome("T001", "passed", text="all finite"),
        outcome("T002", "passed", text="fits"),
        outcome("T012", "skipped", reason="no metric"),
    )
    said = check_text(report(outcomes=outcomes), details=True)
    assert said.splitlines()[0] == "sound: 2 of 2 checks passed"
    assert "all finite; fits" in said
    assert "T012 no metric" in said


def test_of_what_passed_the_most_telling_numbers_are_shown():
    outcomes = (outcome("T001", "passed", text="all finite"), outcome("T003", "passed", text="loss at start 0.694"))
    said = check_text(report(outcomes=outcomes))
    assert "2 checks: loss at start 0.694" in said
    assert "all finite" not in said


def test_notes_leave_a_network_sound():
    outcomes = (outcome("T001", "passed"), outcome("T015", "found"))
    said = check_text(report(finding("T015", "info"), outcomes=outcomes))
    assert said.startswith("sound: 1 of 2 checks passed, 1 note\n")


def test_a_finding_shows_what_was_measured_its_limit_what_it_means_and_its_remedy():
    said = check_text(report(finding("T005", message="Odd", measured=40.0, limit=2.0, remedy="scale them")))
    assert "measured 40, limit 2\n" in said
    assert why_it_matters("T005")[:60] in said
    assert "-> scale them\n" in said


def test_a_limit_that_the_message_names_is_not_told_twice():
    assert "measured" not in check_text(report(finding("T005", measured=3.0, limit=2.0)))


def test_every_training_check_says_why_it_matters():
    assert all(why_it_matters(check.code) for check in TRAINING_CHECKS)


def test_the_diagnosis_and_the_notes_are_told():
    diagnosis = Diagnosis(name="underfit", reason="both losses are high", remedy="more units")
    said = check_text(report(diagnosis=diagnosis, notes=("left out 2 rows",)))
    assert "underfit: both losses are high\n" in said
    assert "note: left out 2 rows" in said


@pytest.mark.parametrize(
    ("codes", "first"),
    [
        ((("T008", "stop"), ("T005", "warn")), "T005"),
        ((("T014", "stop"), ("T010", "warn")), "T010"),
        ((("T003", "stop"), ("T005", "warn")), "T005"),
        ((("T005", "warn"), ("T006", "stop")), "T006"),
        ((("T006", "stop"), ("T002", "stop")), "T002"),
        ((("T022", "warn"), ("T009", "warn")), "T009"),
        ((("T005", "info"), ("T022", "warn")), "T022"),
        ((("T019", "warn"), ("T014", "stop")), "T014"),
    ],
)
def test_causes_come_before_what_follows_from_them(codes, first):
    found = tuple(finding(code, severity, action="repair") for code, severity in codes)
    assert ranked(found)[0].code == first
    assert ranked(tuple(reversed(found))) == ranked(found)


def test_a_sweep_in_which_no_rate_helps_is_no_cause():
    flat = finding("T010", "warn", "No learning rate makes the loss fall")
    assert ranked((flat, finding("T008", "stop")))[0].code == "T008"


def test_only_what_stops_makes_a_network_unsound():
    assert report(finding("T005", "warn")).ok
    assert not report(finding("T002", "stop")).ok
    assert dataclasses.replace(report(), findings=()).verdict == "sound"


def test_no_line_but_the_first_is_wider_than_a_terminal():
    long = finding("T002", "stop", "word " * 60, remedy="word " * 60)
    lines = check_text(report(long, outcomes=(outcome("T001", "passed", text="t " * 99),))).splitlines()
    assert max(map(len, lines[1:])) <= 100


def test_a_cause_is_labelled_with_the_gravity_of_the_verdict_it_explains():
    cause = finding("T010", "warn", "The learning rate is far too low", action="repair")
    said = check_text(report(cause, finding("T014", "stop", "The loss does not fall"))).splitlines()
    assert said[0] == "broken: the learning rate is far too low (T010)"
    assert said[2].startswith("broken   The learning rate")


def test_what_follows_from_a_cause_takes_a_line_each_and_another_cause_stands_beside_it():
    message = "The loss does not fall"
    others = (finding("T008", "stop", message, remedy="a smaller rate"), finding("T005", message="Inputs are large"))
    known = report(finding("T002", "stop", "Two softmaxes"), *others)
    said = check_text(known)
    assert "which brings about\n  T008   broken: the loss does not fall\n" in said
    assert "besides\n  T005   warning: inputs are large\n" in said
    assert "a smaller rate" not in said
    assert "a smaller rate" in known.details()


def test_a_setting_is_not_brought_about_by_another():
    said = check_text(report(finding("T003", "stop"), finding("T010", action="repair"), finding("T014", "stop")))
    assert said.index("which brings about") < said.index("T014") < said.index("besides") < said.index("T010")


def test_a_note_never_follows_from_a_cause():
    said = check_text(report(finding("T002", "stop"), finding("T015", "info", "Small gradients")))
    assert "which brings about" not in said


def test_the_curves_of_a_network_with_a_named_cause_are_left_out():
    diagnosis = Diagnosis(name="no signal", reason="not below chance", remedy="other columns")
    cause = finding("T010", "warn", action="repair")
    assert "curves" not in check_text(report(cause, diagnosis=diagnosis))
    assert "curves" in check_text(report(finding("T022", "warn"), diagnosis=diagnosis))


def test_what_passed_takes_one_line_and_details_tell_all_of_it():
    outcomes = tuple(outcome(code, "passed", text=f"{code} {'x' * 40}") for code in ("T001", "T003", "T008", "T009"))
    known = report(outcomes=outcomes)
    passed = [line for line in check_text(known).splitlines() if line.startswith("passed")]
    assert passed == [f"passed   4 checks: T003 {'x' * 40}"]
    assert f"T001 {'x' * 40}" in known.details()


def test_a_reason_that_several_checks_share_is_told_once():
    shared = tuple(outcome(code, "skipped", reason="the training failed") for code in ("T014", "T020"))
    assert check_text(report(outcomes=shared)).count("the training failed") == 1


def test_examples_in_docstrings_hold():
    failed, tried = doctest.testmod(text_check)
    assert (failed, tried > 0) == (0, True)
