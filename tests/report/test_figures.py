from __future__ import annotations

import csv
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from rich_run import classification_run

from autorecipe.errors import UserError
from autorecipe.report.figures import csv_text, write_figures
from autorecipe.report.plots import plots_of
from autorecipe.report.plots.plot import Plot


def read(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def is_same(cell: str, value: str | float | int) -> bool:
    if isinstance(value, str):
        return cell == value
    return cell == "" if math.isnan(value) else float(cell) == value


def test_each_plot_is_an_svg_and_its_numbers(tmp_path):
    run = classification_run()
    paths = write_figures(run, tmp_path / "figures", show_values=False)
    known = plots_of(run, show_values=False)
    assert [path.name for path in paths] == [f"{plot.name}.{ending}" for plot in known for ending in ("svg", "csv")]
    for plot in known:
        head, *rows = read((tmp_path / "figures" / f"{plot.name}.csv").read_text())
        assert tuple(head) == plot.header
        assert len(rows) == len(plot.rows)
        for row, expected in zip(rows, plot.rows, strict=True):
            assert all(is_same(cell, value) for cell, value in zip(row, expected, strict=True)), plot.name


def test_an_svg_stands_alone(tmp_path):
    for path in write_figures(classification_run(), tmp_path, show_values=False)[::2]:
        text = path.read_text()
        root = ElementTree.fromstring(text.encode())
        assert text.startswith("<?xml")
        assert float(root.attrib["width"]) == 680
        assert float(root.attrib["height"]) > 0
        assert not re.search(r"currentColor|var\(|inherit", text)


def test_a_cell_that_a_spreadsheet_would_run_is_text():
    plot = Plot(
        name="x", section="data", title="", alt="", svg="", header=("column", "n"), rows=(("=1+1", -2.0), ("a,b", 1))
    )
    assert read(csv_text(plot)) == [["column", "n"], ["'=1+1", "-2.0"], ["a,b", "1"]]


@pytest.mark.parametrize(("place", "why"), [("file", "it is a file"), ("file/figures", "Not a directory")])
def test_a_folder_that_cannot_be_made_is_said_and_which_flag_named_it(tmp_path, place, why):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=f"cannot write figures to .*{place}': {why}") as error:
        write_figures(classification_run(), tmp_path / place, show_values=False)
    assert (error.value.where, "--out" in error.value.fix) == ("--figures", False)


def test_a_figure_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "importance.svg").mkdir()
    with pytest.raises(UserError, match=r"cannot write .*importance\.svg") as error:
        write_figures(classification_run(), tmp_path, show_values=False)
    assert error.value.where == "--figures"


def test_other_files_in_the_folder_stay(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    write_figures(classification_run(), tmp_path, show_values=False)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


POINTS = {  # of each plot: where its marks are drawn along one axis, and the column of its numbers that they show
    "roc": (r"[ML] [\d.]+ (-?[\d.]+)", "true positive rate"),
    "importance": (r"z? ?M [\d.]+ [\d.]+  L (-?[\d.]+) [\d.]+  L", "rise"),
    "tuning_rate": (r'<use x="[\d.]+" y="([\d.]+)"', "score"),
}


@pytest.mark.parametrize("name", POINTS)
def test_what_is_drawn_are_the_numbers_beside_it(tmp_path, name):
    write_figures(classification_run(), tmp_path, show_values=False)
    head, *rows = read((tmp_path / f"{name}.csv").read_text())
    pattern, column = POINTS[name]
    values = np.array([float(row[head.index(column)]) for row in rows])
    drawings = re.findall(r'<path d="[^"]*"|<g [^>]*>(?:<use [^>]*>)+', (tmp_path / f"{name}.svg").read_text())
    marks = [np.array(found, dtype=float) for found in (re.findall(pattern, own) for own in drawings)]
    (drawn,) = (found for found in marks if len(found) == len(values))
    along = np.polyval(np.polyfit(values, drawn, 1), values)
    assert np.abs(drawn - along).max() < 0.02  # positions are written with two decimals


def test_a_table_of_the_user_s_is_not_written_over(tmp_path):
    run = classification_run()
    name = write_figures(run, tmp_path / "first", show_values=False)[1].name
    (tmp_path / name).write_text("mine")
    with pytest.raises(UserError, match="exists, and is no figure of a run"):
        write_figures(run, tmp_path, show_values=False)
    assert (tmp_path / name).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]


def test_figures_are_written_over_earlier_ones(tmp_path):
    run = classification_run()
    assert write_figures(run, tmp_path, show_values=False) == write_figures(run, tmp_path, show_values=False)
