from __future__ import annotations

import dataclasses
import math

import pytest
from rich_run import classification_run, regression_run, unfinished_run

from autorecipe.decide import fold_error
from autorecipe.interpretation.record import WeakSlice
from autorecipe.record.evaluation import ClassCurves
from autorecipe.record.network_readings import InputColumn
from autorecipe.record.profile import ColumnProfile
from autorecipe.record.run import Run
from autorecipe.report.plots import PLOTS
from autorecipe.report.plots.draw import drawn
from autorecipe.report.plots.figure import Cells, Chart, Dots, Line, Rule


def chart_of(run: Run, name: str, *, show_values: bool = False) -> Chart | None:
    charts = [chart for make in PLOTS for chart in make(run, show_values=show_values)]
    return next((chart for chart in charts if chart.name == name), None)


def marks_of(chart: Chart, kind: type) -> list:
    return [mark for panel in chart.figure.panels for mark in panel.marks if isinstance(mark, kind)]


def with_target(run: Run, target: ColumnProfile) -> Run:
    profile = dataclasses.replace(run.profile, columns=(*run.profile.columns, target))
    return dataclasses.replace(run, profile=profile)


def with_evaluation(run: Run, **changes: object) -> Run:
    return dataclasses.replace(run, evaluation=dataclasses.replace(run.evaluation, **changes))


def test_classes_beyond_the_named_ones_are_counted_together():
    target = ColumnProfile(
        name="survived", kind="categorical", missing_share=0.0, n_distinct=9, top=(("a", 400), ("b", 300))
    )
    chart = chart_of(with_target(classification_run(), target), "target")
    assert [row[:2] for row in chart.rows] == [("a", 400), ("b", 300), ("7 other classes", 58)]
    assert "'a' 53 %" in chart.alt


def test_a_number_that_is_predicted_has_a_histogram():
    target = ColumnProfile(
        name="price", kind="numeric", missing_share=0.0, n_distinct=90, counts=(5, 20, 3), low=10.0, high=40.0
    )
    chart = chart_of(with_target(regression_run(), target), "target")
    assert chart.rows == ((10.0, 20.0, 5), (20.0, 30.0, 20), (30.0, 40.0, 3))
    assert "from 20 to 30" in chart.alt


def test_the_ladder_goes_from_the_constant_to_the_final_model():
    chart = chart_of(classification_run(), "ladder")
    names = [row[0] for row in chart.rows]
    assert (names[0], names[-1]) == ("always the same", "final model")
    assert names[1:4] == ["linear", "net 2x64", "gradient boosting"]
    assert names[4:-1] == ["after overfit", "after regularize", "after tune"]
    assert chart.rows[0][1] == "mean of 5 folds"
    assert chart.rows[-1][1:] == ("5 folds at once", 0.873, 0.871, pytest.approx(0.841), pytest.approx(0.901))
    assert "final model 0.871 [0.841, 0.901] (test)" in chart.alt


def test_error_bars_of_the_ladder_are_those_of_folds_that_share_rows():
    run = classification_run()
    first = next(trial for trial in run.stage("baseline").ladder if trial.name == "linear")
    scores = (0.8, 0.82, 0.87)
    fits = tuple(dataclasses.replace(first.fits[0], fold=i, validation_score=s) for i, s in enumerate(scores))
    ladder = tuple(
        dataclasses.replace(trial, fits=fits) if trial.name == "linear" else trial
        for trial in run.stage("baseline").ladder
    )
    stages = tuple(dataclasses.replace(s, ladder=ladder) if s.stage == "baseline" else s for s in run.stages)
    run = dataclasses.replace(run, stages=stages)
    chart = chart_of(run, "ladder")
    dots = next(mark for mark in marks_of(chart, Dots) if mark.label.endswith(", ± its error"))
    assert dots.label == "mean of 5 folds (of final model: 5 folds at once), ± its error"
    (low, high) = dots.errors[[row[0] for row in chart.rows].index("linear")]
    error = fold_error(scores, n_train=run.split.n_train, n_validation=run.split.n_validation)
    assert high - low == pytest.approx(2 * error)


def test_before_the_test_the_ladder_has_the_baselines_alone():
    chart = chart_of(unfinished_run(), "ladder")
    assert len(chart.rows) == 4
    assert "(mean of 5 folds)" in chart.alt


def test_kept_changes_are_filled_and_in_their_order():
    chart = chart_of(classification_run(), "journal")
    dots = {mark.label: mark for mark in marks_of(chart, Dots)}
    assert not dots["kept"].is_hollow
    assert dots["not kept"].is_hollow
    assert [row[1] for row in chart.rows][:2] == ["leaky ReLU", "width 64 -> 128"]
    assert dots["not kept"].points == ((-0.012, 2.0),)
    assert "6 changes tried, 5 kept" in chart.alt


def test_an_effect_far_out_stands_at_the_edge():
    run = classification_run()
    stages = tuple(
        dataclasses.replace(s, decisions=tuple(dataclasses.replace(d, effect=-9.0) for d in s.decisions[:1]))
        if s.stage == "tune"
        else s
        for s in run.stages
    )
    beyond = next(
        m for m in marks_of(chart_of(dataclasses.replace(run, stages=stages), "journal"), Dots) if "beyond" in m.label
    )
    assert -1 < beyond.points[0][0] < 0


def test_learning_curves_mark_the_kept_epoch_and_repairs():
    run = classification_run()
    best = dataclasses.replace(run.best, fits=run.best.fits[1:])  # the fold that was repaired comes first
    stages = (*run.stages[:-1], dataclasses.replace(run.stages[-1], best=best))
    chart = chart_of(dataclasses.replace(run, stages=stages), "learning_curves")
    texts = {rule.text: rule.at for rule in marks_of(chart, Rule)}
    assert texts == {"repaired": 3.0, "kept: epoch 7": 7.0}
    assert "1 repairs" not in chart.alt
    assert "1 repair" in chart.alt


def test_the_range_of_rates_that_was_tried_is_marked():
    chart = chart_of(classification_run(), "tuning_rate")
    ends = [rule.at for rule in marks_of(chart, Rule)]
    assert ends == [min(row[0] for row in chart.rows), max(row[0] for row in chart.rows)]
    assert "inside what was tried" in chart.alt
    assert "at the edge" in chart_of(regression_run(), "tuning_rate").alt


def test_the_best_so_far_never_falls():
    rows = chart_of(classification_run(), "tuning_progress").rows
    best = [row[2] for row in rows]
    assert best == sorted(best)
    assert best[-1] == max(row[1] for row in rows)


def test_knobs_are_those_that_were_turned():
    chart = chart_of(classification_run(), "tuning_knobs")
    assert {row[0] for row in chart.rows} == {"batch size", "dropout"}
    assert len(chart.figure.panels) == 2


def test_a_knob_that_a_recipe_lacks_has_no_value_there():
    run = classification_run()
    tune = run.stage("tune")
    trials = tuple(
        dataclasses.replace(t, recipe=dataclasses.replace(t.recipe, knobs=(("heads", 4),) if i == 0 else ()))
        if t.recipe is not None
        else t
        for i, t in enumerate(tune.trials)
    )
    stages = tuple(dataclasses.replace(s, trials=trials) if s.stage == "tune" else s for s in run.stages)
    chart = chart_of(dataclasses.replace(run, stages=stages), "tuning_knobs")
    assert {row[1] for row in chart.rows if row[0] == "heads"} == {"4", "None"}


def roc_lines(n: int) -> list[Line]:
    curves = tuple(
        ClassCurves(label=f"class {i}", roc=((0.0, 0.0), (1.0, 1.0)), precision_recall=((1.0, 0.1),), share=0.1)
        for i in range(n)
    )
    chart = chart_of(with_evaluation(classification_run(), curves=curves), "roc")
    return [mark for mark in marks_of(chart, Line) if mark.label]


def test_of_many_classes_four_curves_have_a_colour():
    lines = roc_lines(10)
    assert len({mark.colour for mark in lines}) == 5
    assert {mark.label for mark in lines if mark.colour == "dim"} == {"others (6)"}


def test_of_few_classes_each_has_a_name_and_a_look_of_its_own():
    lines = roc_lines(5)
    assert len({(mark.colour, mark.is_dashed) for mark in lines}) == len({mark.label for mark in lines}) == 5
    assert all(mark.label.startswith("class ") for mark in lines)


def test_the_text_of_a_rule_does_not_stand_across_a_later_one():
    run = classification_run()
    best = run.best
    cut = dataclasses.replace(best.fits[0], is_cut=True, repairs=())
    stages = (*run.stages[:-1], dataclasses.replace(run.stages[-1], best=dataclasses.replace(best, fits=(cut,))))
    chart = chart_of(dataclasses.replace(run, stages=stages), "learning_curves")
    places = [rule.at for rule in marks_of(chart, Rule)]
    assert places == sorted(places, reverse=True)


def many_classes(n: int) -> Run:
    run = classification_run()
    classes = tuple(f"class {i}" for i in range(n))
    counts = tuple(tuple(20 if i == j else 3 if j == i + 1 else 0 for j in range(n)) for i in range(n))
    run = dataclasses.replace(run, schema=dataclasses.replace(run.schema, classes=classes, task="multiclass"))
    return with_evaluation(run, confusion=counts, curves=(), calibration=None)


def test_up_to_twenty_classes_have_a_matrix():
    chart = chart_of(many_classes(20), "confusion")
    (cells,) = marks_of(chart, Cells)
    assert len(cells.cells) == len(chart.rows) == 400


def test_of_more_classes_the_commonest_mistakes_are_drawn():
    chart = chart_of(many_classes(21), "confusion")
    assert chart.title == "Commonest mistakes, test rows"
    assert "20 commonest mistakes" in chart.alt
    assert "'class 0' is taken for 'class 1', 3 times" in chart.alt


def test_many_inputs_are_counted_in_histograms():
    run = classification_run()
    columns = tuple(
        InputColumn(name=f"x{i}", mean=i / 10, std=1.0, minimum=0, maximum=1, zero_share=0) for i in range(40)
    )
    preflight = run.stages[1].preflight
    inputs = dataclasses.replace(preflight.inputs, columns=columns)
    stage = dataclasses.replace(run.stages[1], preflight=dataclasses.replace(preflight, inputs=inputs))
    chart = chart_of(dataclasses.replace(run, stages=(run.stages[0], stage)), "inputs")
    assert sum(row[3] for row in chart.rows if row[0] == "mean") == 40
    assert "40 inputs" in chart.alt


def test_slices_that_may_not_be_named_are_told_apart():
    run = classification_run()
    rows = ("sex is 'male'", "sex is 'female'", "sex is missing", "age from 1 to 2")
    slices = tuple(
        WeakSlice(column=text.split()[0], rows=text, n_rows=50, loss=0.7, elsewhere=0.4, error=0.05) for text in rows
    )
    run = dataclasses.replace(run, interpretation=dataclasses.replace(run.interpretation, slices=slices))
    hidden = [row[0] for row in chart_of(run, "slices").rows]
    assert hidden == ["sex: a level", "sex: a level (2)", "sex is missing", "age: a range"]
    assert [row[0] for row in chart_of(run, "slices", show_values=True).rows] == list(rows)


def test_numbers_that_are_not_finite_are_left_out():
    run = classification_run()
    importances = tuple(dataclasses.replace(i, rise=math.nan) for i in run.interpretation.importances)
    broken = dataclasses.replace(run.interpretation, importances=importances)
    assert chart_of(dataclasses.replace(run, interpretation=broken), "importance") is None


def many_trials(n: int) -> Run:
    run = classification_run()
    tune = run.stage("tune")
    fields = {"width": (32, 64, 512), "depth": (1, 2, 3), "dropout": (0.0, 0.2, 0.4), "weight_decay": (0.0, 0.02, 0.1)}
    trials = tuple(
        dataclasses.replace(
            tune.trials[i % 8],
            recipe=dataclasses.replace(
                tune.trials[i % 8].recipe,
                learning_rate=10 ** (-4 + 2 * i / n),
                epochs=5 if i % 4 else 20,
                **{field: values[i % 3] for field, values in fields.items()},
            ),
        )
        for i in range(n)
    )
    stages = tuple(dataclasses.replace(s, trials=trials) if s.stage == "tune" else s for s in run.stages)
    return dataclasses.replace(run, stages=stages)


@pytest.mark.parametrize("name", ["tuning_progress", "tuning_rate", "tuning_knobs"])
def test_a_long_search_is_thinned_and_its_numbers_are_whole(name):
    chart = chart_of(many_trials(1_000), name)
    n_panels = len(chart.figure.panels)
    assert len(chart.rows) == 1_000 * n_panels
    assert len(drawn(chart.figure, name).encode()) < 40_000


def test_trials_that_were_shorter_are_told_apart():
    chart = chart_of(many_trials(40), "tuning_rate")
    dots = {mark.label: mark for mark in marks_of(chart, Dots)}
    assert len(dots["shorter training"].points) == 30
    assert dots["shorter training"].is_hollow


def test_losses_are_called_what_was_learned():
    run = classification_run()
    recipe = dataclasses.replace(run.best.recipe, loss="focal")
    stages = (*run.stages[:-1], dataclasses.replace(run.stages[-1], best=dataclasses.replace(run.best, recipe=recipe)))
    assert chart_of(dataclasses.replace(run, stages=stages), "learning_curves").alt.startswith("focal loss over 12")
    run = regression_run()
    recipe = dataclasses.replace(run.best.recipe, target_transform="log1p")
    stages = (*run.stages[:-1], dataclasses.replace(run.stages[-1], best=dataclasses.replace(run.best, recipe=recipe)))
    chart = chart_of(dataclasses.replace(run, stages=stages), "learning_curves")
    assert chart.figure.panels[0].y.label == "squared error of log(1 + target)"


def test_of_many_classes_a_sentence_names_the_best_and_the_worst():
    known = classification_run().evaluation.curves[0]
    curves = tuple(
        dataclasses.replace(known, label=f"class {i}", share=0.1, area=0.5 + i / 20, mean_precision=i / 10)
        for i in range(10)
    )
    run = with_evaluation(classification_run(), curves=curves)
    assert "10 classes from 'class 0' 0.500 to 'class 9' 0.950" in chart_of(run, "roc").alt
    assert "from 'class 0' 0.000 (guessing 0.1) to 'class 9' 0.900" in chart_of(run, "precision_recall").alt
