from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autorecipe import AutoRecipe
from autorecipe.cli import cli
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.evaluate import Scored, evaluate
from autorecipe.export.documents import readme, signature
from autorecipe.intervals import around, by_coverage, half_width, intervals_of, levels, with_coverage
from autorecipe.loaded import Predictions, score_rows
from autorecipe.metrics.intervals import Rows
from autorecipe.preprocessing.spec import EncodeSpec, InputSpec
from autorecipe.record.evaluation import Evaluation, Intervals
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.report.text_intervals import interval_lines
from autorecipe.report.text_words import WIDTH, as_text
from autorecipe.testing import make_run

RNG = np.random.default_rng(5)
MISSES = RNG.permutation(np.arange(1.0, 1000.0))  # 999 residuals: the k-th smallest is k
KNOWN = intervals_of(-MISSES, np.zeros(999), np.ones(999))
FRAME = pd.DataFrame({"age": [30.0, 40.0], "city": ["a", "b"]})


def even(n: int) -> np.ndarray:
    return np.ones(n)


def known_from(misses: np.ndarray) -> Intervals:
    return intervals_of(-misses, np.zeros(len(misses)), even(len(misses)))


def scored(y: np.ndarray, prediction: np.ndarray, *, groups: np.ndarray | None = None) -> Scored:
    return Scored(y=y, prediction=prediction, rows=Rows(weight=even(len(y)), groups=groups))


def evaluated(run: Run, *, n_test: int = 400, spread: float = 1.0, groups: np.ndarray | None = None) -> Evaluation:
    y, test = RNG.normal(size=1000), RNG.normal(size=n_test) * spread
    locked = scored(test, np.zeros(n_test)) if n_test else None
    out_of_fold = scored(y, np.zeros(1000), groups=groups)
    return evaluate(run, out_of_fold=out_of_fold, test=locked, rivals=(), at=None)


def with_networks(run: Run, n: int) -> Run:
    trial = Trial(name="net", recipe=None, fits=tuple(Fit(key=f"{i}", fold=i) for i in range(n)))
    return dataclasses.replace(run, stages=(StageResult(stage="overfit", question="", best=trial),))


def test_the_half_width_is_the_conformal_order_statistic_at_every_level():
    ranks = [math.ceil(Fraction(round(1000 * level), 1000) * 1000) for level in levels()]
    assert KNOWN.half_widths == pytest.approx(ranks)
    assert (levels()[0], levels()[-1]) == (0.5, 0.99)


def test_nine_rows_promise_90_percent_by_their_largest_residual():
    nine = known_from(MISSES[:9])
    assert half_width(nine, 0.9) == MISSES[:9].max()
    assert half_width(nine, 0.5) == np.sort(MISSES[:9])[4]


@pytest.mark.parametrize(("n_rows", "coverage", "needed"), [(8, 0.9, 9), (9, 0.95, 19), (98, 0.99, 99), (0, 0.5, 1)])
def test_too_few_rows_promise_nothing(n_rows, coverage, needed):
    few = known_from(MISSES[:n_rows])
    with pytest.raises(UserError, match=f"need {needed} rows out of fold, and there are {n_rows}"):
        half_width(few, coverage)
    assert half_width(known_from(MISSES[:needed]), coverage) == MISSES[:needed].max()


def test_a_coverage_between_two_levels_takes_the_wider_interval():
    assert half_width(KNOWN, 0.901) == half_width(KNOWN, 0.905) > half_width(KNOWN, 0.9)


@pytest.mark.parametrize("coverage", [0.49, 0.995, 90.0, -1.0, math.nan])
def test_a_coverage_out_of_range_is_refused(coverage):
    with pytest.raises(UserError, match="cannot be asked to cover"):
        half_width(KNOWN, coverage)


@settings(max_examples=50, deadline=None)
@given(misses=arrays("float64", st.integers(1, 200), elements=st.floats(0, 1e6)))
def test_wider_intervals_cover_more_and_never_less_than_promised_of_their_own_rows(misses):
    known = known_from(misses)
    widths = np.array(known.half_widths)
    assert (np.diff(widths) >= 0).all()
    covered = (misses <= widths[:, None]).mean(axis=1) if len(widths) else np.zeros(0)
    assert (covered >= levels()[: len(widths)]).all()


def test_a_row_counts_as_often_as_it_weighs_and_one_of_weight_0_not_at_all():
    twice = known_from(np.repeat(MISSES, 2))
    weighted = intervals_of(-MISSES, np.zeros(999), np.full(999, 2.0))
    assert weighted.half_widths == KNOWN.half_widths  # equal weights are no weights
    heavy = intervals_of(-MISSES, np.zeros(999), np.where(MISSES > 900, 5.0, 1.0))
    assert half_width(heavy, 0.5) > half_width(twice, 0.5)
    padded = intervals_of(np.append(-MISSES, 1e9), np.zeros(1000), np.append(even(999), 0.0))
    assert padded == KNOWN


def test_intervals_cover_what_they_promise_of_exchangeable_rows():
    n_known, n_new = 400, 20_000
    noise = RNG.standard_t(3, size=(20, n_known + n_new))
    covered = [
        with_coverage(known_from(row[:n_known]), row[n_known:], np.zeros(n_new), even(n_new)).coverages for row in noise
    ]
    for place, level in enumerate((0.8, 0.9, 0.95)):
        shares = [found[place].covered for found in covered]
        # each share moves with the known rows by about sqrt(c (1 - c) / n_known)
        error = math.sqrt(level * (1 - level) / n_known / len(shares))
        assert np.mean(shares) == pytest.approx(level + 0.5 / n_known, abs=3.5 * error)


def test_coverage_is_measured_with_its_binomial_error():
    found = with_coverage(KNOWN, np.arange(1.0, 1001.0), np.zeros(1000), even(1000)).coverages
    assert [c.level for c in found] == [0.8, 0.9, 0.95]
    assert [c.covered for c in found] == [0.8, 0.9, 0.95]
    assert found[1].error == pytest.approx(math.sqrt(0.9 * 0.1 / 1000))
    doubled = with_coverage(KNOWN, np.arange(1.0, 1001.0), np.zeros(1000), np.full(1000, 7.0)).coverages
    assert doubled[1].error == pytest.approx(found[1].error)


def test_an_interval_lies_around_its_prediction():
    found = around(np.array([5.0, -1.0], "float32"), KNOWN, 0.9)
    assert found.tolist() == [[-895.0, 5.0, 905.0], [-901.0, -1.0, 899.0]]


@pytest.mark.parametrize(("target", "lowest"), [(np.arange(999.0), 0.0), (np.arange(999.0) - 1, -897.0)])
def test_no_interval_begins_below_0_where_no_target_is_negative(target, lowest):
    known = intervals_of(target, target - MISSES, even(999))
    lower, prediction, upper = around(np.array([3.0]), known, 0.9)[0]
    assert (lower, prediction, upper) == (lowest, 3.0, 903.0)


def test_an_evaluation_knows_its_intervals_and_what_they_cover():
    found = evaluated(make_run(task="regression")).intervals
    assert found.n_rows == 1000
    assert half_width(found, 0.9) == pytest.approx(1.645, rel=0.15)
    assert found.coverages[1].covered == pytest.approx(0.9, abs=0.06)
    assert found.notes == ()


def test_classes_have_no_intervals():
    y = RNG.integers(0, 2, 100)
    said = np.tile([0.5, 0.5], (100, 1))
    found = evaluate(make_run(), out_of_fold=scored(y, said), test=None, rivals=(), at=None)
    assert found.intervals is None


def test_coverage_of_the_rows_that_set_the_widths_says_so():
    found = evaluated(make_run(task="regression"), n_test=0).intervals
    assert found.coverages[1].covered == pytest.approx(0.9, abs=0.002)
    assert "no rows were locked away" in found.notes[0]


def test_averaged_networks_that_cover_more_say_why():
    run = with_networks(make_run(task="regression"), 5)
    assert "a mean of networks misses less" in evaluated(run, spread=0.5).intervals.notes[0]
    assert evaluated(with_networks(run, 1), spread=0.5).intervals.notes == ()
    assert evaluated(run, spread=2.0).intervals.notes == ()


def test_rows_split_by_time_or_group_are_no_exchangeable_rows():
    later = make_run(task="regression", config=Config(target="bought", split_by_time="day"))
    assert "split by time" in evaluated(later).intervals.notes[0]
    grouped = evaluated(make_run(task="regression"), groups=np.arange(1000) % 40)
    assert "the 40 groups, not their rows" in grouped.intervals.notes[0]
    duplicates = evaluated(make_run(task="regression"), groups=np.arange(1000) // 1.1)
    assert duplicates.intervals.notes == ()


def test_the_report_writes_the_interval_in_one_sentence():
    evaluation = evaluated(make_run(task="regression"), n_test=3096)
    known = dataclasses.replace(KNOWN, coverages=with_coverage(KNOWN, MISSES, np.zeros(999), even(999)).coverages)
    evaluation = dataclasses.replace(evaluation, intervals=dataclasses.replace(known, notes=("a doubt",)))
    text = as_text(interval_lines(evaluation))
    assert "90 % intervals: ± 900; they cover 90.1 % (± 0.9) of 3,096 test rows; 80 %: 80.1 %, 95 %: 95.1 %" in text
    assert text.endswith("    a doubt\n")
    assert max(len(line.text) for line in interval_lines(evaluation)) <= WIDTH


def test_the_report_says_when_rows_are_too_few_or_were_learned_from():
    evaluation = evaluated(make_run(task="regression"), n_test=0)
    assert "of 1,000 rows out of fold" in as_text(interval_lines(evaluation)).replace("\n     ", " ")
    few = dataclasses.replace(evaluation, intervals=known_from(MISSES[:3]))
    assert "3 rows out of fold are too few" in as_text(interval_lines(few))
    assert interval_lines(dataclasses.replace(evaluation, intervals=None)) == ()


def test_rows_that_come_later_are_held_against_the_same_intervals():
    run = make_run(task="regression")
    run = dataclasses.replace(run, evaluation=evaluated(run, n_test=0))
    wide = score_rows(run, 9 * RNG.normal(size=500), np.zeros(500), Rows()).intervals
    assert wide.half_widths == run.evaluation.intervals.half_widths
    assert wide.coverages[1].covered < 0.3
    assert wide.notes == ()


def test_an_export_says_how_wide_intervals_are():
    run = make_run(task="regression")
    spec = EncodeSpec(
        inputs=(InputSpec(column="age", input_name="age", wire="float32", kind="numeric", use="number"),),
    )
    written = signature(spec, run.schema, intervals=KNOWN)["half_widths"]
    assert (written["0.9"], len(written)) == (900.0, 99)
    assert "Prediction ± 900 covers 90 % of rows" in readme(run.schema, intervals=KNOWN)
    assert "half_widths" not in signature(spec, run.schema)
    assert "±" not in readme(run.schema)


def test_half_widths_are_named_by_what_they_cover():
    assert list(by_coverage(KNOWN))[:3] == ["0.5", "0.505", "0.51"]


class Served:
    """A model that predicts a row's age."""

    def __init__(self, directory: Path, run: Run) -> None:
        self.run = run

    def predict(self, frame: pd.DataFrame) -> Predictions:
        return Predictions(labels=frame["age"].to_numpy("float64"), probabilities=None)


@pytest.fixture
def regression(monkeypatch):
    run = make_run(task="regression")
    run = dataclasses.replace(run, evaluation=dataclasses.replace(evaluated(run), intervals=KNOWN))
    monkeypatch.setattr("autorecipe.loaded.ServedModel", Served)
    monkeypatch.setattr("autorecipe.finished.load_run", lambda path: run)
    return run


def fitted_on(run: Run) -> AutoRecipe:
    model = AutoRecipe(verbose=0)
    model._keep(run, Path("somewhere"))
    return model


def test_an_estimator_predicts_intervals(regression):
    model = fitted_on(regression)
    lower, prediction, upper = model.predict(FRAME, interval=0.9).T
    assert prediction.tolist() == model.predict(FRAME).tolist() == [30.0, 40.0]
    assert (lower.tolist(), upper.tolist()) == ([-870.0, -860.0], [930.0, 940.0])


def test_an_estimator_of_classes_refuses_intervals():
    with pytest.raises(UserError, match="this run predicts classes"):
        fitted_on(make_run()).predict(FRAME, interval=0.9)


def test_a_run_without_an_evaluation_refuses_intervals():
    with pytest.raises(UserError, match="the run knows no intervals"):
        fitted_on(make_run(task="regression")).predict(FRAME, interval=0.9)


def test_the_command_line_adds_two_columns(regression, tmp_path):
    table = tmp_path / "new.csv"
    FRAME.to_csv(table, index=False)
    said = CliRunner().invoke(cli, ["predict", "somewhere", str(table), "--interval", "0.9"])
    assert said.stdout.splitlines() == ["prediction,lower,upper", "30.0,-870.0,930.0", "40.0,-860.0,940.0"]
    plain = CliRunner().invoke(cli, ["predict", "somewhere", str(table)])
    assert plain.stdout.splitlines()[0] == "prediction"


def test_the_command_line_refuses_a_coverage_in_percent(regression, tmp_path):
    said = CliRunner().invoke(cli, ["predict", "somewhere", str(tmp_path / "none.csv"), "--interval", "90"])
    assert said.exit_code != 0
    assert "a share from 0.5 to 0.99" in said.output
