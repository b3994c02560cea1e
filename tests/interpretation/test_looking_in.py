from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.config import Kind
from autorecipe.data.schema import Column, Wire
from autorecipe.interpretation.dependence import MOST_CELLS, dependences
from autorecipe.interpretation.importance import importances
from autorecipe.interpretation.record import Dependence, Importance, Interpretation, LargeError, WeakSlice
from autorecipe.interpretation.slices import weak_slices
from autorecipe.report.text_interpretation import interpretation_lines
from autorecipe.report.text_words import WIDTH
from autorecipe.testing import make_run

PLACES = {"used": (("numbers", 0),), "idle": (("numbers", 1),), "words": (("tokens_0", -1),)}


def column(name: str, kind: Kind = "numeric", wire: Wire = "float32", **rules) -> Column:
    return Column(name=name, kind=kind, wire=wire, **rules)


SIDE_AND_SIZE = (column("side", "categorical", "string"), column("size"))
PRICE = column("price", "numeric", "string", number_rule="currency", null_tokens=("sold",))


def rows_of(n: int = 400) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"numbers": rng.normal(size=(n, 2)).astype("float32"), "tokens_0": rng.integers(0, 9, (n, 3))}


def loss_of(x: dict[str, np.ndarray]):
    truth = 2.0 * x["numbers"][:, 0] + x["tokens_0"].sum(axis=1)

    def row_loss(some, which):
        said = 2.0 * some["numbers"][:, 0] + some["tokens_0"].sum(axis=1)
        return (said - truth[which]) ** 2

    return row_loss


def found_in(x, **options) -> tuple[Importance, ...]:
    return importances(x, PLACES, loss_of(x), **{"seed": 0, "has_time": lambda: True, **options})


def test_a_column_that_the_model_does_not_read_is_worth_nothing():
    idle = next(i for i in found_in(rows_of()) if i.column == "idle")
    assert (idle.rise, idle.error) == (0.0, 0.0)


def test_shuffling_raises_a_squared_error_by_twice_the_variance():
    x = rows_of(4000)
    used = next(i for i in found_in(x) if i.column == "used")
    assert used.rise == pytest.approx(2 * 4 * x["numbers"][:, 0].var(), abs=4 * used.error)


def test_the_most_important_column_stands_first():
    assert [i.column for i in found_in(rows_of())][-1] == "idle"
    rises = [i.rise for i in found_in(rows_of())]
    assert rises == sorted(rises, reverse=True)


def test_shuffling_leaves_the_rows_as_they_were():
    x = rows_of()
    before = {name: values.copy() for name, values in x.items()}
    found_in(x)
    assert all((x[name] == before[name]).all() for name in x)


def test_columns_that_there_was_no_time_for_are_left_out():
    answers = iter([True, False])
    assert [i.column for i in found_in(rows_of(), has_time=lambda: next(answers))] == ["used"]


def test_the_rows_with_larger_losses_are_found_and_chance_is_not():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"side": rng.choice(["left", "right"], 600), "size": rng.normal(size=600)})
    even = rng.exponential(size=600)
    assert weak_slices(frame, even, SIDE_AND_SIZE) == ()
    found = weak_slices(frame, even + (frame["side"] == "left").to_numpy(), SIDE_AND_SIZE)
    assert [s.rows for s in found] == ["side is 'left'"]
    assert found[0].loss - found[0].elsewhere == pytest.approx(1.0, abs=3 * found[0].error)


def test_missing_cells_are_a_slice_of_their_own():
    frame = pd.DataFrame({"size": [1.0] * 300 + [None] * 100})
    losses = np.r_[np.linspace(0.9, 1.1, 300), np.linspace(2.9, 3.1, 100)]
    assert [s.rows for s in weak_slices(frame, losses, SIDE_AND_SIZE[1:])] == ["size is missing"]


def prices(numbers) -> pd.DataFrame:
    return pd.DataFrame({"price": [f"${number:,}" for number in numbers[:-60]] + ["sold"] * 60})


def test_numbers_that_are_written_as_text_are_sliced_as_the_network_reads_them():
    numbers = np.random.default_rng(0).integers(100, 900, 660)
    losses = np.linspace(0.9, 1.1, 660) + (numbers > 750)
    losses[-60:] = np.linspace(2.9, 3.1, 60)
    found = {s.rows for s in weak_slices(prices(numbers), losses, (PRICE,))}
    assert "price is missing" in found
    assert any(rows.startswith("price from 6") or rows.startswith("price from 7") for rows in found)


def test_numbers_that_are_written_as_text_have_a_curve_in_their_order():
    frame = prices(np.random.default_rng(0).integers(5, 5000, 300))

    def dearness(rows):
        return rows["price"].str.replace(r"[^0-9]", "", regex=True).replace("", "0").astype(float).to_numpy()

    (curve,) = dependences([PRICE], frame, dearness)
    assert len(curve.cells) == MOST_CELLS
    assert list(curve.predictions) == sorted(curve.predictions)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=40, unique=True), st.floats(-3, 3))
def test_the_dependence_of_a_linear_model_is_its_slope(values, slope):
    frame = pd.DataFrame({"x": values, "other": range(len(values))})
    (curve,) = dependences([column("x")], frame, lambda f: slope * f["x"].to_numpy() + f["other"].to_numpy())
    cells = np.array([float(cell) for cell in curve.cells])
    rest = np.mean(range(len(values)))
    assert len(cells) <= MOST_CELLS
    assert curve.predictions == pytest.approx(slope * cells + rest, abs=1e-6)


def test_the_rows_of_each_level_are_counted_and_those_of_quantiles_are_not():
    frame = pd.DataFrame({"ward": [5] * 60 + [3] * 39 + [8711], "size": np.arange(100.0)})
    ward, size = dependences(
        (column("ward", "categorical"), column("size")), frame, lambda f: f["size"].to_numpy(), of="yes"
    )
    assert (ward.cells, ward.n_rows) == (("5", "3", "8711"), (60, 39, 1))
    assert size.n_rows == ()


def test_a_column_of_one_cell_has_no_curve():
    frame = pd.DataFrame({"x": ["a", "a"], "y": ["a", "b"]})
    levels = [column(name, "categorical", "string") for name in "xy"]
    found = dependences(levels, frame, lambda f: np.zeros(len(f)), of="yes")
    assert [(curve.column, curve.cells, curve.of) for curve in found] == [("y", ("a", "b"), "yes")]


def test_everything_that_was_found_is_said_within_the_width():
    known = Interpretation(
        n_rows=500,
        n_networks=5,
        unit="log loss",
        loss=0.4,
        importances=tuple(Importance(column=f"column {i}", rise=0.1 / (i + 1), error=0.01) for i in range(12)),
        dependences=(Dependence(column="age", cells=tuple("12345678"), predictions=(0.123456,) * 8, of="yes"),),
        slices=(WeakSlice(column="sex", rows="sex is 'female'", n_rows=90, loss=0.9, elsewhere=0.3, error=0.05),),
        errors=(LargeError(row=7, truth="no", predicted="yes (98 %)", loss=3.9),),
    )
    short, whole = interpretation_lines(known, make_run()), interpretation_lines(known, make_run(), whole=True)
    assert all(len(line.text) <= WIDTH for line in whole)
    assert len(whole) > len(short)
    text = "\n".join(line.text for line in whole)
    assert "worse where sex is 'female': 90 rows, log loss 0.900, elsewhere 0.300 (+0.600 ± 0.05)" in text
    assert "largest errors: row 7: is no, predicted yes (98 %)" in text


def test_without_a_look_inside_nothing_is_said():
    assert interpretation_lines(None, make_run()) == ()
