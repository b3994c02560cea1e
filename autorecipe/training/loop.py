"""The training loop: one epoch is one permutation, taken in slices; Keras callbacks run between epochs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.recipe import Recipe
from autorecipe.record.network_readings import Internals
from autorecipe.record.trial import History
from autorecipe.schedules import momenta, rate_factors, strength_factors
from autorecipe.training.batches import in_batches, next_slice_steps
from autorecipe.training.graph import Arrays, TrainingGraph, strengths
from autorecipe.training.mixing import drawn_shares
from autorecipe.training.recovery import Recovery
from autorecipe.training.steps import Floats, StepRecord
from autorecipe.training.stored_rows import most_steps

PLATEAU_FACTOR, PLATEAU_MIN_RATE = 0.5, 1e-7  # recipe rule D2
LARGEST_NORM = float(np.finfo("float32").max)  # what stands for a norm whose squares overflow: JSON has no infinity
N_WATCHED_ROWS = 64  # whose predictions are kept at each epoch: recipe rule B7
FIRST_LOOKS = (0, 1, 4, 8)  # epochs after which every training is looked into: checks ask for three after the start
LOOK_STEPS = 500  # at least between two later looks, of which one costs as much as some hundred small steps
MIXING = 1  # apart from the order of rows, what else is drawn from a recipe's seed

Inspect = Callable[[int], Internals | None]


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Training:
    """How a training went.

    Attributes
    ----------
    history : History
        One entry per epoch: training data loss (running, in training mode, of mixed rows under mixup), validation
        data loss, the mean of the steps' learning rates, mean and peak of the gradient's norm.
    best_epoch : int
        From 1: the epoch whose weights the network has.
    repairs : tuple of str
        What was done to save the training.
    internals : tuple of Internals
        After epochs 0, 1, 4 and 8, and after 16, 32, ... where those lie 500 steps or more behind the look before.
    watched : ndarray of shape (epochs, at most 64, n_outputs), float32
        The network's raw outputs for the same validation rows after each epoch.
    """

    history: History
    best_epoch: int
    repairs: tuple[str, ...] = ()
    internals: tuple[Internals, ...] = ()
    watched: NDArray[np.float32]


@dataclass(slots=True)
class _Log:
    """What has been noted, one entry per epoch."""

    train_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    peak_gradient_norm: list[float] = field(default_factory=list)
    watched: list[NDArray[np.float32]] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    internals: list[Internals] = field(default_factory=list)

    def history(self) -> History:
        """Return the numbers as values."""
        return History(
            train_loss=tuple(self.train_loss),
            validation_loss=tuple(self.validation_loss),
            learning_rate=tuple(self.learning_rate),
            gradient_norm=tuple(self.gradient_norm),
            peak_gradient_norm=tuple(self.peak_gradient_norm),
        )


def train(
    graph: TrainingGraph,
    recipe: Recipe,
    train_rows: Rows,
    validation_rows: Rows,
    *,
    should_stop: Callable[[], bool],
    inspect: Inspect | None = None,
) -> Training:
    """Train a reset graph; it ends with the weights of its best epoch (of its last one without patience or stopping).

    With a moving average it is the averaged weights that are validated and kept. When a loss is NaN or infinite,
    training goes back to the last good epoch with a tenth of the learning rate, twice at most.

    Parameters
    ----------
    should_stop : callable
        Asked after every slice of about half a second; when it says so, the last epoch stays partial.
    inspect : callable or None
        Takes the number of finished epochs (0, 1 and powers of two, at least 500 steps apart) and returns what it saw
        of the network, or None; what it changes there is set back.

    Raises
    ------
    NotFinite
        When a loss is not finite even after two restarts.
    """
    callbacks, stopping = _callbacks(graph.network, recipe)
    graph.steps.reset_averages()
    callbacks.on_train_begin()
    log, recovery = _Log(), Recovery(graph.steps)
    steps_per_epoch = -(-train_rows.n_rows // recipe.batch_size)
    _look_inside(inspect, log, recovery, steps_per_epoch=steps_per_epoch)
    n_epochs = min(recipe.epochs, recipe.stop_epoch or recipe.epochs)
    while (epoch := len(log.train_loss)) < n_epochs:
        rate = float(graph.optimizer.learning_rate)
        taken, rates = _epoch(graph, recipe, train_rows, epoch=epoch, should_stop=should_stop)
        graph.optimizer.learning_rate.assign(rate)
        with graph.steps.swapped_averages():
            graph.remember(train_rows.x, train_rows.y)
            loss, val_loss, watched = _losses(graph, taken, validation_rows)
            is_finite = math.isfinite(loss + val_loss)
            if is_finite:
                _note(log, taken, rates, losses=(loss, val_loss), watched=watched)
                callbacks.on_epoch_end(epoch, {"loss": loss, "val_loss": val_loss})
        if not is_finite:
            recovery.restart(epoch + 1, loss if not math.isfinite(loss) else val_loss)
            if log.train_loss and should_stop():
                break
            continue
        recovery.keep(epoch + 1)
        if graph.network.stop_training or should_stop():
            break
        _look_inside(inspect, log, recovery, steps_per_epoch=steps_per_epoch)
    return _end(graph, log, recovery, callbacks=callbacks, stopping=stopping)


def _end(
    graph: TrainingGraph,
    log: _Log,
    recovery: Recovery,
    *,
    callbacks: keras.callbacks.CallbackList,
    stopping: keras.callbacks.EarlyStopping | None,
) -> Training:
    if stopping is None:
        graph.steps.adopt_averages()
    callbacks.on_train_end()
    return Training(
        history=log.history(),
        best_epoch=int(stopping.best_epoch) + 1 if stopping else len(log.train_loss),
        repairs=tuple(recovery.repairs),
        internals=tuple(log.internals),
        watched=np.stack(log.watched),
    )


def epoch_rates(recipe: Recipe, *, rate: float, epoch: int, steps_per_epoch: int) -> Floats:
    """Return the learning rate of each step of an epoch (from 0): the rate times the schedule's factor."""
    factors = rate_factors(recipe, **_place(recipe, epoch, steps_per_epoch))
    return np.asarray(rate * factors, dtype="float32")


def epoch_strengths(recipe: Recipe, *, epoch: int, steps_per_epoch: int) -> dict[str, float | Floats]:
    """Return the strengths of an epoch's steps: numbers, and one number per step where they change."""
    numbers: dict[str, float | Floats] = {**strengths(recipe)}
    steps = epoch * steps_per_epoch + np.arange(steps_per_epoch)
    if recipe.ema_decay:  # a short memory at first, so that the start is soon forgotten: TensorFlow's moving average
        numbers["ema_decay"] = np.minimum(recipe.ema_decay, (1.0 + steps) / (10.0 + steps)).astype("float32")
    numbers |= drawn_shares(recipe, np.random.default_rng((recipe.seed, epoch, MIXING)), n_steps=steps_per_epoch)
    at = {"first_step": int(steps[0]), "n_steps": steps_per_epoch, "n_total": recipe.epochs * steps_per_epoch}
    if recipe.decay_schedule != "constant":
        numbers["weight_decay"] = recipe.weight_decay * strength_factors(recipe.decay_schedule, **at)
    if recipe.dropout_schedule != "constant":
        numbers["dropout"] = recipe.dropout * strength_factors(recipe.dropout_schedule, **at)
    return {**numbers, "momentum": momenta(recipe, **_place(recipe, epoch, steps_per_epoch))}


def _place(recipe: Recipe, epoch: int, steps_per_epoch: int) -> dict[str, int]:
    return {
        "first_step": epoch * steps_per_epoch,
        "n_steps": steps_per_epoch,
        "n_total": recipe.epochs * steps_per_epoch,
        "steps_per_epoch": steps_per_epoch,
    }


def _epoch(
    graph: TrainingGraph, recipe: Recipe, rows: Rows, *, epoch: int, should_stop: Callable[[], bool]
) -> tuple[StepRecord, Floats]:
    """Take an epoch's steps, fewer when it should stop or a loss is not finite; return them with their rates."""
    order = np.random.default_rng((recipe.seed, epoch)).permutation(rows.n_rows)
    batches = in_batches(order, recipe.batch_size)
    n_steps, rate, done = len(batches), float(graph.optimizer.learning_rate), 0
    rates = epoch_rates(recipe, rate=rate, epoch=epoch, steps_per_epoch=n_steps)
    asked = epoch_strengths(recipe, epoch=epoch, steps_per_epoch=n_steps)
    parts: list[StepRecord] = []
    most = most_steps(rows.x, recipe.batch_size)
    while done < n_steps and not (parts and (should_stop() or not np.isfinite(parts[-1].losses).all())):
        at = slice(done, min(done + min(graph.slice_steps, most), n_steps))
        own = {name: value[at] if isinstance(value, np.ndarray) else value for name, value in asked.items()}
        began = time.perf_counter()
        parts.append(graph.steps.take(rows.x, rows.y, rows.weight, batches=batches[at], rates=rates[at], strengths=own))
        graph.slice_steps = next_slice_steps(at.stop - done, time.perf_counter() - began)
        done = at.stop
    losses = np.concatenate([part.losses for part in parts])
    norms = np.concatenate([part.gradient_norms for part in parts])
    return StepRecord(losses=losses, gradient_norms=norms), rates[:done]


def _losses(graph: TrainingGraph, taken: StepRecord, rows: Rows) -> tuple[float, float, NDArray[np.float32]]:
    """Return the training loss, the validation loss and the outputs for the watched rows."""
    outputs = graph.predict(rows.x)
    watched = outputs[:: -(-len(outputs) // N_WATCHED_ROWS) or 1]
    return float(np.mean(taken.losses)), graph.mean_loss(outputs, rows.y, rows.weight), watched


def _note(
    log: _Log, taken: StepRecord, rates: Floats, *, losses: tuple[float, float], watched: NDArray[np.float32]
) -> None:
    log.train_loss.append(losses[0])
    log.validation_loss.append(losses[1])
    log.learning_rate.append(float(np.mean(rates, dtype="float64")))
    norms = np.nan_to_num(taken.gradient_norms.astype("float64"), nan=LARGEST_NORM, posinf=LARGEST_NORM)
    log.gradient_norm.append(float(np.mean(norms)))
    log.peak_gradient_norm.append(float(np.max(norms)))
    log.watched.append(watched)


def _look_inside(inspect: Inspect | None, log: _Log, recovery: Recovery, *, steps_per_epoch: int) -> None:
    epoch = len(log.train_loss)
    n_steps = (epoch - log.looks[-1]) * steps_per_epoch if log.looks else 0
    is_due = epoch in FIRST_LOOKS or (epoch & (epoch - 1) == 0 and n_steps >= LOOK_STEPS)
    if inspect is None or not is_due:
        return
    seen = inspect(epoch)
    recovery.restore()
    log.looks.append(epoch)
    if seen is not None:
        log.internals.append(seen)


def _callbacks(
    network: keras.Model, recipe: Recipe
) -> tuple[keras.callbacks.CallbackList, keras.callbacks.EarlyStopping | None]:
    stopping = None
    found: list[keras.callbacks.Callback] = []
    if recipe.patience and not recipe.stop_epoch:
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
