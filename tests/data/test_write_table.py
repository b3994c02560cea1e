from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.tables import from_frame, read_table
from autorecipe.data.write_table import check_output, write_table
from autorecipe.errors import UserError

CELL = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=3, max_size=6))
def test_cells_come_back_as_they_were_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("written") / "a.csv"
    frame = pd.DataFrame([("name", "is 5, \"or\" 'six'"), *rows], columns=["one", "other"], dtype="str")
    write_table(frame, path)
    again = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
    assert again.to_numpy().tolist() == frame.to_numpy().tolist()


def test_whole_numbers_are_written_without_a_point(tmp_path):
    write_table(pd.DataFrame({"a": [1.0, None, 2.5]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == 'a\n1\n""\n2.5\n'


def test_a_table_in_parquet_keeps_its_types(tmp_path):
    frame = from_frame(pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]})).frame
    write_table(frame, tmp_path / "a.parquet")
    again = read_table(tmp_path / "a.parquet").frame
    assert again["a"].dtype == "float64"
    assert list(again["b"]) == ["x", "y"]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("a.xlsx", "ends in neither .csv nor .parquet"),
        ("nowhere/a.csv", "there is no directory"),
        ("there.csv", "'there.csv' exists"),
        ("in.csv", "is the input, which is never written over"),
        ("./in.csv", "is the input, which is never written over"),
        ("link.csv", "is the input, which is never written over"),
    ],
)
def test_an_output_that_would_lose_something_is_refused(tmp_path, monkeypatch, output, said):
    monkeypatch.chdir(tmp_path)
    for name in ("in.csv", "there.csv"):
        (tmp_path / name).write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("in.csv")
    with pytest.raises(UserError, match=said):
        check_output(output, "in.csv", force=False)


def test_force_writes_over_a_file_but_never_over_the_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("in.csv", "there.csv"):
        (tmp_path / name).write_text("a\n1\n", encoding="utf-8")
    assert check_output("there.csv", "in.csv", force=True).name == "there.csv"
    with pytest.raises(UserError, match="never written over"):
        check_output("in.csv", "in.csv", force=True)
