"""A finished run, ready to predict: what its exported model says of raw rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import to_text
from autorecipe.data.image_source import ImageSource
from autorecipe.data.infer import check_serving_columns
from autorecipe.data.roles import target_values, weights_of
from autorecipe.data.schema import Schema
from autorecipe.data.split_request import group_codes
from autorecipe.data.task import target_is_missing
from autorecipe.errors import UserError, nearest
from autorecipe.intervals import with_coverage
from autorecipe.metrics.calibration import calibration
from autorecipe.metrics.few_groups import no_interval_note
from autorecipe.metrics.intervals import Rows
from autorecipe.metrics.labelling import labelling_of, labels_at
from autorecipe.metrics.summary import all_scores, confusion
from autorecipe.metrics.undefined import undefined_notes
from autorecipe.record.evaluation import Evaluation
from autorecipe.record.run import Run
from autorecipe.row_words import row_noun
from autorecipe.unknown_cells import unknown_notes
from autorecipe.warm_up import import_keras

if TYPE_CHECKING:
    import keras

CHOSEN_BEFORE = "chosen when the run was fitted, on its own held-out rows"


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """What a model says of rows.

    Attributes
    ----------
    labels : ndarray of shape (n_rows,)
        Class labels in the dtype of the training data, or numbers.
    probabilities : ndarray of shape (n_rows, n_classes), or None for regression
    notes : tuple of str
        Which columns of the rows mean nothing to the model, a sentence each.
    """

    labels: NDArray[Any]
    probabilities: NDArray[np.float64] | None
    notes: tuple[str, ...] = ()


class ServedModel:
    """The exported model of a run; it does nothing to cells that the exported graph does not do."""

    def __init__(self, directory: Path, run: Run) -> None:
        self.directory, self.run = directory, run
        if not (directory / "export" / "saved_model").exists():
            stops_early = run.config.until != "squeeze"
            raise UserError(
                f"the run in '{directory}' has no exported model yet",
                where=str(directory),
                fix="fit without --until" if stops_early else "finish it: run the same fit command again",
            )

    @cached_property
    def keras_model(self) -> keras.Model:
        """The final model as a Keras object: raw cells in, or the bytes of image files."""
        import_keras()
        import keras

        import autorecipe.export.serving
        import autorecipe.layers
        import autorecipe.training.members  # noqa: F401  registers the layers that the file names

        return keras.models.load_model(self.directory / "export" / "model.keras")

    @cached_property
    def compiled(self) -> Any:
        """The model's forward pass, compiled once for batches of any size."""
        from autorecipe.export.serving import compile_serving

        return compile_serving(self.keras_model)

    @cached_property
    def compiled_pixels(self) -> Any:
        """The same of a model of images for decoded ones of any size."""
        from autorecipe.export.serving_images import compile_pixels

        return compile_pixels(self.keras_model)

    def predict(self, frame: pd.DataFrame) -> Predictions:
        """Predict rows of raw cells.

        Raises
        ------
        UserError
            When a column is missing, or a cell cannot be sent.
        """
        rows = check_serving_columns(self.run.schema, frame)
        import_keras()
        from autorecipe.export.serving import serve_rows
        from autorecipe.preprocessing.arrays import raw_tensors

        spec = self.keras_model.get_layer("encode").spec
        outputs = serve_rows(self.keras_model, raw_tensors(rows, spec))
        said = as_predictions(outputs, self.run.schema)
        return dataclasses.replace(said, notes=unknown_notes(rows, spec, self.run.profile))


def evaluate_rows(served: ServedModel, frame: pd.DataFrame, *, images: ImageSource | None = None) -> Evaluation:
    """Score rows with a known target: every metric of the task with its interval.

    Parameters
    ----------
    images : ImageSource, optional
        Those of the rows, where the run is of images; rows whose image cannot be read are left out.

    Raises
    ------
    UserError
        When the target is not in the frame, or no row has one.
    """
    run = served.run
    known, row_numbers = _with_target(frame, run.schema)
    left_out = _left_out_note(len(frame) - len(known), run.schema)
    if images is None:
        predicted = served.predict(known)
    else:
        from autorecipe.image_predictions import left_out_note, predict_images

        said = predict_images(served, images.take(row_numbers - 1))
        known, row_numbers = known.iloc[said.read].reset_index(drop=True), row_numbers[said.read]
        predicted, left_out = said.predictions, (*left_out, *left_out_note(said))
    prediction = predicted.labels if predicted.probabilities is None else predicted.probabilities
    y = target_values(known, run.schema, row_numbers=row_numbers)
    weight, notes = _weights(known, run.schema, row_numbers)
    groups, of_groups = _groups(known, run.schema)
    rows = Rows(weight=weight, groups=groups)
    return score_rows(
        run, y, prediction.astype("float64"), rows, notes=(*predicted.notes, *notes, *of_groups, *left_out)
    )


def _with_target(frame: pd.DataFrame, schema: Schema) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the rows that have a target, called as in the schema, and their numbers from 1."""
    name, row = schema.target, row_noun(schema.modality)
    found = next((c for c in frame.columns if str(c).strip() == name.strip()), None)
    if found is None:
        near = nearest(name, [str(c) for c in frame.columns])
        raise UserError(
            f"the target '{name}' is not among the {len(frame.columns)} columns",
            where="evaluate",
            fix=f"did you mean '{near}'? rename it" if near else f"give {row}s with their '{name}'",
        )
    row_numbers = np.flatnonzero(~target_is_missing(frame[found])) + 1
    if not len(row_numbers):
        what = f"no {row} has a value of '{name}': there is nothing to score"
        raise UserError(what, where="evaluate", fix=f"give {row}s with their target")
    return frame.iloc[row_numbers - 1].rename(columns={found: name}).reset_index(drop=True), row_numbers


def _left_out_note(n_rows: int, schema: Schema) -> tuple[str, ...]:
    said = f"left out {n_rows:,} {row_noun(schema.modality)}{'s' * (n_rows > 1)} without a value of '{schema.target}'"
    return (said,) if n_rows else ()


def score_rows(
    run: Run, y: NDArray[Any], prediction: NDArray[np.float64], rows: Rows, *, notes: tuple[str, ...] = ()
) -> Evaluation:
    """Return an evaluation of rows that are given after the fit, at the run's threshold."""
    at, is_regression = labelling_of(run.evaluation), run.schema.task == "regression"
    labels = None if is_regression else labels_at(prediction, at)
    scores = all_scores(run.schema.task, y, prediction, labels=labels, rows=rows, seed=run.config.seed)
    known = run.evaluation.intervals if run.evaluation else None
    row_weight = np.ones(len(y)) if rows.weight is None else np.asarray(rows.weight)
    return Evaluation(
        rows="test",
        n_rows=len(y),
        metric=run.metric,
        scores=scores,
        out_of_fold=(),
        ladder=(),
        verdict="alone",
        threshold=at.value,
        threshold_reason=CHOSEN_BEFORE if at.reason else "",
        multipliers=at.multipliers,
        costs=at.costs,
        calibration=None if is_regression else calibration(y, prediction, weight=rows.weight, scores=scores),
        confusion=() if labels is None else confusion(y, labels, len(run.schema.classes)),
        intervals=with_coverage(dataclasses.replace(known, notes=()), y, prediction, row_weight) if known else None,
        notes=(*undefined_notes(run.schema, y), *no_interval_note(rows), *notes),
    )


def _groups(frame: pd.DataFrame, schema: Schema) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
    name = next((c.name for c in schema.columns if c.role == "group"), None)
    if name is None:
        return None, ()
    found = next((c for c in frame.columns if str(c).strip() == name.strip()), None)
    if found is None:
        said = f"intervals take every {row_noun(schema.modality)} for one of its own: there are no groups "
        return None, (f"{said}'{name.strip()}'",)
    return group_codes(to_text(frame[found])), ()


def _weights(
    frame: pd.DataFrame, schema: Schema, row_numbers: NDArray[np.int64]
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    name = next((c.name for c in schema.columns if c.role == "weight"), None)
    if name is None:
        return np.ones(len(frame), "float32"), ()
    found = next((c for c in frame.columns if str(c).strip() == name.strip()), None)
    if found is None:
        said = f"every {row_noun(schema.modality)} counts once: there are no weights '{name.strip()}'"
        return np.ones(len(frame), "float32"), (said,)
    return weights_of(frame.rename(columns={found: name}), schema, row_numbers=row_numbers), ()


def as_predictions(outputs: dict[str, NDArray[Any]], schema: Schema) -> Predictions:
    """Return a serving model's outputs with labels in the dtype of the training data."""
    if schema.task == "regression":
        return Predictions(labels=outputs["prediction"].astype("float64"), probabilities=None)
    texts = [str(t) for t in outputs["label"]]
    return Predictions(labels=as_labels(texts, schema), probabilities=outputs["probabilities"].astype("float64"))


def as_labels(texts: list[str], schema: Schema) -> NDArray[Any]:
    """Return labels as Python had them.

    >>> from autorecipe.testing import make_run
    >>> as_labels(["yes", "no"], make_run().schema).tolist()
    ['yes', 'no']
    """
    if schema.class_dtype == "int":
        return np.array([int(float(t)) for t in texts], dtype="int64")
    if schema.class_dtype == "float":
        return np.array([float(t) for t in texts])
    if schema.class_dtype == "bool":
        return np.array([t.casefold() in ("true", "1") for t in texts])
    return np.array(texts, dtype=object)


def prediction_table(
    frame: pd.DataFrame, predicted: Predictions, schema: Schema, *, ends: NDArray[np.float64] | None = None
) -> pd.DataFrame:
    """Return id columns, `prediction`, and `probability_<class>` or `lower` and `upper`, in the order of the rows.

    The attribute "notes" holds what is to be known of the rows.

    Parameters
    ----------
    ends : ndarray of shape (n_rows, 2), optional
        Of intervals around the predictions.
    """
    table: dict[str, NDArray[Any]] = id_columns(frame, schema)
    table["prediction"] = predicted.labels
    if predicted.probabilities is not None:
        for i, label in enumerate(schema.classes):
            table[f"probability_{label}"] = predicted.probabilities[:, i]
    if ends is not None:
        table["lower"], table["upper"] = ends[:, 0], ends[:, 1]
    found = pd.DataFrame(table)
    found.attrs["notes"] = predicted.notes
    return found


def id_columns(frame: pd.DataFrame | None, schema: Schema) -> dict[str, NDArray[Any]]:
    """Return the cells of the id columns that are in the frame, as text."""
    by_name = {} if frame is None else {str(c).strip(): frame[c] for c in frame.columns}
    ids = [c.name for c in schema.columns if c.role == "id" and c.name.strip() in by_name]
    return {name: to_text(by_name[name.strip()]) for name in ids}
