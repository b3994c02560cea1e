"""Write a model to disk, ready to be served."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.data.schema import Schema
from autorecipe.export.documents import readme, request, signature
from autorecipe.export.serving import Compiled, compile_serving
from autorecipe.preprocessing.spec import EncodeSpec
from autorecipe.record.evaluation import Intervals

VERSION = "1"  # TensorFlow Serving wants a numbered folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What travels with a model: `signature.json`, `request.json` and `README.md`."""

    signature: dict[str, object]
    request: dict[str, object]
    readme: str


def export_model(  # noqa: PLR0913  what an export is made of, each by its name
    model: keras.Model,
    *,
    directory: Path,
    spec: EncodeSpec,
    schema: Schema,
    example: Mapping[str, NDArray[np.generic]],
    compiled: Compiled | None = None,
    intervals: Intervals | None = None,
) -> Path:
    """Write the SavedModel, the Keras file, the signature, a request and a README.

    Everything is written beside `directory` and then takes its place, so that a broken export is never seen.

    Parameters
    ----------
    model : keras.Model
        As `autorecipe.export.serving.build_serving_model` makes it.
    example : mapping of input name to array of shape (n_rows,)
        Raw cells of a few rows, for `request.json`.
    compiled : callable or None
        What `compile_serving` made of this model, where it is at hand.
    intervals : Intervals, optional
        Of a regression: their half-widths are written beside the model.

    Returns
    -------
    Path
        The numbered folder of the SavedModel.
    """
    papers = Papers(
        signature=signature(spec, schema, intervals=intervals),
        request=request(spec, example),
        readme=readme(schema, intervals=intervals),
    )
    return write_export(model, papers, {"serving_default": compiled or compile_serving(model)}, directory=directory)


def write_export(model: keras.Model, papers: Papers, signatures: Mapping[str, Compiled], *, directory: Path) -> Path:
    """Write a model with its papers beside `directory`, which it then takes the place of.

    Parameters
    ----------
    signatures : mapping of name to compiled function
        What the SavedModel answers to; TensorFlow Serving asks for "serving_default" unless told otherwise.

    Returns
    -------
    Path
        The numbered folder of the SavedModel.
    """
    partial = directory.with_name(f".{directory.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    write_saved_model(model, partial / "saved_model" / VERSION, signatures=signatures)
    model.save(partial / "model.keras")
    _write_json(partial / "signature.json", papers.signature)
    _write_json(partial / "request.json", papers.request)
    (partial / "README.md").write_text(papers.readme, encoding="utf-8")
    if directory.exists():
        shutil.rmtree(directory)
    partial.rename(directory)
    return directory / "saved_model" / VERSION


def write_saved_model(model: keras.Model, directory: Path, *, signatures: Mapping[str, Compiled]) -> None:
    """Write a SavedModel with these signatures: inputs and outputs by name."""
    module = tf.Module()
    # what the graphs read: only this is saved, not the Keras objects around it
    module.read_variables = [variable.value for variable in model.variables]
    module.read_tables = [table for layer in model.layers for table in getattr(layer, "tables", {}).values()]
    tf.saved_model.save(module, str(directory), signatures=dict(signatures))


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
