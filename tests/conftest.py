from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from autorecipe.config import Config

# the tests run in a process for each core: threads that wait for each other there take half the time for nothing
for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(threads, "1")

EXAMPLE = Path(__file__).parents[1] / "examples" / "data" / "breast_cancer.csv"
BRIEF_EPOCHS, BRIEF_FOLDS = 20, 2  # so few epochs still beat chance by far, and findings call for no repairs
SLOW_FILE = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files that are slow as a whole where no slow test is asked for: reading them imports TensorFlow."""
    if config.option.markexpr != "not slow" or collection_path.suffix != ".py":
        return None
    return bool(SLOW_FILE.search(collection_path.read_text(encoding="utf-8"))) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, and the files that look at the one fitted run: they share fixtures."""
    looking = {item.path for item in items if "fitted" in getattr(item, "fixturenames", ())}
    for item in items:
        item.add_marker(pytest.mark.xdist_group("fitted" if item.path in looking else str(item.path)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A finished run: the table, the run directory, the command that would make one like it, and what it said.

    It was made by a call, since the time limit of a command counts from the start of the process.
    """

    table: Path
    directory: Path
    config: Config
    command: tuple[str, ...]
    said: str


class ProverHere:
    """Serves the SavedModel in this process: a fresh one takes seconds, and only tests of the proof need it."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return None

    def is_alive(self):
        return True

    def serve(self, inputs, *, saved_model, timeout_s):
        import tensorflow as tf

        serve = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
        specs = serve.structured_input_signature[1]
        feed = {name: tf.constant(column.tolist(), specs[name].dtype) for name, column in inputs.items()}
        served = {name: value.numpy() for name, value in serve(**feed).items()}
        return {n: np.char.decode(v.astype(bytes)) if v.dtype == object else v for n, v in served.items()}


class NoWarmUp:
    """Stands in for the import of Keras, which bad input never comes to need."""

    def join(self):
        raise AssertionError("this test got as far as training")


@pytest.fixture
def no_training(monkeypatch) -> None:
    """A fit that gets as far as training fails."""
    monkeypatch.setattr("autorecipe.api.WarmUp", NoWarmUp)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data that AUTORECIPE_TEST_DATA names; without it the test is skipped."""
    folder = os.environ.get("AUTORECIPE_TEST_DATA", "")
    if not folder:
        pytest.skip("AUTORECIPE_TEST_DATA does not name a folder of real data")
    path = Path(folder).resolve()
    if not path.is_dir():
        pytest.fail(f"AUTORECIPE_TEST_DATA={folder} is not a folder")
    return path


@contextmanager
def brief_plan() -> Iterator[None]:
    """Let the quick preset train for a few epochs, on two folds, and tune twice."""
    from autorecipe.workbench import N_TUNER_TRIALS

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autorecipe.stages.baseline.QUICK_EPOCHS", BRIEF_EPOCHS)
        patch.setattr("autorecipe.data.split.QUICK_FOLDS", BRIEF_FOLDS)
        patch.setitem(N_TUNER_TRIALS, "quick", 2)
        yield


@pytest.fixture(scope="module")
def brief_runs() -> Iterator[None]:
    """Runs of this module train briefly: how good a long one becomes is not their question.

    Their page is drawn at the beginning and in the end; that it can be drawn after any stage, the fitted run says.
    """
    with brief_plan(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("autorecipe.report.page.write.MOST_SHARE", 0.0)
        yield


@pytest.fixture(scope="session")
def fitted(tmp_path_factory) -> Fitted:
    """One whole run on an example, for every test that only looks at a run; copy it before changing it.

    Nothing but the recipe decides how long it takes, so that it can be run again and come out alike.
    """
    from rich.console import Console

    from autorecipe import api
    from autorecipe.config import Config
    from autorecipe.report.progress import PlainProgress
    from autorecipe.report.text_words import WIDTH

    directory = tmp_path_factory.mktemp("fitted") / "run"
    said = Console(file=io.StringIO(), width=WIDTH)
    config = Config(preset="quick", time_limit_s=3600.0, families=("mlp",))
    with brief_plan():
        api.fit(str(EXAMPLE), config, out=str(directory), progress=PlainProgress(said, every_s=math.inf))
    flags = ("--preset", "quick", "--family", "mlp", "--time-limit", "1h")
    return Fitted(
        table=EXAMPLE,
        directory=directory,
        config=config,
        command=("fit", str(EXAMPLE), *flags),
        said=said.file.getvalue(),
    )


@pytest.fixture(scope="module")
def proof_in_this_process() -> Iterator[None]:
    """Exports of this module are proved without a process of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autorecipe.export.parity.start_prover", ProverHere)
        yield
