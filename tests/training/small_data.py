"""A small encoded table, and a trainer that keeps its fits in a dictionary."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import numpy as np

from autorecipe.config import Task
from autorecipe.data.folds import Fold
from autorecipe.data.split import Split
from autorecipe.metrics.choose import default_metric, metric_named
from autorecipe.preprocessing.spec import Layout
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit
from autorecipe.testing import FakeClock
from autorecipe.training.dataset import Dataset
from autorecipe.training.trainer import NetworkTrainer

N_ROWS, N_TRAIN, N_VALIDATION = 300, 200, 60
SMALL = Recipe(width=8, depth=1, epochs=3, batch_size=64, patience=0, learning_rate=1e-2, seed=3)
LAYOUT = Layout(
    number_names=("a", "b", "c"),
    code_names=("d", "e"),
    code_sizes=(4, 20),
    token_names=("f",),
    token_sizes=(12,),
    token_lengths=(5,),
    token_idf=((0.0, 0.0, *np.linspace(1, 3, 10).tolist()),),
)


@dataclass(slots=True)
class Memory:
    """Remembers fits in dictionaries (`autorecipe.training.memory.FitMemory`)."""

    fits: dict[str, Fit] = field(default_factory=dict)
    predictions: dict[str, dict] = field(default_factory=dict)
    weights: dict[str, list] = field(default_factory=dict)

    def save_fit(self, key, fit, *, predictions, weights):
        self.fits[key], self.predictions[key] = fit, predictions
        if weights is not None:
            self.weights[key] = weights

    def load_fit(self, key):
        return self.fits.get(key)

    def load_predictions(self, key):
        return self.predictions[key]

    def load_weights(self, key):
        return self.weights[key]


def small_data(task: Task = "binary", *, signal: float = 3.0, seed: int = 0) -> Dataset:
    """300 rows of numbers with holes, two code columns and a text; 200 to learn from, 60 to validate on."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(N_ROWS, 3)).astype("float32")
    codes = np.stack([rng.integers(0, 4, N_ROWS), rng.integers(0, 20, N_ROWS)], axis=1).astype("int32")
    tokens = rng.integers(0, 12, (N_ROWS, 5)).astype("int32")
    strength = signal * numbers[:, 0] + signal * (codes[:, 0] == 2) + rng.normal(size=N_ROWS)
    numbers[rng.random(N_ROWS) < 0.1, 1] = np.nan
    y = {
        "regression": 100 + 7 * strength.astype("float64"),
        "binary": (strength > 1).astype("int64"),
        "multiclass": np.digitize(strength, [-1, 2]).astype("int64"),
    }[task]
    rows = np.arange(N_ROWS)
    fold = Fold(train=rows[:N_TRAIN], validation=rows[N_TRAIN : N_TRAIN + N_VALIDATION])
    other = Fold(train=rows[N_VALIDATION : N_TRAIN + N_VALIDATION], validation=rows[:N_VALIDATION])
    split = Split(
        scheme="holdout",
        folds=(fold,),
        bag=(fold, other),
        fresh=(fold,),
        test=rows[N_TRAIN + N_VALIDATION :],
        non_test=rows[: N_TRAIN + N_VALIDATION],
        groups=None,
        reason="made up",
    )
    return Dataset(
        x={"numbers": numbers, "codes": codes, "tokens_0": tokens},
        y=y,
        weight=np.ones(N_ROWS, "float32"),
        split=split,
        layout=LAYOUT,
        task=task,
        n_classes={"regression": 1, "binary": 2, "multiclass": 3}[task],
        fingerprint=f"{task} {seed}",
    )


def small_trainer(data: Dataset, *, clock: FakeClock | None = None, memory: Memory | None = None) -> NetworkTrainer:
    """A trainer on a dataset that decides by the task's default metric."""
    metric = metric_named(default_metric(data.task, 0.5), data.task)
    return NetworkTrainer(data, memory or Memory(), metric=metric, seed=0, clock=clock or FakeClock())


def recipe_for(task: Task, **edits) -> Recipe:
    """The small recipe with the loss that fits the task."""
    return dataclasses.replace(SMALL, loss="mse" if task == "regression" else "cross_entropy", **edits)
