"""Measurements of an untrained network: is the pipeline sound, before the budget is spent?

Each probe answers one question with a number and what was expected. The questions and limits are those of
Karpathy (2019), "A recipe for training neural networks", and the Stanford CS231n notes, part 3.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.config import Task
from autorecipe.effects import ProbeName
from autorecipe.recipe import Recipe
from autorecipe.run import Measurement
from autorecipe.training.graph import TrainingGraph, in_batches
from autorecipe.training.learning_rate import choose_rate, sweep_rates
from autorecipe.training.loop import Rows, strengths
from autorecipe.training.prefix import set_output_bias
from autorecipe.training.target import prior_entropy

START_TEXT = {"loss_at_start": "loss at start", "loss_with_prior_bias": "with the prior's bias"}
N_LOSS_ROWS = 8192  # rows on which the loss at the start is measured
LOSS_TOLERANCE = 0.10  # share of the expected loss: |L0 / L* - 1| <= 0.1
N_TINY_ROWS = 32  # "overfit 2-100 samples": recipe rule B6
N_TINY_STEPS = 300
TINY_RATES = (1e-3, 3e-3, 1e-2)  # tried in turn
TINY_LOSS_SHARE = 0.01  # of the loss at the start; for regression 1e-3 of the variance
TINY_VARIANCE_SHARE = 1e-3
TINY_ACCURACY = 1.0
N_CONTROL_LOOKS, CONTROL_STEPS = (
    10,
    30,
)  # validation is looked at 10 times, 30 steps apart, and the best look counts
N_CONTROL_ERRORS = 2.0  # zeroed inputs must do worse by more than two standard errors
MIN_RATE_FALL = 0.05  # the loss must fall by 5 % somewhere in the range test


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """A prepared network and the rows it may be probed with.

    Attributes
    ----------
    prepare : callable
        Returns the graph, fresh again.
    """

    graph: TrainingGraph
    recipe: Recipe
    train: Rows
    validation: Rows
    task: Task
    n_classes: int
    prepare: Callable[[], TrainingGraph]


def loss_at_start(bench: Bench) -> Measurement:
    """Does the untrained network, its output bias at zero, know nothing? Its loss should be ln C."""
    n_outputs = bench.graph.shape.n_outputs
    set_output_bias(bench.graph.network, np.zeros(n_outputs, "float32"))
    return _start(bench, "loss_at_start", math.log(bench.n_classes) if bench.task != "regression" else None)


def loss_with_prior_bias(bench: Bench) -> Measurement:
    """Does the bias know the prior? The loss should be the entropy of the classes (or the target's variance, 1)."""
    if bench.task == "regression":
        return _start(bench, "loss_with_prior_bias", None)
    expected = prior_entropy(bench.train.y.numpy(), bench.train.weight.numpy(), bench.n_classes)
    return _start(bench, "loss_with_prior_bias", expected)


def tiny_batch(bench: Bench) -> Measurement:
    """Can the network memorise a few rows? If not, something is broken."""
    rows = _distinct_rows(bench)
    tiny = dataclasses.replace(_take(bench.train, rows), weight=tf.ones(len(rows)))  # a row of weight 0 has no pull
    best = (math.inf, 0, 0.0)
    curve: list[tuple[float, float]] = []
    limit = _tiny_limit(bench)
    for rate in TINY_RATES:
        graph = bench.prepare()
        losses = _run(graph, bench.recipe, tiny, n_steps=N_TINY_STEPS, rate=rate)
        done = int(np.argmax(losses <= limit)) + 1 if (losses <= limit).any() else 0
        found = (float(losses.min()), done, _accuracy(graph, tiny, bench.task))
        if found[0] < best[0]:
            best, curve = found, _curve(losses)
        if done:
            break
    passed = best[0] <= limit and best[2] >= TINY_ACCURACY
    text = f"{len(rows)} rows memorised in {best[1]} steps" if passed else f"{len(rows)} rows not memorised"
    return Measurement(kind="tiny_batch", value=best[0], expected=limit, passed=passed, text=text, curve=tuple(curve))


def _tiny_limit(bench: Bench) -> float:
    if bench.task != "regression":
        return TINY_LOSS_SHARE * math.log(bench.n_classes)
    return math.sqrt(TINY_VARIANCE_SHARE) if bench.recipe.loss == "mae" else TINY_VARIANCE_SHARE


def zeroed_inputs(bench: Bench) -> Measurement:
    """Do the inputs matter? The same network on rows without content should do worse."""
    real = _control_losses(bench, bench.train, bench.validation)
    zeroed = _control_losses(bench, _zeroed(bench.train), _zeroed(bench.validation))
    worse = zeroed - real
    gain, error = float(worse.mean()), float(worse.std(ddof=1) / math.sqrt(len(worse)))
    passed = gain > N_CONTROL_ERRORS * error
    unit = "squared error" if bench.task == "regression" else "log loss"
    text = f"zeroed inputs {gain:+.3f} {unit}" + ("" if passed else ": the inputs carry no signal that it finds")
    return Measurement(kind="zeroed_inputs", value=gain, expected=N_CONTROL_ERRORS * error, passed=passed, text=text)


def lr_range(bench: Bench) -> Measurement:
    """Which learning rate makes the loss fall fastest without diverging?"""
    rates = sweep_rates()
    losses = _run(bench.graph, bench.recipe, bench.train, n_steps=len(rates), rates=rates)
    chosen, smooth = choose_rate(rates, losses, default=bench.recipe.learning_rate)
    fell = bool((smooth <= (1 - MIN_RATE_FALL) * smooth[:1]).any())
    text = f"learning rate {chosen:.1e}" if fell else f"flat: learning rate {chosen:.1e} kept"
    curve = tuple((float(r), float(s)) for r, s in zip(rates[: len(smooth)], smooth, strict=True))
    return Measurement(
        kind="lr_range",
        value=chosen,
        expected=bench.recipe.learning_rate,
        passed=None,
        text=text,
        curve=curve,
    )


PROBES: dict[ProbeName, Callable[[Bench], Measurement]] = {
    "loss_at_start": loss_at_start,
    "loss_with_prior_bias": loss_with_prior_bias,
    "tiny_batch": tiny_batch,
    "zeroed_inputs": zeroed_inputs,
    "lr_range": lr_range,
}


def _start(bench: Bench, kind: ProbeName, expected: float | None) -> Measurement:
    rows = _take(bench.train, np.arange(0, bench.train.n_rows, max(1, bench.train.n_rows // N_LOSS_ROWS)))
    y, outputs = rows.y.numpy(), bench.graph.predict(rows.x)
    if expected is None:  # 1 for all rows; weights and heavy tails move it for a sample of them
        expected = float(np.average(y.astype("float64") ** 2, weights=rows.weight.numpy()))
    plain = "mse" if bench.task == "regression" else "cross_entropy"
    loss = _mean_loss(plain, bench, outputs, y, rows.weight)
    passed = bool(abs(loss / expected - 1) <= LOSS_TOLERANCE) if expected > 0 else None
    return Measurement(
        kind=kind,
        value=loss,
        expected=expected,
        passed=passed,
        text=f"{START_TEXT[kind]} {loss:.3f} (expected {expected:.3f})",
    )


def _mean_loss(plain: Any, bench: Bench, outputs: NDArray[np.float32], y: Any, weight: Any) -> float:
    from autorecipe.training.losses import row_loss

    rows = row_loss(plain, bench.task)(tf.constant(y), tf.constant(outputs), 0.0)
    return float(tf.reduce_sum(rows * weight) / tf.reduce_sum(weight))


def _run(
    graph: TrainingGraph,
    recipe: Recipe,
    rows: Rows,
    *,
    n_steps: int,
    rate: float = 0.0,
    rates: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Take steps on permutations of the rows, unregularized, and return each step's loss."""
    bare = dataclasses.replace(recipe, l2=0.0, weight_decay=0.0, label_smoothing=0.0)
    rng = np.random.default_rng(recipe.seed)
    per_pass = -(-rows.n_rows // recipe.batch_size)
    n_passes = -(-n_steps // per_pass)
    batches = [in_batches(rng.permutation(rows.n_rows), recipe.batch_size) for _ in range(n_passes)]
    rates = np.full(n_steps, rate, "float32") if rates is None else rates
    losses = graph.steps(rows.x, rows.y, rows.weight, np.concatenate(batches)[:n_steps], rates, strengths(bare))
    return np.asarray(losses.numpy())


def _control_losses(bench: Bench, train: Rows, validation: Rows) -> NDArray[np.float32]:
    """Return each validation row's loss at the best of a few looks, so that overfitting hides no signal."""
    graph, best = bench.prepare(), np.full(validation.n_rows, np.inf, "float32")
    for look in range(N_CONTROL_LOOKS):
        shuffled = dataclasses.replace(bench.recipe, seed=bench.recipe.seed + look)
        _run(graph, shuffled, train, n_steps=CONTROL_STEPS, rate=bench.recipe.learning_rate)
        losses = np.asarray(graph.row_loss(validation.y, tf.constant(graph.predict(validation.x)), 0.0))
        best = losses if losses.mean() < best.mean() else best
    return best


def _zeroed(rows: Rows) -> Rows:
    x = {name: tf.zeros_like(values) for name, values in rows.x.items()}
    return Rows(x=x, y=rows.y, weight=rows.weight)


def _take(rows: Rows, places: NDArray[np.int64]) -> Rows:
    x = {name: tf.gather(values, places) for name, values in rows.x.items()}
    return Rows(x=x, y=tf.gather(rows.y, places), weight=tf.gather(rows.weight, places))


def _distinct_rows(bench: Bench) -> NDArray[np.int64]:
    """Return places of rows that differ in their inputs, so that no two of them can contradict each other."""
    n = min(bench.train.n_rows, 8 * N_TINY_ROWS)
    places = np.random.default_rng(bench.recipe.seed).permutation(bench.train.n_rows)[:n]
    flat = [
        np.nan_to_num(tf.gather(v, places).numpy().reshape(n, -1).astype("float64")) for v in bench.train.x.values()
    ]
    _, first = np.unique(np.concatenate(flat, axis=1), axis=0, return_index=True)
    return np.asarray(places[np.sort(first)][:N_TINY_ROWS])


def _accuracy(graph: TrainingGraph, rows: Rows, task: Task) -> float:
    if task == "regression":
        return 1.0
    outputs = graph.predict(rows.x)
    guess = (outputs[:, 0] > 0).astype("int32") if outputs.shape[1] == 1 else outputs.argmax(axis=1)
    return float((guess == rows.y.numpy()).mean())


def _curve(losses: NDArray[np.float32]) -> list[tuple[float, float]]:
    return [(float(i + 1), float(v)) for i, v in enumerate(losses)][:: max(1, len(losses) // 60)]
