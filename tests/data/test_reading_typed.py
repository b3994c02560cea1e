"""Reading Parquet, JSON lines and Excel."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from autorecipe.data.tables import read_table
from autorecipe.errors import UserError

FRAME = pd.DataFrame({"age": [31, 27], "city": ["Oslo", None], "when": pd.to_datetime(["2024-01-01", "2024-01-02"])})


def write_text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def write_sheet(path: Path, rows: list[list[object]], *, empty_first: bool = False) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Data") if empty_first else book.active
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_parquet_keeps_types_and_drops_the_unnamed_index(tmp_path):
    FRAME.set_index(pd.Index([5, 9])).to_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert list(table.frame.columns) == ["age", "city", "when"]
    assert table.frame["age"].tolist() == [31, 27]
    assert pd.api.types.is_datetime64_dtype(table.frame["when"])


@pytest.mark.parametrize("name", ["age", "city", "when"])
def test_parquet_keeps_a_named_index_as_a_column(tmp_path, name):
    FRAME.set_index(name).to_parquet(tmp_path / "t.parquet")
    assert set(read_table(tmp_path / "t.parquet").frame) == set(FRAME)


def test_parquet_is_known_by_its_first_bytes(tmp_path):
    FRAME.to_parquet(tmp_path / "t.bin")
    assert len(read_table(tmp_path / "t.bin").frame) == 2


def test_a_parquet_column_of_lists_is_refused(tmp_path):
    pd.DataFrame({"a": [1, 2], "tags": [["x"], ["y"]]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(UserError, match="column 'tags', row 1 is a"):
        read_table(tmp_path / "t.parquet")


def test_damaged_parquet_is_refused(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(UserError, match="damaged Parquet file"):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize("ending", ["jsonl", "ndjson", "json"])
def test_json_lines_may_leave_out_cells(tmp_path, ending):
    path = write_text(tmp_path / f"t.{ending}", '{"a": 1, "b": "x"}\n\n{"a": 2.5}\n')
    frame = read_table(path).frame
    assert frame["a"].tolist() == [1.0, 2.5]
    assert frame["b"].isna().tolist() == [False, True]


def test_json_may_be_one_list_of_records(tmp_path):
    path = write_text(tmp_path / "t.json", json.dumps([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], indent=1))
    assert read_table(path).frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_line_separators_within_json_texts_are_no_line_ends(tmp_path):
    path = write_text(tmp_path / "t.jsonl", '{"a": "x\u2028y"}\n{"a": "z"}\n')
    assert read_table(path).frame["a"].tolist() == ["x\u2028y", "z"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ('{"a": 1}\n[1, 2]\n', "line 2 is a list"),
        ('[{"a": 1}, 3]', "element 2 of the list is a int"),
        ('{"a": 1}\n{"a": {"b": 2}}\n', "column 'a', row 2 is a dict"),
    ],
)
def test_json_that_is_no_table_is_refused(tmp_path, text, message):
    with pytest.raises(UserError, match=message):
        read_table(write_text(tmp_path / "t.jsonl", text))


def test_excel_titles_totals_and_empty_edges_are_left_out(tmp_path):
    rows = [["Sales"], [], ["city", "year", "n"], ["Oslo", 2019, 5], ["Rome", 2020, 7], ["Total", None, 12]]
    table = read_table(write_sheet(tmp_path / "t.xlsx", [[None, *row] for row in rows]))
    assert table.frame.to_dict("list") == {"city": ["Oslo", "Rome"], "year": [2019, 2020], "n": [5, 7]}
    assert table.notes == (
        "left out 1 title line above the header",
        "left out 1 total row at the end (row 3)",
    )
    assert table.first_row_line == 4


def test_excel_takes_the_first_sheet_with_cells_and_says_so(tmp_path):
    path = write_sheet(tmp_path / "t.xlsx", [["a", "b"], [1, "x"], [2, "y"]], empty_first=True)
    assert read_table(path).notes == ("read sheet 'Data', the first with cells of 2",)


def test_damaged_excel_is_refused(tmp_path):
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 xl/workbook.xml and nothing else")
    pytest.importorskip("openpyxl")
    with pytest.raises(UserError, match="damaged Excel file"):
        read_table(tmp_path / "t.xlsx")


def test_excel_without_openpyxl_names_the_extra(tmp_path, monkeypatch):
    path = write_sheet(tmp_path / "t.xlsx", [["a"], [1], [2]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UserError, match=r'pip install "autorecipe\[excel\]"'):
        read_table(path)
