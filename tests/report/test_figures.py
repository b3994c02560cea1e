from __future__ import annotations

import csv
import math
import re
from xml.etree import ElementTree

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


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        write_figures(classification_run(), tmp_path / "file", show_values=False)
