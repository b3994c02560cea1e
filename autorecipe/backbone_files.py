"""What a backbone's file says of itself before anything is loaded: whether Keras wrote it, and what it takes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autorecipe.backbones import MODEL_SUFFIX
from autorecipe.errors import UserError

HDF5_MAGIC: Final = b"\x89HDF\r\n\x1a\n"  # HDF5 file format specification, section II.A
MODEL_RECORD: Final = "config.json"  # in a .keras file, which is a zip archive: the model as Keras builds it again
IMAGE_AXES: Final = 4  # rows, height, width and channels


def check_backbone_file(path: Path, *, where: str) -> None:
    """Refuse a file that cannot be what its suffix says, or a model that takes no images.

    Parameters
    ----------
    where : str
        What the user wrote it behind.

    Raises
    ------
    UserError
        When it is damaged, something else, or a model for tables.
    """
    if path.suffix != MODEL_SUFFIX:
        with path.open("rb") as file:
            if file.read(len(HDF5_MAGIC)) != HDF5_MAGIC:
                fix = "save weights with model.save_weights('FILE.weights.h5')"
                raise UserError(f"'{path.name}' holds no weights: it is no HDF5 file", where=where, fix=fix)
        return
    shape = _input_shape(_model_record(path, where=where))
    if shape is not None and len(shape) != IMAGE_AXES:
        raise UserError(
            f"'{path.name}' is no backbone for images: it takes {tuple(shape)}",
            where=where,
            fix="give a model from images (height, width, 1 or 3 channels) to one map or vector of features",
        )


def _model_record(path: Path, *, where: str) -> object:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read(MODEL_RECORD))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        fix = "save the backbone with model.save('FILE.keras')"
        raise UserError(f"'{path.name}' is no model that Keras has written", where=where, fix=fix) from error


def _input_shape(record: object) -> Sequence[object] | None:
    """Return the shape of the first input layer; None where the record has none, as those of models of one's own."""
    if isinstance(record, list):
        return next((shape for part in record if (shape := _input_shape(part)) is not None), None)
    if not isinstance(record, dict):
        return None
    if record.get("class_name") != "InputLayer":
        return _input_shape(list(record.values()))
    shape = (record.get("config") or {}).get("batch_shape")
    return shape if isinstance(shape, list) else None
