from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
TIME_LIMIT = "25s"
TESTED = {
    "broken_model",
    "fit_a_dataframe",
    "fit_a_file",
    "look_before_training",
    "own_architecture",
    "serve_without_autorecipe",
    "train_any_model",
}


def run(name, *words, cwd):
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_run_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == TESTED


def test_looking_needs_no_training(tmp_path):
    assert "regression because" in run("look_before_training", cwd=tmp_path)


@pytest.mark.slow
def test_a_file_becomes_a_model_that_tensorflow_alone_can_serve(tmp_path):
    said = run("fit_a_file", TIME_LIMIT, cwd=tmp_path)
    assert "Recipe(" in said
    (export,) = tmp_path.glob("runs/*/export")
    assert "label" in run("serve_without_autorecipe", str(export), cwd=tmp_path)


@pytest.mark.slow
def test_a_dataframe_becomes_an_estimator(tmp_path):
    assert "rmse" in run("fit_a_dataframe", TIME_LIMIT, cwd=tmp_path)


@pytest.mark.slow
def test_a_network_of_ones_own_is_fitted(tmp_path, monkeypatch, capsys, proof_in_this_process):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["own_architecture.py", "5s"])
    runpy.run_path(str(EXAMPLES / "own_architecture.py"), run_name="__main__")
    assert "own_architecture.py:gated {'width': " in capsys.readouterr().out
    assert len(list(tmp_path.glob("runs/*/export/model.keras"))) == 1


@pytest.mark.slow
def test_a_compiled_model_of_ones_own_is_trained(capsys):
    runpy.run_path(str(EXAMPLES / "train_any_model.py"))
    assert "validation accuracy 0.9" in capsys.readouterr().out
