"""AutoRecipe's own networks on the bench."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.choices import LossName
from autorecipe.config import Task
from autorecipe.families import family_named
from autorecipe.metrics.metric import Metric
from autorecipe.recipe import Recipe
from autorecipe.training.batches import in_batches
from autorecipe.training.bench import Bench, BenchRows, Floats, Setup, Tensors
from autorecipe.training.graph import N_AXES, TrainingGraph, strengths
from autorecipe.training.layer_strengths import layer_strengths
from autorecipe.training.loop import Rows
from autorecipe.training.prefix import set_output_bias

PROBED_BATCH = 32  # images of a step that probes take, at most: a batch of all that the tiny one has
# work of a step that probes take all of their steps of: some 5 ms on two cores; choice
PACED_WORK = 6e7
SLOWEST_PACE = 1 / 8  # with fewer steps the controls would say nothing: 40 beside the rows, 20 on shuffled targets
# Keras' names of the losses: for one output, and for several
KERAS_LOSSES: dict[LossName, tuple[str, str]] = {
    "cross_entropy": ("binary_crossentropy", "sparse_categorical_crossentropy"),
    "focal": ("binary_focal_crossentropy", "categorical_focal_crossentropy"),
    "hinge": ("hinge", "categorical_hinge"),
    "mse": ("mean_squared_error", "mean_squared_error"),
    "mae": ("mean_absolute_error", "mean_absolute_error"),
    "huber": ("huber", "huber"),
}


def own_bench(
    prepared: tuple[TrainingGraph, Rows, Rows], recipe: Recipe, *, task: Task, n_classes: int, metric: Metric | None
) -> Bench:
    """Put a network of AutoRecipe's on the bench.

    Parameters
    ----------
    prepared : (graph, training rows, validation rows)
        As `NetworkTrainer.prepare` returns them; the network's present state is what `Bench.fresh` comes back to.
    recipe : Recipe
        With the seed of the fit.
    metric : Metric or None
        The deciding metric; None for log loss, or RMSE.
    """
    graph, train, validation = prepared
    names = KERAS_LOSSES[recipe.loss]
    setup = Setup(
        task=task,
        n_classes=n_classes,
        batch_size=min(recipe.batch_size, PROBED_BATCH) if graph.shape.image else recipe.batch_size,
        learning_rate=recipe.learning_rate,
        usual_rate=recipe.learning_rate,
        optimizer=recipe.optimizer,
        loss=names[0] if graph.shape.n_outputs == 1 else names[1],
        from_logits=None if task == "regression" or recipe.loss == "hinge" else True,
        outputs_are_logits=task != "regression",
        seed=recipe.seed,
        suits_rate_test=family_named(recipe.family).suits_rate_test,
        metric=metric.name if metric else "",
        is_own=True,
        pace=probing_pace(recipe, graph.shape.image),
    )
    return _OwnBench(graph, recipe, setup=setup, train=_bench_rows(train), validation=_bench_rows(validation))


def probing_pace(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the share of their usual steps that probes take: fewer where an image's way through a network is long.

    >>> probing_pace(Recipe(), ())
    1.0
    """
    work = family_named(recipe.family).work
    if not image or work is None:
        return 1.0
    n_images = min(recipe.batch_size, PROBED_BATCH)
    return float(np.clip(PACED_WORK / (work(recipe, image) * n_images), SLOWEST_PACE, 1.0))


class _OwnBench(Bench):
    def __init__(
        self, graph: TrainingGraph, recipe: Recipe, *, setup: Setup, train: BenchRows, validation: BenchRows
    ) -> None:
        super().__init__(graph.network, graph.optimizer, setup=setup, train=train, validation=validation)
        self._graph, self._recipe = graph, recipe
        no_penalties = dataclasses.replace(recipe, l2=0.0, l1=0.0, input_l1=0.0, weight_decay=0.0)
        no_dropout = dataclasses.replace(no_penalties, dropout=0.0)  # a scheduled rate is a strength of each step
        self._bare = dataclasses.replace(no_dropout, label_smoothing=0.0, sam=0.0, max_norm=0.0, clip_norm=0.0)

    def outputs(self, x: Tensors) -> Floats:
        """Return the outputs (n_rows, n_outputs) in inference mode."""
        return self._graph.predict(x)

    def row_loss(self, y: Any, outputs: Any) -> Any:
        """Return the data loss of each row (n_rows,), without smoothing."""
        return self._graph.row_losses(y, tf.convert_to_tensor(outputs), 0.0)

    def outputs_in_training(self, x: Tensors) -> Floats:
        """Return the outputs (n_rows, n_outputs) in training mode, the mean of its members' where there are several."""
        outputs = super().outputs_in_training(x)
        return outputs if outputs.ndim == N_AXES else outputs.mean(axis=1)

    def batch_loss(self, rows: BenchRows, *, factor: int = 1) -> float:
        """Return the data loss of the compiled step for one batch, at rate 0."""
        state = self.snapshot()
        batch = in_batches(np.tile(np.arange(rows.n_rows), factor), self.setup.batch_size)
        with self._without_noise():
            loss = float(self._take(rows, batch[:1], np.zeros(1, "float32"), self._bare)[0])
        self.restore(state)
        return loss

    def take_steps(
        self, rows: BenchRows, n_steps: int, *, rates: float | Floats, regularized: bool = False, draw: int = 0
    ) -> Floats:
        """Train, and return each step's data loss (n_steps,); see `Bench`."""
        rng = np.random.default_rng((self.setup.seed, draw))
        n_taken = min(rows.n_rows, n_steps * self.setup.batch_size)
        n_passes = -(-n_steps // -(-n_taken // self.setup.batch_size))
        orders = [rng.choice(rows.n_rows, n_taken, replace=False) for _ in range(n_passes)]
        batches = np.concatenate([in_batches(order, self.setup.batch_size) for order in orders])[:n_steps]
        rates = np.broadcast_to(np.asarray(rates, "float32"), n_steps)
        if regularized:
            losses = self._take(rows, batches, rates, self._recipe)
        else:
            with self._without_noise():
                losses = self._take(rows, batches, rates, self._bare)
        self._graph.remember(rows.x, rows.y)
        return losses

    def penalty_gradients(self) -> list[Floats]:
        """Return the gradient of L1 and L2 by each trainable variable; decay is no part of the loss."""
        recipe, kernels = self._recipe, [id(k) for k in self._graph.kernels]
        found = []
        for variable in self.network.trainable_variables:
            value = variable.numpy()
            is_kernel = id(variable) in kernels
            l1 = recipe.l1 + (recipe.input_l1 if is_kernel and id(variable) == kernels[0] else 0.0)
            found.append((2 * recipe.l2 * value + l1 * np.sign(value)) * is_kernel)
        return found

    def set_output_bias(self, bias: Floats) -> None:
        """Set the bias of the head."""
        set_output_bias(self.network, bias.astype("float32"))

    def _take(self, rows: BenchRows, batches: NDArray[np.int32], rates: Floats, recipe: Recipe) -> Floats:
        record = self._graph.steps.take(
            rows.x, rows.y, rows.weight, batches=batches, rates=rates, strengths=strengths(recipe)
        )
        self.step_norms = record.gradient_norms
        return record.losses

    def _learning_from(self, rows: BenchRows) -> AbstractContextManager[None]:
        return self._graph.memory.learning_from(rows.y, rows.weight)

    @contextmanager
    def _without_noise(self) -> Iterator[None]:
        """Let no layer drop or disturb anything meanwhile."""
        noisy = [strength.weight for strength in layer_strengths(self.network)]
        before = [float(weight) for weight in noisy]
        for weight in noisy:
            weight.assign(0.0)
        try:
            yield
        finally:
            for weight, value in zip(noisy, before, strict=True):
                weight.assign(value)


def _bench_rows(rows: Rows) -> BenchRows:
    return BenchRows(x=rows.x, y=rows.y, weight=tf.convert_to_tensor(rows.weight))
