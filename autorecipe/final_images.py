"""What the final model of images is scored on, proved with and exported as."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.export.image_documents import image_readme, image_request, image_signature
from autorecipe.export.mutate_images import mutate_files, small_copies
from autorecipe.export.serving import Compiled
from autorecipe.export.serving_images import image_signatures, read_files
from autorecipe.export.write import Papers, write_export
from autorecipe.intake import Intake
from autorecipe.preprocessing.image_spec import INPUT_NAME, ImageSpec
from autorecipe.run import Intervals

N_PROVED_FILES = 100  # of the test that the proof serves from their raw bytes; more prove no more
MOST_PROVED_BYTES = 64 * 2**20  # of all of them, which pass to the fresh process as text: choice
N_EXAMPLE_FILES = 2  # in request.json

Arrays = dict[str, NDArray[np.generic]]


def places_proved(intake: Intake, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which of the rows the proof serves: up to 100, evenly spread, as classes often stand one after another."""
    if intake.images is None:
        raise ValueError("the rows are no images")
    mean_bytes = float(intake.images.measured.n_bytes[rows].mean()) if len(rows) else 0.0
    n = min(len(rows), N_PROVED_FILES, max(1, int(MOST_PROVED_BYTES // max(mean_bytes, 1.0))))
    return np.linspace(0, max(len(rows) - 1, 0), n).round().astype(np.int64)


def files_of(intake: Intake, rows: NDArray[np.int64]) -> Arrays:
    """Return the encoded files of rows, as the model takes them."""
    if intake.images is None:
        raise ValueError("the rows are no images")
    return read_files(intake.images.source, rows)


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
        readme=image_readme(spec, intake.schema, intervals=intervals),
    )
    return write_export(model, papers, image_signatures(model, compiled=compiled), directory=directory)
