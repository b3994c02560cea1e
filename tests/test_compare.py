"""Two runs side by side, and which of them is better on the rows that both were scored on."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe import api
from autorecipe.cli import cli
from autorecipe.compare import compare
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.evaluate import Scored
from autorecipe.metrics.intervals import Rows
from autorecipe.paired import KeptRows, keep_rows, kept_rows, paired_difference
from autorecipe.recipe import Recipe
from autorecipe.record.evaluation import Evaluation, Score
from autorecipe.record.finding import Finding
from autorecipe.record.profile import Profile
from autorecipe.record.run import Export, Parity, Run, TimeUse
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.store.directory import RunDirectory
from autorecipe.testing import make_run, with_images

NAMES = ("runs/one", "runs/two")
N_ROWS = 200


def finding(code: str, *columns: str) -> Finding:
    return Finding(code=code, severity="warn", title="", message=f"{code} of {columns}", columns=columns)


def finished(*, recipe: Recipe | None = None, config: Config | None = None, findings=(), **fields) -> Run:
    evaluation = Evaluation(
        rows="test",
        n_rows=N_ROWS,
        metric="roc_auc",
        scores=(Score(metric="roc_auc", value=0.8, low=0.7, high=0.9),),
        out_of_fold=(),
        ladder=(),
        verdict="alone",
    )
    recipe = recipe or Recipe()
    run = make_run(config=config, stages=(StageResult(stage="tune", question="?", start=recipe, end=recipe),))
    profile = Profile(n_rows=400, columns=(), outcomes=(), findings=findings)
    return dataclasses.replace(run, **{"evaluation": evaluation, "profile": profile} | fields)


def with_classes(run: Run, classes: tuple[str, ...]) -> Run:
    return dataclasses.replace(run, schema=dataclasses.replace(run.schema, classes=classes))


def kept(y, positive, *, rows=None, groups=None) -> KeptRows:
    rows = np.arange(len(y)) if rows is None else rows
    both = np.stack([1 - positive, positive], axis=1)
    return KeptRows(rows=rows, scored=Scored(y=y, prediction=both, rows=Rows(groups=groups)))


@pytest.fixture
def said():
    """True classes, a prediction that knows a little, and one that knows much more."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, N_ROWS)
    weak, strong = (np.clip(0.5 + share * (y - 0.5) + rng.normal(0, 0.2, N_ROWS), 0, 1) for share in (0.1, 0.8))
    return y, weak, strong


def compared(**changes):
    return compare(finished(), finished(**changes), names=NAMES)


def test_equal_runs_differ_in_nothing():
    same = compared()
    assert (same.same_data, same.flags, same.recipe, same.only_first, same.only_second) == (True, (), (), (), ())


def test_other_cells_are_told_by_their_fingerprint():
    data = dataclasses.replace(finished().data, fingerprint="f" * 16)
    other = compared(data=data)
    assert (other.same_data, other.difference, other.why_not) == (False, None, "the data differ")


def test_flags_that_differ_are_named_as_they_are_typed():
    other = compared(config=Config(target="bought", preset="quick", test_share=0.2, drop=("a", "b")))
    assert {own.name: (own.first, own.second) for own in other.flags} == {
        "--preset": ("standard", "quick"),
        "--test": (None, 0.2),
        "--drop": (None, "a, b"),
    }


def test_a_setting_whose_flag_says_the_opposite_is_named_by_what_it_is():
    (own,) = compared(config=Config(target="bought", has_header=False)).flags
    assert (own.name, own.first, own.second) == ("a header line", True, False)


def test_recipes_are_compared_field_by_field_with_the_knobs_of_own_architectures():
    other = compared(recipe=Recipe(width=128, knobs=(("rate", 0.5),)))
    assert {own.name: (own.first, own.second) for own in other.recipe} == {
        "width": (64, 128),
        "knobs.rate": (None, 0.5),
    }


def test_findings_of_one_run_alone_are_told_apart_by_check_and_columns():
    first = finished(findings=(finding("D013", "a"), finding("D005", "b")))
    second = finished(findings=(finding("D013", "a"), finding("D005", "c")))
    found = compare(first, second, names=NAMES)
    assert [f.columns for f in found.only_first] == [("b",)]
    assert [f.columns for f in found.only_second] == [("c",)]


def test_a_stage_that_one_run_left_out_has_no_seconds_there():
    found = compare(finished(), finished(stages=()), names=NAMES)
    assert [(own.stage, own.first_s, own.second_s) for own in found.stages] == [("tune", 0.0, None)]


def test_what_was_not_measured_has_no_number():
    parity = Parity(passed=True, n_rows=1, n_mutated=1, max_difference=0, labels_differ=0, seconds=1)
    export = Export(path="", n_members=3, n_parameters=10, size_bytes=99, parity=parity)
    costs = {own.name: own for own in compared(export=export, time=TimeUse(asked_s=60, used_s=50)).costs}
    assert (costs["networks"].first, costs["networks"].second, costs["seconds used"].second) == (None, 3, 50)


def test_the_better_run_gains_on_the_same_rows(said):
    y, weak, strong = said
    found = compare(finished(), finished(), names=NAMES, kept=(kept(y, weak), kept(y, strong)))
    assert (found.n_paired, found.why_not) == (N_ROWS, "")
    assert found.difference.low > 0


def test_a_smaller_loss_is_a_gain(said):
    y, weak, strong = said
    run = finished(metric="log_loss")
    found = compare(run, run, names=NAMES, kept=(kept(y, weak), kept(y, strong)))
    assert found.difference.metric == "log_loss"
    assert found.difference.value > 0


def test_only_rows_that_both_were_scored_on_are_compared(said):
    y, weak, strong = said
    order = np.random.default_rng(1).permutation(N_ROWS)[:150]
    pair = (kept(y, weak), kept(y[order], strong[order], rows=order))
    whole = (kept(y[order], weak[order], rows=order), kept(y[order], strong[order], rows=order))
    runs = (finished(), finished())
    part = paired_difference(runs, pair, metric="roc_auc")
    assert part.n_rows == 150
    assert part.difference.value == pytest.approx(paired_difference(runs, whole, metric="roc_auc").difference.value)


def test_rows_of_one_group_are_no_witnesses_of_their_own(said):
    y, weak, strong = (np.repeat(values[:50], 4) for values in said)  # every row four times
    groups, runs = np.arange(N_ROWS) // 4, (finished(), finished())

    def width(of):
        found = paired_difference(runs, (kept(y, weak, groups=of), kept(y, strong, groups=of)), metric="roc_auc")
        return found.difference.high - found.difference.low

    assert width(groups) > 1.5 * width(None)


@pytest.mark.parametrize(("n_groups", "told"), [(6, 6), (50, 0)])
def test_groups_that_are_too_few_to_resample_are_told(said, n_groups, told):
    y, weak, strong = said
    groups = np.arange(N_ROWS) % n_groups
    pair = (kept(y, weak, groups=groups), kept(y, strong, groups=groups))
    found = compare(finished(), finished(), names=NAMES, kept=pair)
    assert found.difference.low is not None
    assert found.n_too_few == told


def test_few_rows_in_common_give_no_difference(said):
    y, weak, strong = said
    apart = kept(y, strong, rows=np.arange(N_ROWS) + N_ROWS - 9)
    found = compare(finished(), finished(), names=NAMES, kept=(kept(y, weak), apart))
    assert (found.difference, found.why_not) == (None, "fewer than ten rows were scored by both")


def test_a_run_that_kept_no_predictions_is_named(said):
    y, weak, _ = said
    found = compare(finished(), finished(), names=NAMES, kept=(kept(y, weak), None))
    assert "'runs/two' kept no predictions" in found.why_not


def test_rows_of_the_test_are_not_paired_with_rows_out_of_fold(said):
    y, weak, strong = said
    out_of_fold = dataclasses.replace(finished().evaluation, rows="out of fold")
    pair = (kept(y, weak), kept(y, strong))
    found = compare(finished(), finished(evaluation=out_of_fold), names=NAMES, kept=pair)
    assert found.difference is None


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_exchanging_the_runs_turns_the_sign(seed):
    rng = np.random.default_rng(seed)
    y, one, two = rng.integers(0, 2, 60), rng.random(60), rng.random(60)
    y[:2] = 0, 1
    runs = (finished(), finished())
    there = paired_difference(runs, (kept(y, one), kept(y, two)), metric="roc_auc").difference
    back = paired_difference(runs, (kept(y, two), kept(y, one)), metric="roc_auc").difference
    assert there.value == pytest.approx(-back.value)


def test_kept_rows_come_back(tmp_path, said):
    y, weak, _ = said
    keep_rows(tmp_path / "scored.npz", kept(y, weak, groups=np.arange(N_ROWS) // 2))
    back = kept_rows(tmp_path / "scored.npz")
    np.testing.assert_array_equal(back.scored.y, y)
    np.testing.assert_allclose(back.scored.prediction[:, 1], weak, atol=1e-6)
    np.testing.assert_array_equal(back.scored.rows.groups, np.arange(N_ROWS) // 2)
    assert kept_rows(tmp_path / "other.npz") is None


def test_an_unfinished_run_is_refused():
    with pytest.raises(UserError, match="'runs/two' is not finished"):
        compare(finished(), finished(evaluation=None), names=NAMES)


@pytest.mark.parametrize("change", [{"target": "sold"}, {"task": "multiclass"}], ids=lambda own: next(iter(own)))
def test_runs_that_predict_different_things_are_refused(change):
    other = dataclasses.replace(finished().schema, **change)
    with pytest.raises(UserError, match="predict different things: 'bought'"):
        compare(finished(), finished(schema=other), names=NAMES)


@pytest.fixture
def directories(tmp_path, said):
    y, weak, strong = said
    for name, prediction in (("one", weak), ("two", strong)):
        with RunDirectory.create(tmp_path / name, now_s=lambda: 0.0) as directory:
            directory.save(finished())
            keep_rows(directory.scored_path, kept(y, prediction))
    return str(tmp_path / "one"), str(tmp_path / "two")


def test_the_command_puts_two_directories_side_by_side(directories):
    result = CliRunner().invoke(cli, ["compare", *directories])
    assert (result.exit_code, "two is better than" in result.output) == (0, True)


def test_a_program_gets_it_as_json(directories):
    result = CliRunner().invoke(cli, ["compare", *directories, "--json"])
    found = json.loads(result.output)
    assert (result.exit_code, found["n_paired"], found["names"]) == (0, N_ROWS, list(directories))


def test_one_run_twice_is_refused(directories):
    with pytest.raises(UserError, match="are one run"):
        api.compare(directories[0], directories[0] + "/")
    with pytest.raises(UserError, match="is given twice"):
        api.compare(directories[0], directories[0])


def test_what_is_no_run_is_refused(directories, tmp_path):
    result = CliRunner().invoke(cli, ["compare", directories[0], str(tmp_path)])
    assert result.exit_code == 2
    assert "is not a run: it has no run.json" in result.output


def test_the_run_that_is_meant_is_named(directories):
    with pytest.raises(UserError, match="it is a file") as error:
        api.compare(directories[0], f"{directories[1]}/run.json")
    assert error.value.fix == f"is it '{directories[1]}'?"
    with pytest.raises(UserError, match="there is no such directory") as error:
        api.compare(directories[0], f"{directories[1]}o")
    assert error.value.fix == f"is it '{directories[1]}'?"


def test_runs_without_a_class_in_common_are_refused():
    other = with_classes(finished(), ("daisy", "rose"))
    with pytest.raises(UserError, match="no class in common: 'no', 'yes' in 'runs/one'; 'daisy', 'rose' in 'runs/two'"):
        compare(finished(), other, names=NAMES)


def test_of_other_data_with_other_classes_both_are_said():
    other = with_classes(finished(), ("yes", "no", "maybe"))
    other = dataclasses.replace(other, data=dataclasses.replace(other.data, fingerprint="1" * 16))
    assert compare(finished(), other, names=NAMES).why_not == "the data differ, and so do the classes"


def test_a_table_beside_images_is_told():
    found = compare(finished(), with_images(finished()), names=NAMES)
    assert (found.data[0].name, found.data[0].first, found.data[0].second) == ("learns from", "tables", "images")
    assert not any(own.name == "learns from" for own in compare(finished(), finished(), names=NAMES).data)


def test_runs_of_other_seeds_are_told_why_they_were_scored_on_other_rows(said):
    y, weak, strong = said
    seven = finished(config=Config(target="bought", seed=7))
    half = N_ROWS // 2
    apart = (kept(y, weak), kept(y, strong, rows=np.arange(half, half + N_ROWS)))
    assert compare(finished(), seven, names=NAMES, kept=apart).why_apart == "--seed 0 and 7"
    together = (kept(y, weak), kept(y, strong))
    assert compare(finished(), seven, names=NAMES, kept=together).why_apart == ""
    assert compare(finished(), finished(), names=NAMES, kept=apart).why_apart == ""


def trained(*epochs: int, is_cut: bool) -> Run:
    run = finished(recipe=Recipe(epochs=60))
    fits = tuple(Fit(key=str(i), fold=i, epochs=n, is_cut=is_cut) for i, n in enumerate(epochs))
    trial = Trial(name="net", recipe=run.recipe, fits=fits)
    return dataclasses.replace(run, stages=(dataclasses.replace(run.stages[0], best=trial),))


def test_a_recipe_that_was_cut_short_is_not_merely_the_same():
    both = compare(trained(20, 31, is_cut=False), trained(1, is_cut=True), names=NAMES)
    assert both.recipe == ()
    assert both.training.first == "20 to 31 epochs of at most 60"
    assert both.training.second == "1 epoch of at most 60, cut short by the clock"
