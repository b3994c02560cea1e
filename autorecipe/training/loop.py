"""The training loop: one epoch is one permutation, taken in slices; Keras callbacks run between epochs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.recipe import Recipe
from autorecipe.run import History
from autorecipe.training.graph import Arrays, TrainingGraph, in_batches

SLICE_S = 0.5  # seconds between looks at the deadline: a running graph cannot be interrupted
WARM_UP_SHARE = 0.05  # of all steps, before a falling schedule: recipe rule E4
PLATEAU_FACTOR, PLATEAU_MIN_RATE = 0.5, 1e-7  # recipe rule D2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Encoded rows with what is to be learned from them: x by name, y, and the rows' weights."""

    x: Arrays
    y: Any
    weight: Any

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.y.shape[0])


class NotFinite(ArithmeticError):
    """The loss became NaN or infinite."""


def train(
    graph: TrainingGraph,
    recipe: Recipe,
    train_rows: Rows,
    validation_rows: Rows,
    *,
    should_stop: Callable[[], bool],
) -> tuple[History, int]:
    """Train a reset graph; it ends with the weights of its best epoch (of its last one without patience).

    Returns
    -------
    history : History
        One entry per epoch: training data loss (running, training mode), validation data loss, learning rate.
    best_epoch : int
        From 1.

    Raises
    ------
    NotFinite
        When a loss is NaN or infinite.
    """
    callbacks, stopping = _callbacks(graph.network, recipe)
    callbacks.on_train_begin()
    train_losses, validation_losses, rates = [], [], []
    for epoch in range(recipe.epochs):
        rate = float(graph.optimizer.learning_rate)
        losses = _epoch(graph, recipe, train_rows, epoch=epoch, should_stop=should_stop)
        graph.optimizer.learning_rate.assign(rate)
        outputs = graph.predict(validation_rows.x)
        train_losses.append(float(np.mean(losses)))
        validation_losses.append(graph.mean_loss(outputs, validation_rows.y, validation_rows.weight))
        rates.append(rate)
        if not math.isfinite(train_losses[-1] + validation_losses[-1]):
            raise NotFinite(f"the loss was no longer a finite number in epoch {epoch + 1}")
        callbacks.on_epoch_end(epoch, {"loss": train_losses[-1], "val_loss": validation_losses[-1]})
        if graph.network.stop_training or should_stop():
            break
    callbacks.on_train_end()
    best_epoch = int(stopping.best_epoch) + 1 if stopping else len(train_losses)
    history = History(
        train_loss=tuple(train_losses), validation_loss=tuple(validation_losses), learning_rate=tuple(rates)
    )
    return history, best_epoch


def step_rates(recipe: Recipe, *, rate: float, first_step: int, n_steps: int, n_total: int) -> NDArray[np.float32]:
    """Return the learning rate of each step: the rate times the schedule's factor."""
    if recipe.schedule == "constant":
        return np.full(n_steps, rate, dtype="float32")
    share = (np.arange(first_step, first_step + n_steps) + 0.5) / n_total
    falling = 0.5 * (1 + np.cos(np.pi * np.clip((share - WARM_UP_SHARE) / (1 - WARM_UP_SHARE), 0, 1)))
    return np.asarray(rate * np.minimum(share / WARM_UP_SHARE, falling), dtype="float32")


def strengths(recipe: Recipe) -> NDArray[np.float32]:
    """Return (l2, weight decay, label smoothing) as the compiled steps take them."""
    return np.array([recipe.l2, recipe.weight_decay, recipe.label_smoothing], dtype="float32")


def _epoch(
    graph: TrainingGraph, recipe: Recipe, rows: Rows, *, epoch: int, should_stop: Callable[[], bool]
) -> NDArray[np.float32]:
    order = np.random.default_rng((recipe.seed, epoch)).permutation(rows.n_rows)
    batches = in_batches(order, recipe.batch_size)
    n_steps, rate, done = len(batches), float(graph.optimizer.learning_rate), 0
    losses: list[NDArray[np.float32]] = []
    while done < n_steps and not (losses and should_stop()):
        size = min(graph.slice_steps, n_steps - done)
        rates = step_rates(
            recipe,
            rate=rate,
            first_step=epoch * n_steps + done,
            n_steps=size,
            n_total=recipe.epochs * n_steps,
        )
        began = time.perf_counter()
        part = graph.steps(rows.x, rows.y, rows.weight, batches[done : done + size], rates, strengths(recipe))
        losses.append(part.numpy())
        done += size
        graph.slice_steps = max(1, int(size * SLICE_S / max(time.perf_counter() - began, 1e-4)))
    return np.concatenate(losses)


def _callbacks(
    network: keras.Model, recipe: Recipe
) -> tuple[keras.callbacks.CallbackList, keras.callbacks.EarlyStopping | None]:
    stopping = None
    found: list[keras.callbacks.Callback] = []
    if recipe.patience:
        stopping = keras.callbacks.EarlyStopping(
            monitor="val_loss", patience=recipe.patience, restore_best_weights=True
        )
        found.append(stopping)
    if recipe.reduce_on_plateau:
        found.append(
            keras.callbacks.ReduceLROnPlateau(
                monitor="val_loss",
                factor=PLATEAU_FACTOR,
                patience=int(np.clip(recipe.patience // 2, 5, 10)),
                min_lr=PLATEAU_MIN_RATE,
            )
        )
    network.stop_training = False
    return keras.callbacks.CallbackList(found, model=network), stopping
