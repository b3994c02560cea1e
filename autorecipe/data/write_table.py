"""Writing to a file of its own what is made of a table: raw cells, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from autorecipe.data.cells import to_text
from autorecipe.errors import UserError
from autorecipe.store.atomic import write_bytes_atomic

SUFFIXES = (".csv", ".parquet")


def check_output(output: str, source: str, *, force: bool) -> Path:
    """Return the file to write to, once it is known that nothing of the user's is lost by it.

    Raises
    ------
    UserError
        When its name says neither CSV nor Parquet, it is the input, it exists and `force` is not given, or it lies in
        no directory.
    """
    if Path(output).suffix.casefold() not in SUFFIXES:
        what = f"'{output}' ends in neither {' nor '.join(SUFFIXES)}"
        raise UserError(what, where="-o", fix=f"end its name in {' or '.join(SUFFIXES)}")
    return check_new(output, source, force=force, where="-o")


def check_new(output: str, source: str, *, force: bool, where: str) -> Path:
    """Return the file to write to, of any suffix, once it is known that nothing of the user's is lost by it.

    A terminal, a pipe and the like may be written to as they are.

    Parameters
    ----------
    where : str
        The flag that names the file.

    Raises
    ------
    UserError
        When it is the input, it exists and `force` is not given, or it lies in no directory.
    """
    path = Path(output).expanduser()
    if not path.parent.is_dir():
        raise UserError(f"there is no directory '{path.parent}'", where=where, fix="name a directory that exists")
    if path.is_dir():
        raise UserError(f"'{output}' is a directory", where=where, fix="name a file")
    if _is_same(path, Path(source).expanduser()):
        raise UserError(f"'{output}' is the input, which is never written over", where=where, fix="name another file")
    if path.is_file() and not force:
        raise UserError(f"'{output}' exists", where=where, fix="name another file, or write over it with --force")
    return path


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write raw cells as CSV (UTF-8, commas, a missing cell empty) or as Parquet, by the file's suffix.

    Raises
    ------
    UserError
        When the file cannot be written.
    """
    data = _parquet(frame) if path.suffix.casefold() == ".parquet" else _csv(frame)
    try:
        write_bytes_atomic(path, data)
    except UserError as error:
        raise UserError(error.what, where="-o", fix="name a file that you may write, with room on its disk") from error


def _parquet(frame: pd.DataFrame) -> bytes:
    data = io.BytesIO()
    frame.to_parquet(data, index=False)
    return data.getvalue()


def _csv(frame: pd.DataFrame) -> bytes:
    texts = {str(name): to_text(frame[name]) for name in frame.columns}  # 3, not 3.0
    return pd.DataFrame(texts).to_csv(index=False, lineterminator="\n").encode("utf-8", "surrogateescape")


def _is_same(path: Path, source: Path) -> bool:
    return path.exists() and source.exists() and path.samefile(source)
