from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from autorecipe.config import Config, Cost
from autorecipe.evaluate import Rival, Scored, decision_threshold, evaluate
from autorecipe.metrics.intervals import Rows
from autorecipe.metrics.thresholds import Threshold
from autorecipe.run import Evaluation, Run, Score
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


def judged(skill: float = 1.0, *rivals: Rival, run: Run | None = None, at: Threshold | None = None) -> Evaluation:
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
        found = judged(at=Threshold(value, "because"))
        assert (found.threshold, found.threshold_reason) == (value, "because")
        assert np.array(found.confusion).tolist() == confusion_matrix(Y, p >= value).tolist()
        assert by_name(found.scores)["accuracy"].value == pytest.approx(((p >= value) == Y).mean())


def test_a_metric_of_labels_scores_rivals_by_their_labels():
    run = dataclasses.replace(make_run(), metric="accuracy")
    found = judged(1.0, rival(0.2), run=run, at=Threshold(0.5, ""))
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
    found = evaluate(make_run(), out_of_fold=ours, test=ours, rivals=(), at=Threshold(0.5, ""))
    right = (probabilities(1.0)[:, 1] >= 0.5) == Y
    assert by_name(found.scores)["accuracy"].value == pytest.approx(np.average(right, weights=weight))


def test_the_same_seed_draws_the_same_intervals():
    assert judged(1.0, rival(0.9)) == judged(1.0, rival(0.9))


def test_only_two_classes_need_a_threshold():
    assert decision_threshold(make_run(task="multiclass"), scored(probabilities(1.0))) is None
    assert decision_threshold(make_run(task="regression"), scored(NOISE)) is None
    assert 0 < decision_threshold(make_run(), scored(probabilities(1.0))).value < 1


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
    same = dataclasses.replace(rival(1.0), prediction=probabilities(1.0), threshold=0.3)
    found = judged(1.0, same, run=run, at=Threshold(0.3, "chosen"))
    assert found.difference.value == 0
    assert found.verdict == "level"
