"""The checklists are ticked from the run."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from rich_run import classification_run, unfinished_run

from autorecipe.record.finding import Finding
from autorecipe.record.run import Run
from autorecipe.record.trial import History
from autorecipe.report.page.checklists import ITEMS, checklists_section, tick_of

RULES = Path(__file__).parents[3] / "docs" / "recipe.md"
BY_CODE = {item.code: item for item in ITEMS}


def state_of(code: str, run: Run) -> str:
    return tick_of(BY_CODE[code], run).state


def test_every_item_of_the_recipe_is_there_in_its_words():
    listed = re.findall(r"^- (J\d+) (.+)$", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [(item.code, item.text) for item in ITEMS]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
def test_every_item_has_evidence(item):
    for run in (classification_run(), unfinished_run()):
        assert tick_of(item, run).evidence


def test_what_a_run_has_not_come_to_is_not_done():
    run = unfinished_run()
    assert {state_of(code, run) for code in ("J12", "J14", "J15", "J16")} == {"not done"}


def test_a_finished_run_is_evaluated_saved_and_documented():
    run = classification_run()
    assert {state_of(code, run) for code in ("J1", "J3", "J7", "J12", "J13", "J14", "J15", "J16")} == {"done"}


def cleaned(*findings: Finding) -> tuple[str, str]:
    run = classification_run()
    tick = tick_of(BY_CODE["J2"], dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=findings)))
    return tick.state, tick.evidence


def test_data_is_cleaned_where_no_finding_waits_for_the_user():
    waits = Finding(code="D121", severity="warn", title="", message="labels differ", action="none")
    regrouped = Finding(code="D111", severity="info", title="", message="near copies", action="regroup")
    asked = Finding(code="D005", severity="info", title="", message="0 may be missing", action="ask")
    assert cleaned(waits, regrouped) == ("not done", "1 finding acted on, 1 left to you")
    assert cleaned(regrouped, asked) == ("done", "1 finding acted on, 0 left to you")
    assert cleaned(asked) == ("not applicable", "no finding asked for an action")


def test_a_recipe_of_which_no_change_was_tried_is_said_to_be_by_rules_alone():
    run = classification_run()
    bare = tuple(dataclasses.replace(s, decisions=(), trials=()) for s in run.stages)
    tick = tick_of(BY_CODE["J5"], dataclasses.replace(run, stages=bare))
    assert tick.evidence.startswith("by rules, ")
    assert tick.evidence.endswith("; no change of it was tried")


def test_a_model_whose_proof_failed_is_not_saved():
    run = classification_run()
    parity = dataclasses.replace(run.export.parity, passed=False, cause="labels differ")
    run = dataclasses.replace(run, export=dataclasses.replace(run.export, parity=parity))
    tick = tick_of(BY_CODE["J16"], run)
    assert (tick.state, tick.evidence) == ("not done", "the proof failed: labels differ")


def test_without_test_rows_the_split_is_not_done():
    run = classification_run()
    assert state_of("J3", dataclasses.replace(run, split=dataclasses.replace(run.split, n_test=0))) == "not done"


def test_a_loss_that_does_not_fall_is_not_done():
    run = classification_run()

    def with_losses(*losses: float) -> Run:
        stage = next(s for s in reversed(run.stages) if s.best is not None)
        fits = (dataclasses.replace(stage.best.fits[0], history=History(train_loss=losses)),)
        best = dataclasses.replace(stage.best, fits=fits)
        changed = dataclasses.replace(stage, best=best)
        return dataclasses.replace(run, stages=tuple(changed if s is stage else s for s in run.stages))

    assert state_of("J9", with_losses(0.7, 0.6)) == "done"
    assert state_of("J9", with_losses(0.6, 0.7)) == "not done"
    assert state_of("J9", with_losses(0.6)) == "not done"


def test_a_training_that_swings_is_not_stable():
    run = classification_run()
    assert state_of("J10", run) == "done"
    swings = Finding(code="T020", severity="warn", title="", message="the loss swings")
    last = dataclasses.replace(run.stages[-1], findings=(swings,))
    assert state_of("J10", dataclasses.replace(run, stages=(*run.stages[:-1], last))) == "not done"


def test_the_section_counts_its_ticks():
    section = checklists_section(classification_run())
    assert section.lead.endswith("not applicable.")
    assert sum(len(block.ticks) for block in section.blocks) == len(ITEMS) == 16
