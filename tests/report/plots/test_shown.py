"""What stands for cells in a drawing: numbers as they are, levels only where they may be named."""

from __future__ import annotations

import dataclasses

import pytest

from autorecipe.data.schema import Column
from autorecipe.interpretation.record import Dependence, WeakSlice
from autorecipe.record.run import Run
from autorecipe.report.plots.shown import shown_of
from autorecipe.testing import make_run


def run_with(column: Column) -> Run:
    run = make_run()
    return dataclasses.replace(run, schema=dataclasses.replace(run.schema, columns=(*run.schema.columns, column)))


def curve(*cells: str) -> Dependence:
    said = tuple(i / 10 for i in range(len(cells)))
    return Dependence(column="smoker", cells=cells, predictions=said, of="yes", n_rows=(50,) * len(cells))


def points(column: Column, *cells: str, show_values: bool = False) -> list[tuple[str, float]]:
    return list(shown_of(run_with(column), show_values=show_values).points(curve(*cells)))


CODES = Column(name="smoker", kind="boolean", wire="float32")
WORDS = Column(name="smoker", kind="categorical", wire="string")
AMOUNTS = Column(name="smoker", kind="numeric", wire="float32")


@pytest.mark.parametrize("kind", ["boolean", "categorical"])
@pytest.mark.parametrize("cells", [("1", "0"), ("1.0", "0.0")])
def test_levels_that_are_numbers_are_shown_as_they_are_and_in_order(kind, cells):
    assert points(dataclasses.replace(CODES, kind=kind), *cells) == [("0", 0.1), ("1", 0.0)]


def test_a_number_that_few_rows_have_is_not_shown_as_a_level():
    known = dataclasses.replace(curve("3", "5", "8711"), n_rows=(100, 99, 1))
    ward = dataclasses.replace(CODES, kind="categorical")
    assert [name for name, _ in shown_of(run_with(ward), show_values=False).points(known)] == ["3", "5", "rare"]
    assert [name for name, _ in shown_of(run_with(ward), show_values=True).points(known)] == ["3", "5", "8711"]


def test_levels_whose_rows_were_not_counted_are_called_by_how_common_they_are():
    known = dataclasses.replace(curve("1", "0"), n_rows=())
    assert [name for name, _ in shown_of(run_with(CODES), show_values=False).points(known)] == ["commonest", "2nd"]


def test_hidden_levels_are_called_by_how_common_they_are():
    assert [name for name, _ in points(WORDS, "no", "yes", "never")] == ["commonest", "2nd", "3rd"]
    assert [name for name, _ in points(WORDS, "no", "yes", show_values=True)] == ["no", "yes"]


def test_numbers_are_places_on_an_axis():
    assert [name for name, _ in points(AMOUNTS, "1234.5", "2000")] == ["1230", "2000"]
    assert [name for name, _ in points(AMOUNTS, "1234.5", "2000", show_values=True)] == ["1234.5", "2000"]


def test_places_on_an_axis_stay_different():
    assert [name for name, _ in points(AMOUNTS, "1998.0", "2001.0", "2004.0")] == ["1998", "2001", "2004"]
    assert [name for name, _ in points(AMOUNTS, "-122.2371", "-122.4419")] == ["-122.2", "-122.4"]


def test_numbers_with_a_unit_are_called_by_their_size():
    assert [name for name, _ in points(AMOUNTS, "74 bhp", "103 bhp")] == ["lowest", "2nd"]


def test_a_code_that_names_rows_is_never_shown():
    account = dataclasses.replace(CODES, kind="categorical", role="id")
    assert [name for name, _ in points(account, "17", "4", show_values=True)] == ["commonest", "2nd"]


@pytest.mark.parametrize(("column", "said"), [(CODES, "smoker is '0'"), (WORDS, "smoker: a level")])
def test_a_weak_slice_names_its_level_where_a_curve_does(column, said):
    weak = WeakSlice(column="smoker", rows="smoker is '0'", n_rows=9, loss=0.9, elsewhere=0.3, error=0.1)
    assert shown_of(run_with(column), show_values=False).slices((weak,)) == (said,)
