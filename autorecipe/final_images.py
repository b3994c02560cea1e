"""What the final model of images is scored on, proved with and exported as."""

from __future__ import annotations

import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.export.image_documents import image_readme, image_request, image_signature
from autorecipe.export.mutate_images import mutate_files, small_copies
from autorecipe.export.serving import Compiled
from autorecipe.export.serving_images import image_signatures, read_files
from autorecipe.export.write import Papers, write_export
from autorecipe.intake import Intake
from autorecipe.preprocessing.image_spec import INPUT_NAME, ImageSpec
from autorecipe.record.evaluation import Intervals

N_PROVED_FILES = 100  # of the test that the proof serves from their raw bytes; more prove no more
MOST_PROVED_BYTES = 64 * 2**20  # of all of them, which pass to the fresh process as text: choice
PROOF_S, N_TIMED_FILES = 10.0, 4  # that serving them takes here, as far as a few files tell: choice
N_EXAMPLE_FILES = 2  # in request.json

Arrays = dict[str, NDArray[np.generic]]


def files_proved(compiled: Compiled, intake: Intake, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Arrays]:
    """Choose the rows that the proof serves, and read their files.

    They are up to 100, evenly spread, as classes often stand one after another; fewer where files are large or the
    model is slow.

    Parameters
    ----------
    compiled : callable
        The model for files.

    Returns
    -------
    places : ndarray of int64
        Among the rows.
    files : dict of ndarray
        Theirs, as the model takes them.
    """
    if intake.images is None:
        raise ValueError("the rows are no images")
    source, n_bytes = intake.images.source, intake.images.measured.n_bytes[rows]
    tried = read_files(source, rows[:N_TIMED_FILES])
    n_in_time = int(PROOF_S // max(_seconds_each(compiled, tried), 1e-9))
    n = min(len(rows), N_PROVED_FILES, max(N_TIMED_FILES, n_in_time))
    n = max(1, min(n, int(MOST_PROVED_BYTES // max(float(n_bytes.mean()), 1.0))))
    places = np.linspace(0, len(rows) - 1, n).round().astype(np.int64)
    return places, read_files(source, rows[places])


def mutated_files(inputs: Arrays, *, n: int) -> Arrays:
    """Return files made from those that the proof serves: other modes, sizes, formats and orientations."""
    return {INPUT_NAME: mutate_files(inputs[INPUT_NAME], n=n)}


def export_images(  # noqa: PLR0913  what an export is made of, each by its name
    model: keras.Model,
    intake: Intake,
    spec: ImageSpec,
    *,
    directory: Path,
    inputs: Arrays,
    compiled: Compiled,
    intervals: Intervals | None = None,
) -> Path:
    """Write the model with signatures for files and for pixels, and its papers.

    Parameters
    ----------
    inputs : dict of ndarray
        Files, a few of which become the ready request, made small.

    Returns
    -------
    Path
        The numbered folder of the SavedModel.
    """
    papers = Papers(
        signature=image_signature(spec, intake.schema, intervals=intervals),
        request=image_request(small_copies(inputs[INPUT_NAME][:N_EXAMPLE_FILES])),
        readme=image_readme(spec, intake.schema, intervals=intervals, scale=intake.data.pixel_scale),
    )
    return write_export(model, papers, image_signatures(model, compiled=compiled), directory=directory)


def _seconds_each(compiled: Compiled, files: Arrays) -> float:
    batch = {INPUT_NAME: tf.constant(files[INPUT_NAME], tf.string)}
    taken = []
    for _ in range(2):  # the first call makes what later ones have
        began = time.perf_counter()
        for value in compiled(batch).values():
            value.numpy()
        taken.append(time.perf_counter() - began)
    return taken[-1] / len(files[INPUT_NAME])
