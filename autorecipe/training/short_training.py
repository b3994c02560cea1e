"""A short training of a network on the bench, watched from outside and inside."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from autorecipe.errors import foreign_text
from autorecipe.evidence import TrainingReading
from autorecipe.record.network_readings import Internals
from autorecipe.record.trial import Fit, History
from autorecipe.training.bench import Bench, BenchRows, CannotMeasure, Floats
from autorecipe.training.inspect_network import inspect_network
from autorecipe.training.scores import largest_share

MIN_STEPS = 400  # Adam at 1e-3 has left chance behind by then on tables of a few hundred rows: measured on ten of them
MIN_EPOCHS, MAX_EPOCHS = 10, 60  # ten, since swings are looked for in ten (T020)
PATIENCE = 10  # epochs without a better validation loss
LOOKS_INSIDE = (0, 1, 2, 4, 8)  # epochs: five looks, of which three decide (T015)
N_LOSS_ROWS = 2048  # training rows on which an epoch's loss is measured


@dataclass(slots=True)
class _Watch:
    """What was seen so far; the best epoch is the one with the lowest validation loss."""

    train: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    class_shares: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    internals: list[Internals] = field(default_factory=list)
    cause: str = ""

    @property
    def best(self) -> int:
        known = [(loss, epoch) for epoch, loss in enumerate(self.validation) if math.isfinite(loss)]
        return min(known)[1] if known else max(len(self.validation) - 1, 0)

    @property
    def has_waited(self) -> bool:
        return len(self.validation) - 1 - self.best >= PATIENCE


def train_shortly(
    bench: Bench, *, before: Internals | None = None, epochs: int | None = None, deadline_s: float
) -> TrainingReading:
    """Train the network of a bench for a few epochs, as it would be trained, and say what was seen.

    Losses are those at the end of each epoch in inference mode, in nats or as mean squared errors. The network is left
    trained.

    Parameters
    ----------
    bench : Bench
        Fresh.
    before : Internals or None
        What a look inside says before the first step; None where nobody has looked yet.
    epochs : int or None
        None: as many as make 400 steps, but 10 to 60. Training ends before, 10 epochs after the best validation loss.
    deadline_s : float
        On the clock of `time.perf_counter`; no epoch but the first begins after it.
    """
    n_steps = max(1, math.ceil(bench.train.n_rows / bench.setup.batch_size))
    allowed = epochs or int(np.clip(math.ceil(MIN_STEPS / n_steps), MIN_EPOCHS, MAX_EPOCHS))
    watch, started = _Watch(), time.perf_counter()
    try:
        watch.internals.append(before or inspect_network(bench, epoch=0))
        is_cut = _train(bench, watch, allowed=allowed, n_steps=n_steps, deadline_s=deadline_s)
    except Exception as error:  # the user's layers and losses may raise anything, and that is what is to be told
        watch.cause, is_cut = foreign_text(error), False
    fit = _fit(bench, watch, is_cut=is_cut, n_steps=n_steps, seconds=time.perf_counter() - started)
    return TrainingReading(
        fit=fit,
        epochs=allowed,
        patience=PATIENCE,
        chance_loss=chance_loss(bench),
        largest_true_share=largest_share(bench.classes(bench.validation.y)) if _has_classes(bench) else 0.0,
    )


def chance_loss(bench: Bench) -> float:
    """Return what predicting the prior of the training rows costs on the validation rows."""
    train, validation = np.asarray(bench.train.y), np.asarray(bench.validation.y)
    if not _has_classes(bench):
        return float(np.mean((validation.astype("float64") - train.mean(axis=0, dtype="float64")) ** 2))
    classes, counts = np.unique(bench.classes(train), return_counts=True)
    shares = dict(zip(classes.tolist(), ((counts + 1) / (counts.sum() + len(counts) + 1)).tolist(), strict=True))
    unseen = 1 / (counts.sum() + len(counts) + 1)  # Laplace: a class that training never saw is not impossible
    return float(np.mean([-math.log(shares.get(c, unseen)) for c in bench.classes(validation).tolist()]))


def _train(bench: Bench, watch: _Watch, *, allowed: int, n_steps: int, deadline_s: float) -> bool:
    """Return whether the clock ended it."""
    for epoch in range(1, allowed + 1):
        bench.take_steps(bench.train, n_steps, rates=bench.setup.learning_rate, regularized=True, draw=epoch)
        watch.norms.append(float(bench.step_norms.mean()))
        watch.peaks.append(float(bench.step_norms.max()))
        _look(bench, watch)
        if epoch in LOOKS_INSIDE:
            watch.internals.append(inspect_network(bench, epoch=epoch))
        if not math.isfinite(watch.train[-1] + watch.validation[-1]):
            watch.cause = f"epoch {epoch}: the loss is NaN"
            return False
        if watch.has_waited:
            return False
        if time.perf_counter() > deadline_s:
            return epoch < allowed
    return False


def _look(bench: Bench, watch: _Watch) -> None:
    """Measure the losses at the end of an epoch, and how the predictions are spread over the classes."""
    outputs = bench.outputs(bench.validation.x)
    losses = _row_losses(bench, bench.validation, outputs)
    watch.validation.append(float(losses.mean()))
    watch.errors.append(float(losses.std(ddof=1) / math.sqrt(len(losses))) if len(losses) > 1 else 0.0)
    watch.class_shares.append(largest_share(bench.probabilities(outputs).argmax(axis=1)) if _has_classes(bench) else 0)
    rows = bench.train.evenly(N_LOSS_ROWS)
    watch.train.append(float(_row_losses(bench, rows, bench.outputs(rows.x)).mean()))


def _row_losses(bench: Bench, rows: BenchRows, outputs: Floats) -> Floats:
    """Return each row's loss in nats or as a squared error; the model's own where labels are no classes of it."""
    try:
        return bench.plain_losses(outputs, rows.y)
    except CannotMeasure:
        return np.asarray(bench.row_loss(rows.y, tf.constant(outputs)))


def _fit(bench: Bench, watch: _Watch, *, is_cut: bool, n_steps: int, seconds: float) -> Fit:
    n_epochs, best = len(watch.train), watch.best
    at_best = {name: values[best] if values else 0.0 for name, values in _by_name(watch).items()}
    return Fit(
        key="",
        fold=0,
        status="failed" if watch.cause else "ok",
        cause=watch.cause,
        seconds=seconds,
        train_loss=at_best["train"],
        validation_loss=at_best["validation"],
        validation_loss_error=at_best["error"],
        largest_class_share=at_best["class_share"],
        best_epoch=best + 1 if n_epochs else 0,
        epochs=n_epochs,
        steps=n_steps * n_epochs,
        n_parameters=sum(math.prod(v.shape) for v in bench.network.trainable_variables),
        is_cut=is_cut,
        internals=tuple(watch.internals),
        history=History(
            train_loss=tuple(watch.train),
            validation_loss=tuple(watch.validation),
            learning_rate=(bench.setup.learning_rate,) * n_epochs,
            gradient_norm=tuple(watch.norms),
            peak_gradient_norm=tuple(watch.peaks),
        ),
    )


def _by_name(watch: _Watch) -> dict[str, list[float]]:
    return {
        "train": watch.train,
        "validation": watch.validation,
        "error": watch.errors,
        "class_share": watch.class_shares,
    }


def _has_classes(bench: Bench) -> bool:
    return bench.setup.task != "regression"
