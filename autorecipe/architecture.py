"""A user's own architecture: a function that builds it, described by values that a run can keep."""

from __future__ import annotations

import hashlib
import inspect
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any, Literal

from autorecipe.change import KNOB_PREFIX, Change
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe, Value

Build = Callable[..., Any]  # (inputs: KerasTensor, n_outputs: int, **knobs) -> KerasTensor; Keras ships no types

GIVEN = ("inputs", "n_outputs")  # what every architecture is given
SIGNATURE = "def build(inputs, n_outputs, width=64): ..."
SIGNATURE_FIX = f"write it as: {SIGNATURE} (each knob with a number, a boolean or a text as its default)"
VALUE_FIX = "make it a keyword parameter (a number, a boolean or a text) or a constant of the module"
HASH_DIGITS = 16  # hexadecimal, as of a recipe's key
SMALL_COUNT = 8  # below it a whole number counts layers or blocks, which grow one by one; above it units (house value)
PARAMETER = "architecture"  # what messages call the parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A function that builds a network, as values.

    Attributes
    ----------
    name : str
        "module:function", or "FILE.py:function" for a function of a file that is no module.
    source_hash : str
        Sixteen hexadecimal digits of the function's own source, its defaults, the values that it closes over (of
        functions among them the same) and the plain constants of its module that it names. Helpers and layers of its
        module that it calls are not part of it.
    hashed : str
        "bytecode" where the source cannot be read or is not the function's alone, as of a lambda or a decorated
        function: another version of Python then counts as a change.
    knobs : tuple of (name, value)
        The keyword parameters with their defaults: the structural knobs that stages may change.
    is_replayable : bool
        Whether the name finds the function again in another process.
    """

    name: str
    source_hash: str
    hashed: Literal["source", "bytecode"] = "source"
    knobs: tuple[tuple[str, Value], ...] = ()
    is_replayable: bool = True


def describe(build: Build, *, name: str = "") -> Architecture:
    """Return the values that name a function and its knobs.

    Parameters
    ----------
    build : callable
        `build(inputs: KerasTensor, n_outputs: int, **knobs) -> KerasTensor` of logits; every knob has a default that
        is a number, a boolean or a text.
    name : str
        Where the function was found; by default its own module and name.

    Raises
    ------
    UserError
        When it is no function, its parameters are not those of an architecture, or it closes over a value that cannot
        be told from another.
    """
    if not inspect.isfunction(build):
        raise UserError(
            f"expected a function that builds a network, got {type(build).__name__}",
            where=PARAMETER,
            fix=SIGNATURE,
        )
    source_hash, hashed = _hash_of(build)
    own_name, is_found_again = _own_name(build)
    return Architecture(
        name=name or own_name,
        source_hash=source_hash,
        hashed=hashed,
        knobs=_knobs_of(build),
        is_replayable=bool(name) or is_found_again,
    )


def is_replayable(name: str) -> bool:
    """Return whether a function of that name can be found again: no lambda, no function of a function.

    >>> is_replayable("nets:wide"), is_replayable("nets:<lambda>"), is_replayable("nets:make.<locals>.build")
    (True, False, False)
    """
    module, _, function = name.rpartition(":")
    return bool(module) and module != "__main__" and bool(function) and "<" not in function


def grow_knobs(recipe: Recipe) -> tuple[Change, ...]:
    """Return one change per knob that makes the network of a custom family larger.

    Whole numbers are doubled, small ones (below 8, as a depth is) grow by one, and switches are turned on. What a
    fraction or a word means is not known: they stay.
    """
    grown = ((name, value, _grown(value)) for name, value in recipe.knobs)
    return tuple(
        Change(
            edits=((f"{KNOB_PREFIX}{name}", after),),
            title=f"knob {name} {before} -> {after}",
            reason="a larger network can fit more",
        )
        for name, before, after in grown
        if after is not None
    )


def _grown(value: Value) -> Value | None:
    if isinstance(value, bool):
        return None if value else True
    if not isinstance(value, int) or value < 0:
        return None
    return value + 1 if value < SMALL_COUNT else 2 * value


def _knobs_of(build: Build) -> tuple[tuple[str, Value], ...]:
    parameters = tuple(inspect.signature(build).parameters.values())
    if tuple(p.name for p in parameters[: len(GIVEN)]) != GIVEN:
        got = ", ".join(p.name for p in parameters) or "none"
        raise _wrong(build, f"must take inputs and n_outputs first; its parameters are: {got}")
    return tuple((p.name, _default_of(p, build)) for p in parameters[len(GIVEN) :])


def _default_of(parameter: inspect.Parameter, build: Build) -> Value:
    name, default = parameter.name, parameter.default
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
        raise _wrong(build, f"takes {stars}{name}; its knobs must be written out")
    if parameter.kind is parameter.POSITIONAL_ONLY:
        raise _wrong(build, f"takes '{name}' by position alone; knobs are passed by name")
    if default is parameter.empty:
        raise _wrong(build, f"has a parameter '{name}' without a default")
    if not isinstance(default, bool | int | float | str):
        raise _wrong(build, f"has a knob '{name}' whose default is a {type(default).__name__}, not a plain value")
    if isinstance(default, float) and not math.isfinite(default):
        raise _wrong(build, f"has a knob '{name}' whose default is {default}")
    return default


def _wrong(build: Build, what: str, *, fix: str = SIGNATURE_FIX) -> UserError:
    code: CodeType = build.__code__
    return UserError(
        f"the architecture {build.__qualname__} {what}",
        where=f"{code.co_filename}, line {code.co_firstlineno}",
        fix=fix,
    )


def _own_name(build: Build) -> tuple[str, bool]:
    """Return "module:function" and whether another process can find it; a script is named by its file."""
    module = build.__module__
    if module == "__main__":
        file = getattr(sys.modules[module], "__file__", None)
        module = str(Path(file).resolve()) if file else module
    name = f"{module}:{build.__qualname__}"
    return name, is_replayable(name)


def _hash_of(build: Build) -> tuple[str, Literal["source", "bytecode"]]:
    digest = hashlib.sha256("\n".join(_parts_of(build, build, seen=())).encode()).hexdigest()
    return digest[:HASH_DIGITS], "bytecode" if _own_source(build) is None else "source"


def _parts_of(function: Build, build: Build, *, seen: tuple[Build, ...]) -> Iterator[str]:
    """What tells a function from others: its code, its defaults, what it closes over, the constants that it names."""
    code: CodeType = function.__code__
    seen = (*seen, function)
    yield _own_source(function) or _text_of_code(code)
    defaults = dict(enumerate(function.__defaults__ or ())) | (function.__kwdefaults__ or {})
    for name, value in defaults.items():
        yield f"default {name}"
        yield from _parts_of_value(value, f"the default '{name}'", build, seen=seen)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        yield f"closes over {name}"
        for value in _contents(cell):
            yield from _parts_of_value(value, f"'{name}' of the function around it", build, seen=seen)
    named = ((name, _plain_text(function.__globals__.get(name, ...))) for name in sorted(_names_in(code)))
    yield from (f"constant {name} = {text}" for name, text in named if text is not None)


def _parts_of_value(value: object, what: str, build: Build, *, seen: tuple[Build, ...]) -> Iterator[str]:
    plain = _plain_text(value)
    if plain is not None:
        yield plain
    elif isinstance(value, FunctionType):
        yield "the function" if value not in seen else f"function {seen.index(value)}"
        yield from _parts_of(value, build, seen=seen) if value not in seen else ()
    elif isinstance(value, ModuleType):
        yield value.__name__
    elif isinstance(value, type | BuiltinFunctionType) and "<" not in value.__qualname__:
        yield f"{value.__module__}:{value.__qualname__}"
    else:
        kind = f"class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise _wrong(build, f"uses {what}, a {kind}, which cannot be told from another later on", fix=VALUE_FIX)


def _contents(cell: CellType) -> tuple[object, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:  # a name that the function around it has not given a value yet
        return ()


def _own_source(function: Build) -> str | None:
    if function.__name__ == "<lambda>" or hasattr(function, "__wrapped__"):  # two on one line; another's source
        return None
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):  # typed at a prompt, or made by exec
        return None


def _plain_text(value: object) -> str | None:
    """The same text for equal plain values in every process; None for what is more than values."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if isinstance(value, dict):
        value = tuple(value.items())
    if not isinstance(value, tuple | list | set | frozenset):
        return None
    parts = [_plain_text(part) for part in value]
    texts = [text for text in parts if text is not None]
    if len(texts) < len(parts):
        return None
    is_set = isinstance(value, set | frozenset)  # in another order in each process
    return f"{type(value).__name__}({', '.join(sorted(texts) if is_set else texts)})"


def _text_of_code(code: CodeType) -> str:
    inner = [_text_of_code(c) if isinstance(c, CodeType) else _plain_text(c) or repr(c) for c in code.co_consts]
    return "|".join([code.co_code.hex(), repr(code.co_names), *inner])


def _names_in(code: CodeType) -> set[str]:
    inner = (_names_in(c) for c in code.co_consts if isinstance(c, CodeType))
    return set(code.co_names).union(*inner)
