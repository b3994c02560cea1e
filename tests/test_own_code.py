"""The user's own code, found by its name."""

from __future__ import annotations

import sys

import pytest

from autorecipe.architecture import Architecture, describe
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.own_code import guarded, import_own_code, load_architecture, read_architecture, with_architecture
from autorecipe.recipe import Recipe

NET = "def build(inputs, n_outputs, width=8):\n    return (inputs, n_outputs, width)\n"


@pytest.fixture
def nets(tmp_path, monkeypatch):
    """Write a module of networks, in a folder of its own, and return its file; it is forgotten afterwards."""
    loaded, paths = dict(sys.modules), list(sys.path)

    def write(text=NET, name="nets_of_mine.py"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    monkeypatch.chdir(tmp_path)
    yield write
    sys.path[:] = paths
    for name in set(sys.modules) - set(loaded):
        if name.startswith(("nets_of_mine", "autorecipe_own_")):
            del sys.modules[name]


def test_no_flag_is_no_architecture():
    assert read_architecture("") is None


def test_a_file_is_named_by_its_whole_path(nets):
    file = nets()
    known = read_architecture("nets_of_mine.py:build")
    assert (known.name, known.knobs, known.is_replayable) == (f"{file}:build", (("width", 8),), True)


def test_a_module_of_the_working_folder_is_found(nets):
    nets()
    assert read_architecture("nets_of_mine:build").name == "nets_of_mine:build"


def test_a_file_may_import_what_lies_beside_it(nets):
    nets("WIDTH = 32\n", name="nets_of_mine_sizes.py")
    nets("from nets_of_mine_sizes import WIDTH\n\ndef build(inputs, n_outputs, width=WIDTH): ...\n")
    assert read_architecture("nets_of_mine.py:build").knobs == (("width", 32),)


@pytest.mark.parametrize(("text", "n_imports"), [("import keras_of_mine\n", 1), ("", 0)])
def test_keras_is_imported_quietly_before_a_file_that_names_it(nets, monkeypatch, text, n_imports):
    imports = []
    monkeypatch.setattr("autorecipe.own_code.import_keras", lambda: imports.append("keras"))
    nets("", name="keras_of_mine.py")
    nets(text + NET)
    read_architecture("nets_of_mine.py:build")
    assert len(imports) == n_imports


def test_a_function_is_loaded_again_by_name_and_hash(nets):
    nets()
    known = read_architecture("nets_of_mine.py:build")
    assert load_architecture(known.name, known.source_hash)(1, 2) == (1, 2, 8)


def test_a_changed_source_is_refused(nets):
    nets()
    known = read_architecture("nets_of_mine:build")
    with pytest.raises(UserError, match="nets_of_mine:build has changed since the run began"):
        load_architecture(known.name, "0" * 16)


@pytest.mark.parametrize("name", ["nets:<lambda>", "nets:make.<locals>.build", "__main__:build"])
def test_what_lives_in_memory_is_asked_for_again(name):
    with pytest.raises(
        UserError, match=r"pass it again: AutoRecipe\(architecture=\.\.\., \.\.\.\)\.fit with the same out"
    ):
        load_architecture(name, "0" * 16)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nets_of_mine.py", "names no function"),
        ("nets_of_mine.py:", "names no function"),
        ("no_such.py:build", "there is no file"),
        ("no_such:build", "there is no module 'no_such'"),
        ("no.such:build", "there is no module 'no.such'"),
        ("nets_of_mine.py:biuld", r"has no function 'biuld'(.|\n)*did you mean 'build'"),
        ("nets_of_mine.py:WIDTH", "expected a function that builds a network, got int"),
    ],
)
def test_a_name_that_finds_nothing_says_what_is_right(nets, text, message):
    nets(f"WIDTH = 3\n{NET}")
    with pytest.raises(UserError, match=message):
        read_architecture(text)


@pytest.mark.parametrize("place", ["nets_of_mine.py", "nets_of_mine"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\nb = a / 0\n", r"ZeroDivisionError(.|\n)*b = a / 0(.|\n)*nets_of_mine\.py, line 2"),
        ("def build(:\n", r"SyntaxError(.|\n)*nets_of_mine\.py, line 1"),
        ("import no_such_package\n", r"No module named 'no_such_package'(.|\n)*nets_of_mine\.py, line 1"),
        ("raise SystemExit(3)\n", r"SystemExit(.|\n)*nets_of_mine\.py, line 1"),
    ],
)
def test_a_module_that_fails_is_named_with_its_line(nets, place, text, message):
    nets(text)
    with pytest.raises(UserError, match=rf"importing nets_of_mine(.|\n)*{message}"):
        read_architecture(f"{place}:build")


def test_a_function_that_fails_is_named_with_its_line_and_its_knobs(nets):
    file = nets("def build(inputs, n_outputs, width=8):\n    size = width\n    return size / 0\n")
    build = guarded(load_architecture(f"{file}:build", read_architecture(f"{file}:build").source_hash), "nets:build")
    message = r"nets:build with width=4 failed: ZeroDivisionError(.|\n)*return size / 0(.|\n)*nets_of_mine\.py, line 3"
    with pytest.raises(UserError, match=message):
        build(inputs=1, n_outputs=1, width=4)


def test_a_given_function_goes_into_the_config():
    config, build = with_architecture(Config(target="y"), sample)
    assert config.architecture == describe(sample)
    assert build(1, 2, width=3) == (1, 2, 3)


def test_without_one_nothing_changes():
    assert with_architecture(Config(target="y"), None) == (Config(target="y"), None)


def test_a_recipe_brings_its_own():
    known = describe(sample)
    recipe = Recipe(
        family="custom", architecture=known.name, architecture_hash=known.source_hash, knobs=(("width", 99),)
    )
    config, build = with_architecture(Config(recipe=recipe), None)
    assert (config.architecture.name, config.architecture.knobs) == (known.name, (("width", 8),))
    assert build(1, 2) == (1, 2, 8)


def test_a_recipe_of_another_function_is_refused():
    recipe = Recipe(family="custom", architecture="nets:old", architecture_hash="0" * 16)
    with pytest.raises(UserError, match="made with another architecture: nets:old"):
        with_architecture(Config(recipe=recipe), sample)


def test_a_recipe_with_a_knob_that_is_gone_is_refused():
    known = describe(sample)
    recipe = Recipe(family="custom", architecture=known.name, architecture_hash=known.source_hash, knobs=(("old", 1),))
    with pytest.raises(UserError, match=r"no knob 'old'(.|\n)*its knobs: width"):
        with_architecture(Config(recipe=recipe), sample)


def test_only_code_that_can_be_found_again_is_imported(nets):
    file = nets()
    assert import_own_code(None) is None
    assert import_own_code(Architecture(name="nets:<lambda>", source_hash="0", is_replayable=False)) is None
    assert import_own_code(Architecture(name=f"{file}:build", source_hash="0")).__file__ == str(file)


def sample(inputs, n_outputs, width=8):
    return inputs, n_outputs, width
