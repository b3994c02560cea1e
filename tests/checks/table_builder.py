from __future__ import annotations

import numpy as np
import pandas as pd

from autorecipe.checks.rows import training_rows
from autorecipe.config import Config
from autorecipe.data.schema import Column, Schema


def make_rows(cells, *, target, task="", kinds=None, columns=(), config=None, **more):
    """Build the training rows that checks see from columns of raw cells and a target.

    Numbers become numeric features and texts categorical ones, unless `kinds` says otherwise; `columns` adds
    ready-made schema columns for cells given by the same name.
    """
    frame = pd.DataFrame(cells)
    ready = {column.name: column for column in columns}
    features = [ready.get(name) or _column(frame[name], name, kinds or {}) for name in frame.columns]
    frame["y"] = list(target)
    task = task or ("regression" if np.asarray(target).dtype.kind == "f" else "binary")
    wire = "float32" if task == "regression" else "string"
    kind = "numeric" if task == "regression" else "categorical"
    schema = Schema(
        columns=(*features, Column(name="y", kind=kind, wire=wire, role="target")),
        target="y",
        task=task,
        task_reason="made up",
        classes=() if task == "regression" else tuple(sorted({str(label) for label in target})),
    )
    other = more.pop("other_frame", None)
    return training_rows(frame, other_frame=other, schema=schema, config=config or Config(target="y"), **more)


def _column(series, name, kinds):
    is_number = pd.api.types.is_numeric_dtype(series.dtype)
    kind = kinds.get(name, "numeric" if is_number else "categorical")
    return Column(name=name, kind=kind, wire="float32" if is_number else "string")


def chance(seed=0):
    return np.random.default_rng(seed)


def coin_flips(n, seed=99):
    return chance(seed).choice(["no", "yes"], n)
