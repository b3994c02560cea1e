"""What the documents tell people to type exists: Python blocks, and the commands of the command line."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import autorecipe
from autorecipe.cli import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
ESTIMATORS = ("AutoRecipe", "AutoRecipeClassifier", "AutoRecipeRegressor")
WITH_TENSORFLOW = ("train",)  # public names whose import takes seconds


def blocks(path: Path, *languages: str) -> list[str]:
    return [text for language, text in BLOCK.findall(path.read_text(encoding="utf-8")) if language in languages]


PYTHON = [
    pytest.param(text, id=f"{path.name} {i}")
    for path in DOCUMENTS
    for i, text in enumerate(blocks(path, "python"), start=1)
]
COMMANDS = [
    pytest.param(line, id=f"{path.name}: {line[:60]}")
    for path in DOCUMENTS
    for text in blocks(path, "", "sh", "bash", "console")
    for line in text.splitlines()
    if line.startswith("autorecipe ")
]


def calls(block: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of a block, each with the name of what is called: `AutoRecipe`, or `fit` of an estimator."""
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Call):
            function = node.func
            yield (function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")), node


def estimator_names(block: str) -> set[str]:
    """Return the variables that hold an estimator: `model = AutoRecipe(...)`, with or without `.fit(...)`."""
    return {
        target.id
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Assign) and makes_estimator(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def makes_estimator(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr == "fit" and makes_estimator(node.func.value)
    return isinstance(node.func, ast.Name) and node.func.id in ESTIMATORS


def names_of(module: str) -> set[str]:
    """Return what a module of the package defines, read and not imported: layers would bring TensorFlow."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = {child.stem for child in path.glob("*.py")} if path.is_dir() else set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def unknown_words(block: str) -> set[str]:
    """Return the keywords that public functions, estimators and their methods are given and do not take."""
    models, found = estimator_names(block), set()
    for name, call in calls(block):
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        is_method = owner is not None and (makes_estimator(owner) or getattr(owner, "id", "") in models)
        if is_method:
            called = getattr(autorecipe.AutoRecipe, name)
        elif name in autorecipe.__all__ and name not in WITH_TENSORFLOW:
            called = getattr(autorecipe, name)
        else:
            continue
        found |= {word.arg for word in call.keywords if word.arg} - set(inspect.signature(called).parameters)
    return found


def test_there_are_blocks_and_commands():
    assert len(PYTHON) >= 5
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("block", PYTHON)
def test_names_that_are_imported_from_the_package_exist(block):
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "autorecipe":
            known = set(autorecipe.__all__) if node.module == "autorecipe" else names_of(node.module)
            assert {alias.name for alias in node.names} <= known
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "autorecipe":
            assert node.attr in autorecipe.__all__


@pytest.mark.parametrize("block", PYTHON)
def test_keywords_are_parameters(block):
    assert not unknown_words(block)


@pytest.mark.parametrize(
    "block",
    ["AutoRecipe(metrics=1)", "m = AutoRecipe()\nm.fit(X, metrics=1)", "AutoRecipe().fit(X, y).predict(X, metrics=1)"],
)
def test_a_keyword_that_is_no_parameter_is_found(block):
    assert unknown_words(block) == {"metrics"}


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_and_their_options_exist(line):
    words = shlex.split(re.split(r" {2,}|#|&&|;", line)[0])
    if words[1].startswith("-"):
        return
    command = cli.commands[words[1]]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    asked = {word.split("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)}
    assert asked <= {*known, "--help", "-h"}
