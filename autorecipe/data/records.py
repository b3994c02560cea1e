"""Where the records of a delimited text begin, found without reading their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

ReadBytes = Callable[[int, int], bytes]  # from one place of the file up to another

BLOCK_BYTES: Final = 1 << 24  # 16 MiB: the file is never held as a whole
NEWLINE, RETURN, QUOTE, BLANK = b'\n\r" '
Longs = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """Places of the records in a file, blank lines left out.

    Attributes
    ----------
    starts, ends : int64 arrays, shape (n_records,)
        First byte of each, and the byte after its line end.
    end_in_blank : bool array, shape (n_records,)
        Whether the line ends in a blank: it may hold nothing else.
    n_inside : int
        Line ends inside quoted cells.
    closed : bool
        Whether the quotation marks come in pairs.
    """

    starts: Longs
    ends: Longs
    end_in_blank: Marks
    n_inside: int
    closed: bool

    @property
    def longest(self) -> int:
        """The place, from 0, of the record with the most bytes."""
        return int(np.argmax(self.ends - self.starts))


def find_records(read: ReadBytes, first_byte: int, n_bytes: int) -> Records:
    """Find the records from one place of a file to its end; a line end inside quotation marks ends none.

    A quotation mark inside a quoted cell is written twice, which changes nothing: both count.

    Parameters
    ----------
    n_bytes : int
        Of the whole file.
    """
    stops: list[Longs] = []
    before: list[tuple[Marks, Marks]] = []
    is_inside, n_inside, last = False, 0, b"\n\n"
    for start, block in _blocks(read, first_byte, n_bytes):
        letters = np.frombuffer(block, np.uint8)
        places = np.flatnonzero(letters == NEWLINE)
        if is_inside or b'"' in block:
            quotes = np.flatnonzero(letters == QUOTE)
            inside = (np.searchsorted(quotes, places) + is_inside) % 2 == 1
            is_inside = bool((len(quotes) + is_inside) % 2)
            n_inside += int(inside.sum())
            places = places[~inside]
        with_last = np.frombuffer(last + block, np.uint8)
        returned = with_last[places + 1] == RETURN
        before.append((returned, with_last[places + 1 - returned] == BLANK))
        stops.append(places + start + 1)
        last = (last + block)[-2:]
    return _without_blank_lines(stops, before, first_byte, n_bytes, n_inside=n_inside, closed=not is_inside)


def read_records(read: ReadBytes, records: Records, chosen: Longs) -> bytes:
    """Return the bytes of some records, one after the other."""
    spans = zip(records.starts[chosen].tolist(), records.ends[chosen].tolist(), strict=True)
    return b"".join(read(start, end) for start, end in spans)


def _blocks(read: ReadBytes, first_byte: int, n_bytes: int) -> Iterator[tuple[int, bytes]]:
    for start in range(first_byte, n_bytes, BLOCK_BYTES):
        yield start, read(start, min(start + BLOCK_BYTES, n_bytes))


def _without_blank_lines(
    stops: list[Longs],
    before: list[tuple[Marks, Marks]],
    first_byte: int,
    n_bytes: int,
    *,
    n_inside: int,
    closed: bool,
) -> Records:
    ends = np.concatenate([*stops, [n_bytes]])
    starts = np.concatenate([[first_byte], ends[:-1]])
    returned, blank = (np.concatenate([*(marks[i] for marks in before), [False]]) for i in (0, 1))
    length = ends - starts
    kept = length > np.where(returned, 2, np.arange(len(ends)) < len(ends) - 1)
    return Records(starts=starts[kept], ends=ends[kept], end_in_blank=blank[kept], n_inside=n_inside, closed=closed)
