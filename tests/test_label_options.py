"""Costs and class weights, as they are asked for."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from autorecipe.beginning import begin
from autorecipe.command import command_line
from autorecipe.config import Config, Cost, CostMatrix
from autorecipe.data.tables import from_frame
from autorecipe.errors import UserError
from autorecipe.estimator import AutoRecipe
from autorecipe.estimator_inputs import config_of
from autorecipe.flags import parse_cost
from autorecipe.intake import take_in
from autorecipe.recipe import Recipe
from autorecipe.stages.baseline import first_recipe
from autorecipe.store.codec import decode, encode
from autorecipe.testing import make_run


def asked(**params) -> Config:
    return config_of(AutoRecipe(**params).get_params(deep=False), "y")


def intake_of(target):
    import pandas as pd

    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=60), "y": target})
    return take_in(from_frame(frame), Config(target="y"))


CLASSES = intake_of(["a", "b", "c"] * 20)
NUMBERS = intake_of(np.random.default_rng(1).normal(size=60))


def test_two_numbers_are_a_miss_and_a_false_alarm():
    assert parse_cost("5:1") == Cost(fn=5.0, fp=1.0)
    assert parse_cost(None) is None


@pytest.mark.parametrize("text", ["5:", "5:x", "0:0", "-1:2"])
def test_two_numbers_that_say_nothing_are_refused(text):
    with pytest.raises(UserError, match="is not what two kinds of mistakes cost"):
        parse_cost(text)


def test_a_csv_file_is_a_matrix_and_comes_back_in_the_command(tmp_path):
    path = tmp_path / "costs.csv"
    path.write_text(",a,b\na,0,1\nb,2,0\n")

    matrix = parse_cost(str(path))

    assert matrix == CostMatrix(costs=((0.0, 1.0), (2.0, 0.0)), classes=("a", "b"), path=str(path))
    assert command_line(Config(cost_matrix=matrix), "t.csv").endswith(f"--cost {path}")


def test_an_estimator_takes_costs_of_any_classes():
    assert asked(cost={"fn": 5, "fp": 1}).cost == Cost(fn=5.0, fp=1.0)
    assert asked(cost={("a", "b"): 3}).cost_matrix == CostMatrix(
        costs=((0.0, 3.0), (1.0, 0.0)), classes=("a", "b"), others=1.0
    )


def test_a_config_with_costs_survives_the_way_to_disk():
    config = asked(cost=[[0, 1], [2, 0]], class_weight="balanced")
    assert decode(encode(config), Config) == config


def test_class_weights_are_none_unless_asked_for():
    assert asked().class_weight == Recipe().class_weight == first_recipe(make_run()).class_weight == "none"
    run = make_run(config=asked(class_weight="balanced"))
    assert first_recipe(run).class_weight == "balanced"
    assert command_line(run.config, "t.csv").split()[-2:] == ["--class-weight", "balanced"]


def test_unknown_class_weights_are_refused():
    with pytest.raises(UserError, match="class_weight='balance' is unknown"):
        asked(class_weight="balance")


@pytest.mark.parametrize(
    ("config", "match"),
    [
        (Config(target="y", class_weight="balanced"), "class weights belong to classes"),
        (Config(target="y", recipe=Recipe(loss="mse", class_weight="balanced")), "class weights belong to classes"),
        (Config(target="y", cost=Cost(fn=5, fp=1)), "costs of wrong decisions belong to classes"),
    ],
)
def test_a_regression_has_neither_costs_nor_class_weights(config, match):
    with pytest.raises(UserError, match=match):
        begin(NUMBERS, config)


@pytest.mark.parametrize(("loss", "said"), [("hinge", "scores"), ("focal", "probabilities that are too flat")])
def test_what_a_hinge_or_focal_loss_gives_cannot_be_corrected_for_class_weights(loss, said):
    for config in (
        Config(target="y", loss=loss, class_weight="balanced"),
        Config(target="y", recipe=Recipe(loss=loss, class_weight="balanced")),
    ):
        with pytest.raises(UserError, match=f"the {loss} loss gives {said}, from which class weights"):
            begin(CLASSES, config)


def test_costs_must_name_the_classes_of_the_target():
    matrix = CostMatrix(costs=((0.0, 1.0), (1.0, 0.0)), classes=("a", "b"))
    with pytest.raises(UserError, match="costs are for 2 classes, the target has 3"):
        begin(CLASSES, Config(target="y", cost_matrix=matrix))
    begin(CLASSES, Config(target="y", cost_matrix=dataclasses.replace(matrix, others=1.0)))
