from __future__ import annotations

import dataclasses

import pytest

from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.recipe import Recipe
from autorecipe.record.run import Export, Parity
from autorecipe.record.stage import StageResult
from autorecipe.report.text_closing import export_lines
from autorecipe.report.text_ensemble import ensemble_lines
from autorecipe.report.text_words import WIDTH, as_text
from autorecipe.testing import make_run

PARTS = (
    EnsemblePart(
        name="TabM-mini",
        recipe=Recipe(family="tabm_mini", width=192, n_members=16, numeric_embedding="piecewise_linear"),
        keys=("a", "b", "c", "d", "e"),
        weight=0.6,
        score=0.8617,
        temperature=1.25,
        rows_per_s=5123.0,
    ),
    EnsemblePart(name="net", recipe=Recipe(), keys=("f",), weight=0.4, score=0.85, rows_per_s=123_456.0),
)


def ensemble(parts=PARTS, **more) -> Ensemble:
    values = {"score": 0.866, "best_alone": 0.8617, "gain": 0.0041, "gain_error": 0.0012, "n_rows": 500, **more}
    return Ensemble(parts=parts, **values)


def test_each_recipe_says_its_weight_its_networks_and_its_cost():
    text = as_text(ensemble_lines(ensemble(rows_per_s=4_900.0), make_run()))
    assert "0.60    5         0.862         5,100       tabm_mini" in text
    assert "0.40    1         0.850         120,000     mlp" in text
    assert "gain on rows that did not choose them: +0.0041 ± 0.0012" in " ".join(text.split())
    assert "about 4,900 rows/s to serve" in " ".join(text.split())
    assert "temperature, fitted out of fold: 1.25" in text
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    ("temperatures", "said"),
    [
        ((1.25, 1.0), "1.25 (above 1: they were too sure)"),
        ((0.67, 1.0), "0.67 (below 1: they were not sure enough)"),
        ((0.67, 1.25), "0.67, 1.25 (above 1: they were too sure; below 1: they were not sure enough)"),
    ],
)
def test_a_temperature_is_explained_by_its_side_of_one(temperatures, said):
    parts = tuple(dataclasses.replace(p, temperature=t) for p, t in zip(PARTS, temperatures, strict=True))
    assert f"out of fold: {said}" in " ".join(as_text(ensemble_lines(ensemble(parts), make_run())).split())


def test_what_was_left_out_is_said_with_its_reason():
    told = ensemble(PARTS[1:], left_out=("net (weight 0.10): with it 900 rows/s, wanted 5,000",))
    text = as_text(ensemble_lines(told, make_run()))
    assert text.endswith("  left out: net (weight 0.10): with it 900 rows/s, wanted 5,000\n")


def test_a_network_alone_needs_no_table():
    result = StageResult(stage="squeeze", question="?", end=PARTS[1].recipe)
    assert ensemble_lines(ensemble(PARTS[1:]), make_run(stages=(result,))) == ()
    assert ensemble_lines(None, make_run()) == ()


def test_a_network_that_stands_in_for_what_the_stages_kept_is_named():
    result = StageResult(stage="squeeze", question="?", end=Recipe(width=32))
    text = " ".join(as_text(ensemble_lines(ensemble(PARTS[1:]), make_run(stages=(result,)))).split())
    assert text.startswith("it is 'net': mlp 2 x 64, Adam 0.001, batch 128; of all that was trained it has the best")


@pytest.mark.parametrize(("rows_per_s", "said"), [(0.0, False), (14_321.0, True)])
def test_the_export_says_how_fast_it_serves_where_that_was_measured(rows_per_s, said):
    parity = Parity(passed=True, n_rows=3, n_mutated=20, max_difference=0.0, labels_differ=0, seconds=1.0)
    export = Export(
        path="export",
        n_members=6,
        n_parameters=10,
        size_bytes=10,
        parity=parity,
        rows_per_s=rows_per_s,
        one_row_ms=1.84,
    )
    assert ("serves 14,000 rows/s, one row in 1.8 ms" in as_text(export_lines(export))) == said
