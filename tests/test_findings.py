"""The order in which findings are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autorecipe.findings import ORDER, is_mere_note, needs_user, ranked
from autorecipe.record.finding import Finding

ACTIONS = ("none", "drop", "parse", "mask", "clip", "impute", "regroup", "ask", "look", "repair")
FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(("D001", "D013", "D022", "T022")),
    severity=st.sampled_from(tuple(ORDER)),
    title=st.just(""),
    message=st.sampled_from(("one", "two")),
    measured=st.none() | st.floats(0, 10),
    limit=st.none() | st.floats(0, 10),
    action=st.sampled_from(ACTIONS),
)


@given(found=st.lists(FINDINGS))
def test_each_is_told_once_the_gravest_first_and_mere_notes_last(found):
    told = ranked(found)
    assert set(told) == set(found)
    assert len(told) == len(set(found))
    assert [ORDER[f.severity] for f in told] == sorted(ORDER[f.severity] for f in found_once(found))
    assert [is_mere_note(f) for f in told] == sorted(is_mere_note(f) for f in found_once(found))


def found_once(found):
    return list(dict.fromkeys(found))


@given(finding=FINDINGS)
def test_what_needs_the_user_is_no_mere_note(finding):
    assert not (needs_user(finding) and is_mere_note(finding))


@pytest.mark.parametrize(
    ("severity", "action", "is_note"),
    [
        ("info", "none", True),
        ("info", "clip", True),
        ("info", "ask", True),
        ("info", "drop", False),
        ("info", "look", False),
        ("info", "mask", False),
        ("warn", "clip", False),
        ("stop", "ask", False),
    ],
)
def test_a_mere_note_changed_nothing_that_is_not_changed_always(severity, action, is_note):
    assert is_mere_note(Finding(code="D022", severity=severity, title="", message="", action=action)) is is_note


def test_labels_to_be_looked_at_are_told_before_what_was_done():
    done = Finding(code="D010", severity="info", title="", message="", action="drop", measured=9.0, limit=1.0)
    doubted = Finding(code="D113", severity="info", title="", message="", action="look", measured=0.01, limit=0.05)
    assert ranked((done, doubted)) == (doubted, done)
    assert not needs_user(doubted)
