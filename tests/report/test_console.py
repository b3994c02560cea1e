from __future__ import annotations

import dataclasses
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from autorecipe.config import Config
from autorecipe.errors import StopFindings
from autorecipe.record.evaluation import Score
from autorecipe.record.finding import Finding
from autorecipe.record.run import Run
from autorecipe.record.stage import Diagnosis
from autorecipe.report.console import (
    evaluation_lines,
    header_lines,
    profile_lines,
    result_lines,
    run_lines,
    show,
    stage_lines,
    stop_lines,
)
from autorecipe.report.text_profile import finding_lines
from autorecipe.report.text_words import as_text, effect_text, labelled, sentence_lines
from autorecipe.report.width import WIDTH
from autorecipe.testing import make_run

GOLDEN = Path(__file__).parent / "golden"


def with_evaluation(run: Run, **fields: object) -> Run:
    return dataclasses.replace(run, evaluation=dataclasses.replace(run.evaluation, **fields))


def test_a_run_reads_as_it_always_did(rich_run):
    assert as_text(run_lines(rich_run, "runs/titanic-1")) == (GOLDEN / "run.txt").read_text(encoding="utf-8")


def test_a_profile_reads_as_it_always_did(rich_run):
    assert as_text(profile_lines(rich_run)) == (GOLDEN / "profile.txt").read_text(encoding="utf-8")


def test_no_line_is_wider_than_the_page(rich_run):
    lines = (*run_lines(rich_run, "runs/titanic-1"), *profile_lines(rich_run))
    assert max(len(line.text) for line in lines) <= WIDTH


@pytest.mark.parametrize("result_number", range(5))
def test_a_stage_fits_on_a_screen(rich_run, result_number):
    assert len(stage_lines(rich_run.stages[result_number], rich_run)) <= 24


def test_the_first_line_says_that_a_baseline_wins(rich_run):
    first = result_lines(rich_run, "runs/x")[0].text
    assert first == ("Gradient boosting wins: ROC AUC 0.882 against the network's 0.861 on 133 test rows.")


def test_the_first_line_says_that_the_network_wins(rich_run):
    run = with_evaluation(rich_run, verdict="ahead")
    assert result_lines(run, "runs/x")[0].text.startswith("The network wins: ROC AUC 0.861 against 0.882 of")


def test_the_first_line_says_that_it_is_a_draw(rich_run):
    text = as_text(result_lines(with_evaluation(rich_run, verdict="level"), "runs/x")[:2])
    assert text.startswith("Level with gradient boosting:")
    assert "the difference is within its error" in " ".join(text.split())


@pytest.mark.parametrize(
    ("verdict", "gain", "said"),
    [
        ("behind", -0.2, "Worse than a constant:"),
        ("level", -0.2, "No better than a constant:"),
        ("level", 0.1, "Not clearly better than a constant:"),
    ],
)
def test_the_first_line_says_that_a_constant_does_as_well(rich_run, verdict, gain, said):
    difference = Score(metric="roc_auc", value=gain, low=None, high=None)
    run = with_evaluation(rich_run, verdict=verdict, rival="always the same", difference=difference)
    assert result_lines(run, "runs/x")[0].text.startswith(said)


def test_no_more_time_is_advised_where_nothing_will_help(rich_run):
    best = rich_run.stages[3].best
    cut = dataclasses.replace(best, fits=(dataclasses.replace(best.fits[0], is_cut=True),))
    nothing = Diagnosis(name="no signal", reason="", remedy="")
    stages = (*rich_run.stages[:3], dataclasses.replace(rich_run.stages[3], best=cut, diagnosis=nothing))
    assert "resume" not in as_text(result_lines(dataclasses.replace(rich_run, stages=stages), "runs/x"))


def test_without_baselines_the_score_stands_alone(rich_run):
    run = with_evaluation(rich_run, verdict="alone", rival="", ladder=(), difference=None)
    assert result_lines(run, "runs/x")[0].text == "ROC AUC 0.861 on 133 test rows."


def test_without_test_rows_every_score_is_called_out_of_fold(rich_run):
    run = with_evaluation(rich_run, rows="out of fold", n_rows=758)
    text = as_text(evaluation_lines(run.evaluation, run))
    assert "on 758 rows out of fold, on which choices were made" in " ".join(text.split())
    assert "Out of fold, 758 rows: no rows were locked away" in text
    assert "opened" not in text


def test_a_second_look_at_the_test_rows_is_said(rich_run):
    run = dataclasses.replace(rich_run, test_opened=2)
    assert "opened for the 2nd time by this run: choices made after looking flatter" in as_text(result_lines(run, "r"))


def test_a_network_without_time_to_learn_is_not_passed_over(rich_run):
    tuned = rich_run.stages[3].best
    cut = dataclasses.replace(tuned, fits=(dataclasses.replace(tuned.fits[0], is_cut=True),))
    stages = (*rich_run.stages[:3], dataclasses.replace(rich_run.stages[3], best=cut), *rich_run.stages[4:])
    said = as_text(result_lines(dataclasses.replace(rich_run, stages=stages), "runs/x"))
    assert "cut this network's training short" in said
    assert "autorecipe resume runs/x" in said


def test_a_failed_proof_forbids_serving(rich_run):
    parity = dataclasses.replace(rich_run.export.parity, passed=False, cause="row 7: 0.2 became 0.3")
    run = dataclasses.replace(rich_run, export=dataclasses.replace(rich_run.export, parity=parity))
    assert "FAILED, do not serve this model: row 7: 0.2 became 0.3" in as_text(result_lines(run, "r"))


def test_an_unsound_pipeline_is_shouted(rich_run):
    hopeless = Finding(code="T008", severity="stop", title="Tiny batch", message="32 rows were not memorised")
    baseline = dataclasses.replace(rich_run.stages[1], findings=(hopeless,))
    text = as_text(stage_lines(baseline, rich_run))
    assert "NOT SOUND, 4 of 5 checks passed" in text
    assert "stop  32 rows were not memorised" in text


def test_what_an_earlier_stage_has_told_is_not_told_again(rich_run):
    overfit = rich_run.stages[2]
    assert overfit.findings == rich_run.stages[1].findings
    assert "T017" not in as_text(stage_lines(overfit, rich_run))


def test_what_a_stage_expected_is_told_before_what_it_did(rich_run):
    text = as_text(stage_lines(rich_run.stages[2], rich_run))
    assert text.index("about 6 trials") < text.index("embed the numbers")


def test_many_classes_get_their_commonest_mistakes_instead_of_a_matrix(rich_run):
    names = tuple("abcdefg")
    confusion = tuple(tuple(9 if i == j else (i == 2 and j == 5) * 4 for j in range(7)) for i in range(7))
    schema = dataclasses.replace(rich_run.schema, task="multiclass", classes=names)
    run = dataclasses.replace(with_evaluation(rich_run, confusion=confusion), schema=schema)
    assert "commonest mistakes: 'c' taken for 'f' 4 times" in as_text(evaluation_lines(run.evaluation, run))


def test_errors_are_ordered_downwards_on_the_ladder(rich_run):
    run = dataclasses.replace(rich_run, deciding_metric="log_loss")
    ladder = tuple(reversed(rich_run.stages[1].ladder))
    baseline = dataclasses.replace(rich_run.stages[1], ladder=ladder)
    assert "log loss (mean of 5 folds): gradient boosting 0.864 > net 2x64 0.844 ≈ linear 0.842 >" in as_text(
        stage_lines(baseline, run)
    )


def test_one_split_has_no_error_bars_and_says_so(rich_run):
    ladder = tuple(dataclasses.replace(t, fits=t.fits[:1]) for t in rich_run.stages[1].ladder)
    baseline = dataclasses.replace(rich_run.stages[1], ladder=ladder)
    text = " ".join(as_text(stage_lines(baseline, rich_run)).split())
    assert "linear 0.840 ≈ net 2x64 0.840 < gradient boosting 0.860 (one split: no error bars)" in text


def test_a_run_without_test_rows_says_so_on_the_first_screen():
    run = make_run()
    run = dataclasses.replace(run, split=dataclasses.replace(run.split, n_test=0))
    assert "no untouched rows" in as_text(header_lines(run))


def test_rows_given_to_test_on_are_counted_beside_the_name_of_their_file():
    run = make_run(config=Config(target="bought", test_path="far/later.csv"))
    split = dataclasses.replace(run.split, n_test=41)
    run = dataclasses.replace(run, split=split, data=dataclasses.replace(run.data, n_rows=191))
    text = as_text(header_lines(run))
    assert text.startswith(f"{run.data.name}  150 rows x {run.data.n_columns} columns, later.csv  41 test rows")
    assert "the 41 of later.csv locked away for the test" in " ".join(text.split())


def test_a_metric_that_jumps_names_the_one_that_decides():
    run = dataclasses.replace(make_run(), metric="accuracy", deciding_metric="log_loss")
    assert "Choices are made by the log loss" in " ".join(as_text(header_lines(run)).split())


def test_a_regression_says_that_smaller_is_better():
    text = as_text(header_lines(make_run(task="regression"))).replace("--metric", "")
    assert "smaller is better" in " ".join(text.split())


def test_a_stop_shows_its_finding_and_the_command_that_goes_on():
    finding = Finding(code="D013", severity="stop", title="leak", message="'Score' gives the target away")
    command = "autorecipe fit audit.csv --target Risk --allow D013:Score " + "--drop x " * 20
    text = as_text(stop_lines(StopFindings((finding,), command)))
    assert "stop  'Score' gives the target away" in text
    assert f"\n  {command}\n" in text


def test_a_pipe_gets_the_bare_text(rich_run):
    out = StringIO()
    show(run_lines(rich_run, "r"), Console(file=out, width=WIDTH))
    assert out.getvalue() == as_text(run_lines(rich_run, "r"))


def test_text_in_square_brackets_is_shown_as_it_is():
    out = StringIO()
    show(labelled("read", "column [bold]age[/bold]"), Console(file=out, width=WIDTH))
    assert out.getvalue() == "read    column [bold]age[/bold]\n"


def test_a_score_without_an_interval_is_a_bare_number(rich_run):
    run = with_evaluation(rich_run, scores=(Score(metric="roc_auc", value=0.86),))
    assert "0.860  " in as_text(evaluation_lines(run.evaluation, run))
    assert "None" not in as_text(evaluation_lines(run.evaluation, run))


@settings(max_examples=50, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_an_effect_is_called_level_exactly_within_its_error(effect, error):
    assert effect_text(effect, error).startswith("≈") == (abs(effect) <= error)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "Zs"])), st.integers(0, 40))
def test_wrapping_loses_no_letter(text, indent):
    for lines in (sentence_lines(text, indent=indent), labelled("", text, flag="--f", indent=indent)):
        joined = as_text(lines).replace("--f", "")
        assert "".join(joined.split()) == "".join(text.split())


def test_a_run_that_has_learned_nothing_names_no_recipe():
    run = dataclasses.replace(make_run(), stages=())
    assert "recipe" not in as_text(result_lines(run, "runs/shop-1"))


def test_rows_that_are_to_be_looked_at_are_named():
    finding = Finding(
        code="D020", severity="info", title="", message="equal rows", remedy="compare the rows named", rows=(3, 17)
    )
    assert "compare the rows named (3, 17)" in as_text(finding_lines(finding))
    assert "(" not in as_text(finding_lines(dataclasses.replace(finding, remedy="kept")))
