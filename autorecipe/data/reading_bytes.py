"""From a path to the bytes of a table: files that are not there, compression, kinds of file, encodings."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import Final, Literal

from autorecipe.errors import UserError, nearest_file

FileKind = Literal["text", "json", "parquet", "excel"]

GZIP_MAGIC: Final = b"\x1f\x8b"
ZIP_MAGIC: Final = b"PK\x03\x04"
# First bytes of files that people hand in by mistake, from their format specifications.
FOREIGN_MAGICS: Final = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel (.xls) or Office file"),
    (b"\x93NUMPY", "a NumPy array (.npy)"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"ARROW1", "a Feather (Arrow) file"),
    (b"ORC", "an ORC file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (ZIP_MAGIC, "a zip archive"),
    (b"version https://git-lfs", "a Git LFS pointer, not the table itself"),
)
PICKLE_PROTOCOLS: Final = (2, 3, 4, 5)  # the second byte of a pickle, after 0x80
TAR_MAGIC_OFFSET: Final = 257  # bytes; where a tar archive says "ustar"
HTML_STARTS: Final = (b"<!doctype html", b"<html")
JSON_STARTS: Final = (b'{"', b"[{")  # JSON under another ending
HEAD_BYTES: Final = 1024  # enough for every magic above
DECODE_BLOCK_BYTES: Final = 1 << 24  # 16 MiB: checks an encoding without a second copy of the file
CONVERT: Final = "save the table as CSV, Parquet, JSON lines or Excel (.xlsx)"


def load_bytes(path: Path) -> bytes:
    """Return the bytes of the file, decompressed when it is gzipped.

    Raises
    ------
    UserError
        When there is no such file (the nearest name is suggested), when it is a folder, empty, not readable
        or a damaged gzip file.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder; a table file is expected", where=str(path), fix="name one file")
    try:
        data = path.read_bytes()
        if data.startswith(GZIP_MAGIC):
            data = gzip.decompress(data)
    except FileNotFoundError:
        raise _no_such_file(path) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as err:
        raise UserError(f"damaged gzip file: {err}", where=str(path), fix="download or pack it again") from err
    except OSError as err:
        raise UserError(f"cannot read the file: {err.strerror or err}", where=str(path)) from err
    if not data or data.isspace():
        raise UserError("the file is empty; a header and at least one row are expected", where=str(path))
    return data


def file_kind(data: bytes, path: Path) -> FileKind:
    """What kind of table is this?

    Parameters
    ----------
    data : bytes
        The whole (decompressed) file.
    path : pathlib.Path
        Its name, for the ending; the first bytes go before the ending.

    Raises
    ------
    UserError
        When the first bytes are those of a file that is no table: image, archive, pickle, PDF, HTML page ..., or of
        a zip archive that is damaged.
    """
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(ZIP_MAGIC) and b"xl/workbook" in data:
        return "excel"
    if data.startswith(ZIP_MAGIC) and not zipfile.is_zipfile(io.BytesIO(data)):
        raise UserError("damaged zip archive: its end is missing", where=str(path), fix="download or pack it again")
    foreign = _foreign_kind(data)
    if foreign:
        raise UserError(f"{path.name} looks like {foreign}, not a table", where=str(path), fix=CONVERT)
    if data[:HEAD_BYTES].lstrip().startswith(JSON_STARTS):
        return "json"
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    return "json" if ending in {".jsonl", ".ndjson", ".json"} else "text"


def to_utf8(data: bytes, *, where: str) -> tuple[bytes, str]:
    """Return the text as UTF-8 bytes without a byte-order mark, and the name of its encoding.

    UTF-16 needs its byte-order mark. What is neither UTF-8 nor UTF-16 is taken as cp1252, and as latin-1 when
    cp1252 has no letter for one of its bytes.

    Returns
    -------
    tuple of (bytes, str)
        The second is "UTF-8", "UTF-16", or "cp1252 (line 7 is not UTF-8)".

    Raises
    ------
    UserError
        When the file holds NUL bytes, as binary files do, or is damaged UTF-16.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16").encode(), "UTF-16"
        except UnicodeError as err:
            raise UserError(f"damaged UTF-16 text: {err}", where=where, fix="save it as UTF-8") from err
    data = data.removeprefix(codecs.BOM_UTF8)
    nul = data.find(b"\0")
    if nul >= 0:
        raise UserError(f"a binary file: byte {nul + 1} is NUL, which no text table holds", where=where, fix=CONVERT)
    bad = _first_bad_utf8(data)
    if bad < 0:
        return data, "UTF-8"
    line = data.count(b"\n", 0, bad) + 1
    for encoding in ("cp1252", "latin-1"):
        try:
            return data.decode(encoding).encode(), f"{encoding} (line {line} is not UTF-8)"
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 decodes every byte")


def _first_bad_utf8(data: bytes) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), DECODE_BLOCK_BYTES):
        pending = len(decoder.getstate()[0])  # bytes of a letter that the last block cut in two
        try:
            decoder.decode(view[start : start + DECODE_BLOCK_BYTES], start + DECODE_BLOCK_BYTES >= len(data))
        except UnicodeDecodeError as err:
            return start - pending + err.start
    return -1


def _foreign_kind(data: bytes) -> str:
    head = data[:HEAD_BYTES]
    if head[:1] == b"\x80" and head[1:2] and head[1] in PICKLE_PROTOCOLS:
        return "a Python pickle"
    if head[TAR_MAGIC_OFFSET : TAR_MAGIC_OFFSET + 5] == b"ustar":
        return "a tar archive"
    if head.lstrip().lower().startswith(HTML_STARTS):
        return "an HTML page (was a link to a page downloaded instead of the file?)"
    return next((kind for magic, kind in FOREIGN_MAGICS if head.startswith(magic)), "")


def _no_such_file(path: Path) -> UserError:
    if "://" in str(path) or str(path).startswith(("http:/", "https:/")):
        return UserError(f"{path} is an address; a file is expected", where=str(path), fix="download it first")
    folder = path.parent
    if not folder.is_dir():
        return UserError(f"no such file: {path} (there is no folder {folder})", where=str(path))
    near = nearest_file(path.name, sorted(p.name for p in folder.iterdir()))
    fix = f"did you mean {folder / near}?" if near else ""
    return UserError(f"no such file: {path}", where=str(path), fix=fix)
