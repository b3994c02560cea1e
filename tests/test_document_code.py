"""The Python of README.md and docs/report.md runs as it is written, but briefly."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
BRIEF = 'time_limit="8s", preset="quick", verbose=0'


def block(document: str, i: int) -> str:
    """Return the Python of a document, in place of ten minutes a few seconds."""
    return BLOCK.findall((ROOT / document).read_text(encoding="utf-8"))[i].replace('time_limit="10m"', BRIEF)


def example(name: str, target: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "examples" / "data" / f"{name}.csv").rename(columns={"target": target})


def ran(source: str, **known: object) -> dict[str, object]:
    exec(compile(source, "document", "exec"), known)
    return known


def test_every_block_of_the_readme_is_run_here_or_as_an_example():
    of_examples = {2: "own_architecture", 3: "fit_images"}
    assert len(BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))) == 3 + len(of_examples)
    assert all((ROOT / "examples" / f"{name}.py").is_file() for name in of_examples.values())


def test_a_profile_is_looked_at_without_training():
    rows = example("diabetes", "price")
    ran(block("docs/report.md", 0), X=rows.drop(columns="price"), y=rows["price"])


@pytest.mark.slow
def test_a_file_is_fitted_predicted_and_loaded(tmp_path, monkeypatch, proof_in_this_process, brief_runs):
    pytest.importorskip("tensorflow")
    rows = example("breast_cancer", "bought")
    monkeypatch.chdir(tmp_path)
    rows.to_csv("my.csv", index=False)
    known = ran(block("README.md", 0), new_rows=rows.drop(columns="bought").head(5))
    assert set(known["model"].predict(known["new_rows"])) <= set(rows["bought"])


@pytest.mark.slow
def test_families_are_named_and_intervals_asked_for(tmp_path, monkeypatch, proof_in_this_process, brief_runs):
    pytest.importorskip("tensorflow")
    rows = example("diabetes", "price")
    monkeypatch.chdir(tmp_path)
    rows.to_csv("homes.csv", index=False)
    known = ran("from autorecipe import AutoRecipe\n" + block("README.md", 1), new_rows=rows.head(5))
    assert (known["lower"] < known["upper"]).all()


@pytest.mark.slow
def test_any_keras_model_is_checked_and_trained(capsys):
    keras = pytest.importorskip("keras")
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 3)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    ran(block("README.md", 4), model=model, X=X, y=X[:, 0])
    assert capsys.readouterr().out
