"""The user's own code: found by its name, and named with its line when it fails."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from autorecipe.architecture import Architecture, Build, describe, is_replayable
from autorecipe.config import Config
from autorecipe.errors import AutoRecipeError, UserError, nearest
from autorecipe.recipe import Recipe, Value
from autorecipe.warm_up import import_keras

FLAG = "--architecture"
MODULE_PREFIX = "autorecipe_own_"  # in front of a file's name among the loaded modules: it hides no other
NAMES_OF_TENSORFLOW = ("keras", "tensorflow")  # a file without them does not wait for its import
PASS_IT_AGAIN = "pass it again: AutoRecipe(architecture=..., ...).fit with the same out"


def read_architecture(text: str) -> Architecture | None:
    """Return the architecture that `--architecture MODULE:FUNCTION` or `FILE.py:FUNCTION` names; None for "".

    Raises
    ------
    UserError
        When there is no such function, importing it fails, or it is no architecture.
    """
    if not text:
        return None
    place, sign, function = text.rpartition(":")
    if not sign or not place or not function:
        raise UserError(
            f"'{text}' names no function", where=FLAG, fix="write it as nets.py:build or package.nets:build"
        )
    if place.endswith(".py"):
        text = f"{Path(place).expanduser().resolve()}:{function}"
    return describe(_find(text), name=text)


def load_architecture(name: str, source_hash: str) -> Build:
    """Return the function of a run that began earlier.

    Parameters
    ----------
    name, source_hash : str
        As `Architecture` or a recipe of the custom family has them.

    Raises
    ------
    UserError
        When the name cannot be found again (a lambda, a function of a function or of a notebook), or the function's
        source, or a constant of its module that it names, is not what it was.
    """
    if not is_replayable(name):
        raise UserError(f"the architecture {name} lives in memory alone", where="architecture", fix=PASS_IT_AGAIN)
    build = _find(name)
    now = describe(build, name=name).source_hash
    if now != source_hash:
        raise UserError(
            f"the architecture {name} has changed since the run began",
            where=f"hash of its source and constants {now}, not {source_hash}",
            fix="bring them back, or fit it as a new run",
        )
    return build


def with_architecture(config: Config, build: Build | None) -> tuple[Config, Build | None]:
    """Return the config with the architecture that is asked for, and its function, which names its own errors.

    Parameters
    ----------
    build : callable or None
        What `AutoRecipe(architecture=...)` was given; without it the config or its recipe may name one.

    Raises
    ------
    UserError
        When the function cannot be found or used, or is not the one that the recipe was made with.
    """
    if build is not None:
        config = dataclasses.replace(config, architecture=describe(build))
    named = config.architecture or _architecture_of(config.recipe)
    if named is None:
        return config, None
    found = build or load_architecture(named.name, named.source_hash)
    known = named if config.architecture else describe(found, name=named.name)
    _check_recipe(config.recipe, known)
    return dataclasses.replace(config, architecture=known), guarded(found, known.name)


def guarded(build: Build, name: str) -> Build:
    """Return the function as one whose failures are UserErrors that name it and the line.

    Parameters
    ----------
    name : str
        What messages call it.
    """

    @functools.wraps(build)
    def named(inputs: Any, n_outputs: int, **knobs: Value) -> Any:
        said = ", ".join(f"{knob}={value!r}" for knob, value in knobs.items())
        with users_code(build.__code__.co_filename, f"the architecture {name}" + (f" with {said}" if said else "")):
            return build(inputs, n_outputs, **knobs)

    return named


@contextmanager
def users_code(file: str, what: str) -> Iterator[None]:
    """Turn whatever the user's code raises into an error that shows its line.

    Parameters
    ----------
    file : str
        The file of that code, as its traceback names it.
    what : str
        What failed, for the message.

    Raises
    ------
    UserError
        When the code raises anything, or ends the process.
    """
    try:
        yield
    except AutoRecipeError:
        raise
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        where, line = _place(error, file)
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        raise UserError(
            f"{what} failed: {said}" + (f"\n    {line}" if line else ""),
            where=where,
            fix="mend the function; --debug shows the whole traceback",
        ) from error


def import_own_code(architecture: Architecture | None) -> ModuleType | None:
    """Import the module of an architecture, whose layers an exported model may hold; None where there is none.

    Raises
    ------
    UserError
        When it cannot be found, or fails.
    """
    if architecture is None or not architecture.is_replayable:
        return None
    return _module(architecture.name.rpartition(":")[0])


def _architecture_of(recipe: Recipe | None) -> Architecture | None:
    if recipe is None or recipe.family != "custom":
        return None
    return Architecture(name=recipe.architecture, source_hash=recipe.architecture_hash, knobs=recipe.knobs)


def _check_recipe(recipe: Recipe | None, known: Architecture) -> None:
    if recipe is None or recipe.family != "custom":
        return
    if recipe.architecture_hash != known.source_hash:
        raise UserError(
            f"the recipe was made with another architecture: {recipe.architecture} of hash {recipe.architecture_hash}",
            where="--recipe",
            fix=f"for {known.name} write architecture_hash: {known.source_hash} into the recipe",
        )
    if unknown := sorted(set(dict(recipe.knobs)) - set(dict(known.knobs))):
        names = ", ".join(dict(known.knobs)) or "none"
        raise UserError(f"the architecture has no knob '{unknown[0]}'", where="--recipe", fix=f"its knobs: {names}")


def _find(name: str) -> Build:
    place, _, function = name.rpartition(":")
    found: Any = _module(place)
    for part in function.split("."):
        known = [k for k in vars(found) if not k.startswith("_")]
        if part not in vars(found):
            near = nearest(part, known)
            raise UserError(
                f"'{place}' has no function '{function}'",
                where=FLAG,
                fix=f"did you mean '{near}'?" if near else "name a function of it",
            )
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]  # `describe` checks what it is


def _module(place: str) -> ModuleType:
    return _module_of_file(Path(place)) if place.endswith(".py") else _module_named(place)


def _module_of_file(path: Path) -> ModuleType:
    main = getattr(sys.modules["__main__"], "__file__", None)
    if main and Path(main).resolve() == path:  # the script that is running
        return sys.modules["__main__"]
    name = f"{MODULE_PREFIX}{path.stem}"
    loaded = sys.modules.get(name)
    if loaded is not None and loaded.__file__ == str(path):
        return loaded
    if not path.is_file():
        raise UserError(
            f"there is no file '{path}'", where=FLAG, fix="name a Python file and its function: nets.py:build"
        )
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UserError(f"'{path}' is no Python file", where=FLAG, fix=f"name it {path.stem}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and Keras look classes up by their module
    _make_importable(path.parent)
    _import_quietly(path)
    try:
        with users_code(str(path), f"importing {path.name}"):
            spec.loader.exec_module(module)
    except UserError:
        del sys.modules[name]
        raise
    return module


def _module_named(name: str) -> ModuleType:
    _make_importable(Path.cwd())
    with users_code("", f"importing {name}"):
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError:  # a package above it
            spec = None
    if spec is None:
        raise UserError(
            f"there is no module '{name}'",
            where=FLAG,
            fix=f"name its file ({name.rpartition('.')[2]}.py:FUNCTION), or work in the folder that holds it",
        )
    _import_quietly(Path(spec.origin or ""))
    with users_code(spec.origin or "", f"importing {name}"):
        return importlib.import_module(name)


def _import_quietly(path: Path) -> None:
    """Import Keras before the user's file does, without what native code says about devices on the way."""
    source = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    if any(name in source for name in NAMES_OF_TENSORFLOW):
        import_keras()


def _make_importable(folder: Path) -> None:
    """Let the user's code import what lies beside it, as Python does for a script; nothing else is hidden by it."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _place(error: BaseException, file: str) -> tuple[str, str]:
    """Return the last line of the file that was at work (without a file, of all), by its number and its text."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"{Path(error.filename).name}, line {error.lineno}", (error.text or "").strip()
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not file or f.filename == file]
    if not frames:
        return Path(file).name, ""
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}", frames[-1].line or ""
