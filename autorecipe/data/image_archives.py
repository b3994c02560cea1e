"""Files inside .zip and .tar archives, read from where they are."""

from __future__ import annotations

import bz2
import gzip
import lzma
import posixpath
import shutil
import tarfile
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from autorecipe.data.image_files import Files
from autorecipe.data.image_formats import HEAD_BYTES
from autorecipe.data.image_listing import Listing, is_hidden, listing
from autorecipe.errors import UserError

OPENERS: Final = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open))
MOST_LINKS: Final = 40  # that lead to one another, so that none runs in a circle; Linux follows as many
DAMAGED: Final = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZipFiles:
    """Files of a .zip archive, by their path inside it.

    Attributes
    ----------
    entries : dict of ZipInfo
        Of each file; its own name may have other slashes.
    """

    archive: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo]

    def load(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return self.archive.read(self.entries[name])

    def head(self, name: str) -> bytes:
        """Return the first bytes of a file."""
        with self.archive.open(self.entries[name]) as file:
            return file.read(HEAD_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TarFiles:
    """Files of a .tar archive, by their path inside it.

    Attributes
    ----------
    places : dict of (first byte, number of bytes)
        Of each file in the archive, which is not compressed.
    """

    archive: IO[bytes]
    places: dict[str, tuple[int, int]]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return self._read(*self.places[name])

    def head(self, name: str) -> bytes:
        """Return the first bytes of a file."""
        start, n_bytes = self.places[name]
        return self._read(start, min(n_bytes, HEAD_BYTES))

    def _read(self, start: int, n_bytes: int) -> bytes:
        with self.lock:  # threads share one place in the file
            self.archive.seek(start)
            return self.archive.read(n_bytes)


def open_archive(path: Path) -> tuple[Files, Listing]:
    """Open an archive and list it; nothing is unpacked.

    A compressed .tar is decompressed into a temporary file without a name, as its files cannot be found otherwise.

    Raises
    ------
    UserError
        When it is damaged or locked by a password.
    """
    try:
        return _open_zip(path) if zipfile.is_zipfile(path) else _open_tar(path)
    except DAMAGED as error:
        raise UserError(
            f"cannot read the archive: {error}", where=str(path), fix="download or pack it again"
        ) from error


def _open_zip(path: Path) -> tuple[Files, Listing]:
    archive = zipfile.ZipFile(path)
    entries = archive.infolist()
    if any(entry.flag_bits & 0x1 for entry in entries):  # APPNOTE.TXT, 4.4.4: bit 0 of encrypted files
        raise UserError("the archive is locked by a password", where=str(path), fix="unpack it, and name the folder")
    # some packers of Windows write "\\", which APPNOTE.TXT, 4.4.17.1, forbids
    has_slashes = any("/" in entry.filename for entry in entries)
    named = {entry.filename if has_slashes else entry.filename.replace("\\", "/"): entry for entry in entries}
    files = ZipFiles(archive=archive, entries={name: entry for name, entry in named.items() if name[-1:] != "/"})
    folders = [name for name in named if name.endswith("/")]
    return files, listing(_visible(list(files.entries)), _folders_of(folders, list(files.entries)), head=files.head)


def _open_tar(path: Path) -> tuple[Files, Listing]:
    plain = _decompressed(path)
    with tarfile.open(fileobj=plain, mode="r:") as archive:
        members = archive.getmembers()
    places = {_clean(m.name): (m.offset_data, m.size) for m in members if m.isreg()}
    places |= _linked({_clean(m.name): _target(m) for m in members if m.islnk() or m.issym()}, places)
    files = TarFiles(archive=plain, places=places)
    folders = [_clean(m.name) for m in members if m.isdir()]
    return files, listing(_visible(list(places)), _folders_of(folders, list(places)), head=files.head)


def _target(link: tarfile.TarInfo) -> str:
    """Return what a link leads to: a hard link names it from the root, a symbolic one from its own folder."""
    above = "" if link.islnk() else posixpath.dirname(link.name)
    return _clean(posixpath.normpath(posixpath.join(above, link.linkname)))


def _linked(links: dict[str, str], places: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Return where the files are that links lead to; a link that leads nowhere is an empty file, which is no image."""
    found = {}
    for name, target in links.items():
        for _ in range(MOST_LINKS):
            target = links.get(target, target)
        found[name] = places.get(target, (0, 0))
    return found


def _decompressed(path: Path) -> IO[bytes]:
    raw = path.open("rb")
    head = raw.read(HEAD_BYTES)
    raw.seek(0)
    opener = next((opener for magic, opener in OPENERS if head.startswith(magic)), None)
    if opener is None:
        return raw
    plain = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the images are read
    with raw, opener(raw) as packed:
        shutil.copyfileobj(packed, plain)
    plain.seek(0)
    return plain


def _clean(name: str) -> str:
    return PurePosixPath(name).as_posix().removeprefix("./")


def _visible(names: Sequence[str]) -> list[str]:
    """Return the files that no part of whose path is hidden."""
    return [name for name in names if not any(is_hidden(part) for part in PurePosixPath(name).parts)]


def _folders_of(folders: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the folders that are listed or that files lie in; archives need not list them."""
    found = {PurePosixPath(name).as_posix() for name in folders}
    found |= {parent.as_posix() for name in (*folders, *names) for parent in PurePosixPath(name).parents}
    return sorted(_visible(list(found - {"."})))
