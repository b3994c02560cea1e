"""What a fitted estimator can be asked: predictions, scores, the run, the model."""

from __future__ import annotations

import math
import warnings
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import estimator_html_repr
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from autorecipe.errors import UserError
from autorecipe.estimator_inputs import Source, frame_of, one_column
from autorecipe.intervals import check_interval, with_interval
from autorecipe.recipe import Recipe, Value
from autorecipe.record.evaluation import Evaluation
from autorecipe.record.profile import Profile
from autorecipe.record.run import Run
from autorecipe.record.stage import Idea

if TYPE_CHECKING:
    import keras

    from autorecipe.loaded import Predictions, ServedModel


def _has_classes(model: FittedRun) -> bool:
    return model.run_.schema.task != "regression"


class FittedRun:
    """A finished run behind scikit-learn's methods; estimators mix it in."""

    _run: Run
    directory_: Path

    def predict(self, X: Source, *, interval: float | None = None) -> NDArray[Any]:
        """Return labels in the dtype they came in, or numbers, of shape (n_rows,).

        Parameters
        ----------
        X : DataFrame, or array of shape (n_rows, n_columns)
            With a run of images: an array of shape (n, height, width[, channels]), a sequence of paths, a folder.
        interval : float in [0.5, 0.99], optional
            Of a regression: return float64 (n_rows, 3), lower end, prediction and upper end, of intervals that cover
            this share of the rows to come, so that `lower, prediction, upper = model.predict(X, interval=0.9).T`.

        Raises
        ------
        UserError
            When intervals of classes are asked for, or the run has too few rows to promise such a share.
        """
        if interval is None:
            return self._predicted(X).labels
        check_interval(self.run_, interval)
        return with_interval(self.run_, self._predicted(X).labels, interval)

    @available_if(_has_classes)  # type: ignore[untyped-decorator]  # scikit-learn ships no types
    def predict_proba(self, X: Source) -> NDArray[np.float64]:
        """Return probabilities of shape (n_rows, n_classes), columns in the order of `classes_`."""
        from autorecipe.loaded import as_labels

        probabilities = cast("NDArray[np.float64]", self._predicted(X).probabilities)
        return probabilities[:, np.argsort(as_labels(list(self.run_.schema.classes), self.run_.schema))]

    def score(self, X: Source, y: ArrayLike | None = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy, or R² for numbers; without `y`, as `evaluate` finds the answers in what `X` names.

        Raises
        ------
        UserError
            When `X` does not hold the answers, or weights are given without `y`.
        """
        is_regression = self.run_.schema.task == "regression"
        if y is None:
            if sample_weight is not None:
                raise UserError("weights of rows need their y", where="sample_weight", fix="score(X, y, sample_weight)")
            wanted = "r2" if is_regression else "accuracy"
            return next((s.value for s in self.evaluate(X).scores if s.metric == wanted), math.nan)
        measure = r2_score if is_regression else accuracy_score
        return float(measure(np.asarray(y), self.predict(X), sample_weight=sample_weight))

    def evaluate(self, X: Source, y: ArrayLike | None = None, *, target: str | None = None) -> Evaluation:
        """Score rows that the model has not seen: every metric of the task with its interval."""
        from autorecipe.loaded import evaluate_rows

        if self.run_.schema.modality == "image":
            from autorecipe.image_predictions import evaluate_given

            return evaluate_given(self._served(), X, y)
        frame = frame_of(X)
        if y is not None:
            frame = frame.assign(**{self.run_.schema.target: one_column(y, len(frame), "y")})
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

    def try_idea(self, **edits: Value) -> Idea:
        """Judge a change of the recipe, `try_idea(width=256)`, on the same folds by the rule of the stages.

        The run must have been fitted on a file. It is entered in the run; the model stays as it is.

        Raises
        ------
        UserError
            When an edit cannot be made, or the rows have changed or are gone.
        """
        from autorecipe import api

        self._run = api.try_idea(str(self._fitted("directory_")), tuple(edits.items()))
        return self._run.ideas[-1]

    @property
    def run_(self) -> Run:
        """All that was found, as plain values."""
        return cast("Run", self._fitted("_run"))

    @property
    def profile_(self) -> Profile | None:
        """What the data is like; a notebook shows it as a table."""
        from autorecipe.report.notebook import ShownProfile

        return ShownProfile.of(self.run_)

    @property
    def recipe_(self) -> Recipe | None:
        """The recipe that the run ended with."""
        return self.run_.recipe

    @property
    def model_(self) -> keras.Model:
        """The final Keras model: raw cells in, or the bytes of image files."""
        return self._served().keras_model

    def _repr_html_(self) -> str:
        """Show the run in a notebook; before the fit what scikit-learn shows of an estimator."""
        if not self.__sklearn_is_fitted__():
            return str(estimator_html_repr(self))
        from autorecipe.report.notebook import run_html

        return run_html(self.run_, self.directory_)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return what IPython asks for before `_repr_html_`."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

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
        from autorecipe.after import served_model

        if "_served_model" not in self.__dict__:
            self._served_model = served_model(self._fitted("directory_"), self.run_)
        return self._served_model

    def _predicted(self, X: Source) -> Predictions:
        check_is_fitted(self)
        if self.run_.schema.modality == "image":
            from autorecipe.image_predictions import predict_given

            return predict_given(self._served(), X)
        predicted = self._served().predict(frame_of(X))
        for note in predicted.notes:
            warnings.warn(note, RuntimeWarning, stacklevel=3)
        return predicted
