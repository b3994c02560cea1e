"""What a finished run's model says of images: files one by one, in folders, archives and tables, or arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from autorecipe.data.image_arrays import ArrayImages
from autorecipe.data.image_files import reading_errors, why_unreadable
from autorecipe.data.image_formats import decode, open_image
from autorecipe.data.image_source import ImageSource
from autorecipe.data.schema import Schema
from autorecipe.errors import UserError
from autorecipe.estimator_inputs import one_column
from autorecipe.image_inputs import images_at, images_of
from autorecipe.intervals import with_interval
from autorecipe.listing import some_of
from autorecipe.loaded import Predictions, as_predictions, evaluate_rows, id_columns
from autorecipe.record.evaluation import Evaluation
from autorecipe.record.run import Run
from autorecipe.warm_up import import_keras

if TYPE_CHECKING:
    from autorecipe.loaded import ServedModel

# attributes of a DataFrame of predictions: (name, reason) of files that could not be read; whether one file was asked;
# what is to be said of the images
UNREADABLE, IS_ONE_FILE, NOTES = "unreadable", "is_one_file", "notes"
N_NAMED = 5  # unreadable files in a message
N_LOOKED_AT = 50  # images that are compared with those learned from; choice: a fraction of a second
GREY_MODES = ("1", "L", "LA", "I", "I;16", "F")  # of Pillow
FEW_GREY = 0.1  # share of the images learned from up to which a run knows grey ones badly; choice
MUCH_SMALLER = 2.0  # times fewer pixels a side than the model's input; choice: half of what it saw is missing
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictedImages:
    """What a model says of images, and which of them it could not read.

    Attributes
    ----------
    names : tuple of str
        Of all images, in their order.
    read : ndarray of int64
        Places among them of those that were predicted.
    predictions : Predictions
        Of these.
    unreadable : tuple of (name, reason)
        The others.
    """

    names: tuple[str, ...]
    read: NDArray[np.int64]
    predictions: Predictions
    unreadable: tuple[tuple[str, str], ...] = ()


def predict_place(served: ServedModel, path: str, *, interval: float | None = None) -> pd.DataFrame:
    """Predict the images that a path leads to, as `image_table` shows them, behind the id columns of a table of paths.

    The attribute "is_one_file" of the DataFrame says whether the path was that of one image; "notes" holds what is to
    be known of the images.
    """
    found, run = images_at(path, served.run), served.run
    said = predict_images(served, found.source)
    ends = None if interval is None else with_interval(run, said.predictions.labels, interval)[:, [0, 2]]
    table = image_table(said, run.schema, ends=ends)
    for place, (name, ids) in enumerate(id_columns(found.table, run.schema).items()):
        table.insert(place, name, ids)
    table.attrs[IS_ONE_FILE] = found.is_one_file
    table.attrs[NOTES] = unlike_notes(found.source, run)
    return table


def evaluate_place(served: ServedModel, path: str) -> Evaluation:
    """Score the images that a path leads to, by the classes of their folders, or a column of their table."""
    return evaluate_given(served, path, None)


def predict_given(served: ServedModel, given: Any) -> Predictions:
    """Predict what a caller in Python gives: a path, paths, a DataFrame with a column of them, or arrays.

    Raises
    ------
    UserError
        When an image cannot be read.
    """
    return every_prediction(predict_images(served, images_of(given, served.run).source))


def evaluate_given(served: ServedModel, given: Any, y: ArrayLike | None) -> Evaluation:
    """Score what a caller in Python gives; without `y` a path or a DataFrame says what the images are."""
    run = served.run
    is_path = isinstance(given, (str, PathLike))
    found = images_at(given, run, labelled=y is None) if is_path else images_of(given, run)
    known = pd.DataFrame(index=range(len(found.source))) if found.table is None else found.table
    if y is not None:
        known = known.assign(**{run.schema.target: one_column(y, len(known), "y")})
    return evaluate_rows(served, known, images=found.source)


def predict_images(served: ServedModel, source: ImageSource) -> PredictedImages:
    """Send images through the exported model: files a few at a time, arrays as they are.

    Raises
    ------
    UserError
        When none of them can be read.
    """
    names = tuple(source.name(row) for row in range(len(source)))
    import_keras()
    if isinstance(source, ArrayImages):
        from autorecipe.export.serving_images import serve_pixels

        said = serve_pixels(served.keras_model, source.array, source.rows, compiled=served.compiled_pixels)
        return PredictedImages(
            names=names, read=np.arange(len(names)), predictions=as_predictions(said, served.run.schema)
        )
    answered, unreadable = _Answers(served), []
    for start in range(0, len(names), answered.n_at_once):
        files: list[tuple[int, bytes]] = []
        for row in range(start, min(start + answered.n_at_once, len(names))):
            try:
                files.append((row, source.read(row)))
            except reading_errors() as error:
                unreadable.append((row, why_unreadable(error)))
        unreadable += answered.add(files)
    if not answered.rows:
        which = "the file cannot" if len(names) == 1 else f"none of {len(names):,} files can"
        raise UserError(
            f"{which} be read: {_named([(names[row], why) for row, why in unreadable])}",
            where="predict",
            fix="fetch them again where they are damaged, or save them as JPEG, PNG, BMP, GIF or WebP",
        )
    return PredictedImages(
        names=names,
        read=np.array(answered.rows, dtype=np.int64),
        predictions=as_predictions(answered.joined(), served.run.schema),
        unreadable=tuple((names[row], why) for row, why in sorted(unreadable)),
    )


def unlike_notes(source: ImageSource, run: Run) -> tuple[str, ...]:
    """Say that images are not as those that a run learned from: grey, or so small that they are enlarged."""
    learned = run.profile.images if run.profile else None
    if run.profile is None or learned is None or learned.spec is None:
        return ()
    looks = _looks(source)
    if not looks:
        return ()
    notes, wanted = [], max(learned.spec.height, learned.spec.width)
    if learned.n_grey <= FEW_GREY * run.profile.n_rows and all(is_grey for is_grey, _ in looks):
        notes.append("these images are grey, and the run learned from images in colour")
    side = int(np.median([side for _, side in looks]))
    if side <= wanted / MUCH_SMALLER:
        notes.append(f"these images have {side} pixels on their longer side, and the model sees them at {wanted}")
    return tuple(f"{note}: the answers may be worth little" for note in notes)


def every_prediction(predicted: PredictedImages) -> Predictions:
    """Return the predictions where every image has one.

    Raises
    ------
    UserError
        When some could not be read; a few of them are named.
    """
    if predicted.unreadable:
        n, total = len(predicted.unreadable), len(predicted.names)
        raise UserError(
            f"{n} of {total} images cannot be read: {_named(predicted.unreadable)}",
            where="predict",
            fix="leave them out, or write a table with empty rows for them: autorecipe predict RUN FOLDER -o OUT.csv",
        )
    return predicted.predictions


def left_out_note(predicted: PredictedImages) -> tuple[str, ...]:
    """Say that images were left out which could not be read; nothing where there are none."""
    if not predicted.unreadable:
        return ()
    n = len(predicted.unreadable)
    return (f"left out {n:,} image{'s' * (n > 1)} that cannot be read: {_named(predicted.unreadable)}",)


def image_table(predicted: PredictedImages, schema: Schema, *, ends: NDArray[np.float64] | None = None) -> pd.DataFrame:
    """Return `file`, `prediction`, and `probability_<class>` or `lower` and `upper`, a row for each image.

    Rows of images that could not be read are empty but for the file; the attribute "unreadable" of the DataFrame holds
    them with the reason.

    Parameters
    ----------
    ends : ndarray of shape (n_read, 2), optional
        Of intervals around the predictions.
    """
    said = predicted.predictions
    columns: Arrays = {"prediction": said.labels}
    if said.probabilities is not None:
        for i, label in enumerate(schema.classes):
            columns[f"probability_{label}"] = said.probabilities[:, i]
    if ends is not None:
        columns["lower"], columns["upper"] = ends[:, 0], ends[:, 1]
    table = pd.DataFrame(columns, index=predicted.read)
    if predicted.unreadable:
        # whole numbers and booleans would become floats beside an empty cell
        table["prediction"] = table["prediction"].astype(object)
        table = table.reindex(range(len(predicted.names)))
    table.insert(0, "file", predicted.names)
    table.attrs[UNREADABLE] = predicted.unreadable
    return table.reset_index(drop=True)


class _Answers:
    """What the model has answered so far: rows and the outputs of each batch."""

    def __init__(self, served: ServedModel) -> None:
        from autorecipe.export.serving_images import served_files

        self.compiled, self.n_at_once = served.compiled, served_files(served.keras_model)
        self.rows: list[int] = []
        self.parts: list[Arrays] = []

    def add(self, files: Sequence[tuple[int, bytes]]) -> list[tuple[int, str]]:
        """Answer to a batch of (row, bytes); return the rows that could not be decoded, with the reason."""
        import tensorflow as tf

        from autorecipe.preprocessing.image_spec import INPUT_NAME

        if not files:
            return []
        try:
            said = self.compiled({INPUT_NAME: tf.constant([file for _, file in files], tf.string)})
        except tf.errors.InvalidArgumentError:  # for one of them; which one, the graph does not say
            if len(files) == 1:
                return [(files[0][0], _why_refused(files[0][1]))]
            return [failed for file in files for failed in self.add([file])]
        self.rows += [row for row, _ in files]
        self.parts.append({name: value.numpy() for name, value in said.items()})
        return []

    def joined(self) -> Arrays:
        """Return the outputs of all batches."""
        from autorecipe.export.serving import join_answers

        return join_answers(self.parts)


def _looks(source: ImageSource) -> list[tuple[bool, int]]:
    """Return of some images, evenly spread, whether their mode is grey, and their longer side."""
    looks = []
    for row in np.unique(np.linspace(0, len(source) - 1, N_LOOKED_AT).round().astype(int)):
        try:
            image = open_image(source.read(int(row)))
        except reading_errors():  # predicting says which files they are
            continue
        looks.append((image.mode in GREY_MODES, max(image.size)))
    return looks


def _named(unreadable: Sequence[tuple[str, str]]) -> str:
    return some_of(tuple(f"'{name}' ({why})" for name, why in unreadable), N_NAMED)


def _why_refused(file: bytes) -> str:
    """Say what is wrong with a file that the networks' decoder refuses, in the words of Pillow, which are plainer."""
    try:
        decode(file, draft=True)
    except reading_errors() as error:
        return why_unreadable(error)
    return "TensorFlow's decoder does not read it"
