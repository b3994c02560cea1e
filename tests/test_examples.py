from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
TIME_LIMIT = "25s"
TESTED = {"fit_a_file", "fit_a_dataframe", "look_before_training", "serve_without_autorecipe"}


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
