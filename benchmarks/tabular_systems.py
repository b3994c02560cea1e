"""The systems of the benchmark, each as its own users would call it; libraries that are not installed are left out.

A system takes split rows, a budget in seconds and a seed, and returns probabilities (n_rows, n_classes), predictions
(n_rows,) of a regression, or labels (n_rows,) where it gives no probabilities.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from measuring import METRICS
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from tabular_sets import Rows

Predictions = NDArray[np.float64]
EARLY_STOPPING_ROUNDS, MOST_ROUNDS = 100, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A contender.

    Attributes
    ----------
    package : str
        What must be installed.
    predict : callable
        (rows, budget_s, seed) -> predictions of the test rows.
    """

    package: str
    predict: Callable[[Rows, float, int], Predictions]


def with_codes(rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and test rows with text as ordinal codes, as a plain user would for boosted trees."""
    from sklearn.preprocessing import OrdinalEncoder

    x, test_x = rows.x.copy(), rows.test_x.copy()
    texts = [name for name in x if not pd.api.types.is_numeric_dtype(x[name])]
    if texts:
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
        x[texts] = encoder.fit_transform(x[texts].astype(str))
        test_x[texts] = encoder.transform(test_x[texts].astype(str))
    return x.astype("float32"), test_x.astype("float32")


def _said(model: Any, rows: Rows, test_x: Any) -> Predictions:
    said = model.predict(test_x) if rows.task == "regression" else model.predict_proba(test_x)
    return np.asarray(said, "float64")


def _autorecipe(rows: Rows, budget_s: float, seed: int) -> Predictions:
    from autorecipe import AutoRecipe

    model = AutoRecipe(task=rows.task, time_limit=budget_s, test_size=0, random_state=seed, verbose=0)
    return _said(model.fit(rows.x, rows.y), rows, rows.test_x)


def _plain_net(rows: Rows, budget_s: float, seed: int) -> Predictions:
    from autorecipe import AutoRecipe

    model = AutoRecipe(
        task=rows.task, time_limit=budget_s, test_size=0, random_state=seed, verbose=0, families=("mlp",)
    )
    return _said(model.fit(rows.x, rows.y), rows, rows.test_x)


def _gradient_boosting(rows: Rows, budget_s: float, seed: int) -> Predictions:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    x, test_x = with_codes(rows)
    kind = HistGradientBoostingRegressor if rows.task == "regression" else HistGradientBoostingClassifier
    return _said(kind(random_state=seed).fit(x, rows.y), rows, test_x)


def _catboost(rows: Rows, budget_s: float, seed: int) -> Predictions:
    from catboost import CatBoostClassifier, CatBoostRegressor

    x, test_x = with_codes(rows)
    own, held, own_y, held_y = _held_out(x, rows, seed)
    kind = CatBoostRegressor if rows.task == "regression" else CatBoostClassifier
    model = kind(random_seed=seed, verbose=0, iterations=MOST_ROUNDS, early_stopping_rounds=EARLY_STOPPING_ROUNDS)
    return _said(model.fit(own, own_y, eval_set=(held, held_y)), rows, test_x)


def _lightgbm(rows: Rows, budget_s: float, seed: int) -> Predictions:
    import lightgbm

    x, test_x = with_codes(rows)
    own, held, own_y, held_y = _held_out(x, rows, seed)
    kind = lightgbm.LGBMRegressor if rows.task == "regression" else lightgbm.LGBMClassifier
    model = kind(random_state=seed, n_estimators=MOST_ROUNDS, learning_rate=0.05, verbose=-1)
    stop = lightgbm.early_stopping(EARLY_STOPPING_ROUNDS, verbose=False)
    return _said(model.fit(own, own_y, eval_set=[(held, held_y)], callbacks=[stop]), rows, test_x)


def _held_out(x: pd.DataFrame, rows: Rows, seed: int) -> list[Any]:
    stratify = None if rows.task == "regression" else rows.y
    return train_test_split(x, rows.y, test_size=0.2, random_state=seed, stratify=stratify)


def _flaml(rows: Rows, budget_s: float, seed: int) -> Predictions:
    from flaml import AutoML

    model = AutoML()
    task = "regression" if rows.task == "regression" else "classification"
    model.fit(rows.x, rows.y, task=task, time_budget=budget_s, seed=seed, verbose=0, metric=METRICS[rows.task])
    return _said(model, rows, rows.test_x)


def _autogluon(rows: Rows, budget_s: float, seed: int) -> Predictions:
    from autogluon.tabular import TabularPredictor

    frame = rows.x.assign(**{"the target": rows.y})
    metric = {**METRICS, "regression": "root_mean_squared_error"}[rows.task]
    model = TabularPredictor(
        label="the target", path=tempfile.mkdtemp(), verbosity=0, problem_type=rows.task, eval_metric=metric
    )
    model.fit(frame, time_limit=budget_s, presets="medium_quality")
    return _said(model, rows, rows.test_x)


def _autokeras(rows: Rows, budget_s: float, seed: int) -> Predictions:
    import time

    import autokeras
    import keras

    began = time.monotonic()

    class Stop(keras.callbacks.Callback):  # AutoKeras has no time limit of its own
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            if time.monotonic() - began > budget_s:
                self.model.stop_training = True

    kind = autokeras.StructuredDataRegressor if rows.task == "regression" else autokeras.StructuredDataClassifier
    model = kind(max_trials=3, directory=tempfile.mkdtemp(), overwrite=True, seed=seed)
    x, test_x = (frame.fillna(0).to_numpy(dtype=str) for frame in with_codes(rows))
    model.fit(x, rows.y.to_numpy(), epochs=50, verbose=0, callbacks=[Stop()])
    return np.asarray(model.predict(test_x, verbose=0), "float64").ravel()  # labels, for classes


SYSTEMS: dict[str, System] = {
    "autorecipe": System(package="autorecipe", predict=_autorecipe),
    "autorecipe, plain nets": System(package="autorecipe", predict=_plain_net),
    "gradient boosting": System(package="sklearn", predict=_gradient_boosting),
    "catboost": System(package="catboost", predict=_catboost),
    "lightgbm": System(package="lightgbm", predict=_lightgbm),
    "flaml": System(package="flaml", predict=_flaml),
    "autogluon": System(package="autogluon", predict=_autogluon),
    "autokeras": System(package="autokeras", predict=_autokeras),
}


def installed() -> tuple[str, ...]:
    """Return the names of the systems whose library is there."""
    return tuple(name for name, system in SYSTEMS.items() if importlib.util.find_spec(system.package))
