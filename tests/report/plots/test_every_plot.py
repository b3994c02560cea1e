from __future__ import annotations

import dataclasses
import pkgutil
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from rich_data import HOSTILE
from rich_run import classification_run, regression_run, unfinished_run, wide_run

import autorecipe.report.plots as plots
from autorecipe.record.run import Run
from autorecipe.report.plots import PLOTS, plots_of
from autorecipe.report.plots.draw import drawn
from autorecipe.report.plots.plot import Plot
from autorecipe.testing import make_run, with_images

MAX_BYTES = 40_000
NOT_MAKERS = ("bins", "draw", "figure", "layout", "marks", "names", "plot", "shown", "svg", "ticks")


def every_plot(run: Run, *, show_values: bool = False) -> dict[str, Plot]:
    return {plot.name: plot for plot in plots_of(run, show_values=show_values)}


def runs() -> dict[str, Run]:
    return {
        "of classes": classification_run(),
        "of a number": regression_run(),
        "unfinished": unfinished_run(),
        "hostile": classification_run(hostile=True),
        "of images": with_images(make_run()),
        "just begun": make_run(),
    }


@pytest.fixture(scope="module")
def drawings() -> dict[str, dict[str, Plot]]:
    return {name: every_plot(run) for name, run in runs().items()}


def test_every_module_that_draws_is_listed():
    found = {module.name for module in pkgutil.iter_modules(plots.__path__)} - set(NOT_MAKERS)
    assert {maker.__module__.rsplit(".", 1)[1] for maker in PLOTS} == found


def test_each_plot_is_one_svg_without_script_or_size(drawings):
    for plot in (plot for known in drawings.values() for plot in known.values()):
        root = ElementTree.fromstring(plot.svg)
        tags = {element.tag.rsplit("}", 1)[-1] for element in root.iter()}
        assert root.tag.endswith("svg")
        assert tags <= {"svg", "g", "defs", "clipPath", "rect", "path", "text", "use"}
        assert not {"width", "height"} & set(root.attrib)
        assert root.attrib["viewBox"].startswith("0 0 340 ")
        assert root.attrib["aria-label"] == plot.alt
        assert not any(key.startswith("on") for element in root.iter() for key in element.attrib)
        assert "http" not in plot.svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert len(plot.svg.encode()) < MAX_BYTES


def test_ids_are_the_plots_own(drawings):
    for known in drawings.values():
        ids = [(plot, found) for plot in known.values() for found in re.findall(r' id="([^"]*)"', plot.svg)]
        assert len({found for _, found in ids}) == len(ids)
        assert all(found.startswith(f"{plot.name}-") for plot, found in ids)
        for plot in known.values():
            used = set(re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', plot.svg))
            assert {a or b for a, b in used} == {found for own, found in ids if own is plot}


def test_colours_are_those_of_the_page(drawings):
    for plot in (plot for known in drawings.values() for plot in known.values()):
        assert "currentColor" in plot.svg
        assert "#01020" not in plot.svg
        assert not re.search(r"(?:fill|stroke): #", plot.svg)


def test_names_are_file_names_and_appear_once(drawings):
    for run in runs().values():
        names = [chart.name for make in PLOTS for chart in make(run, show_values=False)]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z0-9_-]+", name) for name in names)


def test_the_alt_is_a_sentence_with_numbers_and_rows_have_the_heads_width(drawings):
    for plot in (plot for known in drawings.values() for plot in known.values()):
        assert re.search(r"\d", plot.alt), plot.name
        assert plot.alt.endswith((".", "...")), plot.alt
        assert plot.rows
        assert {len(row) for row in plot.rows} == {len(plot.header)}


def test_hostile_names_are_shown_as_text(drawings):
    for plot in drawings["hostile"].values():
        assert not re.search(r"<(?!/?(svg|g|defs|clipPath|rect|path|text|use)\b)", plot.svg), plot.name
        texts = [text or "" for text in (e.text for e in ElementTree.fromstring(plot.svg).iter())]
        assert max(map(len, texts)) <= 120
        assert not re.search("[\x00-\x08\u202a-\u202e]", plot.svg)
        assert "x" * 100 not in plot.alt


def test_a_finished_run_has_all_its_plots(drawings):
    both = set(drawings["of classes"]) & set(drawings["of a number"])
    assert both >= {
        *("missing", "single_columns", "groups", "loss_at_start", "tiny_batch", "controls", "rate_range", "inputs"),
        *("layers", "updates", "ladder", "journal", "learning_curves", "row_share", "tuning_progress", "tuning_rate"),
        *("tuning_knobs", "importance", "dependence", "slices", "time_use"),
    }
    assert set(drawings["of classes"]) - both == {"roc", "precision_recall", "calibration", "confusion"}
    assert set(drawings["of a number"]) - both == {"residuals", "residual_histogram", "coverage"}
    assert set(drawings["of images"]) == {"image_sizes", "image_brightness"}
    assert not drawings["just begun"]


def test_what_did_not_change_is_not_drawn_again():
    run = classification_run()
    before = every_plot(run)
    n_drawn = drawn.cache_info().misses
    assert every_plot(classification_run()) == before
    assert drawn.cache_info().misses == n_drawn
    every_plot(dataclasses.replace(run, time=dataclasses.replace(run.time, parts=(("tune", 41.0),))))
    assert drawn.cache_info().misses == n_drawn + 1


def test_equal_figures_are_equal_text():
    run = classification_run()
    before = every_plot(run)
    drawn.cache_clear()
    assert every_plot(run) == before


def test_a_wide_table_is_cut_to_what_can_be_read():
    for plot in every_plot(wide_run()).values():
        assert len(plot.svg.encode()) < MAX_BYTES


def test_levels_and_ranges_are_hidden_unless_asked_for(drawings):
    hidden, shown = (every_plot(classification_run(), show_values=show) for show in (False, True))
    assert {row[1] for row in hidden["dependence"].rows if row[0] == "sex"} == {"commonest", "2nd", "3rd", "4th", "5th"}
    assert {row[1] for row in shown["dependence"].rows if row[0] == "sex"} == {"1", "14", "28", "39", "77"}
    assert "0.42" not in hidden["slices"].svg + hidden["slices"].alt + str(hidden["slices"].rows[0][0])
    assert shown["slices"].rows[0][0] == "age from 0.42 to 14"


def test_nothing_heavy_is_imported_before_something_is_drawn():
    code = (
        "import sys, autorecipe.report.plots, autorecipe.report.figures;"
        "print([m for m in ('matplotlib', 'keras', 'tensorflow', 'sklearn') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_numbers_name_columns_in_full(drawings):
    assert HOSTILE[1] in {row[0] for row in drawings["hostile"]["missing"].rows}
