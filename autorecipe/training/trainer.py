"""Trains recipes and baselines on folds, and remembers every fit."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import time
import traceback
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.decide import seed_for
from autorecipe.effects import BaselineName, Clock, ProbeName
from autorecipe.metrics.intervals import Rows as MetricRows
from autorecipe.metrics.intervals import bootstrap_difference
from autorecipe.metrics.metric import Metric
from autorecipe.recipe import Recipe
from autorecipe.run import Fit, Measurement, Trial
from autorecipe.training import probes
from autorecipe.training.baselines import fit_baseline, fitting_threads
from autorecipe.training.build import build_network
from autorecipe.training.dataset import Dataset, shape_of
from autorecipe.training.graph import GraphCache, TrainingGraph
from autorecipe.training.loop import Rows, train
from autorecipe.training.memory import FitMemory
from autorecipe.training.prefix import set_output_bias, set_prefix
from autorecipe.training.target import TargetScale, fit_scale, prior_bias, to_learn, to_prediction

N_SCORED_TRAIN_ROWS = 10_000  # training rows that the training score is measured on


Heard = Callable[[str, Fit], None]


def _silent(title: str, fit: Fit) -> None:
    """Tell nobody."""


def title(recipe: Recipe) -> str:
    """Return a recipe in a few words: "residual mlp 2x128, dropout 0.1"."""
    parts = [f"{recipe.family.replace('_', ' ')} {recipe.depth}x{recipe.width}"]
    parts += ["linear path"] if recipe.linear_path else []
    parts += ["numbers embedded"] if recipe.numeric_embedding != "none" else []
    parts += [f"dropout {recipe.dropout:g}"] if recipe.dropout else []
    parts += [f"rate {recipe.learning_rate:.1e}"]
    return ", ".join(parts)


class NetworkTrainer:
    """Trains on one dataset; implements `autorecipe.effects.Trainer`.

    Parameters
    ----------
    data : Dataset
    memory : FitMemory
        Asked before a fit and told after it.
    metric : Metric
        The deciding metric.
    seed : int
        Every fit's seed is a hash of (this, recipe, fold).
    clock : Clock
        Training stops early, with its best epoch, when nothing is left of it.
    """

    def __init__(self, data: Dataset, memory: FitMemory, *, metric: Metric, seed: int, clock: Clock) -> None:
        self.data, self.memory, self.metric, self.seed, self.clock = data, memory, metric, seed, clock
        self.shape = shape_of(data)
        self._graphs = GraphCache()
        self._heard: Heard = _silent

    def with_clock(self, clock: Clock, *, heard: Heard) -> NetworkTrainer:
        """Return a trainer that shares everything but the clock, and tells of every fit."""
        other = copy.copy(self)
        other.clock, other._heard = clock, heard
        return other

    def fit(self, recipe: Recipe, fold: int) -> Fit:
        """Train a recipe on one fold, or return what was found before."""
        key = self._key(recipe.key, fold)
        return self._remembered(key, fold, title(recipe), lambda: self._fit(recipe, fold, key))

    def baseline(self, name: BaselineName, fold: int) -> Fit:
        """Train a baseline on one fold, or return what was found before."""
        key = self._key(name, fold)
        with fitting_threads(len(self.data.y)):
            return self._remembered(key, fold, name.replace("_", " "), lambda: self._baseline(name, fold, key))

    def probe(self, kind: ProbeName, recipe: Recipe) -> Measurement:
        """Measure one property of a recipe's network on the first fold; a failure is a Measurement that says so."""
        try:
            return self._probe(kind, recipe)
        except Exception as error:  # as with fits: one probe never ends a run, its cause is shown
            return Measurement(kind=kind, value=0.0, text=f"{kind.replace('_', ' ')} not measured: {_cause(error)}")

    def _probe(self, kind: ProbeName, recipe: Recipe) -> Measurement:
        seeded = _seeded(recipe, self.seed, 0)
        graph, train_rows, validation_rows = self.prepare(seeded, 0)
        bench = probes.Bench(
            graph=graph,
            recipe=seeded,
            train=train_rows,
            validation=validation_rows,
            task=self.data.task,
            n_classes=self.data.n_classes,
            prepare=lambda: self.prepare(seeded, 0)[0],
        )
        return probes.PROBES[kind](bench)

    def row_error(self, before: Trial, after: Trial) -> float:
        """Standard error of the difference of two trials' scores on the first fold's validation rows."""
        fold = self.data.fold(before.fits[0].fold).validation
        a, b = (self.memory.load_predictions(t.fits[0].key)["validation"] for t in (before, after))
        y = self.data.y[fold]
        groups = None if self.data.split.groups is None else self.data.split.groups[fold]
        # too few groups give no error: that of single rows is too small, but no error at all would keep any gain
        resampled = [MetricRows(weight=self.data.weight[fold], groups=units) for units in (groups, None)]
        errors = (bootstrap_difference(self.metric, y, a, b, rows=rows, seed=self.seed).error for rows in resampled)
        return next((error for error in errors if error is not None), 0.0)

    def blend(self, trials: tuple[Trial, ...], name: str) -> Trial:
        """Average the validation predictions of trials on the same folds, and score the averages."""
        fits = tuple(self._blend([t.fits[i] for t in trials]) for i in range(len(trials[0].fits)))
        return Trial(name=name, recipe=trials[0].recipe, fits=fits)

    def _blend(self, fits: list[Fit]) -> Fit:
        rows = self.data.fold(fits[0].fold).validation
        parts = [self.memory.load_predictions(f.key)["validation"].astype("float64") for f in fits]
        mean = np.mean(parts, axis=0)
        y, weight = self.data.y[rows], self.data.weight[rows]
        key = _hash("blend", *(f.key for f in fits))
        fit = dataclasses.replace(
            fits[0],
            key=key,
            seconds=0.0,
            validation_loss=_task_loss(y, mean, weight, self.target_scale(fits[0].fold)),
            validation_score=self.metric.compute(y, mean, weight),
        )
        self.memory.save_fit(key, fit, predictions={"validation": mean}, weights=None)
        return fit

    def out_of_fold(self, fits: tuple[Fit, ...]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows that some fold held out, and their predictions (means where several did)."""
        width = () if self.data.task == "regression" else (self.data.n_classes,)
        total, times = np.zeros((len(self.data.y), *width)), np.zeros(len(self.data.y))
        for fit in fits:
            rows = self.data.fold(fit.fold).validation
            total[rows] += self.memory.load_predictions(fit.key)["validation"]
            times[rows] += 1
        seen = np.flatnonzero(times)
        return seen, total[seen] / times[seen].reshape(-1, *([1] * len(width)))

    def network(self, recipe: Recipe, key: str) -> keras.Model:
        """Return a new network with the weights of a finished fit."""
        network = build_network(recipe, self.shape)
        network.set_weights(self.memory.load_weights(key))
        return network

    def target_scale(self, fold: int) -> TargetScale:
        """Return the target's scale on a fold's training rows."""
        rows = self.data.fold(fold).train
        return fit_scale(self.data.y[rows], self.data.weight[rows], self.data.task)

    def prepare(self, recipe: Recipe, fold: int) -> tuple[TrainingGraph, Rows, Rows]:
        """Return a fresh graph with its prefix fitted and its bias at the prior, and the fold's rows."""
        place = self.data.fold(fold)
        scale = self.target_scale(fold)
        train_rows = _share(place.train, recipe.row_share, self.seed)
        graph = self._graphs.graph(recipe, self.shape, n_rows=len(train_rows))
        set_prefix(graph.network, recipe, self.data.take(train_rows), idf=self.data.layout.token_idf)
        y, weight = self.data.y[train_rows], self.data.weight[train_rows]
        set_output_bias(graph.network, prior_bias(y, weight, self.data.task, self.data.n_classes))
        return graph, self._rows(train_rows, scale), self._rows(place.validation, scale)

    def _fit(self, recipe: Recipe, fold: int, key: str) -> Fit:
        began = time.perf_counter()
        seeded = _seeded(recipe, self.seed, fold)
        graph, train_rows, validation_rows = self.prepare(seeded, fold)
        history, best_epoch = train(graph, seeded, train_rows, validation_rows, should_stop=self._should_stop)
        place, scale = self.data.fold(fold), self.target_scale(fold)
        sample = _evenly(place.train, N_SCORED_TRAIN_ROWS)
        predicted = {
            "train": to_prediction(graph.predict(self._tensors(sample)), scale, self.data.task),
            "validation": to_prediction(graph.predict(validation_rows.x), scale, self.data.task),
        }
        epochs = len(history.train_loss)
        is_cut = self._should_stop()
        if is_cut:
            key = _hash(key, "cut", str(epochs))  # another session, with more time, must not take it for the whole
        fit = Fit(
            key=key,
            fold=fold,
            seconds=time.perf_counter() - began,
            best_epoch=best_epoch,
            epochs=epochs,
            steps=epochs * -(-train_rows.n_rows // seeded.batch_size),
            n_parameters=sum(int(np.prod(v.shape)) for v in graph.network.trainable_variables),
            history=history,
            is_cut=is_cut,
        )
        fit = self._with_scores(fit, predicted, (sample, place.validation), scale)
        self.memory.save_fit(
            key, fit, predictions={"validation": predicted["validation"]}, weights=graph.network.get_weights()
        )
        return fit

    def _baseline(self, name: BaselineName, fold: int, key: str) -> Fit:
        began = time.perf_counter()
        place, scale = self.data.fold(fold), self.target_scale(fold)
        predict = fit_baseline(name, self.data, place.train, seed=seed_for(self.seed, name, fold))
        sample = _evenly(place.train, N_SCORED_TRAIN_ROWS)
        predicted = {
            "train": predict(self.data.take(sample)),
            "validation": predict(self.data.take(place.validation)),
        }
        kept = {"validation": predicted["validation"]}
        if fold == 0 and len(self.data.split.test):
            whole = fit_baseline(name, self.data, self.data.split.non_test, seed=seed_for(self.seed, name, "test"))
            kept["test"] = whole(self.data.take(self.data.split.test))
        fit = Fit(
            key=key,
            fold=fold,
            seconds=time.perf_counter() - began,
        )
        fit = self._with_scores(fit, predicted, (sample, place.validation), scale)
        self.memory.save_fit(key, fit, predictions=kept, weights=None)
        return fit

    def _remembered(self, key: str, fold: int, name: str, fit: Callable[[], Fit]) -> Fit:
        found = self.memory.load_fit(key) or self._guarded(key, fold, fit)
        self._heard(name, found)
        return found

    def _guarded(self, key: str, fold: int, fit: Callable[[], Fit]) -> Fit:
        try:
            return fit()
        except Exception as error:  # one trial never ends a run: its cause is recorded and shown
            failed = Fit(key=key, fold=fold, status="failed", cause=_cause(error))
            text = np.frombuffer(traceback.format_exc().encode(), dtype="uint8")
            self.memory.save_fit(key, failed, predictions={"traceback": text}, weights=None)
            return failed

    def _with_scores(
        self,
        fit: Fit,
        predicted: dict[str, NDArray[np.float64]],
        rows: tuple[NDArray[np.int64], NDArray[np.int64]],
        scale: TargetScale,
    ) -> Fit:
        y, weight = ([values[part] for part in rows] for values in (self.data.y, self.data.weight))
        said = (predicted["train"], predicted["validation"])
        losses = [_task_loss(*part, scale) for part in zip(y, said, weight, strict=True)]
        scores = [self.metric.compute(*part) for part in zip(y, said, weight, strict=True)]
        return dataclasses.replace(
            fit,
            train_loss=losses[0],
            validation_loss=losses[1],
            train_score=scores[0],
            validation_score=scores[1],
        )

    def _should_stop(self) -> bool:
        return self.clock.left_s() <= 0 or self.clock.interrupted()

    def _rows(self, rows: NDArray[np.int64], scale: TargetScale) -> Rows:
        y = to_learn(self.data.y[rows], scale, self.data.task)
        return Rows(x=self._tensors(rows), y=tf.constant(y), weight=tf.constant(self.data.weight[rows]))

    def _tensors(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        return {name: tf.constant(self.data.x[name][rows]) for name in self.shape.input_names}

    def _key(self, what: str, fold: int) -> str:
        return _hash(self.data.fingerprint, what, str(fold), str(self.seed), self.metric.name)


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _seeded(recipe: Recipe, seed: int, fold: int) -> Recipe:
    return dataclasses.replace(recipe, seed=seed_for(seed, recipe.key, fold))


def _share(rows: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    if share >= 1.0:
        return rows
    n = max(2, round(share * len(rows)))
    return np.sort(np.random.default_rng(seed).permutation(rows)[:n])


def _evenly(rows: NDArray[np.int64], at_most: int) -> NDArray[np.int64]:
    return rows[:: max(1, len(rows) // at_most)]


def _task_loss(y: NDArray[Any], prediction: NDArray[np.float64], weight: NDArray[Any], scale: TargetScale) -> float:
    """Log loss in nats, or the mean squared error of the standardized target."""
    if prediction.ndim == 1:
        rows = ((y.astype("float64") - prediction) / scale.std) ** 2
    else:
        rows = -np.log(np.clip(prediction[np.arange(len(y)), y.astype("int64")], 1e-7, 1.0))
    return float(np.average(rows, weights=weight))
