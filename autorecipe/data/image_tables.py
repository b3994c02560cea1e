"""Tables in which a column names image files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.config import Config, Kind
from autorecipe.data.cells import ALWAYS_NULL, to_text
from autorecipe.data.evidence import gather, read_numbers
from autorecipe.data.file_names import listed, shown
from autorecipe.data.image_formats import IMAGE_SUFFIXES
from autorecipe.data.patterns import strip
from autorecipe.data.target import TARGET_NAMES, find_target
from autorecipe.errors import UserError, nearest_file

NAMED_SHARE: Final = 0.9  # of the filled cells must end as image files do; choice: a few cells may be wrong
LOOKED_AT: Final = 50  # cells that decide whether a column names images, evenly spread
SEARCHED_FILES: Final = 10_000  # looked through for a file whose path is wrong; choice: a second or two
FEW: Final = 6  # cells that do not end so are too many among LOOKED_AT
_SUFFIXES: Final = tuple(IMAGE_SUFFIXES)
ADDRESS: Final = ("http://", "https://", "s3://", "gs://", "file://")


def image_column(frame: pd.DataFrame, root: Path, config: Config) -> str:
    """Return the column that names image files, "" for none.

    It is the one that was asked for (`--type COLUMN=image`) and is not left out, else the first whose cells end as
    image files do, some of which exist. Beside other columns, addresses that end so are cells as any others.

    Parameters
    ----------
    root : Path
        What paths are relative to.

    Raises
    ------
    UserError
        When two columns were asked for, or a column names image files none of which exists.
    """
    dropped = {name.strip() for name in config.drop}
    asked = [str(name) for name, kind in config.types if kind == "image" and str(name).strip() not in dropped]
    if len(asked) > 1:
        raise UserError(
            f"{len(asked)} columns of images were asked for: {', '.join(asked)}; one is learned from",
            where="--type",
            fix="keep one of them",
        )
    if asked:
        return next((str(name) for name in frame.columns if str(name).strip() == asked[0].strip()), "")
    places = _places(len(frame))
    candidates = [name for name in _eligible(frame, config) if _names_images(frame[name], places)]
    for name in candidates:
        if any(is_there(root, path) for path in paths_of(frame[name])):
            return name
    others = [c for c in frame.columns if str(c).strip() not in {config.target.strip(), *_spare(config)}]
    has_more = len(others) > (1 if config.target else 2)
    lost = [name for name in candidates if not (has_more and _holds_addresses(frame[name]))]
    if lost:
        raise _lost_images(frame[lost[0]], root, has_more=has_more)
    return ""


def find_target_beside(image_column: str, columns: Sequence[str], target: str) -> str:
    """Return the target's name; beside a column of images, the only other one is it.

    Raises
    ------
    UserError
        As `autorecipe.data.target.find_target`.
    """
    others = [name for name in columns if name != image_column]
    if image_column and not target and len(others) == 1:
        return others[0]
    return find_target(columns if target else others, target)


def as_classes(values: pd.Series) -> pd.Series:
    """Return a target of words as categories, of which there may be many; numbers as they are."""
    if isinstance(values.dtype, pd.CategoricalDtype) or read_numbers(gather(values, str(values.name))) is not None:
        return values
    return pd.Series(pd.Categorical(strip(to_text(values))), index=values.index, name=values.name)


def lost_labels(frame: pd.DataFrame, readable: pd.DataFrame, image_column: str, config: Config) -> tuple[str, ...]:
    """Say which labels of a table are lost with images that cannot be read; nothing where its target is numbers.

    Parameters
    ----------
    readable : DataFrame
        The rows whose image can be read.
    """
    others = [str(name) for name in frame.columns if str(name) != image_column]
    named = [name for name in others if name.strip() == config.target.strip()]
    target = named[0] if named else others[0] if len(others) == 1 else ""
    if (
        not target
        or len(readable) == len(frame)
        or not isinstance(as_classes(frame[target]).dtype, pd.CategoricalDtype)
    ):
        return ()
    kept, given = (set(strip(to_text(rows[target]))) for rows in (readable, frame))
    lost = sorted(given - kept - {""})
    return (f"no image of {listed(lost)} can be read: nothing is learned of what it is",) if lost else ()


def with_image_kind(types: tuple[tuple[str, Kind], ...], image_column: str) -> tuple[tuple[str, Kind], ...]:
    """Return the kinds of columns with that of the column of images among them."""
    if not image_column:
        return types
    return (*((name, kind) for name, kind in types if name.strip() != image_column.strip()), (image_column, "image"))


def paths_of(values: pd.Series) -> list[str]:
    """Return the cells of a column of paths, with "/" and without blanks around; "" where there is none."""
    texts = ["" if cell is None or cell is pd.NA or cell != cell else str(cell).strip() for cell in values]
    return ["" if text.lower() in ALWAYS_NULL else _with_slashes(text) for text in texts]


def is_there(root: Path, path: str) -> bool:
    """Return whether a path, relative to `root` or absolute, names a file."""
    return bool(path) and os.path.isfile(root / path)


def missing_files(values: pd.Series, root: Path) -> UserError:
    """Return what is wrong with a column none of whose paths exist, by its first example."""
    paths = [path for path in paths_of(values) if path]
    column = f"column '{values.name}'"
    if not paths:
        return UserError(f"{column} names no file", where=column, fix="write the path of an image in each row")
    first = paths[0]
    if first.startswith(ADDRESS):
        return UserError(
            f"{column} holds addresses, as '{first}'", where=column, fix="download the images, and write their paths"
        )
    return UserError(
        f"none of the {len(paths):,} files that {column} names is there; the first is '{shown(first)}'",
        where=shown(str(root / first)),
        fix=_where_it_may_be(root, first),
    )


def _lost_images(values: pd.Series, root: Path, *, has_more: bool) -> UserError:
    """Return what is wrong with a column of paths, and beside other columns how to learn from these alone."""
    error, name = missing_files(values, root), str(values.name)
    alone = f"; to learn from the table alone: --drop {name}, or from its words as well: --type {name}=text"
    return UserError(error.what, where=error.where, fix=error.fix + alone) if has_more else error


def _eligible(frame: pd.DataFrame, config: Config) -> list[str]:
    taken = {config.target.strip(), *_spare(config), *(name.strip() for name, _ in config.types)}
    kinds = zip(frame.columns, frame.dtypes, strict=True)
    texts = [c for c, dtype in kinds if isinstance(dtype, pd.StringDtype) or pd.api.types.is_object_dtype(dtype)]
    return [str(c) for c in texts if str(c).strip() not in taken and str(c).strip().casefold() not in TARGET_NAMES]


def _spare(config: Config) -> set[str]:
    said = (*config.drop, *config.ids, config.weight, config.split_by_group, config.split_by_time)
    return {name.strip() for name in said if name}


def _places(n_rows: int) -> NDArray[np.int64]:
    """Return the rows that are looked at, evenly spread."""
    rows = np.unique(np.linspace(0, max(n_rows - 1, 0), LOOKED_AT).round().astype(np.int64))
    return rows[:n_rows]


def _names_images(values: pd.Series, places: NDArray[np.int64]) -> bool:
    few = [values.array[place] for place in places[:FEW]]
    if len(few) == FEW and all(isinstance(cell, str) and _is_another(cell.strip().lower()) for cell in few):
        return False
    paths = [path for path in paths_of(values.iloc[places]) if path]
    ending = sum(PurePosixPath(path).suffix.lower() in IMAGE_SUFFIXES for path in paths)
    return bool(paths) and ending >= NAMED_SHARE * len(paths)


def _is_another(cell: str) -> bool:
    return cell not in ALWAYS_NULL and not cell.endswith(_SUFFIXES)


def _holds_addresses(values: pd.Series) -> bool:
    return all(path.startswith(ADDRESS) for path in paths_of(values.iloc[_places(len(values))]) if path)


def _with_slashes(path: str) -> str:
    return path.replace("\\", "/") if os.sep == "/" and "\\" in path and "/" not in path else path


def _where_it_may_be(root: Path, path: str) -> str:
    """Say where a file of this name is, with an ending perhaps, or which name in its folder is nearest."""
    name = PurePosixPath(path).name
    found = _find(root, name)
    if found:
        return f"write paths relative to {root}: is it '{shown(found)}'?"
    folder = (root / path).parent
    if not folder.is_dir():
        return f"there is no folder {shown(str(folder))}; paths are relative to {root}"
    near = nearest_file(name, _some_names(folder))
    return f"did you mean '{shown(near)}'?" if near else f"paths are relative to {root}"


def _find(root: Path, name: str) -> str:
    n_seen = 0
    for at, folders, files in os.walk(root):
        folders.sort()
        found = name if name in files else next((file for file in files if PurePosixPath(file).stem == name), "")
        if found:
            return (Path(at) / found).relative_to(root).as_posix()
        n_seen += len(files)
        if n_seen > SEARCHED_FILES:
            return ""
    return ""


def _some_names(folder: Path) -> Sequence[str]:
    return sorted(os.listdir(folder))[:SEARCHED_FILES]
