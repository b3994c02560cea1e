"""Networks that learn the logarithm of the target, and their members in the target's unit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent
from small_data import Memory, recipe_for, small_data  # noqa: E402  TensorFlow may be absent

from autorecipe.metrics.choose import metric_named  # noqa: E402
from autorecipe.record.trial import Fit  # noqa: E402
from autorecipe.testing import FakeClock  # noqa: E402
from autorecipe.training.members import build_member  # noqa: E402
from autorecipe.training.trainer import NetworkTrainer  # noqa: E402

PLAIN = small_data("regression")
DATA = dataclasses.replace(PLAIN, y=np.expm1(np.abs(PLAIN.y - 100.0) / 7.0), fingerprint="a long tail")
RECIPE = recipe_for("regression", target_transform="log1p")


def trainer_for(metric: str, *, y: np.ndarray | None = None) -> NetworkTrainer:
    data = DATA if y is None else dataclasses.replace(DATA, y=y)
    chosen = metric_named(metric, "regression")
    return NetworkTrainer(data, Memory(), metric=chosen, seed=0, clock=FakeClock())


TRAINER = trainer_for("rmse")
FIT = TRAINER.fit(RECIPE, 0)


def said_by(fit: Fit, trainer: NetworkTrainer) -> np.ndarray:
    return trainer.memory.load_predictions(fit.key)["validation"]


def test_the_network_learns_the_standardized_logarithm():
    rows = DATA.fold(0).train
    _, train, _ = TRAINER.prepare(RECIPE, 0)
    logarithm = np.log1p(DATA.y[rows])
    expected = (logarithm - logarithm.mean()) / logarithm.std()
    np.testing.assert_allclose(train.y.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_what_is_predicted_has_the_mean_of_the_held_out_rows_before_clipping():
    assert FIT.status == "ok", FIT.cause
    assert FIT.smearing > 1.0
    rows = DATA.fold(0).validation
    scale = TRAINER.target_scale(0, RECIPE)
    inside = (said_by(FIT, TRAINER) > scale.lowest) & (said_by(FIT, TRAINER) < scale.highest)
    ratio = (1 + DATA.y[rows][inside]) / (1 + said_by(FIT, TRAINER)[inside])
    assert inside.sum() > 50
    assert ratio.mean() == pytest.approx(1.0, abs=0.15)


def test_scores_and_losses_of_a_fit_are_in_the_targets_unit():
    rows, said = DATA.fold(0).validation, said_by(FIT, TRAINER)
    squares = (DATA.y[rows] - said) ** 2
    assert FIT.validation_score == pytest.approx(np.sqrt(squares.mean()))
    plain = TRAINER.target_scale(0)
    assert FIT.validation_loss == pytest.approx(squares.mean() / plain.std**2)
    assert FIT.chance_loss == TRAINER.baseline("constant", 0).chance_loss


def test_a_member_of_the_export_predicts_what_was_scored(tmp_path):
    member = build_member(TRAINER, RECIPE, FIT)
    rows = DATA.take(DATA.fold(0).validation)
    served = member.predict(rows, verbose=0)[:, 0]
    np.testing.assert_allclose(served, said_by(FIT, TRAINER), rtol=1e-4, atol=1e-4)
    member.save(tmp_path / "member.keras")
    again = keras.models.load_model(tmp_path / "member.keras")
    np.testing.assert_array_equal(again.predict(rows, verbose=0)[:, 0], served)


def test_a_metric_of_the_median_leaves_the_exponential_as_it_is():
    assert trainer_for("mae").fit(RECIPE, 0).smearing == 1.0
    assert TRAINER.fit(recipe_for("regression"), 0).smearing == 1.0


def test_a_target_without_a_logarithm_fails_with_its_reason():
    failed = trainer_for("rmse", y=DATA.y - 5.0).fit(RECIPE, 0)
    assert failed.status == "failed"
    assert "needs targets above -1" in failed.cause
