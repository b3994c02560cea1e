"""Images as tables: from a folder, an archive, arrays, or a table whose column names files."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from autorecipe.config import Config
from autorecipe.data.file_names import listed, shown
from autorecipe.data.image_archives import open_archive
from autorecipe.data.image_arrays import ArrayImages, ArrayPart, read_npz
from autorecipe.data.image_files import EncodedImages, Files, FolderFiles
from autorecipe.data.image_folders import Sorted, sort_images
from autorecipe.data.image_formats import HEIC_MISSING
from autorecipe.data.image_listing import Listing, list_folder
from autorecipe.data.image_measure import Measured, look_at_file, look_at_pixels, measure
from autorecipe.data.image_origins import origin_of
from autorecipe.data.image_scale import as_images, decide_scale, to_uint8
from autorecipe.data.image_source import IMAGE_COLUMN, LABEL_COLUMN, ImageSource, ReadImages
from autorecipe.data.image_tables import image_column, is_there, lost_labels, missing_files, paths_of
from autorecipe.data.near_duplicates import bursts
from autorecipe.data.tables import FINGERPRINT_BYTES, Table, fingerprint_of, read_table
from autorecipe.errors import UserError
from autorecipe.preprocessing.image_spec import PixelScale

__all__ = ["images_from_arrays", "origin_of", "read_images", "with_images"]

ALPHA_CHANNELS: Final = 4
GREY_DIMENSIONS: Final = 3  # (images, height, width)
GREY_NOTE: Final = (
    "an array of three dimensions is taken as grey images; to learn from something else, series for example, give a "
    "DataFrame with a column for each feature"
)
MIN_BURST_IMAGES: Final = 3  # in one burst, for bursts to be worth saying; choice: two may be chance


def read_images(path: str | PathLike[str], config: Config, *, test_of: Table | None = None) -> Table:
    """Read and measure all images that a path leads to.

    Parameters
    ----------
    path : str or path-like
        A folder (of folders of classes, or of train, validation and test folders of these), a .zip or .tar archive of
        one, an .npz file, or a table with a column of paths.
    test_of : Table, optional
        What is learned from, where these images are its test: one class will do, and arrays are read by its scale.

    Returns
    -------
    Table
        Columns "image" (the name) and "label", or those of the table; in the order train, validation, test.

    Raises
    ------
    UserError
        When there is nothing to read or to learn: what, where, how to mend it.
    """
    file, origin = Path(path).expanduser(), origin_of(path)
    if str(file) != shown(str(file)):
        raise UserError("the path is not UTF-8, and cannot be written down", where=shown(str(file)), fix="rename it")
    if origin == "table":
        table = with_images(read_table(file, has_header=config.has_header), config)
        if table.images is None:
            raise UserError("no column of the table names image files", where=str(file), fix="--type COLUMN=image")
        return table
    if origin == "arrays":
        return _from_parts(read_npz(file), file, test_of=test_of)
    if origin == "image":
        raise UserError(
            f"'{file.name}' is one image; many of known classes are needed to learn from",
            where=str(file),
            fix=f"autorecipe predict RUN {file} predicts it; to learn, name a folder with a folder for each class",
        )
    files, found = (FolderFiles(root=file), list_folder(file)) if origin == "folder" else open_archive(file)
    return _from_files(files, found, file, config=config, test_of=test_of)


def images_from_arrays(x: ArrayLike, *, name: str, labels: ArrayLike | None = None) -> Table:
    """Take images from memory.

    Parameters
    ----------
    x : array of shape (n, height, width) or (n, height, width, channels)
        8-bit, 16-bit or floats; see `autorecipe.data.image_scale.decide_scale` for how they are read.
    name : str
        How messages call them.
    labels : array of shape (n,), optional

    Raises
    ------
    UserError
        When the shape or the values are not those of images.
    """
    given = None if labels is None else np.asarray(labels)
    part = ArrayPart(part="", name=name, images=np.asarray(x), labels=given)
    return _from_parts((part,), None, called=name)


def with_images(table: Table, config: Config) -> Table:
    """Return the table with the images that one of its columns names; as it is where none does.

    Paths are relative to the table's folder, or to the current one for a table in memory. Rows whose file is missing
    or cannot be read are left out and listed.

    Raises
    ------
    UserError
        When no path exists.
    """
    root = Path(table.path).parent if table.path else Path.cwd()
    name = image_column(table.frame, root, config)
    if not name:
        return table
    paths = paths_of(table.frame[name])
    if not any(is_there(root, path) for path in paths):
        raise missing_files(table.frame[name], root)
    source = EncodedImages(files=FolderFiles(root=root), names=tuple(paths))
    measured = _measure_files(source)
    frame = table.frame.assign(**{name: pd.Series([shown(path) for path in paths], dtype="str")})
    frame = frame.iloc[measured.readable].reset_index(drop=True)
    images = _read(source, measured)
    return dataclasses.replace(
        table,
        frame=frame,
        row_numbers=measured.readable + 1,
        images=images,
        image_column=name,
        notes=(*table.notes, *_notes(measured, images), *lost_labels(table.frame, frame, name, config)),
        fingerprint=_fingerprint(images, table.fingerprint),
    )


def _from_files(files: Files, found: Listing, path: Path, *, config: Config, test_of: Table | None) -> Table:
    known = sort_images(found, where=str(path), known=None if test_of is None else _classes_of(test_of))
    source = EncodedImages(files=files, names=known.names)
    measured = _measure_files(source)
    labels = [known.labels[int(row)] for row in measured.readable]
    names_classes = test_of is None and config.task != "regression"
    _check_readable(known, source, measured, lost=_lost(known, measured) if names_classes else (), where=str(path))
    images = _read(source, measured, parts=known.parts)
    return _table(images, labels=pd.Categorical(labels), path=path, notes=(*known.notes, *_notes(measured, images)))


def _classes_of(table: Table) -> frozenset[str]:
    labels = table.frame.get(LABEL_COLUMN)
    if labels is None or not isinstance(labels.dtype, pd.CategoricalDtype):
        return frozenset()
    return frozenset(labels.astype(str))


def _lost(known: Sorted, measured: Measured) -> tuple[str, ...]:
    """Return the classes to learn none of whose images can be read."""
    learned = [row for row in range(len(known.labels)) if not known.parts or known.parts[row] == "train"]
    readable = set(measured.readable.tolist())
    kept = {known.labels[row] for row in learned if row in readable}
    return tuple(sorted({known.labels[row] for row in learned} - kept))


def _check_readable(
    known: Sorted, source: EncodedImages, measured: Measured, *, lost: tuple[str, ...], where: str
) -> None:
    if len(measured.readable) and not lost:
        return
    row, reason = next(((r, why) for r, why in measured.unreadable if not lost or known.labels[r] in lost))
    which = f"among them all of class {listed(lost)}" if len(measured.readable) else "and none can be"
    raise UserError(
        f"{len(measured.unreadable):,} of {len(source):,} images cannot be read, {which}; "
        f"'{source.name(row)}': {reason}",
        where=where,
        fix=HEIC_MISSING if reason == HEIC_MISSING else "fetch the files again, or take a class away that has none",
    )


def _from_parts(
    parts: Sequence[ArrayPart], path: Path | None, *, called: str = "data", test_of: Table | None = None
) -> Table:
    used = [part for part in parts if part.labels is not None] if path else list(parts)
    if not any(part.part in ("", "train") or test_of for part in used):
        raise UserError(
            f"'{parts[0].name}' has no labels beside it",
            where=str(path) if path else called,
            fix="add them to an .npz as y_train, labels or y; or AutoRecipe().fit(X, y)",
        )
    pixels, scale, notes = _pixels(used, test_of)
    notes += tuple(f"left out '{part.name}': no labels beside it" for part in parts if part not in used)
    names = tuple(f"{part.name}[{row}]" for part in used for row in range(len(part.images)))
    source = ArrayImages(array=pixels, rows=np.arange(len(pixels)), names=names)
    n_bytes = int(np.prod(used[0].images.shape[1:])) * used[0].images.dtype.itemsize
    measured = measure(len(pixels), lambda row: look_at_pixels(pixels[row], n_bytes=n_bytes))
    of_parts = tuple(part.part for part in used for _ in range(len(part.images)))
    images = _read(source, measured, parts=of_parts if len(used) > 1 else ())
    images = dataclasses.replace(images, pixel_scale=scale)
    labels = [part.labels for part in used if part.labels is not None]
    return _table(images, labels=np.concatenate(labels) if labels else None, path=path, notes=notes, called=called)


def _pixels(
    parts: Sequence[ArrayPart], test_of: Table | None
) -> tuple[NDArray[np.uint8], PixelScale | None, tuple[str, ...]]:
    """Return the images of all parts as one array, their scale, and what was done to them."""
    given = {part.name: as_images(part.images, name=part.name) for part in parts}
    learned = test_of.images if test_of else None
    scale, notes = (learned.pixel_scale, ()) if learned else decide_scale(given)
    read = [to_uint8(array, name=name, scale=scale) for name, array in given.items()]
    shapes = {name: pixels.shape[1:] for name, pixels in zip(given, read, strict=True)}
    if len(set(shapes.values())) > 1:
        said = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise UserError(f"images of different shapes: {said}", where=parts[0].name, fix="bring all images to one shape")
    if any(array.shape[-1] == ALPHA_CHANNELS for array in given.values()):
        notes += (f"{', '.join(given)}: transparent pixels are put on white",)
    if any(part.images.ndim == GREY_DIMENSIONS and part.images.dtype != np.uint8 for part in parts):
        notes += (GREY_NOTE,)
    return read[0] if len(read) == 1 else np.concatenate(read), scale, notes


def _measure_files(source: EncodedImages) -> Measured:
    return measure(len(source), lambda row: look_at_file(source.load(row), suffix=source.suffix(row)))


def _read(source: ImageSource, measured: Measured, *, parts: tuple[str, ...] = ()) -> ReadImages:
    rows = measured.readable
    return ReadImages(
        source=source if len(rows) == len(source) else source.take(rows),
        measured=measured.measurements,
        unreadable=tuple((source.name(row) or f"row {row + 1}", reason) for row, reason in measured.unreadable),
        parts=tuple(parts[int(row)] for row in rows) if parts else (),
    )


def _notes(measured: Measured, images: ReadImages) -> tuple[str, ...]:
    notes = []
    if images.unreadable:
        name, reason = images.unreadable[0]
        notes.append(f"left out {_count(len(images.unreadable), 'file')} that cannot be read, as '{name}': {reason}")
    n_heic = sum(reason == HEIC_MISSING for _, reason in images.unreadable)
    if n_heic:
        notes.append(f"of them {n_heic:,} of HEIC; {HEIC_MISSING}")
    sorts = ", ".join(f"{n:,} {sort}" for sort, n in measured.transcoded.most_common())
    if sorts:
        notes.append(f"turned into PNG for the networks' decoder, which does not take them as they are: {sorts}")
    if measured.n_deep:
        notes.append(f"{_count(measured.n_deep, 'image')} of 16 bits and more a channel: the upper 8 bits are kept")
    sizes = np.bincount(bursts(images.measured))
    together = sizes[sizes >= MIN_BURST_IMAGES]
    if len(together):
        notes.append(
            f"{together.sum():,} photos were taken within seconds, in {_count(len(together), 'burst')}: where a burst "
            "shows one thing, a CSV with a column of groups and --split-by-group keeps it on one side"
        )
    return tuple(notes)


def _count(n: int, word: str) -> str:
    return f"{n:,} {word}{'s' * (n != 1)}"


def _table(
    images: ReadImages, *, labels: Any, path: Path | None, notes: tuple[str, ...], called: str = "data"
) -> Table:
    names = [images.source.name(row) for row in range(len(images.source))]
    frame = pd.DataFrame({IMAGE_COLUMN: pd.Series(names, dtype="str")})
    if labels is not None:
        frame[LABEL_COLUMN] = labels
    name = called if path is None else path.resolve().name if path.is_dir() else path.name
    return Table(
        frame=frame,
        name=name,
        path="" if path is None else str(path),
        notes=notes,
        fingerprint=_fingerprint(images, fingerprint_of(frame)),
        first_row_line=1,
        images=images,
        image_column=IMAGE_COLUMN,
    )


def _fingerprint(images: ReadImages, of_frame: str) -> str:
    """Hash what the table says, names among it, with the pixels of its images."""
    digest = hashlib.blake2b(of_frame.encode(), digest_size=FINGERPRINT_BYTES)
    digest.update(images.measured.pixel_hash.tobytes())
    digest.update("\n".join(images.parts).encode())
    return digest.hexdigest()
