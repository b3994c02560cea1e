"""A table that is too long to look at whole is read as a sample of its rows, with their true numbers."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autorecipe.config import Config
from autorecipe.data import reading_sample, records, sampling
from autorecipe.data.reading_sample import read_sample
from autorecipe.data.records import find_records, read_records
from autorecipe.data.sampling import END_ROWS, draw_rows, sample_size
from autorecipe.data.tables import Table, from_frame, read_sampled, read_table, row_numbers_of
from autorecipe.intake import as_table
from autorecipe.look import look

N_ROWS, SIZE = 3_000, 500


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three thousand rows are too many, and five hundred are drawn, in blocks that cut records in two."""
    monkeypatch.setattr(sampling, "MOST_CELLS", 5_000)
    monkeypatch.setattr(reading_sample, "MOST_CELLS", 5_000)
    monkeypatch.setattr(sampling, "MIN_ROWS", SIZE)
    monkeypatch.setattr(sampling, "MAX_ROWS", SIZE)
    monkeypatch.setattr(records, "BLOCK_BYTES", 997)
    monkeypatch.setattr(reading_sample, "SAMPLE_CHARS", 5_000)


def written(path: Path, rows: list[list[str]], *, above: str = "", below: str = "", end: str = "\n") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows([["row", "word", "y"], *rows])
    path.write_bytes((above + out.getvalue() + below).encode())
    return path


def plain_rows(word: str = "blue") -> list[list[str]]:
    return [[str(i), word, "yes" if i % 3 else "no"] for i in range(1, N_ROWS + 1)]


def assert_true_numbers(table: Table) -> None:
    assert table.frame["row"].astype(int).tolist() == row_numbers_of(table).tolist()


def test_rows_keep_their_numbers_and_their_order(tmp_path: Path) -> None:
    table = read_sampled(written(tmp_path / "t.csv", plain_rows()))
    assert len(table.frame) == SIZE
    assert table.sampled_from == N_ROWS
    assert_true_numbers(table)
    assert (np.diff(row_numbers_of(table)) > 0).all()
    assert table.notes[-1].startswith("a sample of 500 of 3,000 rows")


def test_the_sample_is_spread_over_the_whole_file(tmp_path: Path) -> None:
    numbers = row_numbers_of(read_sampled(written(tmp_path / "t.csv", plain_rows())))
    in_tenth = np.bincount((numbers - 1) * 10 // N_ROWS, minlength=10)
    assert in_tenth.min() > SIZE // 20


def test_a_seed_draws_the_same_rows_again_and_another_seed_others(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", plain_rows())
    once, again, other = (read_sampled(file, seed=seed) for seed in (1, 1, 2))
    assert once.fingerprint == again.fingerprint
    assert once.fingerprint != other.fingerprint


def test_line_ends_and_quotation_marks_inside_quoted_cells_end_no_row(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", plain_rows('two\nlines, "quoted"\n\nand an empty one'))
    assert read_sample(file, has_header=True, seed=0) is not None
    table = read_sampled(file)
    assert table.sampled_from == N_ROWS
    assert set(table.frame["word"]) == {'two\nlines, "quoted"\n\nand an empty one'}
    assert_true_numbers(table)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_empty_lines_are_no_rows(tmp_path: Path, end: str) -> None:
    file = written(tmp_path / "t.csv", plain_rows(), end=end)
    lines = file.read_text().split("\n")
    file.write_text("\n".join([*lines[:700], *["\r" * (end != "\n")] * 5, *lines[700:]]), newline="")
    assert read_sample(file, has_header=True, seed=0) is not None
    assert_true_numbers(read_sampled(file))


def test_titles_and_totals_are_left_out_as_in_a_table_read_whole(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", plain_rows(), above="# made by hand\n\n", below="total,,\n")
    table = read_sampled(file)
    assert table.sampled_from == N_ROWS
    assert_true_numbers(table)
    assert table.frame["row"].iloc[-1] == str(N_ROWS)
    assert table.first_row_line == read_table(file).first_row_line


def test_letters_that_are_not_utf8_are_read(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", plain_rows())
    file.write_bytes(file.read_bytes().replace(b"blue", b"gr\xfcn"))
    table = read_sampled(file)
    assert set(table.frame["word"]) == {"grün"}
    assert "read as ,-separated, cp1252" in table.notes
    assert_true_numbers(table)


@pytest.mark.parametrize("odd", ["   \n", "1,2\n1,2,3,4\n", '7,"never closed,no\n'])
def test_a_file_that_is_not_regular_is_read_whole(tmp_path: Path, odd: str) -> None:
    file = written(tmp_path / "t.csv", plain_rows())
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2_000], odd, *lines[2_000:]]))
    assert read_sample(file, has_header=True, seed=0) is None


def test_what_is_read_whole_is_sampled_then(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", plain_rows())
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2_000], "   \n", *lines[2_000:]]))
    table = read_sampled(file)
    assert (len(table.frame), table.sampled_from) == (SIZE, N_ROWS)
    assert_true_numbers(table)


def test_a_sample_of_what_had_to_be_read_whole_says_so(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", plain_rows())
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert any(note.startswith("the file was read whole") for note in read_sampled(packed).notes)
    assert not any(note.startswith("the file was read whole") for note in read_sampled(file).notes)


def test_parquet_is_sampled_with_its_types_and_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"row": np.arange(1, N_ROWS + 1), "x": np.linspace(0, 1, N_ROWS), "y": ["a", "b"] * 1_500})
    frame.to_parquet(tmp_path / "t.parquet", row_group_size=700)
    table = read_sampled(tmp_path / "t.parquet")
    assert (len(table.frame), table.sampled_from) == (SIZE, N_ROWS)
    assert table.frame["x"].dtype == np.float64
    assert_true_numbers(table)


def test_a_table_in_memory_is_sampled_too() -> None:
    frame = pd.DataFrame({"row": np.arange(1, N_ROWS + 1), "x": 1.0, "y": "a"})
    table = as_table(from_frame(frame), Config(), samples=True)
    assert table.sampled_from == N_ROWS
    assert_true_numbers(table)


def test_fit_reads_all_rows(tmp_path: Path) -> None:
    table = as_table(str(written(tmp_path / "t.csv", plain_rows())), Config())
    assert (len(table.frame), table.sampled_from) == (N_ROWS, 0)


def test_a_profile_of_a_sample_says_so_for_the_table_and_each_check(tmp_path: Path) -> None:
    run = look(str(written(tmp_path / "t.csv", plain_rows())), Config(target="y")).run
    assert run.profile is not None
    assert run.data.sampled_from == N_ROWS
    assert all(o.reason.startswith("on a sample of 500 of 3,000 rows") for o in run.profile.outcomes)
    assert any("a sample of 500 of 3,000 rows" in note for note in run.data.notes)


def test_a_short_table_is_read_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sampling, "MOST_CELLS", 20_000_000)
    file = written(tmp_path / "t.csv", plain_rows())
    assert read_sample(file, has_header=True, seed=0) is None
    assert read_sampled(file).fingerprint == read_table(file).fingerprint


def test_the_last_rows_are_always_drawn() -> None:
    rows = draw_rows(N_ROWS, SIZE, seed=3)
    assert rows[-END_ROWS:].tolist() == list(range(N_ROWS - END_ROWS, N_ROWS))
    assert len(np.unique(rows)) == SIZE


def test_few_wide_rows_are_never_fewer_than_single_features_need() -> None:
    assert sample_size(1_000_000, 5_000) == SIZE


cells = st.text(st.sampled_from('ab,"\n '), max_size=6)


@given(st.lists(st.tuples(cells, cells, st.just("x")), min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_records_are_those_that_csv_reads(rows: list[tuple[str, str, str]], end: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows(rows)
    data = out.getvalue().encode()
    found = find_records(lambda start, stop: data[start:stop], 0, len(data))
    assert len(found.starts) == len(rows)
    assert found.closed
    for i in range(len(rows)):
        one = read_records(lambda start, stop: data[start:stop], found, np.array([i])).decode()
        assert next(csv.reader(io.StringIO(one, newline=""))) == list(rows[i])
