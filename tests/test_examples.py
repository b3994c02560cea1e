from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
TIME_LIMIT = "12s"  # far from the time that these models would like, but whole runs
TESTED = {
    "broken_model",
    "fit_a_dataframe",
    "fit_a_file",
    "fit_images",
    "look_before_training",
    "look_inside",
    "own_architecture",
    "serve_without_autorecipe",
    "train_any_model",
}


def run(name, *words, cwd):
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_here(name, *words, capsys):
    """Run an example in this process, where TensorFlow has been imported already; return what it printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [f"{name}.py", *words])
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    return capsys.readouterr().out


@pytest.fixture
def in_this_process(tmp_path, monkeypatch, proof_in_this_process, brief_runs):
    """Runs stay in this process and are brief, in a directory of their own."""
    monkeypatch.chdir(tmp_path)


def test_every_example_is_run_here():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == TESTED


def test_looking_needs_no_training(tmp_path):
    assert "regression because" in run("look_before_training", cwd=tmp_path)


@pytest.mark.slow
def test_a_file_becomes_a_model_that_tensorflow_alone_can_serve(tmp_path, capsys, in_this_process):
    assert "Recipe(" in run_here("fit_a_file", TIME_LIMIT, capsys=capsys)
    (export,) = tmp_path.glob("runs/*/export")
    assert "label" in run("serve_without_autorecipe", str(export), cwd=tmp_path)


@pytest.mark.slow
def test_a_dataframe_becomes_an_estimator(capsys, in_this_process):
    assert "rmse" in run_here("fit_a_dataframe", "8s", capsys=capsys)


@pytest.mark.slow
def test_an_array_of_images_becomes_an_estimator(capsys, in_this_process):
    said = run_here("fit_images", TIME_LIMIT, capsys=capsys)
    assert "networks see 8 x 8, as that is their own size" in said
    assert "accuracy" in said


@pytest.mark.slow
def test_the_final_model_is_looked_into(capsys, in_this_process):
    said = run_here("look_inside", TIME_LIMIT, capsys=capsys)
    assert "weight " in said
    assert "nine times of ten from" in said
    assert "90% intervals cover" in said


@pytest.mark.slow
def test_a_network_of_ones_own_is_fitted(tmp_path, capsys, in_this_process):
    assert "own_architecture.py:gated {'width': " in run_here("own_architecture", "5s", capsys=capsys)
    assert len(list(tmp_path.glob("runs/*/export/model.keras"))) == 1


@pytest.mark.slow
def test_a_compiled_model_of_ones_own_is_trained(capsys):
    assert "validation accuracy 0.9" in run_here("train_any_model", capsys=capsys)
