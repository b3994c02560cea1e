from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "recipe.md"
# every rule of the recipe, by its section: first and last number
LENGTHS = {"A": (1, 7), "B": (1, 9), "C": (1, 7), "D": (0, 12), "E": (1, 8), "F": (1, 7), "G": (1, 4), "H": (1, 8)}
IDS = [*(f"{letter}{i}" for letter, (first, last) in LENGTHS.items() for i in range(first, last + 1)), "I", "J"]
CODE = re.compile(r"`([^`]+)`")
REST = re.compile(r"(not built|in part): \S.{5,}")


def rows_of(text):
    """The table's rows, five cells each: id, rule, files, tests, and what is not built."""
    lines = [line for line in text.splitlines() if re.match(r"\|\s*[A-J]\d*\s*\|", line)]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


ROWS = rows_of(TABLE.read_text(encoding="utf-8"))
each = pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])


def gaps(row):
    """What is wrong with a row's shape: it names files and tests, or says that it is not built and why."""
    if len(row) != 5:
        return [f"{len(row)} cells instead of 5"]
    _, rule, files, tests, rest = row
    found = [] if rule else ["no rule"]
    if rest and not REST.fullmatch(rest):
        found.append("the last cell says neither 'not built: why' nor 'in part: what is missing'")
    is_absent = rest.startswith("not built: ")
    if is_absent and (files or tests):
        found.append("not built, and yet a file or a test")
    if not is_absent and not (CODE.findall(files) and CODE.findall(tests)):
        found.append("neither a file and a test nor 'not built: why'")
    return found


@cache
def functions_of(path):
    """The names of the functions that a file defines at its top."""
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}


def is_there(named):
    """Whether a file of the repository exists, or the test function that "path::name" names."""
    path, _, function = named.partition("::")
    file = ROOT / path
    return file.is_file() and (not function or function in functions_of(file))


def test_every_id_has_one_row_in_the_order_of_the_list():
    assert [row[0] for row in ROWS] == IDS


@each
def test_a_rule_has_a_file_and_a_test_or_says_that_it_is_not_built_and_why(row):
    assert gaps(row) == []


@each
def test_files_and_tests_that_a_rule_names_exist(row):
    assert [named for cell in row[2:4] for named in CODE.findall(cell) if not is_there(named)] == []
    assert all(named.startswith("autorecipe/") and "::" not in named for named in CODE.findall(row[2]))
    assert all(named.startswith("tests/") and "::test_" in named for named in CODE.findall(row[3]))


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("| A1 | rule | | | |", "neither a file and a test"),
        ("| A1 | rule | `autorecipe/record/run.py` | | in part: no plots are drawn |", "neither a file and a test"),
        ("| A1 | rule | | | not built: |", "says neither"),
        (
            "| A1 | rule | `autorecipe/record/run.py` | `tests/a.py::test_b` | not built: no images yet |",
            "and yet a file",
        ),
        ("| A1 | | | | not built: no images yet |", "no rule"),
        ("| A1 | rule |", "2 cells instead of 5"),
    ],
)
def test_a_row_with_gaps_is_noticed(line, gap):
    (row,) = rows_of(line)
    assert any(gap in found for found in gaps(row))


@pytest.mark.parametrize(
    "named", ["autorecipe/nowhere.py", "tests/nowhere.py::test_it", "tests/test_recipe_table.py::test_it"]
)
def test_a_name_that_finds_nothing_is_noticed(named):
    assert is_there("tests/test_recipe_table.py::test_every_id_has_one_row_in_the_order_of_the_list")
    assert not is_there(named)


def test_other_documents_lead_to_the_table():
    for document in ("README.md", "docs/architecture.md"):
        assert "recipe.md)" in (ROOT / document).read_text(encoding="utf-8"), document
