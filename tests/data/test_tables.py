"""Reading text tables into raw cells."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.delimited import read_delimited
from autorecipe.data.reading_dialect import SAMPLE_RECORDS
from autorecipe.data.tables import Table, from_frame, read_table, require_rows
from autorecipe.errors import UserError

SIMPLE = "age,city\n31,Oslo\n27,Rome\n"


def write(tmp_path: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(tmp_path: Path, content: str | bytes, *, has_header: bool = True) -> Table:
    return read_table(write(tmp_path, content), has_header=has_header)


def cells(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


def test_cells_are_the_text_as_written(tmp_path):
    table = read(tmp_path, 'a,b,c,d\n01, x ,NA,1.50\n"2","say ""hi""",,1e3\n')
    assert cells(table) == [["01", " x ", "NA", "1.50"], ["2", 'say "hi"', "", "1e3"]]
    assert all(isinstance(dtype, pd.StringDtype) for dtype in table.frame.dtypes)
    assert (table.name, table.notes, table.first_row_line) == ("table.csv", (), 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
def test_delimiter_is_found_although_it_stands_in_quoted_cells(tmp_path, delimiter):
    rows = [["name", "note", "size"], ["Ann", f"a{delimiter}b", "1"], ["Bob", "c, d; e", "2"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    table = read(tmp_path, out.getvalue())
    assert [list(table.frame.columns), *cells(table)] == rows


def test_commas_in_prose_do_not_split_a_semicolon_file(tmp_path):
    table = read(tmp_path, "id;name;note\n1;Allen, Miss;a, b\n2;Bo, Mr;c, d\n3;Cy, Mr;e\n")
    assert table.frame.shape == (3, 3)
    assert table.notes == ("read as ;-separated, UTF-8",)


def test_one_column_of_prose_stays_one_column(tmp_path):
    table = read(tmp_path, "text\nHello, world\nno comma here\n\na, b, c\n")
    assert cells(table) == [["Hello, world"], ["no comma here"], [""], ["a, b, c"]]
    assert "one column" in table.notes[0]


def test_one_column_of_names_with_a_comma_each_stays_one_column(tmp_path):
    assert read(tmp_path, "name\nBraund, Owen\nAllen, Ann\n").frame.shape == (2, 1)


def test_two_words_per_line_are_not_two_columns(tmp_path):
    assert read(tmp_path, "home town\nNew York\nLos Angeles\nSan Jose\n").frame.shape == (3, 1)


def test_columns_may_be_separated_by_runs_of_blanks(tmp_path):
    table = read(tmp_path, "mpg  weight   age\n18.0   3504     70 \n 9.5    900      1\n")
    assert list(table.frame.columns) == ["mpg", "weight", "age"]
    assert cells(table) == [["18.0", "3504", "70"], ["9.5", "900", "1"]]


def test_blanks_before_quotation_marks_do_not_hide_them(tmp_path):
    table = read(tmp_path, '"no", "name"\n1, "Smith, Al"\n2, "Jones, Bo"\n')
    assert list(table.frame.columns) == ["no", "name"]
    assert cells(table) == [["1", "Smith, Al"], ["2", "Jones, Bo"]]


def test_declared_delimiter_of_excel_is_obeyed(tmp_path):
    table = read(tmp_path, "sep=;\na;b\n1;x\n2;y\n")
    assert cells(table) == [["1", "x"], ["2", "y"]]
    assert table.first_row_line == 3


def test_line_ends_within_quotes_belong_to_the_cell(tmp_path):
    table = read(tmp_path, 'id,note\n1,"two\nlines, really"\n2,one\n')
    assert cells(table) == [["1", "two\nlines, really"], ["2", "one"]]


def test_stray_quotation_marks_swallow_no_lines(tmp_path):
    lines = ["id\ttext\tn", '1\t"Hello\t3', "2\tfine\t4", '3\tsaid "yes"\t5', '4\t"again\t6']
    table = read(tmp_path, "\n".join(lines) + "\n")
    assert cells(table)[0] == ["1", '"Hello', "3"]
    assert len(table.frame) == 4
    assert any("quotation marks" in note for note in table.notes)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read_alike(tmp_path, line_end):
    table = read(tmp_path, SIMPLE.replace("\n", line_end))
    assert cells(table) == [["31", "Oslo"], ["27", "Rome"]]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "UTF-16"), ("cp1252", "cp1252 (line 2 is not UTF-8)")],
)
def test_encodings_are_found(tmp_path, encoding, said):
    table = read(tmp_path, "stadt,größe\nKöln €,1\nBonn,2\n".replace("größe", "size").encode(encoding))
    assert list(table.frame.columns) == ["stadt", "size"]
    assert table.frame.iloc[0, 0] == "Köln €"
    assert said in " ".join(table.notes)


def test_bytes_that_cp1252_lacks_are_read_as_latin1(tmp_path):
    table = read(tmp_path, b"a,b\n\xe9\x81,1\nx,2\n")
    assert table.frame.iloc[0, 0] == "é\x81"
    assert "latin-1" in table.notes[0]


def test_gzip_is_known_by_its_first_bytes_and_leaves_the_fingerprint(tmp_path):
    plain = read(tmp_path, SIMPLE)
    packed = read_table(write(tmp_path, gzip.compress(SIMPLE.encode()), "packed.csv"))
    assert cells(packed) == cells(plain)
    assert packed.fingerprint == plain.fingerprint
    assert len(plain.fingerprint) == 16


@pytest.mark.parametrize(
    "other", ["age,town\n31,Oslo\n27,Rome\n", "age,city\n31,Oslo\n27,Roma\n", "age,city\n27,Rome\n31,Oslo\n"]
)
def test_fingerprint_changes_with_names_cells_and_order(tmp_path, other):
    assert read(tmp_path, SIMPLE).fingerprint != read(tmp_path, other).fingerprint


def test_fingerprint_tells_where_one_cell_ends(tmp_path):
    assert read(tmp_path, "a,b\nxy,z\nu,v\n").fingerprint != read(tmp_path, "a,b\nx,yz\nu,v\n").fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "M,0.455,15\nF,0.35,7\nM,0.53,9\n",
        "vhigh,vhigh,2,small\nhigh,low,3,small\nvhigh,low,2,big\n",
        "2024-01-01,5\n2024-01-02,7\n2024-01-03,9\n",
        "ham\nspam\nham\n",
    ],
)
def test_missing_header_is_noticed_and_said(tmp_path, text):
    table = read(tmp_path, text)
    assert len(table.frame) == 3
    assert table.frame.columns[0] == "column_1"
    assert "--no-header" in table.notes[-1]
    assert table.first_row_line == 1


@pytest.mark.parametrize(
    "text",
    [
        "city,job\nOslo,cook\nRome,vet\n",
        "Country,1990,1991,1992\nPeru,1,2,3\nChad,4,5,6\n",
        "0,1,2\n0.5,0.1,3\n0.6,0.2,4\n",
        "a,b\n1,x\n?,y\n",
        "name,day\nx,2024-01-01\ny,2024-01-02\n",
        "a,b,c\nx,y,z\na,b,c\nu,v,w\n",
    ],
)
def test_first_row_of_names_is_a_header(tmp_path, text):
    table = read(tmp_path, text)
    assert list(table.frame.columns) == text.split("\n")[0].split(",")


def test_no_header_can_be_said(tmp_path):
    table = read(tmp_path, "city,job\nOslo,cook\n", has_header=False)
    assert list(table.frame.columns) == ["column_1", "column_2"]
    assert cells(table)[0] == ["city", "job"]


def test_header_names_keep_their_blanks(tmp_path):
    assert list(read(tmp_path, "Life expectancy , BMI\n1,2\n3,4\n").frame.columns) == [
        "Life expectancy ",
        " BMI",
    ]


def test_unnamed_columns_are_named_and_empty_ones_at_the_right_left_out(tmp_path):
    table = read(tmp_path, ",a,b,\n0,1,2,\n1,3,4,\n")
    assert list(table.frame.columns) == ["column_1", "a", "b"]
    assert "left out 1 empty column without a name at the right" in table.notes
    assert "1 column without a name: called column_1" in table.notes


def test_a_delimiter_at_the_end_of_every_row_is_no_extra_field(tmp_path):
    assert cells(read(tmp_path, "a,b\n1,2,\n3,4,\n")) == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize("title", ["Sales 2020\n\n", "Sales 2020,,\n", "# by region, from the archive\n", "My sales\n"])
def test_title_lines_are_left_out_and_said(tmp_path, title):
    table = read(tmp_path, title + "city,year,sum\nOslo,2019,5\nRome,2020,7\n")
    assert list(table.frame.columns) == ["city", "year", "sum"]
    assert "left out 1 title line above the header" in table.notes
    assert table.first_row_line == title.count("\n") + 2


def test_totals_remarks_and_empty_rows_at_the_end_are_left_out_and_said(tmp_path):
    table = read(tmp_path, "city,year,n\nOslo,2019,5\nRome,2020,7\nTotal,,12\nSource: the archive\n,,\n\n")
    assert cells(table) == [["Oslo", "2019", "5"], ["Rome", "2020", "7"]]
    assert "left out 2 total and remark rows at the end (rows 3-4)" in table.notes


def test_a_category_called_total_is_no_total_row(tmp_path):
    assert len(read(tmp_path, "kind,n\ntotal,5\npart,2\ntotal,7\n").frame) == 3


def test_a_last_row_that_is_nearly_empty_is_kept(tmp_path):
    assert len(read(tmp_path, "id,a,b,c\nP1,1,2,3\nP2,2,3,4\nP3,,,\n").frame) == 3


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["3,14", "2", "-"], ["3.14", "2", "-"]),
        (["1.234,5", "2,25", "1.000"], ["1234.5", "2.25", "1000"]),
        (["0,455", "0,350", "12,1e-3"], ["0.455", "0.350", "12.1e-3"]),
        (["1,248", "12,500", "950"], ["1,248", "12,500", "950"]),
        (["3,14", "2.5", "1"], ["3,14", "2.5", "1"]),
        (["3,14", "two", "1"], ["3,14", "two", "1"]),
        (["1,2,3", "4,5", "6"], ["1,2,3", "4,5", "6"]),
    ],
)
def test_decimal_commas_are_decided_on_the_whole_column(tmp_path, column, expected):
    table = read(tmp_path, "name;x\n" + "".join(f"n{i};{cell}\n" for i, cell in enumerate(column)))
    assert table.frame["x"].tolist() == expected
    assert any("decimal commas" in note for note in table.notes) == (column != expected)


def test_commas_before_three_digits_follow_the_other_columns(tmp_path):
    table = read(tmp_path, "a;b\n3,14;1,248\n2,7;3,500\n")
    assert table.frame["b"].tolist() == ["1.248", "3.500"]


def test_quoted_commas_of_a_comma_file_are_left_alone(tmp_path):
    assert cells(read(tmp_path, 'a,b\n"3,14",x\n"2,7",y\n'))[0] == ["3,14", "x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,c\n1,2,3\n4,5\n6,7,8\n", r"line 3 \(row 2\) has 2 fields, but the header \(line 1\) has 3"),
        ("a,b\n1,2\n3,4,5\n", r"line 3 \(row 2\) has 3 fields, but the header \(line 1\) has 2"),
        ("a,b\n1,2,3\n4,5,6\n", r"(?s)line 2 \(row 1\) has 3 fields.*give it a name in the header"),
        ('a,b\n"x\ny",2\n\n3\n4,5\n', r"line 5 \(row 2\) has 1 field, but"),
        ('a,b,c\n1,x,3\n2,"y,4\n5,z,6\n7,w\n', r"quotation mark opened in line 3 is never closed"),
        ('a,b,c\n1,"p,q",3\n5,z,"6\n7,w,8\n', r"quotation mark opened in line 3 is never closed"),
        ("a,b,c\n1;2;3\n4;5;6\n", r"line 2 \(row 1\) has 1 field, but the header \(line 1\) has 3"),
        ('a,b\n"' + "x" * 140_000 + "\n", r"quotation mark opened in line 2"),
        ("a,b,a \n1,2,3\n4,5,6\n", r"column names must differ .*'a' stands more than once"),
        ("a,b\n", "header without rows"),
        ("a,b\n" + ",\n" * 50, "nothing but 50 empty rows below it"),
        ("1,2\n", "(?s)header without rows.*--no-header"),
        ("\n \n", "the file is empty"),
        (b"\xef\xbb\xbf\n", "the file is empty"),
        (b"a,b\n1\x00,2\n", "byte 6 is NUL"),
        (b"\x89PNG\r\n\x1a\n....", "looks like a PNG image"),
        (b"%PDF-1.7 ...", "looks like a PDF document"),
        (b"\x80\x04\x95abc", "looks like a Python pickle"),
        (b"PK\x03\x04....", "damaged zip archive"),
        ("<!DOCTYPE html><html></html>", "looks like an HTML page"),
        (b"\x1f\x8b\x08\x00damaged", "damaged gzip file"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path, text, message):
    with pytest.raises(UserError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("empty", [",\n", "\n"])
def test_rows_are_found_below_more_empty_ones_than_are_looked_at_for_the_header(tmp_path, empty):
    assert cells(read(tmp_path, "a,b\n" + empty * (SAMPLE_RECORDS + 100) + "1,2\n3,4\n")) == [["1", "2"], ["3", "4"]]


def test_a_long_file_whose_beginning_is_empty_is_not_blamed_on_a_quotation_mark(tmp_path, monkeypatch):
    monkeypatch.setattr("autorecipe.data.delimited.SAMPLE_CHARS", 1_000)
    with pytest.raises(UserError, match="nothing but empty rows below it in its first 1,000 characters"):
        read(tmp_path, "a,b\n" + ",\n" * 1_000 + "1,2\n")


def test_json_lines_under_another_ending_are_read(tmp_path):
    assert cells(read(tmp_path, '{"a": "x", "b": "y"}\n{"a": "u", "b": "v"}\n')) == [["x", "y"], ["u", "v"]]


def test_a_missing_file_suggests_the_nearest_name(tmp_path):
    write(tmp_path, SIMPLE, "titanic.csv")
    with pytest.raises(UserError, match=r"(?s)no such file: .*titanc\.csv.*did you mean .*titanic\.csv\?"):
        read_table(tmp_path / "titanc.csv")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        read_table(tmp_path)


def test_one_row_is_readable_but_may_be_required_to_have_company(tmp_path):
    table = read(tmp_path, "a,b\n1,x\n")
    assert cells(table) == [["1", "x"]]
    with pytest.raises(UserError, match="1 row; at least 2 needed"):
        require_rows(table, at_least=2)
    require_rows(table, at_least=1)


CELL = st.text(alphabet=st.sampled_from('ab1 ,;"\n\t|é.'), max_size=6)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, st.integers(0, 99).map(str)), min_size=1, max_size=8))
def test_what_csv_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out).writerows([("first", "second", "number"), *rows])
    sheet = read_delimited(out.getvalue().encode(), where="memory", has_header=True)
    assert sheet.frame.to_numpy().tolist() == [list(row) for row in rows]


def test_a_frame_keeps_its_types_and_loses_its_index():
    table = from_frame(pd.DataFrame({0: [1, 2], "b": ["x", None]}, index=[7, 9]))
    assert list(table.frame.columns) == ["0", "b"]
    assert table.frame.index.tolist() == [0, 1]
    assert table.frame["0"].dtype == np.int64
    assert (table.name, table.path) == ("data", "")


def test_columns_of_an_array_are_numbered():
    assert list(from_frame(np.zeros((2, 3))).frame.columns) == ["x0", "x1", "x2"]


def test_missing_and_empty_text_have_different_fingerprints():
    empty, missing = (from_frame(pd.DataFrame({"a": ["x", cell]})).fingerprint for cell in ("", None))
    assert empty != missing


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pd.DataFrame({"a": [1, 2], "tags": ["x", ["y", "z"]]}), "column 'tags', row 2 is a list"),
        (pd.DataFrame([[1, 2]], columns=["a", " a"]), "column names must differ"),
        (pd.DataFrame({"a": []}), "0 rows x 1 columns"),
        (np.zeros(3), r"an array of shape \(3,\)"),
    ],
)
def test_what_cannot_be_a_table_in_memory_is_refused(data, message):
    with pytest.raises(UserError, match=message):
        from_frame(data)


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("abalone_noheader.csv", (4177, 9), "no header row"),
        ("online_shoppers_semicolon.csv", (12330, 18), ";-separated"),
        ("sms_spam.tsv", (5572, 4), "tab-separated"),
        ("sms_spam_latin1.csv", (5572, 2), "cp1252"),
        ("titanic_semicolon.csv", (1309, 15), "column_1"),
        ("winequality_white_semicolon.csv", (4898, 12), ";-separated"),
        ("titanic.xlsx", (1309, 14), ""),
    ],
)
def test_quirky_public_files_are_read(test_data, name, shape, said):
    table = read_table(test_data / "quirks" / name)
    assert table.frame.shape == shape
    assert said in " ".join(table.notes)


def test_text_that_is_not_utf8_has_a_fingerprint():
    odd, mended = (from_frame(pd.DataFrame({"a": pd.Series([text], dtype=object)})) for text in ("\udcff", "\ufffd"))
    assert odd.fingerprint == mended.fingerprint
