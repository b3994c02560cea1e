"""The run directory: a run's values, arrays and journal, on the disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import msgspec

from autorecipe.config import StageName
from autorecipe.errors import UserError
from autorecipe.recipe_yaml import to_yaml
from autorecipe.record.run import Run
from autorecipe.record.stage import StagePlan
from autorecipe.record.trial import Fit
from autorecipe.store.arrays import Array, read_arrays, write_arrays
from autorecipe.store.atomic import cannot_write, write_bytes_atomic, write_json_atomic, write_text_atomic
from autorecipe.store.codec import decode, encode, read_run
from autorecipe.store.contents import (
    PLANS_NAME,
    RUN_NAME,
    SCORED_NAME,
    SPLIT_NAME,
    check_ours_or_empty,
    is_run,
    remove_own,
)
from autorecipe.store.lock import RunLock
from autorecipe.store.recipe_file import heaviest_recipe, recipe_comment


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the journal: run seconds, kind and text."""

    s: float
    kind: str
    text: str


class RunDirectory:
    """A run on the disk, held by this process until `close`; made by `create` or `open`.

    Every write is atomic and nothing is ever unpickled.

    Parameters
    ----------
    path : Path
        An existing directory.
    now_s : callable
        Tells the run seconds for the journal.

    Raises
    ------
    UserError
        When another process holds the directory, or it cannot be written.
    """

    def __init__(self, path: Path, *, now_s: Callable[[], float]) -> None:
        self.path = path
        self._now_s = now_s
        self._lock = RunLock(path)

    @classmethod
    def create(cls, path: Path, *, now_s: Callable[[], float]) -> RunDirectory:
        """Make the directory, or start afresh in it: what an earlier run wrote there is removed.

        Raises
        ------
        UserError
            When the directory holds files that no run wrote, is held by another process, or cannot be
            written.
        """
        check_ours_or_empty(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from error
        directory = cls(path, now_s=now_s)
        try:
            remove_own(path)
        except OSError as error:
            directory.close()
            raise cannot_write(path, error) from error
        return directory

    @classmethod
    def open(cls, path: Path, *, now_s: Callable[[], float]) -> RunDirectory:
        """Open the directory of an earlier run to go on with it.

        Raises
        ------
        UserError
            When there is no run, another process holds it, or it cannot be written.
        """
        if not is_run(path):
            raise UserError(
                f"'{path}' is not a run: it has no {RUN_NAME}",
                where=str(path),
                fix="give the directory of a run, for example runs/NAME-1",
            )
        directory = cls(path, now_s=now_s)
        _end_last_line(path / "events.jsonl")
        return directory

    def close(self) -> None:
        """Let the directory go, for other processes to use."""
        self._lock.release()

    def __enter__(self) -> RunDirectory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def split_path(self) -> Path:
        """Where the split is kept."""
        return self.path / SPLIT_NAME

    @property
    def scored_path(self) -> Path:
        """Where the final model's predictions of the rows that it was scored on are kept."""
        return self.path / SCORED_NAME

    @property
    def export_path(self) -> Path:
        """Where the exported model is written."""
        return self.path / "export"

    @property
    def pictures_path(self) -> Path:
        """Where contact sheets are drawn."""
        return self.path / "pictures"

    @property
    def curves_path(self) -> Path:
        """Where curves are written for TensorBoard, unless the user names another folder."""
        return self.path / "tensorboard"

    @property
    def arrays_path(self) -> Path:
        """Where arrays are kept that can be made again: decoded images above 512 MiB, what backbones make of them."""
        return self.path / "arrays"

    def save(self, run: Run) -> None:
        """Write `run.json`, and its plain twins profile.json, metrics.json and recipe.yaml."""
        if run.profile is not None:
            write_json_atomic(self.path / "profile.json", run.profile)
        if run.evaluation is not None:
            write_json_atomic(self.path / "metrics.json", run.evaluation)
        recipe = heaviest_recipe(run)
        if recipe is not None:
            write_text_atomic(self.path / "recipe.yaml", to_yaml(recipe, comment=recipe_comment(run)))
        write_bytes_atomic(self.path / RUN_NAME, encode(run))
        plans = self._plans()
        begun = {stage: plan for stage, plan in plans.items() if not run.has_whole(stage)}
        if begun != plans:
            write_bytes_atomic(self.path / PLANS_NAME, encode(begun))

    def plan(self, stage: StageName) -> StagePlan | None:
        """Return what a stage had planned before it was broken off; None where it has not begun, or came to its end."""
        return self._plans().get(stage)

    def save_plan(self, stage: StageName, plan: StagePlan) -> None:
        """Keep a stage's plan until its result is saved, and longer where the user interrupted it."""
        write_bytes_atomic(self.path / PLANS_NAME, encode({**self._plans(), stage: plan}))

    def _plans(self) -> dict[StageName, StagePlan]:
        try:
            return decode((self.path / PLANS_NAME).read_bytes(), dict[StageName, StagePlan])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}  # a stage without its plan makes a new one

    def load(self) -> Run:
        """Read `run.json`.

        Raises
        ------
        UserError
            When it is missing, damaged, or written by another schema version.
        """
        return read_run(self.path / RUN_NAME)

    def event(self, kind: str, text: str) -> None:
        """Append one line to the journal.

        Raises
        ------
        UserError
            When the journal cannot be written.
        """
        line = msgspec.json.encode(Event(s=round(self._now_s(), 3), kind=kind, text=text)) + b"\n"
        path = self.path / "events.jsonl"
        try:
            with open(path, "ab") as journal:
                journal.write(line)
        except OSError as error:
            raise cannot_write(path, error) from error

    def events(self) -> tuple[Event, ...]:
        """Return the journal so far; lines that a dying process wrote only half are left out."""
        path = self.path / "events.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        return tuple(event for line in lines if (event := _decode_event(line)) is not None)

    def save_spent(self, seconds: float) -> None:
        """Write the run seconds used so far, for the next session to count on."""
        write_json_atomic(self.path / "spent.json", {"seconds": seconds})

    def spent_s(self) -> float:
        """Return the run seconds that earlier sessions used; 0 when none was written."""
        path = self.path / "spent.json"
        if not path.exists():
            return 0.0
        try:
            return float(msgspec.json.decode(path.read_bytes(), type=dict[str, float])["seconds"])
        except (msgspec.DecodeError, KeyError) as error:
            raise UserError(
                f"'spent.json' is damaged: {error}",
                where=str(path),
                fix="remove it: the seconds of earlier sessions are then not counted",
            ) from error

    def save_fit(
        self, key: str, fit: Fit, *, predictions: Mapping[str, Array], weights: Sequence[Array] | None
    ) -> None:
        """Keep a finished fit under `trials/<key>/`.

        Parameters
        ----------
        predictions : mapping of name to array
            Empty for a failed fit.
        weights : sequence of arrays, or None
            None for what has no weights to keep (baselines, failed fits).
        """
        folder = self.path / "trials" / key
        (folder / "fit.json").unlink(missing_ok=True)
        write_arrays(folder / "predictions.npz", predictions)
        if weights is not None:
            write_arrays(folder / "weights.npz", {f"w{i}": array for i, array in enumerate(weights)})
        write_bytes_atomic(folder / "fit.json", encode(fit))  # last: its presence says that the rest is whole

    def load_fit(self, key: str) -> Fit | None:
        """Return a finished fit; None when there is none, or only half of one."""
        folder = self.path / "trials" / key
        try:
            fit = decode((folder / "fit.json").read_bytes(), Fit)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return fit if (folder / "predictions.npz").exists() else None

    def load_predictions(self, key: str) -> dict[str, Array]:
        """Return a fit's predictions by name.

        Raises
        ------
        UserError
            When they are missing or damaged.
        """
        return read_arrays(self.path / "trials" / key / "predictions.npz")

    def load_weights(self, key: str) -> list[Array]:
        """Return a fit's weights in their order.

        Raises
        ------
        UserError
            When none were kept, or they are damaged.
        """
        arrays = read_arrays(self.path / "trials" / key / "weights.npz")
        return [arrays[f"w{i}"] for i in range(len(arrays))]


def _end_last_line(journal: Path) -> None:
    data = journal.read_bytes() if journal.exists() else b""
    if data and not data.endswith(b"\n"):  # the process died while writing: the next line must not be joined to it
        write_bytes_atomic(journal, data + b"\n")


def _decode_event(line: bytes) -> Event | None:
    try:
        return msgspec.json.decode(line, type=Event)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
