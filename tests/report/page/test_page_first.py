"""The first screen: the verdict in one sentence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from rich_run import classification_run, regression_run, unfinished_run

from autorecipe.findings import findings_of, needs_user
from autorecipe.fix import Fix
from autorecipe.record.evaluation import Score
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.run import Run
from autorecipe.report.notebook import run_html
from autorecipe.report.page.content import report_of
from autorecipe.report.page.findings import finding_cards
from autorecipe.report.page.first import Place, first_screen, verdict_sentence
from autorecipe.report.page.html import as_html
from autorecipe.report.page.privacy import privacy_of
from autorecipe.report.page.twins import as_markdown


def judged(verdict, *, rival="gradient boosting", gain=0.021, run: Run | None = None) -> Run:
    run = run or classification_run()
    difference = Score(metric=run.metric, value=gain, low=gain - 0.03, high=gain + 0.03)
    known = dataclasses.replace(run.evaluation, verdict=verdict, rival=rival, difference=difference)
    return dataclasses.replace(run, evaluation=known)


def screen(run: Run, place: Place | None = None):
    privacy = privacy_of(run, show_values=False, show_samples=True)
    return first_screen(run, place or Place(path="runs/people-1"), finding_cards(run, privacy), privacy)


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (judged("ahead"), "0.021 above gradient boosting"),
        (judged("behind", gain=-0.021), "0.021 below gradient boosting, which wins"),
        (judged("level"), "level with gradient boosting, within the error"),
        (judged("level", rival="always the same"), "no better than a constant"),
        (judged("behind", gain=-0.1, rival="always the same"), "0.100 below a constant, which wins"),
        (judged("ahead", gain=1.5, run=regression_run()), "1.5 less than gradient boosting"),
    ],
)
def test_the_verdict_says_how_far_the_rival_is(run, said):
    assert said in verdict_sentence(run).split("; ")


def without_rivals(run: Run, *missing: str, ended="budget") -> Run:
    """Take baselines off a run's ladder, as a clock does that leaves no time for them."""
    cut = tuple(
        dataclasses.replace(
            stage,
            ladder=tuple(trial for trial in stage.ladder if trial.name not in missing),
            trials=tuple(trial for trial in stage.trials if trial.name not in missing),
            ended=ended,
        )
        if stage.stage == "baseline"
        else stage
        for stage in run.stages
    )
    return dataclasses.replace(run, stages=cut)


def test_a_verdict_without_baselines_names_what_is_missing_in_a_neutral_colour():
    run = without_rivals(judged("ahead", rival="always the same"), "linear", "gradient boosting")
    shown = screen(run)
    assert "no linear model or gradient boosting was fitted: the time was up" in shown.verdict
    assert shown.tone == "plain"
    assert shown.beside[0].startswith("Better than always predicting the same: ROC AUC")
    assert not any("wins" in text for text in shown.beside)


def test_a_verdict_without_gradient_boosting_says_so():
    shown = screen(without_rivals(judged("ahead", rival="linear"), "gradient boosting", ended="interrupted"))
    assert "no gradient boosting was fitted: the run was interrupted" in shown.verdict
    assert shown.beside[0].startswith("Better than linear: ")


def test_a_missing_baseline_does_not_hide_that_another_wins():
    shown = screen(without_rivals(judged("behind", rival="linear", gain=-0.1), "gradient boosting"))
    assert (shown.tone, shown.beside[0].startswith("Linear wins")) == ("bad", True)


def test_a_network_beside_all_baselines_wins_in_green():
    shown = screen(judged("ahead"))
    assert (shown.tone, shown.beside[0].startswith("The network wins")) == ("good", True)


def test_a_network_that_was_cut_short_is_told_of_on_the_first_screen():
    run = judged("ahead")
    last = run.stages[-1]
    cut = dataclasses.replace(run.best, fits=tuple(dataclasses.replace(fit, is_cut=True) for fit in run.best.fits))
    run = dataclasses.replace(run, stages=(*run.stages[:-1], dataclasses.replace(last, best=cut)))
    assert "The time limit cut this network's training short." in screen(run).beside


def test_the_verdict_has_the_score_its_interval_and_the_untouched_rows():
    first = verdict_sentence(classification_run()).split("; ")[0]
    assert first.startswith("ROC AUC 0.")
    assert first.endswith("] on 133 untouched rows")


def test_without_a_test_the_verdict_says_that_choices_were_made_on_its_rows():
    run = classification_run()
    run = dataclasses.replace(run, evaluation=dataclasses.replace(run.evaluation, rows="out of fold"))
    assert "out of fold, on which choices were made" in verdict_sentence(run)


def test_findings_that_need_the_user_are_counted_in_words():
    run = classification_run()
    n = sum(needs_user(finding) for finding in findings_of(run))
    assert n == 1
    assert verdict_sentence(run).endswith("; one finding needs you")
    calm = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=()))
    assert verdict_sentence(calm).endswith("; no finding needs you")


def test_five_findings_come_first_the_gravest_before_the_others():
    run = classification_run()
    more = tuple(
        Finding(code=f"D{i:03d}", severity="info", title="", message=f"note {i}", action="drop", measured=float(i))
        for i in range(40, 49)
    )
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(*more, *run.profile.findings)))
    shown = screen(run)
    assert len(shown.findings) == 5
    assert shown.findings[0].severity == "stop"
    assert shown.n_findings == len(findings_of(run))


def test_notes_that_need_nothing_come_after_the_top_findings():
    run = classification_run()
    notes = tuple(
        Finding(code=code, severity="info", title="", message=code, action=action, measured=9.0, limit=1.0)
        for code, action in (("D037", "none"), ("D022", "clip"), ("D032", "ask"))
    )
    done = Finding(code="D010", severity="info", title="", message="left out", action="drop")
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(*notes, done)))
    shown = screen(run)
    assert [card.code for card in shown.findings if card.code.startswith("D")] == ["D010"]
    assert {"D037", "D022", "D032"} <= {card.code for card in shown.notes}
    assert not {card.code for card in shown.findings} & {card.code for card in shown.notes}


def test_where_there_are_only_notes_every_form_says_so():
    run = classification_run()
    note = Finding(code="D037", severity="info", title="Validation noise", message="gains drown", action="none")
    run = dataclasses.replace(
        run,
        profile=dataclasses.replace(run.profile, findings=(note,)),
        stages=tuple(dataclasses.replace(stage, findings=()) for stage in run.stages),
    )
    report = report_of(run, (), Place(path="runs/x"), show_values=False, show_samples=False, written="")
    said = "No finding needs you; 1 note."
    assert all(said in text for text in (as_html(report), as_markdown(report), run_html(run, Path("runs/x"))))


def test_a_finding_has_its_place_its_number_its_reason_and_its_flag():
    card = screen(classification_run()).findings[0]
    assert (card.code, card.needs_you, card.flag) == ("D013", True, "")
    assert "--allow D013:boat" in card.done
    assert card.where == ("rows 3, 17, 204",)
    assert "0.994 (limit 0.98)" in card.message
    assert card.why


def found_of_overfitting(*stages):
    found = findings_of(dataclasses.replace(classification_run(), stages=stages))
    return [own.message for own in found if own.code == "T022"]


def test_of_a_training_check_counts_what_the_last_stage_says_that_asked_it():
    blank = dataclasses.replace(classification_run().stages[0], findings=(), outcomes=())
    early = Finding(code="T022", severity="warn", title="Overfitting", message="rose in epoch 2")
    late = dataclasses.replace(early, severity="info", message="rose in epoch 8")
    asked = CheckOutcome(code="T022", title="Overfitting", status="found")
    first = dataclasses.replace(blank, findings=(early,), outcomes=(asked,))
    second = dataclasses.replace(blank, findings=(late,), outcomes=(asked,))
    passed = dataclasses.replace(blank, outcomes=(dataclasses.replace(asked, status="passed"),))
    assert found_of_overfitting(first, second) == ["Profile: rose in epoch 8"]
    assert found_of_overfitting(first, passed) == []
    assert found_of_overfitting(first, blank) == ["Profile: rose in epoch 2"]


def test_of_several_findings_of_a_stage_the_gravest_counts():
    blank = dataclasses.replace(classification_run().stages[0], findings=(), outcomes=())
    note = Finding(code="T022", severity="info", title="Overfitting", message="rose in epoch 8")
    warning = dataclasses.replace(note, severity="warn", message="rose in epoch 2")
    assert found_of_overfitting(dataclasses.replace(blank, findings=(note, warning))) == ["Profile: rose in epoch 2"]


def test_a_note_asks_for_no_flag():
    run = classification_run()
    fix = Fix(kind="drop column", columns=("boat",), flag="--drop boat")
    finding = Finding(code="D010", severity="info", title="x", message="boat", action="ask", fixes=(fix,))
    warning = dataclasses.replace(finding, code="D011", severity="warn")
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(finding, warning)))
    shown = screen(run)
    flags = {card.code: card.flag for card in (*shown.findings, *shown.notes)}
    assert (flags["D010"], flags["D011"]) == ("", "--drop boat")


def test_flags_that_the_remedy_does_not_name_are_all_there_or_counted():
    run = classification_run()
    fixes = tuple(Fix(kind="drop column", columns=(c,), flag=f"--drop {c}") for c in "abcdef")
    finding = Finding(code="D011", severity="warn", title="x", message="odd", action="ask", fixes=fixes)
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(finding,)))
    card = next(card for card in screen(run).findings if card.code == "D011")
    assert card.flag == "--drop a --drop b --drop c --drop d and 2 more"


def test_a_finding_of_a_check_that_is_not_there_any_more_has_no_reason():
    run = classification_run()
    gone = Finding(code="D999", severity="stop", title="", message="gone", measured=2.0, limit=1.5)
    run = dataclasses.replace(run, profile=dataclasses.replace(run.profile, findings=(gone,)))
    card = next(c for c in screen(run).findings if c.code == "D999")
    assert card.why == ""


def test_a_run_that_goes_on_says_what_is_next():
    shown = screen(unfinished_run())
    assert shown.is_running
    assert shown.state.startswith("Overfit was next when this was written. If that is long ago, the run was broken off")
    assert shown.code == ""


def test_a_run_that_no_process_works_on_is_not_said_to_go_on():
    shown = screen(unfinished_run(), Place(path="runs/people-1", is_worked_on=False))
    assert not shown.is_running
    assert shown.state.startswith("Broken off before Overfit, and no process works on it: the same fit command goes on")


def test_a_run_that_stopped_at_a_finding_says_so():
    run = unfinished_run()
    shown = screen(dataclasses.replace(run, stages=run.stages[:0]))
    assert (shown.is_running, shown.state) == (False, "The run stopped before training: a finding needs your decision.")


def test_a_finished_run_says_so_and_how_it_is_used():
    shown = screen(classification_run(), Place(path='runs/a "b"', names=frozenset({"export", "report.md"})))
    assert shown.state == "The run is finished."
    assert shown.code.splitlines() == [
        "import autorecipe, pandas as pd",
        'model = autorecipe.load("runs/a \\"b\\"")',
        'model.predict(pd.read_csv("new.csv"))',
    ]
    assert [fact.text for fact in shown.paths] == ['runs/a "b"/export', 'runs/a "b"/report.md']


def test_the_task_says_how_it_was_inferred():
    facts = {fact.label: fact for fact in screen(classification_run()).facts}
    assert facts["Task"].text == "binary: survived is no or yes, 38 % are yes"
    assert facts["Task"].flag == "--task"
