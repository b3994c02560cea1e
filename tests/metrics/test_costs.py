"""What decisions cost, from files and Python values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config, Cost, CostMatrix
from autorecipe.errors import UserError
from autorecipe.metrics.costs import check_costs, cost_of_two, costs_from, costs_in_order, read_cost_matrix
from autorecipe.testing import make_run

CSV = ",b,a,c\na,1,0,2\nb,0,3,4\nc,5,6,0\n"
CLASSES = ("a", "b", "c")
IN_ORDER = ((0.0, 1.0, 2.0), (3.0, 0.0, 4.0), (6.0, 5.0, 0.0))


def test_a_file_is_read_by_its_labels(tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text(CSV)

    found = read_cost_matrix(str(path))

    assert costs_in_order(found, CLASSES) == IN_ORDER
    assert found.path == str(path)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no square table"),
        (",a,b\na,0,1\n", "no square table"),
        (",a,b\na,0,x\nb,1,0\n", "not all numbers"),
        (",a,b\na,0,1\nc,1,0\n", "those down are a, c"),
        (",a,a\na,0,1\na,1,0\n", "those down are a, a"),
    ],
)
def test_a_file_that_is_no_matrix_is_refused(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "costs.csv"
    path.write_text(text)

    with pytest.raises(UserError, match=match):
        read_cost_matrix(str(path))


def test_a_missing_file_is_refused() -> None:
    with pytest.raises(UserError, match="cannot read the costs"):
        read_cost_matrix("nowhere.csv")


@pytest.mark.parametrize(
    "cost",
    [
        pd.DataFrame([[0, 1, 2], [6, 5, 0], [3, 0, 4]], index=["a", "c", "b"], columns=["a", "b", "c"]),
        np.array(IN_ORDER),
        [list(row) for row in IN_ORDER],
        {("a", "c"): 2, ("b", "a"): 3, ("b", "c"): 4, ("c", "a"): 6, ("c", "b"): 5},
    ],
    ids=["frame", "array", "lists", "pairs"],
)
def test_python_values_say_the_same(cost: object) -> None:
    of_two, matrix = costs_from(cost)  # type: ignore[arg-type]  # as users pass them

    assert of_two is None
    assert matrix is not None
    assert costs_in_order(matrix, CLASSES) == IN_ORDER


def test_pairs_that_are_not_named_cost_one() -> None:
    _, matrix = costs_from({("a", "c"): 9})

    assert matrix is not None
    assert costs_in_order(matrix, CLASSES) == ((0.0, 1.0, 9.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))


def test_labels_may_be_numbers() -> None:
    _, matrix = costs_from({(0, 1): 2.5, (1, 0): 1})

    assert matrix is not None
    assert costs_in_order(matrix, ("0", "1")) == ((0.0, 2.5), (1.0, 0.0))


def test_two_kinds_of_mistakes_stay_what_they_are() -> None:
    assert costs_from({"fn": 5, "fp": 1}) == (Cost(fn=5.0, fp=1.0), None)
    assert costs_from(None) == costs_from({}) == (None, None)


@pytest.mark.parametrize(
    ("cost", "match"),
    [
        ({"fn": 5}, "cannot read the costs"),
        ([1, 2, 3], "no square table"),
        ("5", "is not what two kinds of mistakes cost"),
        (["a"], "no table of numbers"),
        (pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "c"]), "index and columns"),
    ],
)
def test_values_that_are_no_costs_are_refused(cost: object, match: str) -> None:
    with pytest.raises(UserError, match=match):
        costs_from(cost)  # type: ignore[arg-type]  # as users get them wrong


def test_text_says_what_the_option_takes(tmp_path):
    file = tmp_path / "costs.csv"
    file.write_text(",a,b\na,0,2\nb,3,0\n", encoding="utf-8")
    assert costs_from("5:1") == costs_from({"fn": 5, "fp": 1})
    assert costs_from(file)[1].costs == ((0.0, 2.0), (3.0, 0.0))


@pytest.mark.parametrize(
    ("matrix", "match"),
    [
        (CostMatrix(costs=((0.0, 1.0), (1.0, 0.0)), classes=("a", "b")), "are for 2 classes, the target has 3"),
        (CostMatrix(costs=((0.0, 1.0), (1.0, 0.0)), classes=("a", "x"), others=1.0), "speak of 'x'"),
        (CostMatrix(costs=((0.0, 1.0), (1.0, 0.0))), "are for 2 classes, the target has 3"),
        (CostMatrix(costs=((0.0,) * 3,) * 3, classes=CLASSES), "at least what the right one does"),
        (CostMatrix(costs=((1.0, 0.0, 2.0), *IN_ORDER[1:]), classes=CLASSES), "at least what the right one does"),
        (CostMatrix(costs=((0.0, float("inf"), 2.0), *IN_ORDER[1:])), "must be finite"),
    ],
)
def test_costs_that_do_not_fit_the_classes_are_refused(matrix: CostMatrix, match: str) -> None:
    with pytest.raises(UserError, match=match):
        costs_in_order(matrix, CLASSES)


def test_a_matrix_of_two_classes_counts_beyond_being_right() -> None:
    assert cost_of_two(((1.0, 3.0), (9.0, 4.0))) == Cost(fn=5.0, fp=2.0)


def test_costs_must_go_with_the_target() -> None:
    of_two, matrix = Config(cost=Cost(fn=5, fp=1)), Config(cost_matrix=CostMatrix(costs=IN_ORDER))

    check_costs(of_two, make_run().schema)
    check_costs(matrix, make_run(task="multiclass").schema)
    with pytest.raises(UserError, match="mistakes of two classes"):
        check_costs(of_two, make_run(task="multiclass").schema)
    with pytest.raises(UserError, match="belong to classes"):
        check_costs(of_two, make_run(task="regression").schema)
    with pytest.raises(UserError, match="are for 3 classes"):
        check_costs(matrix, make_run().schema)
