"""A few small images with bars that stand or lie, and what trains on them."""

from __future__ import annotations

import dataclasses

import numpy as np
from small_data import Memory, small_trainer

from autorecipe.config import Task
from autorecipe.data.folds import Fold
from autorecipe.data.split import Split
from autorecipe.preprocessing.spec import Layout
from autorecipe.recipe import Recipe
from autorecipe.training.dataset import Dataset

__all__ = ["SMALL_NET", "Memory", "bars", "small_trainer"]

N_ROWS, N_TRAIN, N_VALIDATION, SIDE = 130, 80, 30, 8
SMALL_NET = Recipe(
    family="convnet", width=4, depth=2, epochs=3, batch_size=16, patience=0, learning_rate=1e-2, normalization="batch"
)


def bars(task: Task = "binary", *, n_channels: int = 1, seed: int = 0) -> Dataset:
    """130 noisy images of 8 x 8 pixels: a bar lies (0) or stands (1), or there is none (2); 80 to learn from.

    Of a regression the target is how far down the lying bar is.
    """
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 90, (N_ROWS, SIDE, SIDE, n_channels)).astype("uint8")
    place, kind = rng.integers(1, SIDE - 1, N_ROWS), rng.integers(0, 3 if task == "multiclass" else 2, N_ROWS)
    kind = np.zeros(N_ROWS, "int64") if task == "regression" else kind
    for row, (at, which) in enumerate(zip(place, kind, strict=True)):
        if which < 2:
            where = (slice(at, at + 1), slice(None)) if which == 0 else (slice(None), slice(at, at + 1))
            pixels[row][where] = 220
    rows = np.arange(N_ROWS)
    fold = Fold(train=rows[:N_TRAIN], validation=rows[N_TRAIN : N_TRAIN + N_VALIDATION])
    split = Split(
        scheme="holdout",
        folds=(fold,),
        bag=(fold,),
        fresh=(fold,),
        test=rows[N_TRAIN + N_VALIDATION :],
        non_test=rows[: N_TRAIN + N_VALIDATION],
        groups=None,
        reason="made up",
    )
    return Dataset(
        x={"pixels": pixels},
        y=place.astype("float64") if task == "regression" else kind,
        weight=np.ones(N_ROWS, "float32"),
        split=split,
        layout=Layout(),
        task=task,
        n_classes={"regression": 1, "binary": 2, "multiclass": 3}[task],
        fingerprint=f"bars {task} {seed}",
    )


def net_for(task: Task, **edits) -> Recipe:
    """The small net with the loss that fits the task."""
    return dataclasses.replace(SMALL_NET, loss="mse" if task == "regression" else "cross_entropy", **edits)
