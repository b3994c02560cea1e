"""Serve saved cases from a SavedModel, in a process of its own and without AutoRecipe.

Run by path (`python -I prover.py`), never imported by the package. One JSON line on stdin names the
SavedModel, the cases and where the outputs go; nothing else crosses.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

BATCH = 4096  # rows per call: the strings of one batch stay small in memory
FILES = 16  # files per call: decoded ones do not stay small
FORBIDDEN = "autorecipe"


class Blocked:
    """A meta-path finder that refuses AutoRecipe: what cannot be imported cannot help."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        """Refuse `autorecipe`, pass on everything else."""
        if name.partition(".")[0] == FORBIDDEN:
            raise ImportError(f"'{name}' is blocked: the SavedModel must serve without it")


def is_files(column: Sequence[Any]) -> bool:
    """Return whether the cells are files, which travel as {"b64": text}: TensorFlow Serving's way to write bytes."""
    return bool(column) and isinstance(column[0], dict)


def cell_of(cell: Any) -> Any:
    """Return a cell as the model takes it."""
    return base64.b64decode(cell["b64"]) if isinstance(cell, dict) else cell


def main() -> None:
    """Load the SavedModel named on stdin, serve its cases, write the outputs."""
    sys.meta_path.insert(0, Blocked())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the parent may hold all of an accelerator's memory
    import numpy as np
    import tensorflow as tf

    line = sys.stdin.readline()
    if not line.strip():
        return  # the parent ended without a task
    task = json.loads(line)
    with open(task["cases"], encoding="utf-8") as file:
        columns = json.load(file)
    serve = tf.saved_model.load(task["saved_model"]).signatures["serving_default"]
    dtypes = {name: spec.dtype for name, spec in serve.structured_input_signature[1].items()}
    n_rows = len(next(iter(columns.values())))
    n_at_once = FILES if any(is_files(column) for column in columns.values()) else BATCH
    batches = []
    for start in range(0, n_rows, n_at_once):
        feed = {
            name: tf.constant([cell_of(cell) for cell in column[start : start + n_at_once]], dtypes[name])
            for name, column in columns.items()
        }
        batches.append({name: value.numpy() for name, value in serve(**feed).items()})
    outputs = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    for name, values in outputs.items():
        if values.dtype == object:  # would be pickled
            outputs[name] = np.array([text.decode() for text in values])
    np.savez(task["outputs"], allow_pickle=False, **outputs)
    print("loaded" if FORBIDDEN in sys.modules else "alone", flush=True)


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # an interpreter takes seconds to take TensorFlow apart, and the run would wait for it
