"""Tables of any size with everything that columns hold: numbers, codes, levels, dates, text, missing cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

CHUNK_CELLS = 10_000_000  # made and written at a time, so that a table of any length fits into memory
MISSING_SHARE = 0.05  # of the cells of every third column
N_LEVELS = (5, 20, 100, 500, 2_000, 5_000)
WORDS = ("red", "blue", "old", "new", "large", "house", "garden", "river", "near", "city", "quiet", "sunny", "street")
TEXT_WORDS = 5
FIRST_DAY, N_DAYS = np.datetime64("2015-01-01"), 3_000
TARGET_WEIGHT = 0.7  # of the first number, in the target's logit
# what ten columns in a row hold
PATTERN = ("number", "number", "level", "whole", "number", "level", "number", "date", "level", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Rows and columns of a table, the target among them."""

    n_rows: int
    n_columns: int

    @property
    def label(self) -> str:
        """How tables of results call it."""
        return f"{self.n_rows:,} x {self.n_columns:,}"


def write_table(path: Path, size: Size, *, seed: int = 0) -> None:
    """Write a CSV file with a binary target `y`; the same seed writes the same file."""
    n_chunk = max(1, min(size.n_rows, CHUNK_CELLS // size.n_columns))
    writer = None
    for number, start in enumerate(range(0, size.n_rows, n_chunk)):
        chunk = _chunk(min(n_chunk, size.n_rows - start), size.n_columns, np.random.default_rng([seed, number]))
        writer = writer or pa_csv.CSVWriter(path, chunk.schema)
        writer.write_table(chunk)
    if writer is not None:
        writer.close()


def _chunk(n_rows: int, n_columns: int, random: np.random.Generator) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for i in range(n_columns - 1):
        kind = PATTERN[i % len(PATTERN)]
        values = _MAKERS[kind](n_rows, i, random)
        missing = random.random(n_rows) < MISSING_SHARE if i % 3 == 2 else None
        columns[f"{kind}_{i}"] = pa.array(values, mask=missing)
    logit = TARGET_WEIGHT * np.asarray(columns["number_0"]) - 0.5
    columns["y"] = pa.array((random.random(n_rows) < 1 / (1 + np.exp(-logit))).astype(np.int8))
    return pa.table(columns)


def _numbers(n_rows: int, i: int, random: np.random.Generator) -> np.ndarray:
    return np.round(random.normal(size=n_rows) * (1 + i % 7), 4)


def _whole(n_rows: int, i: int, random: np.random.Generator) -> np.ndarray:
    return random.poisson(10 * (1 + i % 5), n_rows)


def _levels(n_rows: int, i: int, random: np.random.Generator) -> np.ndarray:
    n = N_LEVELS[i % len(N_LEVELS)]
    names = np.array([f"{chr(97 + i % 26)}{level:04d}" for level in range(n)], dtype=object)
    return names[np.minimum((random.random(n_rows) ** 2 * n).astype(int), n - 1)]


def _dates(n_rows: int, i: int, random: np.random.Generator) -> np.ndarray:
    del i
    return FIRST_DAY + random.integers(0, N_DAYS, n_rows)


def _texts(n_rows: int, i: int, random: np.random.Generator) -> pa.Array:
    del i
    words = np.array(WORDS, dtype=object)
    texts = words[random.integers(0, len(words), n_rows)]
    for _ in range(TEXT_WORDS - 1):
        texts = texts + " " + words[random.integers(0, len(words), n_rows)]
    return texts


_MAKERS: dict[str, Callable[[int, int, np.random.Generator], np.ndarray]] = {
    "number": _numbers,
    "whole": _whole,
    "level": _levels,
    "date": _dates,
    "text": _texts,
}
