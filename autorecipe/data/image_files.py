"""Encoded images as rows: files below a folder, inside an archive, or of several places one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.image_formats import for_decoder
from autorecipe.data.image_source import ImageSource

Rows = Sequence[int] | NDArray[np.integer]


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
        Of the files, as `files` knows them.
    """

    files: Files
    names: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.names)

    def name(self, row: int) -> str:
        """Return the name of a row's file."""
        return self.names[row]

    def suffix(self, row: int) -> str:
        """Return the suffix of a row's file, small letters with the dot; "" for none."""
        return PurePosixPath(self.names[row]).suffix.lower()

    def load(self, row: int) -> bytes:
        """Return a row's file as it is."""
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
