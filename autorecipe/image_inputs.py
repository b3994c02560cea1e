"""From what callers have, a folder, an archive, a table of paths, a file, arrays, to images that a model can answer."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.config import Config
from autorecipe.data.cells import to_categories
from autorecipe.data.file_names import listed, shown
from autorecipe.data.image_archives import open_archive
from autorecipe.data.image_arrays import ArrayImages, looks_like_images, read_npz
from autorecipe.data.image_files import EncodedImages, FolderFiles
from autorecipe.data.image_folders import sort_images
from autorecipe.data.image_formats import IMAGE_SUFFIXES
from autorecipe.data.image_listing import check_has_images, list_folder
from autorecipe.data.image_scale import check_not_one_image, to_uint8
from autorecipe.data.image_source import IMAGE_COLUMN, ImageSource
from autorecipe.data.image_tables import image_column, paths_of
from autorecipe.data.images import images_from_arrays, origin_of
from autorecipe.data.tables import Table, fingerprint_of, from_frame, read_table
from autorecipe.errors import UserError, nearest
from autorecipe.listing import some_of
from autorecipe.record.run import Run

Place = str | PathLike[str]
N_NAMED = 5  # columns in a message


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundImages:
    """Images to answer.

    Attributes
    ----------
    source : ImageSource
    table : DataFrame or None
        What is known of each: the columns of a table of paths, or the class of a folder's images by the name of the
        target; None where nothing is.
    is_one_file : bool
        Whether a single file was named.
    """

    source: ImageSource
    table: pd.DataFrame | None = None
    is_one_file: bool = False


def images_at(path: Place, run: Run, *, labelled: bool = False) -> FoundImages:
    """Find the images that a path leads to; none is read yet.

    Parameters
    ----------
    path : str or path
        A folder, an archive, an .npz or .npy file, a table with a column of paths, or one image.
    labelled : bool
        Whether their classes are wanted too: a folder then needs one folder for each.

    Raises
    ------
    UserError
        When there are none.
    """
    file, origin = Path(path).expanduser(), origin_of(path)
    if origin == "table":
        return _in_table(file, run)
    if origin == "arrays":
        return _in_arrays(file, run, labelled=labelled)
    if origin == "image":
        if labelled:
            raise UserError(
                f"nothing says what '{file.name}' is", where=str(file), fix="put it into a folder named as its class"
            )
        source = EncodedImages(files=FolderFiles(root=file.parent), names=(file.name,))
        return FoundImages(source=source, is_one_file=True)
    files, found = (FolderFiles(root=file), list_folder(file)) if origin == "folder" else open_archive(file)
    if labelled:
        known = sort_images(found, where=str(file), known=run.schema.classes)
        table = pd.DataFrame({run.schema.target: list(known.labels)})
        _check_known(table[run.schema.target], run, where=str(file))
        return FoundImages(source=EncodedImages(files=files, names=known.names), table=table)
    check_has_images(found, where=str(file), fix="name an image, a folder of images, or a table with their paths")
    return FoundImages(source=EncodedImages(files=files, names=found.images))


def images_of(given: Any, run: Run) -> FoundImages:
    """Find the images that a caller in Python means: a path, paths, a DataFrame with a column of them, or arrays.

    Parameters
    ----------
    given : path, sequence of paths, DataFrame, or array of shape (n, height, width[, channels])

    Raises
    ------
    UserError
        When they are none of these.
    """
    if isinstance(given, (str, PathLike)):
        return images_at(given, run)
    if isinstance(given, pd.DataFrame):
        return FoundImages(source=_of_paths(given[_column_of(given, Path.cwd(), run)], Path.cwd()), table=given)
    if are_paths(given):
        return FoundImages(source=_of_paths(pd.Series([str(path) for path in given], dtype=object), Path.cwd()))
    return FoundImages(source=_of_arrays(given, "X", run))


def are_paths(given: Any) -> bool:
    """Return whether something is a sequence of paths of image files, judged by the first.

    >>> are_paths(["a/b.jpg", "c.png"]), are_paths([[1.0, 2.0]]), are_paths("a.jpg")
    (True, False, False)
    """
    if isinstance(given, (str, bytes, PurePath, pd.DataFrame)) or len(getattr(given, "shape", (0,))) != 1:
        return False
    if not isinstance(given, (Sequence, np.ndarray, pd.Series)) or not len(given):
        return False
    first = given.iloc[0] if isinstance(given, pd.Series) else given[0]
    return isinstance(first, (str, PurePath)) and PurePath(first).suffix.lower() in IMAGE_SUFFIXES


def are_images(given: Any) -> bool:
    """Return whether something in memory is images: arrays of their shape, or a sequence of paths."""
    return not isinstance(given, pd.DataFrame) and (looks_like_images(given) or are_paths(given))


def image_rows(given: Any) -> Table:
    """Return images in memory, arrays or paths, as a table of the one column "image"."""
    if are_paths(given):
        names = [str(path) for path in given]
        dtype = "str" if all(shown(name) == name for name in names) else object  # pandas takes UTF-8 alone
        return from_frame(pd.DataFrame({IMAGE_COLUMN: pd.Series(names, dtype=dtype)}))
    return images_from_arrays(given, name="X")


def with_frame(table: Table, frame: pd.DataFrame) -> Table:
    """Return a table with further columns beside its images; its fingerprint covers both."""
    both = hashlib.sha256(f"{table.fingerprint} {fingerprint_of(frame)}".encode()).hexdigest()
    return dataclasses.replace(table, frame=frame, fingerprint=both[: len(table.fingerprint)])


def _check_known(labels: pd.Series, run: Run, *, where: str) -> None:
    """Check that folders are called as the classes that the run knows."""
    classes = run.schema.classes
    texts = to_categories(labels, run.schema.column(run.schema.target))
    strange = sorted({str(label) for label, text in zip(labels, texts, strict=True) if text not in classes})
    if not classes or not strange:
        return
    near = nearest(strange[0], classes)
    raise UserError(
        f"the model knows no class {listed(strange)}, as folders here are called; it knows {listed(classes)}",
        where=where,
        fix=f"is '{strange[0]}' the class '{near}'? rename the folder" if near else "take other folders away",
    )


def _in_table(file: Path, run: Run) -> FoundImages:
    frame = read_table(file, has_header=run.config.has_header).frame
    return FoundImages(source=_of_paths(frame[_column_of(frame, file.parent, run)], file.parent), table=frame)


def _in_arrays(file: Path, run: Run, *, labelled: bool) -> FoundImages:
    parts = [part for part in read_npz(file) if part.labels is not None or not labelled]
    if not parts:
        raise UserError("no labels stand beside the images", where=str(file), fix="add them as y, or labels")
    pixels = [_pixels_of(part.images, part.name, run) for part in parts]
    names = tuple(f"{part.name}[{row}]" for part in parts for row in range(len(part.images)))
    source = ArrayImages(array=np.concatenate(pixels), rows=np.arange(len(names)), names=names)
    known = [part.labels for part in parts if part.labels is not None]
    table = pd.DataFrame({run.schema.target: np.concatenate(known)}) if labelled else None
    return FoundImages(source=source, table=table)


def _of_arrays(given: Any, name: str, run: Run) -> ArrayImages:
    pixels = _pixels_of(given, name, run)
    names = tuple(f"{name}[{row}]" for row in range(len(pixels)))
    return ArrayImages(array=pixels, rows=np.arange(len(pixels)), names=names)


def _pixels_of(given: Any, name: str, run: Run) -> NDArray[np.uint8]:
    check_not_one_image(given, name=name)
    return to_uint8(given, name=name, scale=run.data.pixel_scale)


def _of_paths(cells: pd.Series, root: Path) -> EncodedImages:
    return EncodedImages(files=FolderFiles(root=root), names=tuple(paths_of(cells)))


def _column_of(frame: pd.DataFrame, root: Path, run: Run) -> str:
    """Return the column of paths: that of the run's own table, or what looks like one."""
    own = run.schema.features[0].name.strip()
    found = next((c for c in frame.columns if str(c).strip() == own), None)
    if found is None:
        found = image_column(frame, root, Config(target=run.schema.target)) or None
    if found is None:
        raise UserError(
            f"no column names image files; the run learned from '{own}'",
            where=f"columns {some_of(tuple(map(str, frame.columns)), N_NAMED)}",
            fix=f"call the column of paths '{own}'",
        )
    return found
