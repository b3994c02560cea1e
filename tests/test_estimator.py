"""AutoRecipe as scikit-learn knows estimators."""

from __future__ import annotations

import dataclasses
import inspect
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import estimator_checks

from autorecipe import AutoRecipe, AutoRecipeClassifier, AutoRecipeRegressor, api, load
from autorecipe.config import Config
from autorecipe.data.tables import from_frame
from autorecipe.errors import UserError
from autorecipe.loaded import as_labels
from autorecipe.recipe import Recipe

DIABETES = Path(__file__).parents[1] / "examples" / "data" / "diabetes.csv"
CLASSES = (AutoRecipe, AutoRecipeClassifier, AutoRecipeRegressor)
NET = Recipe(learning_rate=0.01, epochs=20, batch_size=16)
SHORT = {"preset": "quick", "time_limit": "1h", "verbose": 0}  # the recipe, not the clock, makes them short
CHEAP_CHECKS = (
    estimator_checks.check_no_attributes_set_in_init,
    estimator_checks.check_parameters_default_constructible,
    estimator_checks.check_get_params_invariance,
    estimator_checks.check_set_params,
    estimator_checks.check_estimator_repr,
)


def small(inputs, n_outputs, width=8):
    """An architecture that is only described here, never built."""


def flowers():
    """150 rows of three iris species: measures with gaps, a word, and a weight and a group for each."""
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True, as_frame=True)
    X.columns = ["sepal length", "sepal width", "petal length", "petal width"]
    X = X.assign(size=np.where(X["sepal length"] > 6, "big", "small"), meadow=[f"m{i % 30}" for i in range(len(X))])
    X.loc[::9, "sepal width"] = np.nan
    names = y.map(dict(enumerate(("setosa", "versicolor", "virginica"))))
    return X.drop(columns="meadow"), names.rename("species"), (1.0 + y % 2).rename("times"), X["meadow"]


@pytest.fixture(scope="module")
def home(tmp_path_factory, proof_in_this_process, brief_runs):
    pytest.importorskip("tensorflow")
    return tmp_path_factory.mktemp("estimators")


@pytest.fixture(scope="module")
def named(home):
    """A classifier of words, fitted with weights and groups."""
    X, y, weight, groups = flowers()
    model = AutoRecipe(directory=home / "named", recipe=NET, **SHORT)
    return model.fit(X, y, sample_weight=weight, groups=groups)


@pytest.fixture(scope="module")
def counted(home):
    """A classifier of whole numbers, fitted on an array."""
    X, y, *_ = flowers()
    model = AutoRecipeClassifier(directory=home / "counted", recipe=NET, **SHORT)
    return model.fit(X.to_numpy(), 7 * (y == "setosa").to_numpy())


@pytest.fixture(scope="module")
def regressor(home):
    recipe = dataclasses.replace(NET, loss="mse")
    return AutoRecipeRegressor(directory=home / "regressor", recipe=recipe, **SHORT).fit(DIABETES, target="target")


@pytest.mark.parametrize("check", CHEAP_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", CLASSES)
def test_scikit_learn_finds_no_fault_before_the_fit(kind, check):
    check(kind.__name__, kind())


@pytest.mark.parametrize("kind", CLASSES)
def test_a_clone_asks_for_the_same(kind):
    asked = {"metric": "f1", "time_limit": "90s", "drop": ["a"], "cost": {"fn": 5.0, "fp": 1.0}, "random_state": 3}
    asked |= {"architecture": small, "search": "random", "tensorboard": "curves", "histograms": True}
    asked |= {"show_values": True, "show_samples": False}
    model = kind(**asked)
    assert clone(model).get_params() == model.get_params()
    assert {name: model.get_params()[name] for name in asked} == asked
    assert model.set_params(metric="accuracy").metric == "accuracy"


def test_a_classifier_is_one_and_a_regressor_is_one():
    assert (is_classifier(AutoRecipeClassifier()), is_regressor(AutoRecipeClassifier())) == (True, False)
    assert (is_classifier(AutoRecipeRegressor()), is_regressor(AutoRecipeRegressor())) == (False, True)


@pytest.mark.parametrize("name", ["run_", "recipe_", "profile_", "model_"])
def test_before_the_fit_there_is_nothing_to_see(name):
    with pytest.raises(NotFittedError, match="not fitted"):
        getattr(AutoRecipe(), name)


@pytest.mark.parametrize("kind", CLASSES)
def test_a_score_needs_no_labels_beside_what_names_them(kind):
    assert inspect.signature(kind.score).parameters["y"].default is None
    with pytest.raises(NotFittedError, match="not fitted"):
        kind().score("later.csv")


def test_before_the_fit_there_is_nothing_to_predict_or_export():
    with pytest.raises(NotFittedError, match="not fitted"):
        AutoRecipe().predict([[1.0]])
    with pytest.raises(NotFittedError, match="not fitted"):
        AutoRecipe().export("model")


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ({"y": np.zeros((20, 2))}, r"y has shape \(20, 2\); expected one value for each row"),
        ({"y": np.zeros((20, 2))}, "fit one model for each output"),
        ({"y": np.arange(19)}, "y has 19 rows, X has 20"),
        ({"y": np.arange(20) % 2, "sample_weight": np.ones(3)}, "sample_weight has 3 rows, X has 20"),
        ({"y": np.arange(20) % 2, "groups": np.ones((20, 2))}, "pass a vector as groups"),
        ({}, "which column is to be predicted"),
        ({"target": "c"}, "no column is called 'c'"),
    ],
)
def test_what_does_not_go_with_the_rows_is_refused(beside, message, tmp_path, no_training):
    frame = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) ** 2})
    with pytest.raises(UserError, match=message):
        AutoRecipe(directory=tmp_path / "run", verbose=0).fit(frame, **beside)
    assert not (tmp_path / "run").exists()


def test_a_path_goes_without_y(no_training):
    with pytest.raises(UserError, match="fit takes a path, or X and y, not both"):
        AutoRecipe().fit(str(DIABETES), [1, 2, 3])


def test_a_classifier_does_no_regression(no_training):
    with pytest.raises(UserError, match="use AutoRecipeRegressor"):
        AutoRecipeClassifier(task="regression").fit([[1.0], [2.0]], [0, 1])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"search": "bayes"}, "search='bayes' is unknown(.|\n)*did you mean 'bayesian'"),
        ({"loss": "hinged"}, "did you mean 'hinge'"),
        ({"random_state": -1}, "random_state=-1 is no whole number from 0"),
        ({"time_limit": 0}, "time_limit=0 is not more than 0 seconds"),
        ({"architecture": "net.py:build"}, "expected a function that builds a network, got str"),
        ({"architecture": lambda inputs, n_outputs, width: inputs}, "a parameter 'width' without a default"),
        ({"tensorboard": __file__}, "cannot write curves to(.|\n)*--tensorboard"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(asked, message, tmp_path, no_training):
    with pytest.raises(UserError, match=message):
        AutoRecipe(directory=tmp_path / "run", verbose=0, **asked).fit([[1.0], [2.0]] * 20, [0, 1] * 20)
    assert not (tmp_path / "run").exists()


def test_the_function_travels_beside_the_config(tmp_path, monkeypatch):
    asked = []

    def fit(table, config, **options):
        asked.append((config, options["architecture"]))
        raise UserError("far enough")

    monkeypatch.setattr(api, "fit", fit)
    with pytest.raises(UserError, match="far enough"):
        AutoRecipe(architecture=small, search="grid", tensorboard=tmp_path, verbose=0).fit([[1.0], [2.0]], [0, 1])
    ((config, build),) = asked
    assert build is small
    assert (config.search, config.tensorboard, config.architecture) == ("grid", str(tmp_path), None)


@pytest.mark.parametrize("labels", [["no", "yes"], [0, 1], [-1, 3], [0.5, 1.5], [False, True], [2, 4, 8]])
def test_labels_come_back_in_the_dtype_they_had(labels):
    y = np.array(labels * 20)
    frame = pd.DataFrame({"a": np.arange(len(y), dtype="float64"), "y": y})
    task = "binary" if len(labels) == 2 else "multiclass"
    schema = api.profile_table(from_frame(frame), Config(target="y", task=task)).schema
    back = as_labels(list(schema.classes), schema)
    assert sorted(back.tolist()) == labels
    assert back.dtype.kind == {"U": "O"}.get(y.dtype.kind, y.dtype.kind)


@pytest.mark.slow
def test_words_go_in_and_come_out(named):
    X, y, *_ = flowers()
    assert named.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert set(named.predict(X)) == set(y)
    assert accuracy_score(y, named.predict(X)) > 0.9


@pytest.mark.slow
def test_probabilities_stand_in_the_order_of_the_classes(named):
    X, *_ = flowers()
    p = named.predict_proba(X)
    assert p.shape == (150, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-5)
    assert named.classes_[p.argmax(axis=1)].tolist() == named.predict(X).tolist()


@pytest.mark.slow
def test_weights_and_groups_play_their_parts(named):
    roles = {c.role: c.name for c in named.run_.schema.columns}
    assert (roles["weight"], roles["group"], roles["target"]) == ("times", "meadow", "species")
    assert named.feature_names_in_.tolist() == ["sepal length", "sepal width", "petal length", "petal width", "size"]
    assert named.n_features_in_ == 5


@pytest.mark.slow
def test_rows_beside_x_and_y_are_no_test(named):
    assert (named.run_.split.n_test, named.run_.evaluation.rows) == (0, "out of fold")


@pytest.mark.slow
def test_scores_and_evaluations_agree(named):
    X, y, weight, _ = flowers()
    evaluation = named.evaluate(X, y)
    scores = {s.metric: s.value for s in evaluation.scores}
    assert evaluation.notes == (
        "every row counts once: there are no weights 'times'",
        "intervals take every row for one of its own: there are no groups 'meadow'",
    )
    assert named.score(X, y) == pytest.approx(scores["accuracy"])
    assert named.score(X, y, sample_weight=weight) == pytest.approx(
        accuracy_score(y, named.predict(X), sample_weight=weight)
    )


@pytest.mark.slow
def test_the_keras_model_answers_raw_cells(named):
    assert set(named.model_.output) == {"probabilities", "label"}


@pytest.mark.slow
def test_a_loaded_run_predicts_the_same(named):
    X, *_ = flowers()
    again = load(named.directory_)
    assert again.classes_.tolist() == named.classes_.tolist()
    np.testing.assert_allclose(again.predict_proba(X), named.predict_proba(X), atol=1e-6)
    assert again.run_ == named.run_


@pytest.mark.slow
def test_an_export_is_copied_but_never_over_other_files(named, tmp_path):
    assert named.export(tmp_path / "model") == tmp_path / "model"
    assert (tmp_path / "model" / "saved_model" / "1" / "saved_model.pb").is_file()
    with pytest.raises(UserError, match="is not empty"):
        named.export(tmp_path / "model")


@pytest.mark.slow
def test_an_idea_needs_the_rows(named):
    with pytest.raises(UserError, match="fitted on a table in memory, which is gone"):
        named.try_idea(dropout=0.2)


@pytest.mark.slow
def test_an_idea_is_entered_in_the_run_of_the_model(regressor):
    idea = regressor.try_idea(dropout=0.2)
    assert idea.decision.change.title == "dropout 0.0 -> 0.2"
    assert regressor.run_.ideas == (idea,)
    assert regressor.recipe_.dropout == 0.0


@pytest.mark.slow
def test_whole_numbers_go_in_and_come_out(counted):
    X, y, *_ = flowers()
    predicted = counted.predict(X.to_numpy())
    assert (counted.classes_.tolist(), predicted.dtype) == ([0, 7], np.dtype("int64"))
    assert accuracy_score(7 * (y == "setosa"), predicted) > 0.9


@pytest.mark.slow
def test_a_second_fit_forgets_the_first(named, counted):
    X, y, *_ = flowers()
    model = load(named.directory_).set_params(directory=counted.directory_, recipe=NET, **SHORT)
    model.predict(X)
    model.fit(X.to_numpy(), 7 * (y == "setosa").to_numpy())
    assert model.classes_.tolist() == [0, 7]
    np.testing.assert_array_equal(model.predict(X.to_numpy()), counted.predict(X.to_numpy()))


@pytest.mark.slow
def test_a_path_keeps_test_rows_and_numbers_come_out(regressor):
    rows = pd.read_csv(DIABETES)
    assert (regressor.run_.split.n_test, regressor.run_.evaluation.rows) == (67, "test")
    predicted = regressor.predict(DIABETES)
    assert (predicted.dtype, predicted.shape) == (np.dtype("float64"), (len(rows),))
    assert regressor.score(rows, rows["target"]) == pytest.approx(r2_score(rows["target"], predicted))
    assert r2_score(rows["target"], predicted) > 0.3
    assert not hasattr(regressor, "predict_proba")
    assert not hasattr(regressor, "classes_")
    assert regressor.recipe_ == dataclasses.replace(NET, loss="mse")


@pytest.mark.slow
def test_numbers_come_with_intervals_and_the_export_knows_how_wide_they_are(regressor, named):
    rows = pd.read_csv(DIABETES)
    lower, prediction, upper = regressor.predict(rows, interval=0.9).T
    np.testing.assert_array_equal(prediction, regressor.predict(rows))
    assert 0.8 < ((lower <= rows["target"]) & (rows["target"] <= upper)).mean() < 1
    written = json.loads((regressor.directory_ / "export" / "signature.json").read_text(encoding="utf-8"))
    assert (upper - prediction).tolist() == pytest.approx([written["half_widths"]["0.9"]] * len(rows))
    assert [c.level for c in regressor.run_.evaluation.intervals.coverages] == [0.8, 0.9, 0.95]
    again = load(regressor.directory_)
    np.testing.assert_allclose(again.predict(rows, interval=0.9)[:, 0], lower, rtol=1e-5)
    with pytest.raises(UserError, match="this run predicts classes"):
        named.predict(flowers()[0], interval=0.9)


@pytest.mark.parametrize(("kind", "fitting"), [(AutoRecipeClassifier, "cross_entropy"), (AutoRecipeRegressor, "mse")])
def test_a_recipe_for_another_kind_of_target_is_refused(kind, fitting, tmp_path, no_training):
    other = Recipe(loss="mse" if fitting == "cross_entropy" else "cross_entropy")
    model = kind(recipe=other, directory=tmp_path / "run", verbose=0)
    with pytest.raises(UserError, match=f"does not fit a .* target\nwhere: --recipe\nfix: one of: {fitting}"):
        model.fit(pd.DataFrame({"a": np.arange(60.0)}), np.arange(60) % 2)
    assert not (tmp_path / "run").exists()


def test_many_whole_numbers_are_classes_for_a_classifier():
    _, config = AutoRecipeClassifier()._table([[i] for i in range(60)], list(range(30)) * 2, None, None, target="")
    assert config.task == "multiclass"
    assert AutoRecipe()._table([[i] for i in range(60)], list(range(30)) * 2, None, None, target="")[1].task == "auto"
