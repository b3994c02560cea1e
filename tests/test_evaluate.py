from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from autorecipe.config import Config, Cost, CostMatrix
from autorecipe.data.folds import Fold
from autorecipe.data.split import Split
from autorecipe.evaluate import Rival, Scored, decision_threshold, evaluate, folds_of
from autorecipe.metrics.intervals import Rows
from autorecipe.metrics.labelling import Labelling, labels_at
from autorecipe.record.evaluation import Evaluation, Score
from autorecipe.record.run import Run
from autorecipe.report.page.scores import test_section as section_of
from autorecipe.report.text_result import evaluation_lines
from autorecipe.report.text_words import as_text
from autorecipe.testing import make_run

RANDOM = np.random.default_rng(0)
N = 400
Y = RANDOM.integers(0, 2, N)
NOISE = RANDOM.normal(size=N)


def probabilities(skill: float, *, y: np.ndarray = Y, noise: np.ndarray = NOISE) -> np.ndarray:
    """Probabilities of two classes; with more skill they follow the truth more closely."""
    positive = 1 / (1 + np.exp(-(skill * (2 * y - 1) + noise)))
    return np.stack([1 - positive, positive], axis=1)


def scored(prediction: np.ndarray, y: np.ndarray = Y, **rows) -> Scored:
    return Scored(y=y, prediction=prediction, rows=Rows(**rows))


def rival(skill: float, *, name: str = "linear", noise: np.ndarray = NOISE) -> Rival:
    prediction = probabilities(skill, noise=noise)
    return Rival(name=name, validation=0.7, places=np.arange(len(prediction)), prediction=prediction)


def judged(skill: float = 1.0, *rivals: Rival, run: Run | None = None, at: Labelling | None = None) -> Evaluation:
    ours = scored(probabilities(skill))
    return evaluate(run or make_run(), out_of_fold=ours, test=ours, rivals=rivals, at=at)


def by_name(scores: tuple[Score, ...]) -> dict[str, Score]:
    return {score.metric: score for score in scores}


def test_every_metric_of_the_task_is_scored_with_its_interval():
    found = by_name(judged().scores)
    auc = found["roc_auc"]
    assert auc.value == pytest.approx(roc_auc_score(Y, probabilities(1.0)[:, 1]))
    assert auc.low < auc.value < auc.high
    assert {"log_loss", "accuracy", "f1", "mcc", "brier", "pr_auc"} <= set(found)


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"), [(2.0, 0.2, "ahead"), (0.2, 2.0, "behind"), (1.0, 1.0, "level")]
)
def test_the_verdict_compares_with_the_rival(ours, theirs, verdict):
    found = judged(ours, rival(theirs))
    assert found.verdict == verdict
    assert found.rival == "linear"
    assert found.difference.metric == "roc_auc"
    if verdict != "level":
        assert (found.difference.value > 0) == (verdict == "ahead")


def test_a_difference_within_its_interval_is_level():
    other = RANDOM.normal(size=N)
    found = judged(1.0, rival(1.02, noise=other))
    assert found.difference.low < 0 < found.difference.high
    assert found.verdict == "level"


def test_without_rivals_there_is_nothing_to_compare_with():
    found = judged()
    assert (found.verdict, found.rival, found.difference, found.ladder) == ("alone", "", None, ())


def test_the_rival_is_the_best_on_these_rows():
    weak, strong = rival(0.2, name="constant"), rival(1.5, name="gradient boosting")
    for order in ((weak, strong), (strong, weak)):
        found = judged(1.0, *order)
        assert found.rival == "gradient boosting"
        assert found.verdict == "behind"
        assert [rung.name for rung in found.ladder] == [r.name for r in order]


def test_a_rival_without_predictions_stands_on_the_ladder_untested():
    unknown = Rival(name="linear", validation=0.7, places=np.zeros(0, int), prediction=np.zeros((0, 2)))
    found = judged(1.0, unknown)
    assert found.ladder[0].test is None
    assert found.ladder[0].validation == 0.7
    assert found.verdict == "alone"


def test_a_positive_difference_is_better_for_errors_too():
    y = RANDOM.normal(size=N)
    near, far = y + 0.1 * NOISE, y + 0.5 * NOISE
    run = make_run(task="regression")
    ours = scored(near, y)
    far_rival = Rival(name="linear", validation=0.5, places=np.arange(N), prediction=far)
    found = evaluate(run, out_of_fold=ours, test=ours, rivals=(far_rival,), at=None)
    assert found.verdict == "ahead"
    assert found.difference.value == pytest.approx(0.4 * np.sqrt((NOISE**2).mean()), rel=1e-6)
    assert found.confusion == ()
    assert found.threshold is None


@pytest.mark.parametrize(("n_groups", "is_told"), [(6, True), (50, False)])
def test_an_interval_of_single_rows_is_told_where_groups_are_too_few(n_groups, is_told):
    ours = scored(probabilities(2.0), groups=np.arange(N) % n_groups)
    found = evaluate(make_run(), out_of_fold=ours, test=ours, rivals=(rival(0.2),), at=None)
    assert found.difference.low is not None
    said = " ".join(found.notes)
    assert ("the interval of the gain is of single rows, since 6 groups" in said) == is_told
    assert ("no 95 % intervals of the scores: the rows fall into 6 groups" in said) == is_told


def test_too_few_groups_are_told_in_the_terminal_and_on_the_page():
    ours = scored(probabilities(2.0), groups=np.arange(N) % 6)
    run = make_run()
    found = evaluate(run, out_of_fold=ours, test=ours, rivals=(rival(0.2),), at=None)
    said = as_text(evaluation_lines(found, run))
    assert "the interval of the gain is of single rows" in said
    page = section_of(dataclasses.replace(run, evaluation=found), ())
    assert "the interval of the gain is of single rows" in str(page)


def test_without_test_rows_the_rows_out_of_fold_are_scored():
    ours = scored(probabilities(1.0))
    found = evaluate(make_run(), out_of_fold=ours, test=None, rivals=(), at=None)
    assert found.rows == "out of fold"
    assert found.scores == found.out_of_fold
    assert found.n_rows == N


def test_rows_out_of_fold_are_scored_beside_the_test():
    ours, others = scored(probabilities(1.0)), scored(probabilities(2.0)[:100], Y[:100])
    found = evaluate(make_run(), out_of_fold=others, test=ours, rivals=(), at=None)
    assert (found.rows, found.n_rows) == ("test", N)
    expected = roc_auc_score(Y[:100], probabilities(2.0)[:100, 1])
    assert by_name(found.out_of_fold)["roc_auc"].value == pytest.approx(expected)


def test_labels_and_the_confusion_follow_the_threshold():
    p = probabilities(1.0)[:, 1]
    for value in (0.5, 0.8):
        found = judged(at=Labelling(value, "because"))
        assert (found.threshold, found.threshold_reason) == (value, "because")
        assert np.array(found.confusion).tolist() == confusion_matrix(Y, p >= value).tolist()
        assert by_name(found.scores)["accuracy"].value == pytest.approx(((p >= value) == Y).mean())


def test_a_metric_of_labels_scores_rivals_by_their_labels():
    run = dataclasses.replace(make_run(), metric="accuracy")
    found = judged(1.0, rival(0.2), run=run, at=Labelling(0.5, ""))
    theirs = probabilities(0.2)[:, 1] >= 0.5
    assert found.ladder[0].test.value == pytest.approx((theirs == Y).mean())
    assert found.metric == found.difference.metric == "accuracy"


def test_many_classes_are_labelled_by_the_likeliest():
    y = RANDOM.integers(0, 3, N)
    p = np.eye(3)[y] + RANDOM.random((N, 3))
    p /= p.sum(axis=1, keepdims=True)
    ours = scored(p, y)
    found = evaluate(make_run(task="multiclass"), out_of_fold=ours, test=ours, rivals=(), at=None)
    assert np.array(found.confusion).tolist() == confusion_matrix(y, p.argmax(axis=1)).tolist()
    assert found.metric == "log_loss"


def test_weights_count():
    weight = np.where(Y == 1, 3.0, 1.0)
    ours = scored(probabilities(1.0), weight=weight)
    found = evaluate(make_run(), out_of_fold=ours, test=ours, rivals=(), at=Labelling(0.5, ""))
    right = (probabilities(1.0)[:, 1] >= 0.5) == Y
    assert by_name(found.scores)["accuracy"].value == pytest.approx(np.average(right, weights=weight))


def test_the_same_seed_draws_the_same_intervals():
    assert judged(1.0, rival(0.9)) == judged(1.0, rival(0.9))


def test_only_two_classes_need_a_threshold():
    assert decision_threshold(make_run(task="multiclass"), scored(probabilities(1.0))) is None
    assert decision_threshold(make_run(task="regression"), scored(NOISE)) is None
    assert 0 < decision_threshold(make_run(), scored(probabilities(1.0))).value < 1


def classes_with_a_rare_one(n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Codes of three classes, drawn by the probabilities that come with them; the last class is rare."""
    logits = np.stack([np.zeros(n), np.random.default_rng(1).normal(size=n), np.full(n, -2.5)], axis=1)
    logits[:, 2] += np.random.default_rng(2).normal(size=n)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (p.cumsum(axis=1) < np.random.default_rng(3).random((n, 1))).sum(axis=1), p


def test_many_classes_get_multipliers_where_their_metric_asks_for_them():
    y, p = classes_with_a_rare_one()
    run = dataclasses.replace(make_run(task="multiclass"), metric="balanced_accuracy")
    ours = scored(p, y)

    at = decision_threshold(run, ours)
    found = evaluate(run, out_of_fold=ours, test=ours, rivals=(), at=at)

    assert at.value is None
    assert at.multipliers[2] > max(at.multipliers[:2])
    assert (found.multipliers, found.threshold, found.threshold_reason) == (at.multipliers, None, at.reason)
    assert np.array(found.confusion).tolist() == confusion_matrix(y, (p * at.multipliers).argmax(axis=1)).tolist()


def test_costs_of_many_classes_choose_the_cheapest_label():
    y, p = classes_with_a_rare_one()
    costs = ((0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (20.0, 20.0, 0.0))
    matrix = CostMatrix(costs=costs, classes=("blue", "green", "red"))
    run = make_run(task="multiclass", config=Config(target="bought", cost_matrix=matrix))
    ours = scored(p, y)

    at = decision_threshold(run, ours)
    found = evaluate(run, out_of_fold=ours, test=ours, rivals=(), at=at)

    labels = labels_at(p, at)
    spent, usual = (np.array(costs)[y, called].mean() for called in (labels, p.argmax(axis=1)))
    assert spent < usual
    assert found.costs == costs
    assert f"{spent:.4g} a row" in found.threshold_reason
    assert np.array_equal(labels, (p @ np.array(costs)).argmin(axis=1))


def test_a_matrix_of_two_classes_is_the_cost_of_both_mistakes():
    def at(**cost) -> Labelling:
        return decision_threshold(make_run(config=Config(target="bought", **cost)), scored(probabilities(1.0)))

    matrix = CostMatrix(costs=((1.0, 7.0), (4.0, 2.0)), classes=("yes", "no"))
    assert at(cost_matrix=matrix) == at(cost=Cost(fn=6, fp=2))


def test_a_costly_miss_lowers_the_threshold():
    def at(cost: Cost) -> float:
        run = make_run(config=Config(target="bought", cost=cost))
        return decision_threshold(run, scored(probabilities(1.0))).value

    assert at(Cost(fn=9, fp=1)) < at(Cost(fn=1, fp=1)) < at(Cost(fn=1, fp=9))


def test_a_rival_is_compared_on_the_rows_that_it_has_predicted():
    whole = rival(0.5)
    half = dataclasses.replace(whole, places=whole.places[::2], prediction=whole.prediction[::2])
    found = judged(1.0, half)
    assert found.ladder[0].test is not None
    assert found.verdict == "ahead"


def test_labels_of_a_rival_follow_its_own_threshold():
    run = dataclasses.replace(make_run(), metric="f1")
    same = dataclasses.replace(rival(1.0), prediction=probabilities(1.0), labelling=Labelling(0.3))
    found = judged(1.0, same, run=run, at=Labelling(0.3, "chosen"))
    assert found.difference.value == 0
    assert found.verdict == "level"


def test_the_reliability_of_the_scored_rows_is_told():
    ours = scored(probabilities(1.0))
    found = evaluate(make_run(), out_of_fold=ours, test=ours, rivals=(), at=None)
    ece = by_name(found.scores)["ece"]
    assert (found.calibration.ece, found.calibration.low) == (ece.value, ece.low)
    assert sum(b.n_rows for b in found.calibration.bins) == N
    assert found.metric == "roc_auc"


def test_a_regression_has_no_reliability():
    ours = scored(NOISE, NOISE)
    run = make_run(task="regression")
    assert evaluate(run, out_of_fold=ours, test=ours, rivals=(), at=None).calibration is None


def test_rows_know_the_fold_that_holds_them_out():
    rows = np.arange(10)
    bag = tuple(Fold(train=np.delete(rows[:8], rows[i:8:4]), validation=rows[i:8:4]) for i in range(4))
    split = Split(
        scheme="holdout",
        folds=bag[:1],
        bag=bag,
        fresh=bag[:1],
        test=rows[8:],
        non_test=rows[:8],
        groups=None,
        reason="made up",
    )
    assert folds_of(split, np.array([0, 5, 3, 9])).tolist() == [0, 1, 3, -1]


def test_labels_are_smoothed_over_the_folds():
    plain = scored(probabilities(1.0))
    run = dataclasses.replace(make_run(), metric="f1")
    with_folds = dataclasses.replace(plain, folds=np.arange(N) % 5)
    assert decision_threshold(run, with_folds).value != decision_threshold(run, plain).value


def test_the_curves_of_the_positive_class_are_kept():
    (curves,) = judged().curves
    assert curves.label == "yes"
    assert curves.share == pytest.approx(Y.mean())
    x, height = np.array(curves.roc).T
    assert np.trapezoid(height, x) == pytest.approx(roc_auc_score(Y, probabilities(1.0)[:, 1]), abs=5e-3)
    assert judged().residuals is None


def test_the_residuals_of_a_regression_are_kept_in_bins():
    y = RANDOM.normal(size=N)
    ours = scored(y + 0.1 * NOISE, y)
    found = evaluate(make_run(task="regression"), out_of_fold=ours, test=ours, rivals=(), at=None)
    assert sum(found.residuals.counts) == N
    assert found.curves == ()
