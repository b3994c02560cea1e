"""What `autorecipe check script.py:build_model DATA` looks at: the model that a script builds, and the rows for it."""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pandas as pd

from autorecipe.check_rows import Rows, file_rows, rows_of, split_table
from autorecipe.data.tables import from_frame, read_table
from autorecipe.errors import UserError, nearest
from autorecipe.model_check import TIME_LIMIT_S, CheckReport, check
from autorecipe.own_code import users_code
from autorecipe.warm_up import import_keras

if TYPE_CHECKING:
    import keras

BUILD_MODEL, LOAD_DATA = "build_model", "load_data"  # what the functions of a script are called
MODULE_PREFIX = "autorecipe_checked_"  # in front of a script's name among the loaded modules: it hides no other


def check_script(
    script: str,
    data: str = "",
    *,
    target: str = "",
    drop: Sequence[str] = (),
    time_limit_s: float = TIME_LIMIT_S,
    seed: int = 0,
) -> CheckReport:
    """Check the model that a script builds, on the rows of a file or of the script itself.

    Parameters
    ----------
    script, data, target, drop
        As `load_subject` takes them.
    time_limit_s : float
        Seconds for all that is measured.

    Raises
    ------
    UserError
        As `load_subject`, and where the model is not compiled or does not fit the rows.
    """
    subject = load_subject(script, data, target=target, drop=drop)
    rows = subject.rows
    report = check(subject.model, rows.x, rows.y, validation_data=rows.validation, seed=seed, time_limit_s=time_limit_s)
    return dataclasses.replace(report, notes=(*rows.notes, *report.notes))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """A model and its rows."""

    model: keras.Model
    rows: Rows


def load_subject(script: str, data: str = "", *, target: str = "", drop: Sequence[str] = ()) -> Subject:
    """Run a script, build its model and read the rows.

    The file, its target and the columns to drop are looked up before anything slow is imported; what the columns
    hold is looked at once the model is built.

    Parameters
    ----------
    script : str
        "FILE.py:FUNCTION", or "FILE.py" where the function is called `build_model`. The function takes nothing and
        returns a compiled Keras model. A function `load_data` in the same file, which takes nothing too, stands in
        for the data file: it returns (X, y), ((X, y), (X_validation, y_validation)), or a DataFrame with the target.
    data : str
        A table file whose columns but the target are numbers; "" where the script loads its rows.
    target : str
        The column to predict; "" takes one called target, label, class, outcome or y.
    drop : sequence of str
        Columns of the table that the model is not given.

    Raises
    ------
    UserError
        When there is no such file, column or function, the script fails (the message shows its line), the function
        returns something else, a column is not numeric, or there are no rows.
    """
    path, name = _parts(script)
    # a script that never says load_data has none, so that its file can be opened before TensorFlow is imported
    table = read_table(data) if data and LOAD_DATA not in _source(path) else None
    parts = split_table(table, target=target, drop=drop, where=data) if table else None
    import_keras()  # without what native code says about devices on the way
    with _folder_importable(path.parent):
        module = _load(path)
        build = _function(module, name, path)
        load = getattr(module, LOAD_DATA, None)
        if load is None and not data:
            raise _no_rows(script, path)
        model = _model(build, path)  # before the rows: a script that fails has nothing to do with them
        if load is not None:
            return Subject(model=model, rows=_loaded_rows(load, path, data=data, target=target, drop=drop))
    rows = rows_of(parts) if parts else file_rows(data, target=target, drop=drop)
    return Subject(model=model, rows=rows)


def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _no_rows(script: str, path: Path) -> UserError:
    return UserError(
        f"there are no rows: no DATA was named, and {path.name} has no {LOAD_DATA}()",
        where="DATA",
        fix=f"autorecipe check {script} DATA --target COL, or define {LOAD_DATA}() in {path.name}",
    )


def _parts(script: str) -> tuple[Path, str]:
    file, _, name = script.rpartition(":")
    if not file or name.endswith(".py"):
        file, name = script, BUILD_MODEL
    path = Path(file).expanduser()
    if not path.is_file():
        raise UserError(
            f"there is no script '{file}'",
            where="SCRIPT",
            fix=f"name a Python file and its function: model.py:{BUILD_MODEL}",
        )
    return path.resolve(), name


@contextmanager
def _folder_importable(folder: Path) -> Iterator[None]:
    """Let the script import the files beside it, and leave no trace of that on `sys.path`."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _load(path: Path) -> ModuleType:
    name = f"{MODULE_PREFIX}{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UserError(f"'{path.name}' is no Python file", where="SCRIPT", fix=f"name it {path.stem}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and Keras look classes up by their module
    with users_code(str(path), f"importing {path.name}"):
        spec.loader.exec_module(module)
    return module


def _function(module: ModuleType, name: str, path: Path) -> Callable[[], object]:
    found = getattr(module, name, None)
    if not callable(found):
        known = [k for k, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__]
        near = nearest(name, known) or (known[0] if len(known) == 1 else "")
        raise UserError(
            f"{path.name} has no function '{name}'" + (f"; it has {', '.join(known)}" if known else ""),
            where="SCRIPT",
            fix=f"{path.name}:{near}" if near else f"define {name}(), which returns a compiled Keras model",
        )
    _require_no_arguments(found, name, path)
    return found  # type: ignore[no-any-return]  # what a script calls so is its own affair; the result is checked


def _require_no_arguments(function: Callable[..., object], name: str, path: Path) -> None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some callables have no signature; calling it will tell
        return
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if needed:
        raise UserError(
            f"{name}() needs {', '.join(needed)}; a function that takes nothing is expected",
            where=path.name,
            fix=f"give {', '.join(needed)} a default, or write a function without arguments that calls {name}",
        )


def _model(build: Callable[[], object], path: Path) -> keras.Model:
    import keras

    name = getattr(build, "__name__", BUILD_MODEL)
    with users_code(str(path), f"{name}()"):
        model = build()
    if not isinstance(model, keras.Model):
        raise UserError(
            f"{name}() returned a {type(model).__name__}; a compiled Keras model is expected",
            where=path.name,
            fix="end it with: return model",
        )
    return model


def _loaded_rows(load: Callable[[], object], path: Path, *, data: str, target: str, drop: Sequence[str]) -> Rows:
    _require_no_arguments(load, LOAD_DATA, path)
    with users_code(str(path), f"{LOAD_DATA}()"):
        loaded = load()
    note = f"the rows come from {LOAD_DATA}() in {path.name}" + (f"; {data} was not read" if data else "")
    where = f"{LOAD_DATA}() in {path.name}"
    if isinstance(loaded, pd.DataFrame):
        found = rows_of(split_table(from_frame(loaded, name=where), target=target, drop=drop, where=where))
        return Rows(x=found.x, y=found.y, notes=(note, *found.notes))
    if drop:
        raise UserError(
            f"{LOAD_DATA}() returned no table whose columns could be dropped",
            where="--drop",
            fix=f"leave '{drop[0]}' out of what {LOAD_DATA}() returns",
        )
    if not isinstance(loaded, tuple | list) or len(loaded) != 2:
        got = f"{len(loaded)} values" if isinstance(loaded, tuple | list) else f"a {type(loaded).__name__}"
        raise UserError(
            f"{LOAD_DATA}() returned {got}; (X, y) or a DataFrame with the target is expected",
            where=path.name,
            fix="return X, y",
        )
    first, second = loaded
    if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second) == 2:
        return Rows(x=first[0], y=first[1], validation=(second[0], second[1]), notes=(note,))
    return Rows(x=first, y=second, notes=(note,))
