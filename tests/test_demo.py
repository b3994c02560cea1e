from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from autorecipe.demo import example_csv, write_example
from autorecipe.errors import UserError

ROOT = Path(__file__).parents[1]


def rows_of(name):
    return list(csv.DictReader(io.StringIO(example_csv(name))))


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
def test_the_files_beside_the_examples_are_what_the_code_writes(name):
    text = (ROOT / "examples" / "data" / f"{name}.csv").read_text(encoding="utf-8")
    assert text == example_csv(name)


@pytest.mark.slow  # in processes of its own
def test_the_script_writes_both_files(tmp_path):
    script = ROOT / "scripts" / "make_example_data.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, capture_output=True, cwd=ROOT)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["breast_cancer.csv", "diabetes.csv"]


@pytest.mark.parametrize(("name", "n_rows"), [("breast_cancer", 571), ("diabetes", 444)])
def test_two_rows_were_entered_twice(name, n_rows):
    rows = [tuple(row.values()) for row in rows_of(name)]
    assert (len(rows), len(set(rows))) == (n_rows, n_rows - 2)


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
def test_some_cells_are_missing_but_never_the_target(name):
    rows = rows_of(name)
    gaps = {column for row in rows for column, cell in row.items() if not cell}
    assert len(gaps) == 3
    assert not gaps & {"target", "patient"}


def test_the_words_of_the_breast_cancer_table_are_words():
    rows = rows_of("breast_cancer")
    assert {row["target"] for row in rows} == {"benign", "malignant"}
    assert {row["texture"] for row in rows} == {"", "fine", "medium", "coarse"}


def test_an_example_already_written_is_taken_as_it_is(tmp_path):
    assert write_example("diabetes", tmp_path) == write_example("diabetes", tmp_path)


def test_a_file_of_the_same_name_is_never_overwritten(tmp_path):
    (tmp_path / "diabetes.csv").write_text("mine\n")
    with pytest.raises(UserError, match="is there already and holds something else"):
        write_example("diabetes", tmp_path)


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path):
    with pytest.raises(UserError, match="cannot write"):
        write_example("diabetes", tmp_path / "no")
