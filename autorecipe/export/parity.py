"""Does the exported model predict what the trained one did?"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from autorecipe.record.run import Parity

TOLERANCE = 1e-5  # |a - b| <= 1e-5 * max(1, |a|): some hundred float32 roundings
TIMEOUT_S = 120.0  # a fresh TensorFlow starts in 3-7 s; anything near this is stuck

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Raw rows and what the in-memory model said of them.

    Attributes
    ----------
    inputs : mapping of input name to array of shape (n_rows,)
        float32, or object holding text, or bytes of files.
    outputs : mapping of output name to array
        "probabilities" (n_rows, n_classes) and "label" (n_rows,), or "prediction" (n_rows,).
    n_mutated : int
        How many of the rows, at the end, are mutated ones.
    threshold : float or None
        Probability from which the positive class is predicted (binary).
    multipliers : sequence of float, or of sequences of float, or None
        What probabilities are multiplied by before the largest is taken: see `LabelOf`.
    """

    inputs: Arrays
    outputs: Arrays
    n_mutated: int
    threshold: float | None = None
    multipliers: Sequence[float] | Sequence[Sequence[float]] | None = None


class Prover:
    """A fresh Python process that imports TensorFlow, and nothing of AutoRecipe, while the export is written.

    Use it as a context manager: leaving it ends the process.
    """

    def __init__(self) -> None:
        script = Path(__file__).with_name("prover.py")
        # isolated (-I): no current folder, no PYTHONPATH, no user site from which AutoRecipe could come
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C at a terminal reaches every process of its group
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self.close()

    def is_alive(self) -> bool:
        """Return whether the process has not ended: a prover that has served, or was killed, will not serve."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process, if it has not ended by itself."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def serve(
        self, inputs: Arrays, *, saved_model: Path, timeout_s: float = TIMEOUT_S
    ) -> dict[str, NDArray[np.generic]] | str:
        """Return what the SavedModel answers, or why it gave no answer."""
        with tempfile.TemporaryDirectory() as folder:
            cases, outputs = Path(folder, "cases.json"), Path(folder, "outputs.npz")
            columns = {name: [_written(cell) for cell in column.tolist()] for name, column in inputs.items()}
            cases.write_text(json.dumps(columns), encoding="utf-8")
            task = {"saved_model": str(saved_model), "cases": str(cases), "outputs": str(outputs)}
            try:
                said, complaint = self._process.communicate(json.dumps(task) + "\n", timeout=timeout_s)
            except subprocess.TimeoutExpired:
                self.close()
                return f"the fresh process gave no answer in {timeout_s:.0f} s"
            except ValueError:
                return "the fresh process has been used already"
            if self._process.returncode != 0 or said.split() != ["alone"]:
                return _last_line(complaint) or f"the fresh process ended with {self._process.returncode}"
            with np.load(outputs) as archive:
                return {name: archive[name] for name in archive.files}


def start_prover() -> Prover:
    """Start the process that will prove parity; it imports TensorFlow while the export is written."""
    return Prover()


def prove_parity(prover: Prover, cases: Cases, *, saved_model: Path, timeout_s: float = TIMEOUT_S) -> Parity:
    """Serve the cases from the SavedModel in the fresh process and compare.

    A prover serves once. A failure is a Parity with its cause, never an exception.

    Parameters
    ----------
    saved_model : Path
        The numbered folder: "export/saved_model/1".
    """
    started = time.monotonic()
    served = prover.serve(cases.inputs, saved_model=saved_model, timeout_s=timeout_s)
    if isinstance(served, str):
        worst, n_labels, cause = float("nan"), 0, served
    else:
        worst, n_labels, cause = compare(cases, served)
    n_rows = len(next(iter(cases.inputs.values())))
    return Parity(
        passed=not cause,
        n_rows=n_rows - cases.n_mutated,
        n_mutated=cases.n_mutated,
        max_difference=worst,
        labels_differ=n_labels,
        seconds=time.monotonic() - started,
        cause=cause,
    )


def compare(cases: Cases, served: Arrays) -> tuple[float, int, str]:
    """Hold served outputs against the in-memory ones.

    Returns
    -------
    max_difference : float
        Largest |a - b| / max(1, |a|).
    labels_differ : int
        Labels that differ although no tie explains it.
    cause : str
        "" when they agree within `TOLERANCE`.
    """
    missing = sorted(set(cases.outputs) ^ set(served))
    if missing:
        return float("nan"), 0, f"outputs differ by name: {', '.join(missing)}"
    name = "probabilities" if "probabilities" in served else "prediction"
    a, b = cases.outputs[name].astype("float64"), served[name].astype("float64")
    if a.shape != b.shape:
        return float("nan"), 0, f"{name} has shape {b.shape} instead of {a.shape}"
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        bad = ~(np.isfinite(a) & np.isfinite(b)).reshape(len(a), -1).all(axis=1)
        return (
            float("nan"),
            0,
            f"{name} is not finite in {bad.sum()} rows, the first is row {bad.argmax() + 1}",
        )
    difference = np.abs(a - b) / np.maximum(1.0, np.abs(a))
    worst = float(difference.max(initial=0.0))
    if worst > TOLERANCE:
        row = int(difference.reshape(len(a), -1).max(axis=1).argmax()) + 1
        return worst, 0, f"{name} differs by {worst:.2g} (limit {TOLERANCE:g}) in row {row}"
    n_labels = _labels_differ(cases, served) if "label" in served else 0
    return worst, n_labels, f"{n_labels} labels differ" if n_labels else ""


def _labels_differ(cases: Cases, served: Arrays) -> int:
    differ = np.asarray(cases.outputs["label"]).astype(str) != np.asarray(served["label"]).astype(str)
    return int((differ & ~_is_tie(cases)).sum())


def _is_tie(cases: Cases) -> NDArray[np.bool_]:
    p = cases.outputs["probabilities"].astype("float64")
    if cases.threshold is not None:
        return np.abs(p[:, 1] - cases.threshold) <= TOLERANCE
    scale = 1.0
    if cases.multipliers is not None:
        factors = np.asarray(cases.multipliers, dtype="float64")
        p, scale = p * factors if factors.ndim == 1 else p @ factors, max(1.0, float(np.abs(factors).max()))
    top = np.sort(p, axis=1)[:, -2:]
    return top[:, 1] - top[:, 0] <= TOLERANCE * scale


def _written(cell: object) -> object:
    return {"b64": base64.b64encode(cell).decode("ascii")} if isinstance(cell, bytes) else cell


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
