from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import autorecipe

ROOT = Path(__file__).parents[1]
DECIDING_ROOMS = (
    "checks",
    "data",
    "ensemble",
    "families",
    "metrics",
    "profile",
    "record",
    "regularizers",
    "report",
    "report.page",
    "report.plots",
    "stages",
    "store",
)
DECIDING_MODULES = (
    "activations",
    "after",
    "api",
    "architecture",
    "backbones",
    "beginning",
    "best_of_many",
    "budget",
    "change",
    "choices",
    "cli",
    "cli_compare",
    "compare",
    "comparison",
    "config",
    "decide",
    "demo",
    "diagnose",
    "edits",
    "effects",
    "errors",
    "evaluate",
    "evidence",
    "findings",
    "flags",
    "idea",
    "initializers",
    "intake",
    "interpretation.dependence",
    "interpretation.importance",
    "interpretation.record",
    "interpretation.slices",
    "interrupts",
    "intervals",
    "journal",
    "near_copies",
    "normalizations",
    "optimizers",
    "options",
    "own_code",
    "paired",
    "planner",
    "preprocessing.columns",
    "preprocessing.dates",
    "preprocessing.derived",
    "preprocessing.image_choice",
    "preprocessing.image_spec",
    "preprocessing.image_statistics",
    "preprocessing.number_marks",
    "preprocessing.spec",
    "preprocessing.statistics",
    "preprocessing.words",
    "recipe",
    "recipe_yaml",
    "schedules",
    "simplicity",
    "testing",
    "told_fits",
    "trial_cost",
    "tuning.search",
    "tuning.space",
    "work_through",
)
HEAVY = ("tensorflow", "keras", "keras_tuner", "pandas", "sklearn", "matplotlib", "scipy", "pyarrow")
BLOCK_TENSORFLOW = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "keras_tuner"):
            raise ImportError(f"{name} is blocked here")

sys.meta_path.insert(0, Blocked())
"""


def python(code):
    """Run Python code in a fresh process and return it, finished."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False)


def loaded_by(code):
    """Return the heavy packages that a piece of code imports."""
    listing = f"print(json.dumps([p for p in {HEAVY!r} if p in sys.modules]), file=sys.stderr)"
    ending = "except SystemExit as end:\n    assert not end.code, end"
    done = python(f"import json, sys\ntry:\n    {code}\n{ending}\n{listing}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1])


def modules_of(room):
    package = importlib.import_module(f"autorecipe.{room}")
    inside = [f"{package.__name__}.{m.name}" for m in pkgutil.iter_modules(package.__path__)]
    return [package.__name__, *inside]


@pytest.mark.slow  # in processes of its own
def test_every_deciding_module_imports_without_tensorflow():
    names = [f"autorecipe.{name}" for name in DECIDING_MODULES]
    names += [name for room in DECIDING_ROOMS for name in modules_of(room)]
    done = python(f"{BLOCK_TENSORFLOW}\nimport importlib\nfor name in {names!r}: importlib.import_module(name)")
    assert done.returncode == 0, done.stderr


def test_the_block_blocks():
    assert "tensorflow is blocked here" in python(f"{BLOCK_TENSORFLOW}\nimport tensorflow").stderr


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import autorecipe; autorecipe.Recipe, autorecipe.UserError, autorecipe.__version__") == []


@pytest.mark.parametrize("words", [["--help"], ["fit", "--help"], ["--version"], ["rule", "D013"]])
def test_help_loads_nothing_heavy(words):
    code = f"from autorecipe.cli import main; sys.argv = ['autorecipe', *{words!r}]; main()"
    assert loaded_by(code) == []


def test_choosing_what_to_search_loads_no_scikit_learn():
    assert "sklearn" not in loaded_by("import autorecipe.tuning.search, autorecipe.stages.tune")


@pytest.mark.slow  # in processes of its own
def test_profile_needs_no_tensorflow():
    words = ["profile", "examples/data/breast_cancer.csv"]
    code = f"{BLOCK_TENSORFLOW}\nfrom autorecipe.cli import main\nsys.argv = ['autorecipe', *{words!r}]\nmain()"
    done = python(code)
    assert done.returncode == 0, done.stderr
    assert "What is this data like?" in done.stdout


@pytest.mark.slow
def test_every_public_name_can_be_had():
    for name in autorecipe.__all__:
        assert getattr(autorecipe, name) is not None


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'autorecipe' has no attribute 'AutoRecip'"):
        _ = autorecipe.AutoRecip


def test_public_names_are_these():
    assert autorecipe.__all__ == [
        "AutoRecipe",
        "AutoRecipeClassifier",
        "AutoRecipeRegressor",
        "Recipe",
        "StopFindings",
        "TrainingPlan",
        "UserError",
        "__version__",
        "check",
        "load",
        "train",
    ]
    assert set(autorecipe.__all__) <= set(dir(autorecipe))
