"""AutoRecipe as scikit-learn knows estimators: fit, predict, score."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from autorecipe.config import DEFAULT_TEST_SHARE, DEFAULT_TIME_LIMIT_S, Config, Cost, Kind, Preset, StageName, Task
from autorecipe.data.tables import Table, from_frame, read_table
from autorecipe.data.task import infer_task, target_is_missing
from autorecipe.errors import UserError, nearest
from autorecipe.recipe import LossName, Recipe
from autorecipe.run import Evaluation, Profile, Run

if TYPE_CHECKING:
    import keras

    from autorecipe.loaded import Predictions, ServedModel

LOSSES = ("auto", *get_args(LossName))
N_BINARY_CLASSES = 2
TARGET, WEIGHT, GROUPS = "target", "sample_weight", "groups"  # names of what comes beside X
Rows = pd.DataFrame | ArrayLike
Source = Rows | str | PathLike[str]


def _has_classes(model: AutoRecipe) -> bool:
    return model.run_.schema.task != "regression"


class AutoRecipe(BaseEstimator):
    """Works through the recipe on a table and predicts with the network it ends with.

    Parameters
    ----------
    task : {"auto", "binary", "multiclass", "regression"}
    metric : str
        What is optimized; "auto": ROC AUC (average precision below 5 % positive), log loss, RMSE.
    time_limit : float or str or None
        Seconds, or "90s", "2m", "1h"; None is the preset's: 1, 10 or 60 minutes.
    preset : {"quick", "standard", "thorough"}
    test_size : float or "auto"
        Share of rows locked away; "auto" is 0.15 for a path and 0 for `fit(X, y)`, whose callers hold their own test.
    random_state : int
    directory : str or path, optional
        Where the run is kept; numbered under `runs/` by default.
    verbose : int
        0 says nothing.
    loss, until, recipe, cost, positive, allow
        As the command line's flags of these names.
    types : mapping of column to kind
    drop, keep, ids : sequences of column names
    split_by_group, split_by_time, weight : str
        Columns.
    new : bool
        Start afresh, whatever the directory holds.

    Attributes
    ----------
    run_ : Run
        All that was found, as plain values.
    recipe_ : Recipe
        The recipe that the run ended with.
    profile_ : Profile
    model_ : keras.Model
        Raw cells in, probabilities and labels (or predictions) out.
    classes_ : ndarray
        Labels, for classification.
    feature_names_in_ : ndarray of str
    n_features_in_ : int

    Examples
    --------
    >>> from autorecipe import AutoRecipe
    >>> model = AutoRecipe(time_limit="1m")  # doctest: +SKIP
    >>> model.fit(X, y).predict(X_new)  # doctest: +SKIP
    """

    def __init__(  # noqa: PLR0913  scikit-learn takes every parameter by name
        self,
        *,
        task: Literal["auto", "binary", "multiclass", "regression"] = "auto",
        metric: str = "auto",
        time_limit: float | str | None = None,
        preset: Preset = "standard",
        test_size: float | Literal["auto"] = "auto",
        random_state: int = 0,
        directory: str | PathLike[str] | None = None,
        verbose: int = 1,
        loss: Literal["auto", "cross_entropy", "focal", "mse", "mae", "huber"] = "auto",
        until: StageName = "squeeze",
        recipe: Recipe | None = None,
        cost: Mapping[str, float] | None = None,
        positive: str | int | None = None,
        allow: Sequence[str] = (),
        types: Mapping[str, Kind] | None = None,
        drop: Sequence[str] = (),
        keep: Sequence[str] = (),
        ids: Sequence[str] = (),
        split_by_group: str | None = None,
        split_by_time: str | None = None,
        weight: str | None = None,
        new: bool = False,
    ) -> None:
        self.task = task
        self.metric = metric
        self.time_limit = time_limit
        self.preset = preset
        self.test_size = test_size
        self.random_state = random_state
        self.directory = directory
        self.verbose = verbose
        self.loss = loss
        self.until = until
        self.recipe = recipe
        self.cost = cost
        self.positive = positive
        self.allow = allow
        self.types = types
        self.drop = drop
        self.keep = keep
        self.ids = ids
        self.split_by_group = split_by_group
        self.split_by_time = split_by_time
        self.weight = weight
        self.new = new

    def fit(
        self,
        X: Source,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        *,
        target: str | None = None,
    ) -> Self:
        """Work through the recipe.

        Parameters
        ----------
        X : DataFrame, array of shape (n_rows, n_columns), or path of a table
            Raw cells: nothing needs to be encoded or imputed. With a path (or without `y`), `target` names the
            column to learn.
        y : array of shape (n_rows,)
            Labels (strings are fine) or numbers.
        sample_weight, groups : array of shape (n_rows,), optional
            Weights of rows; groups that stay on one side of every split.
        target : str, optional

        Raises
        ------
        UserError
            For any input that cannot be learned from.
        StopFindings
            When a check asks before going on; it carries the findings.
        """
        from autorecipe import api
        from autorecipe.report.progress import telling

        is_path = isinstance(X, (str, PathLike))
        if is_path and y is not None:
            raise UserError("fit takes a path, or X and y, not both", where="fit(X, y)", fix="fit(path, target=NAME)")
        table, config = self._table(X, y, sample_weight, groups, target=target or "")
        config = dataclasses.replace(config, test_share=self._test_share(has_own_test=y is not None))
        with telling(quiet=not self.verbose) as progress:
            result = api.fit(
                table,
                config,
                out=str(self.directory or ""),
                new=self.new or self.directory is None,
                progress=progress,
            )
        self._keep(result.run, result.directory)
        return self

    def predict(self, X: Source) -> NDArray[Any]:
        """Return labels in the dtype they came in, or numbers, of shape (n_rows,)."""
        return self._predicted(X).labels

    @available_if(_has_classes)
    def predict_proba(self, X: Source) -> NDArray[np.float64]:
        """Return probabilities of shape (n_rows, n_classes), columns in the order of `classes_`."""
        from autorecipe.loaded import as_labels

        probabilities = cast("NDArray[np.float64]", self._predicted(X).probabilities)
        return probabilities[:, np.argsort(as_labels(list(self.run_.schema.classes), self.run_.schema))]

    def score(self, X: Source, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy, or R² for numbers."""
        measure = r2_score if self.run_.schema.task == "regression" else accuracy_score
        return float(measure(np.asarray(y), self.predict(X), sample_weight=sample_weight))

    def evaluate(self, X: Source, y: ArrayLike | None = None, *, target: str | None = None) -> Evaluation:
        """Score rows that the model has not seen: every metric of the task with its interval."""
        from autorecipe.loaded import evaluate_rows

        frame = _frame(X)
        if y is not None:
            frame = frame.assign(**{self.run_.schema.target: _one_column(y, len(frame), "y")})
        return evaluate_rows(self._served(), frame)

    def export(self, to: str | PathLike[str]) -> Path:
        """Copy the exported model, its signature, request and README to a directory.

        Raises
        ------
        UserError
            When the directory exists and is not empty.
        """
        from autorecipe.after import copy_export

        check_is_fitted(self)
        return copy_export(self.directory_, Path(to))

    @property
    def run_(self) -> Run:
        """All that was found, as plain values."""
        return self._fitted("_run")

    @property
    def profile_(self) -> Profile | None:
        """What the data is like."""
        return self.run_.profile

    @property
    def recipe_(self) -> Recipe | None:
        """The recipe that the run ended with."""
        return self.run_.recipe

    @property
    def model_(self) -> keras.Model:
        """The final Keras model: raw cells in."""
        return self._served().keras_model

    def _fitted(self, name: str) -> Any:
        if name not in self.__dict__:
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet: call fit first")
        return self.__dict__[name]

    def __sklearn_is_fitted__(self) -> bool:
        return "_run" in self.__dict__

    def _keep(self, run: Run, directory: Path) -> None:
        for name in ("_served_model", "classes_"):  # of an earlier fit
            self.__dict__.pop(name, None)
        self._run, self.directory_ = run, directory
        names = [c.name for c in run.schema.features]
        self.feature_names_in_, self.n_features_in_ = np.array(names, dtype=object), len(names)
        if run.schema.task != "regression":
            from autorecipe.loaded import as_labels

            # scikit-learn's scorers expect sorted classes; the run's own order is (negative, positive)
            self.classes_ = np.sort(as_labels(list(run.schema.classes), run.schema))

    def _served(self) -> ServedModel:
        from autorecipe.loaded import ServedModel

        if "_served_model" not in self.__dict__:
            self._served_model = ServedModel(self._fitted("directory_"), self.run_)
        return self._served_model

    def _predicted(self, X: Source) -> Predictions:
        check_is_fitted(self)
        return self._served().predict(_frame(X))

    def _test_share(self, *, has_own_test: bool) -> float:
        if self.test_size == "auto":
            return 0.0 if has_own_test else DEFAULT_TEST_SHARE
        return float(self.test_size)

    def _table(
        self,
        X: Source,
        y: ArrayLike | None,
        sample_weight: ArrayLike | None,
        groups: ArrayLike | None,
        *,
        target: str,
    ) -> tuple[Table, Config]:
        config = self._config(target)
        if isinstance(X, (str, PathLike)):
            table = read_table(X)
            return table, self._with_task(config, table.frame)
        frame = _frame(X)
        beside = {TARGET: y, WEIGHT: sample_weight, GROUPS: groups}
        names = {}
        for name, values in beside.items():
            if values is not None:
                names[name] = _free_name(str(getattr(values, "name", None) or name), frame)
                said = "y" if name == TARGET else name
                frame = frame.assign(**{names[name]: _one_column(values, len(frame), said)})
        config = dataclasses.replace(
            config,
            target=names.get(TARGET, target),
            weight=names.get(WEIGHT, config.weight),
            split_by_group=names.get(GROUPS, config.split_by_group),
        )
        return from_frame(frame), self._with_task(config, frame)

    def _with_task(self, config: Config, frame: pd.DataFrame) -> Config:
        """Return the config as it is: the data decide on the task unless the user did."""
        return config

    def _config(self, target: str) -> Config:
        from autorecipe.budget import parse_duration

        for name, known in (("task", ("auto", *get_args(Task))), ("preset", get_args(Preset)), ("loss", LOSSES)):
            _check_choice(name, getattr(self, name), known)
        limit = DEFAULT_TIME_LIMIT_S[self.preset] if self.time_limit is None else self.time_limit
        if not isinstance(limit, str) and not limit > 0:
            raise UserError(f"time_limit={limit!r} is not more than 0 seconds", where="time_limit", fix='e.g. "2m"')
        return Config(
            target=target,
            task=self.task,
            metric=self.metric,
            loss=self.loss,
            preset=self.preset,
            time_limit_s=parse_duration(limit) if isinstance(limit, str) else float(limit),
            seed=int(self.random_state),
            types=tuple((self.types or {}).items()),
            drop=tuple(self.drop),
            keep=tuple(self.keep),
            ids=tuple(self.ids),
            allow=tuple(self.allow),
            weight=self.weight or "",
            positive="" if self.positive is None else str(self.positive),
            split_by_group=self.split_by_group or "",
            split_by_time=self.split_by_time or "",
            cost=Cost(**self.cost) if self.cost else None,
            until=self.until,
            recipe=self.recipe,
        )


class AutoRecipeClassifier(ClassifierMixin, AutoRecipe):
    """AutoRecipe for classes; see `AutoRecipe` for the parameters."""

    def _config(self, target: str) -> Config:
        if self.task == "regression":
            raise UserError("task='regression' in a classifier", where="task", fix="use AutoRecipeRegressor")
        return super()._config(target)

    def _with_task(self, config: Config, frame: pd.DataFrame) -> Config:
        """Return the config with a task of classes where the many numbers of the target would speak for regression."""
        if config.task != "auto" or config.target not in frame.columns:
            return config
        known = frame[config.target][~target_is_missing(frame[config.target])]
        if not len(known) or infer_task(known, config)[0] != "regression":
            return config
        return dataclasses.replace(config, task="binary" if known.nunique() == N_BINARY_CLASSES else "multiclass")


class AutoRecipeRegressor(RegressorMixin, AutoRecipe):
    """AutoRecipe for numbers; see `AutoRecipe` for the parameters."""

    def _config(self, target: str) -> Config:
        return dataclasses.replace(super()._config(target), task="regression")


def _check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        near = nearest(str(value), known)
        options = f"one of: {', '.join(known)}"
        raise UserError(
            f"{name}={value!r} is unknown", where=name, fix=f"did you mean '{near}'? {options}" if near else options
        )


def load(run_dir: str | PathLike[str]) -> AutoRecipe:
    """Return a finished run as a fitted estimator.

    Raises
    ------
    UserError
        When there is no run in the directory.
    """
    from autorecipe import api

    run = api.load_run(str(run_dir))
    model = AutoRecipe(verbose=0)
    model._keep(run, Path(run_dir))
    return model


def _frame(X: Source) -> pd.DataFrame:
    if isinstance(X, (str, PathLike)):
        return read_table(X).frame
    if not isinstance(X, (pd.DataFrame, np.ndarray)):
        X = np.asarray(X)
    return from_frame(X).frame


def _one_column(values: ArrayLike, n_rows: int, name: str) -> Any:
    array = values.to_numpy() if isinstance(values, (pd.Series, pd.DataFrame)) else np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise UserError(
            f"{name} has shape {array.shape}; expected one value for each row",
            where=name,
            fix="fit one model for each output" if name == "y" else f"pass a vector as {name}",
        )
    if len(array) != n_rows:
        raise UserError(f"{name} has {len(array)} rows, X has {n_rows}", where=name, fix="pass equal lengths")
    return array


def _free_name(name: str, frame: pd.DataFrame) -> str:
    taken = {str(c).strip() for c in frame.columns}
    while name.strip() in taken:
        name += "_"
    return name
