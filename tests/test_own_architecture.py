"""A network of the user's own, on the whole road: fitted, served, refitted, tried on, resumed."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from autorecipe import AutoRecipe, api, load
from autorecipe.cli import cli
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.own_code import read_architecture
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import from_yaml

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("proof_in_this_process", "brief_runs")]
pytest.importorskip("tensorflow")

SOURCE = """
import keras


class Gate(keras.layers.Layer):
    def build(self, shape):
        self.openness = self.add_weight(shape=(shape[-1],), initializer="ones", name="openness")

    def call(self, inputs):
        return inputs * keras.ops.sigmoid(self.openness)


def gated(inputs, n_outputs, width=8, deep=False):
    x = Gate()(inputs)
    for _ in range(1 + deep):
        x = keras.layers.Dense(width, activation="gelu")(x)
    return keras.layers.Dense(n_outputs)(x)


def broken(inputs, n_outputs, width=8):
    x = keras.layers.Dense(width)(inputs)
    return keras.layers.Dense(n_outputs)(y)
"""
UNHURRIED = {"preset": "quick", "time_limit_s": 3600.0}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A finished run with its rows and the file of its function."""

    directory: Path
    rows: Path
    net: Path


@pytest.fixture(scope="module")
def ours(tmp_path_factory, brief_runs):
    home = tmp_path_factory.mktemp("own")
    net, rows = home / "net_of_mine.py", home / "rows.csv"
    net.write_text(SOURCE, encoding="utf-8")
    chance = np.random.default_rng(0)
    x = chance.normal(size=(150, 3)).round(3)
    answer = np.where(x[:, 0] + 0.3 * chance.normal(size=len(x)) > 0, "yes", "no")
    pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "answer": answer}).to_csv(rows, index=False)
    known = read_architecture(f"{net}:gated")
    recipe = Recipe(
        family="custom",
        architecture=known.name,
        architecture_hash=known.source_hash,
        knobs=known.knobs,
        width=0,
        depth=0,
        learning_rate=0.01,
        epochs=5,
        batch_size=32,
    )
    config = Config(target="answer", recipe=recipe, **UNHURRIED)
    api.fit(str(rows), config, out=str(home / "run"))
    yield Fitted(directory=home / "run", rows=rows, net=net)
    for name in [name for name in sys.modules if name == "autorecipe_own_net_of_mine"]:
        del sys.modules[name]


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_the_run_knows_the_function_and_its_knobs(ours):
    known = api.load_run(str(ours.directory))
    assert known.config.architecture == read_architecture(f"{ours.net}:gated")
    assert (known.recipe.family, known.recipe.knobs) == ("custom", (("width", 8), ("deep", False)))
    assert from_yaml((ours.directory / "recipe.yaml").read_text()) == known.recipe
    assert known.export.parity.passed


def test_it_predicts_alike_though_its_layer_was_never_registered(ours, monkeypatch):
    import keras

    table = pd.read_csv(ours.rows)
    before = load(ours.directory).predict_proba(table)
    for name in list(keras.saving.get_custom_objects()):
        if name == "Gate":
            monkeypatch.delitem(keras.saving.get_custom_objects(), name)
    monkeypatch.delitem(sys.modules, "autorecipe_own_net_of_mine")
    after = load(ours.directory).predict_proba(table)
    np.testing.assert_allclose(after, before, rtol=1e-5)
    assert np.ptp(after[:, 1]) > 0  # a network without its weights would answer every row alike


def test_an_idea_is_judged_on_its_folds_and_entered(ours):
    done = run("try", ours.directory, "width=16", "deep=yes", "--json")
    assert done.exit_code == 0, done.output
    idea = json.loads(done.stdout)["idea"]
    assert idea["decision"]["change"]["title"] == "knob width 8 -> 16, knob deep False -> True"
    assert {fit["status"] for fit in idea["trial"]["fits"]} == {"ok"}
    known = api.load_run(str(ours.directory))
    assert known.ideas[0].trial.recipe.knobs == (("width", 16), ("deep", True))
    assert len(known.ideas[0].trial.fits) == known.split.n_folds


def test_it_is_refitted_on_all_rows(ours):
    assert api.refit(str(ours.directory)).run.export.parity.passed


def test_a_changed_function_is_not_resumed(ours, monkeypatch):
    source = ours.net.read_text()
    monkeypatch.delitem(sys.modules, "autorecipe_own_net_of_mine")
    ours.net.write_text(source.replace("gelu", "relu"), encoding="utf-8")
    try:
        with pytest.raises(UserError, match="gated has changed since the run began"):
            api.resume(str(ours.directory), time_limit_s=5.0)
    finally:
        ours.net.write_text(source, encoding="utf-8")
        sys.modules.pop("autorecipe_own_net_of_mine")


def test_a_function_that_fails_ends_the_command_with_2_and_its_line(ours, tmp_path):
    words = ("fit", ours.rows, "--target", "answer", "--preset", "quick", "--out", tmp_path / "run", "-q")
    done = run(*words, "--architecture", f"{ours.net}:broken")
    assert done.exit_code == 2, done.output
    assert "NameError: name 'y' is not defined" in done.stderr
    line = 1 + SOURCE.splitlines().index("    return keras.layers.Dense(n_outputs)(y)")
    assert f"where: net_of_mine.py, line {line}\n" in done.stderr


def test_the_run_of_a_lambda_asks_for_it_again(ours, tmp_path):
    model = AutoRecipe(
        architecture=lambda inputs, n_outputs: inputs,
        directory=tmp_path / "run",
        preset="quick",
        time_limit="1h",
        until="profile",
        verbose=0,
    )
    model.fit(ours.rows, target="answer")
    assert not model.run_.config.architecture.is_replayable
    with pytest.raises(UserError, match="pass it again: AutoRecipe"):
        api.resume(str(tmp_path / "run"), time_limit_s=5.0)
