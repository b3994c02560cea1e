"""Trains recipes and baselines on folds, and remembers every fit."""

from __future__ import annotations

import copy
import dataclasses
import time
import traceback
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.architecture import Build
from autorecipe.backbones import ReadyBackbone
from autorecipe.decide import seed_for
from autorecipe.effects import BaselineName, Clock, ProbeName
from autorecipe.ensemble.record import Ensemble
from autorecipe.families.pretrained import takes_features
from autorecipe.metrics.intervals import Rows as MetricRows
from autorecipe.metrics.intervals import bootstrap_difference
from autorecipe.metrics.metric import Metric
from autorecipe.readings import Internals, NotMeasured, Reading
from autorecipe.recipe import Recipe
from autorecipe.run import Fit, Trial
from autorecipe.training.backbone_features import all_features, on_features, set_head_weights, undo_normalization
from autorecipe.training.backbones import ready_backbone
from autorecipe.training.baselines import fit_baseline, fitting_threads
from autorecipe.training.bench import Bench
from autorecipe.training.build import build_network
from autorecipe.training.call_size import PartsPredictor
from autorecipe.training.class_weight import weigh_classes
from autorecipe.training.data_start import start_from_data
from autorecipe.training.dataset import Dataset, shape_of
from autorecipe.training.devices import gpu_details, training_precision
from autorecipe.training.ensembling import out_of_fold, serving_rate, weigh_trials
from autorecipe.training.fit_keys import evenly, hashed, seeded, share_of, title
from autorecipe.training.fold_rows import known_rows, n_probed, n_scored, rows_of, sampled, tensors_of
from autorecipe.training.graph import GraphCache, TrainingGraph
from autorecipe.training.head_start import start_head
from autorecipe.training.inspect_network import inspect_network
from autorecipe.training.loop import Inspect, Rows, train
from autorecipe.training.memory import FitMemory
from autorecipe.training.own_bench import own_bench
from autorecipe.training.prefix import set_output_bias, set_prefix
from autorecipe.training.probes import OF_TRAINED, PROBES
from autorecipe.training.recovery import NO_MEMORY, PASSING, with_smaller_batches
from autorecipe.training.scores import Predicted, prior_prediction, with_chance, with_scores
from autorecipe.training.target import TargetScale, fit_scale, prior_bias, smearing_factor, to_prediction
from autorecipe.training.views import with_views

MIN_LEFT_TO_INSPECT_S = 5.0  # seconds: looking inside must not cost the last epochs; choice

Heard = Callable[[str, Fit], None]
Prepared = tuple[TrainingGraph, Rows, Rows]  # a fresh graph, training rows, validation rows
_Said = tuple[NDArray[np.int64], NDArray[np.float64]]  # rows, and what was predicted for them


def _silent(title: str, fit: Fit) -> None:
    """Tell nobody."""


class NetworkTrainer:
    """Trains on one dataset; implements `autorecipe.effects.Trainer`.

    A fit's memory keeps, under the fit's key, its predictions of the validation rows ("validation") and the
    network's raw outputs for the same 64 of them after each epoch ("watched", (epochs, 64, n_outputs)).

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
    architecture : callable or None
        What builds the networks of a custom family: (inputs, n_outputs, **knobs) -> logits.
    """

    def __init__(
        self,
        data: Dataset,
        memory: FitMemory,
        *,
        metric: Metric,
        seed: int,
        clock: Clock,
        architecture: Build | None = None,
    ) -> None:
        self.data, self.memory, self.metric, self.seed, self.clock = data, memory, metric, seed, clock
        self.shape, self.architecture = shape_of(data), architecture
        self._graphs = GraphCache(architecture=architecture, precision=training_precision(gpu_details()))
        self._heard: Heard = _silent
        self._viewers: dict[str, tuple[keras.Model, PartsPredictor]] = {}
        self._passing: dict[str, Fit] = {}  # failures that another session may not meet again

    def with_clock(self, clock: Clock, *, heard: Heard) -> NetworkTrainer:
        """Return a trainer that shares everything but the clock, and tells of every fit."""
        other = copy.copy(self)
        other.clock, other._heard = clock, heard
        return other

    def fit(self, recipe: Recipe, fold: int) -> Fit:
        """Train a recipe on one fold, or return what was found before.

        One with test-time augmentation has the weights of the same one without, which is trained where it was not.
        """
        key, plain = self._key(recipe.key, fold), dataclasses.replace(recipe, test_time="none")
        if plain != recipe and self.memory.load_fit(key) is None:
            before = self.fit(plain, fold)
            if before.status == "failed" or before.is_cut:
                return before
            return self._remembered(key, fold, title(recipe), lambda: self._looked_at(recipe, before, key))
        return self._remembered(key, fold, title(recipe), lambda: self._fit(recipe, fold, key))

    def knows(self, recipe: Recipe, fold: int) -> bool:
        """Tell whether a recipe was trained on a fold before."""
        return self.memory.load_fit(self._key(recipe.key, fold)) is not None

    def baseline(self, name: BaselineName, fold: int) -> Fit:
        """Train a baseline on one fold, or return what was found before."""
        key = self._key(name, fold)
        with fitting_threads(len(self.data.y)):
            return self._remembered(key, fold, name.replace("_", " "), lambda: self._baseline(name, fold, key))

    def probe(self, kind: ProbeName, recipe: Recipe) -> Reading | NotMeasured:
        """Measure one property of a recipe's network on the first fold."""
        # probes hold losses against the prior of the rows as they are
        own = dataclasses.replace(seeded(recipe, self.seed, 0), class_weight="none")
        if kind in OF_TRAINED and not self.knows(recipe, 0):
            return NotMeasured(cause="the network had no time to learn")
        try:
            seen = self._seen_by(own)
            prepared = seen.prepare(own, 0, at_most=n_probed(seen.data))
            if kind in OF_TRAINED:
                prepared[0].network.set_weights(self.memory.load_weights(self._key(recipe.key, 0)))
            return (PROBES | OF_TRAINED)[kind](self._bench(prepared, own))
        except Exception as error:  # as with fits: one probe never ends a run, its cause is shown
            return NotMeasured(cause=cause_of(error))

    def ready_backbone(self, backbone: str, *, may_download: bool) -> ReadyBackbone:
        """Make the weights of a pretrained backbone ready, and look at how it takes the images."""
        return ready_backbone(backbone, self.data.x["pixels"], may_download=may_download)

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
        key = hashed("blend", *(f.key for f in fits))
        said = Predicted(y=self.data.y[rows], weight=self.data.weight[rows], said=mean)
        blended = with_scores(fits[0], said, said, metric=self.metric, scale=self.target_scale(fits[0].fold))
        fit = dataclasses.replace(
            self._with_chance(blended, said),
            key=key,
            seconds=0.0,
            train_loss=fits[0].train_loss,
            train_score=fits[0].train_score,
        )
        self.memory.save_fit(key, fit, predictions={"validation": mean}, weights=None)
        return fit

    def out_of_fold(self, fits: tuple[Fit, ...]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows that some fold held out, and their predictions (means where several did)."""
        return out_of_fold(fits, self.data, self.memory)

    def weigh(self, trials: tuple[Trial, ...], *, in_order: bool = False) -> Ensemble:
        """Choose, by their predictions out of fold, trials that predict best together, and their weights."""
        return weigh_trials(trials, self.data, self.memory, metric=self.metric, in_order=in_order, seed=self.seed)

    def serving_rate(self, trial: Trial) -> float:
        """Return how many rows a second one network of a trial predicts; 0 where it cannot be measured."""
        if trial.recipe is None:
            return 0.0
        try:
            return serving_rate(self.predictor(trial.recipe, trial.fits[0].key), self.data)
        except NO_MEMORY:
            return 0.0

    def network(self, recipe: Recipe, key: str) -> keras.Model:
        """Return a new network with the weights of a finished fit."""
        network = build_network(recipe, self.shape, architecture=self.architecture)
        self._set_weights(network, recipe, key)
        return network

    def predictor(self, recipe: Recipe, key: str) -> keras.Model:
        """Return a network with the weights of a finished fit, its outputs the mean over what test time asks for."""
        return with_views(self.network(recipe, key), recipe.test_time)

    def target_scale(self, fold: int, recipe: Recipe | None = None) -> TargetScale:
        """Return the target's scale on a fold's training rows, as a recipe learns it; without one, of the plain target.

        Losses of finished fits are of the plain target, whatever the network learned, so that recipes compare.
        """
        rows, transform = self.data.fold(fold).train, recipe.target_transform if recipe else "none"
        return fit_scale(self.data.y[rows], self.data.weight[rows], self.data.task, transform=transform)

    def prepare(self, recipe: Recipe, fold: int, *, at_most: int | None = None) -> Prepared:
        """Return a fresh graph with its prefix fitted and its bias at the prior, and the fold's rows.

        Parameters
        ----------
        at_most : int or None
            Training rows, and validation rows, evenly spaced; None for all.
        """
        place = self.data.fold(fold)
        scale = self.target_scale(fold, recipe)
        train_rows, held_out = share_of(place.train, recipe.row_share, self.seed), place.validation
        if at_most is not None:
            train_rows, held_out = evenly(train_rows, at_most), evenly(held_out, at_most)
        graph = self._graphs.graph(recipe, self.shape, n_rows=len(train_rows))
        learned = rows_of(self.data, train_rows, scale)
        known = known_rows(self.data, train_rows)
        set_prefix(graph.network, recipe, known, idf=self.data.layout.token_idf, y=learned.y.numpy())
        y, weight = self.data.y[train_rows], self.data.weight[train_rows]
        set_output_bias(graph.network, prior_bias(y, weight, self.data.task, self.data.n_classes))
        start_from_data(graph.network, recipe, known)
        if recipe.family == "pretrained":
            features = self.data.x["features"] if self.shape.n_features else self._features(recipe)
            undo_normalization(graph.network)
            start_head(graph.network, features[train_rows], learned.y.numpy(), weight, task=self.data.task)
        graph.remember(learned.x, learned.y)
        return graph, weigh_classes(graph, learned, recipe), rows_of(self.data, held_out, scale)

    def _fit(self, recipe: Recipe, fold: int, key: str) -> Fit:
        began = time.perf_counter()
        own = seeded(recipe, self.seed, fold)
        seen = self._seen_by(own)
        seen_s = time.perf_counter() - began
        (fit, predicted, weights), repairs = with_smaller_batches(own, lambda r: seen._trained(r, fold))
        fit = dataclasses.replace(fit, setup_s=fit.setup_s + seen_s)
        is_cut = self._should_stop()
        if is_cut:
            # another session, with more time, must not take it for the whole
            key = hashed(key, "cut", str(fit.epochs))
        fit = dataclasses.replace(
            fit, key=key, is_cut=is_cut, repairs=(*repairs, *fit.repairs), seconds=time.perf_counter() - began
        )
        self.memory.save_fit(key, fit, predictions=predicted, weights=weights)
        return fit

    def _seen_by(self, recipe: Recipe) -> NetworkTrainer:
        """Return the trainer of what a recipe's network learns from: itself, or one on a frozen backbone's features."""
        if not takes_features(recipe):
            return self
        other, features = copy.copy(self), self._features(recipe)
        other.data = on_features(self.data, features)
        other.shape = dataclasses.replace(self.shape, image=(), n_features=features.shape[1])
        return other

    def _features(self, recipe: Recipe) -> NDArray[np.float32]:
        return all_features(self.data, recipe, self.memory.arrays_path, should_stop=self._should_stop)

    def _looked_at(self, recipe: Recipe, before: Fit, key: str) -> Fit:
        """Return a fit with the weights of another, its predictions the mean over the views of the recipe."""
        began, fold = time.perf_counter(), before.fold
        predict = self._viewer(recipe, before.key)
        sample, held_out = evenly(self.data.fold(fold).train, n_scored(self.data)), self.data.fold(fold).validation
        scale = dataclasses.replace(self.target_scale(fold, recipe), smearing=before.smearing)
        outputs = (predict(tensors_of(self.data, rows)) for rows in (sample, held_out))
        said, validation_said = (to_prediction(o, scale, self.data.task) for o in outputs)
        fit = self._with_scores(before, (sample, said), (held_out, validation_said))
        fit = dataclasses.replace(fit, key=key, seconds=before.seconds + time.perf_counter() - began)
        weights = self.memory.load_weights(before.key)
        self.memory.save_fit(key, fit, predictions={"validation": validation_said}, weights=weights)
        return fit

    def _set_weights(self, network: keras.Model, recipe: Recipe, key: str) -> None:
        set_weights = set_head_weights if takes_features(recipe) else keras.Model.set_weights
        set_weights(network, self.memory.load_weights(key))

    def _viewer(self, recipe: Recipe, key: str) -> Callable[[dict[str, Any]], NDArray[np.float32]]:
        """Return what predicts with a fit's weights and a recipe's views; a recipe's folds share what is compiled."""
        if recipe.key not in self._viewers:
            network = build_network(recipe, self.shape, architecture=self.architecture)
            self._viewers.clear()
            self._viewers[recipe.key] = network, PartsPredictor(with_views(network, recipe.test_time))
        network, predict = self._viewers[recipe.key]
        self._set_weights(network, recipe, key)
        return predict

    def _trained(self, recipe: Recipe, fold: int) -> tuple[Fit, dict[str, NDArray[Any]], list[NDArray[Any]]]:
        """Return a fit that has no key yet, the predictions to keep with it, and its weights."""
        began = time.perf_counter()
        try:
            graph, train_rows, validation_rows = self.prepare(recipe, fold)
            graph.compile(train_rows.x, train_rows.y, train_rows.weight, recipe)
            setup_s = time.perf_counter() - began
            inspect = self._inspector((graph, train_rows, validation_rows), recipe) if fold == 0 else None
            done = train(graph, recipe, train_rows, validation_rows, should_stop=self._should_stop, inspect=inspect)
            sample = evenly(self.data.fold(fold).train, n_scored(self.data))
            known = share_of(self.data.fold(fold).train, recipe.row_share, self.seed)
            on_train = graph.memory.predict_from_others(
                graph.predict, tensors_of(self.data, sample), sample, rows=train_rows.x, y=train_rows.y, known=known
            )
            outputs = on_train, graph.predict(validation_rows.x)
        except NO_MEMORY:
            self._graphs.forget()
            raise
        epochs, scale = len(done.history.train_loss), self.target_scale(fold, recipe)
        held_out = self.data.fold(fold).validation
        y, weight = self.data.y[held_out], self.data.weight[held_out]
        scale = dataclasses.replace(
            scale, smearing=smearing_factor(outputs[1], y, weight, scale=scale, metric=self.metric)
        )
        said, validation_said = (to_prediction(o, scale, self.data.task) for o in outputs)
        fit = Fit(
            key="",
            fold=fold,
            setup_s=setup_s,
            best_epoch=done.best_epoch,
            epochs=epochs,
            steps=epochs * -(-train_rows.n_rows // recipe.batch_size),
            n_parameters=sum(int(np.prod(v.shape)) for v in graph.network.trainable_variables),
            precision=graph.precision,
            smearing=scale.smearing,
            repairs=done.repairs,
            internals=done.internals,
            history=done.history,
        )
        fit = self._with_scores(fit, (sample, said), (held_out, validation_said))
        return fit, {"validation": validation_said, "watched": done.watched}, graph.network.get_weights()

    def _baseline(self, name: BaselineName, fold: int, key: str) -> Fit:
        began = time.perf_counter()
        place = self.data.fold(fold)
        predict = fit_baseline(name, self.data, place.train, seed=seed_for(self.seed, name, fold))
        sample = evenly(place.train, n_scored(self.data))
        said, validation_said = predict(self.data.take(sample)), predict(self.data.take(place.validation))
        kept = {"validation": validation_said}
        if fold == 0 and len(self.data.split.test):
            whole = fit_baseline(name, self.data, self.data.split.non_test, seed=seed_for(self.seed, name, "test"))
            kept["test"] = whole(self.data.take(self.data.split.test))
        fit = Fit(key=key, fold=fold, seconds=time.perf_counter() - began)
        fit = self._with_scores(fit, (sample, said), (place.validation, validation_said))
        self.memory.save_fit(key, fit, predictions=kept, weights=None)
        return fit

    def _remembered(self, key: str, fold: int, name: str, fit: Callable[[], Fit]) -> Fit:
        found = self.memory.load_fit(key) or self._passing.get(key) or self._guarded(key, fold, fit)
        self._heard(name, found)
        return found

    def _guarded(self, key: str, fold: int, fit: Callable[[], Fit]) -> Fit:
        try:
            return fit()
        except Exception as error:  # one trial never ends a run: its cause is recorded and shown
            own = hashed(key, "passing") if isinstance(error, PASSING) else key
            failed = Fit(key=own, fold=fold, status="failed", cause=cause_of(error))
            text = np.frombuffer(traceback.format_exc().encode(), dtype="uint8")
            self.memory.save_fit(own, failed, predictions={"traceback": text}, weights=None)
            if own != key:
                self._passing[key] = failed
            return failed

    def _with_scores(self, fit: Fit, train: _Said, validation: _Said) -> Fit:
        y, weight = self.data.y, self.data.weight
        parts = [Predicted(y=y[rows], weight=weight[rows], said=said) for rows, said in (train, validation)]
        scored = with_scores(fit, parts[0], parts[1], metric=self.metric, scale=self.target_scale(fit.fold))
        return self._with_chance(scored, parts[1])

    def _with_chance(self, fit: Fit, validation: Predicted) -> Fit:
        rows, n_classes = self.data.fold(fit.fold).train, 0 if self.data.task == "regression" else self.data.n_classes
        y, weight = self.data.y[rows], self.data.weight[rows]
        prior = prior_prediction(y, weight, n_rows=len(validation.y), n_classes=n_classes)
        return with_chance(fit, validation, prior=prior, scale=self.target_scale(fit.fold))

    def _bench(self, prepared: Prepared, recipe: Recipe) -> Bench:
        return own_bench(prepared, recipe, task=self.data.task, n_classes=self.data.n_classes, metric=self.metric)

    def _inspector(self, prepared: Prepared, recipe: Recipe) -> Inspect:
        graph, train_rows, held_out = prepared

        def inspect(epoch: int) -> Internals | None:
            if self.clock.left_s() < MIN_LEFT_TO_INSPECT_S:
                return None
            most = n_probed(self.data)
            few = graph, sampled(train_rows, most), sampled(held_out, most)
            return inspect_network(self._bench(few, recipe), epoch=epoch)

        return inspect

    def _should_stop(self) -> bool:
        return self.clock.left_s() <= 0 or self.clock.interrupted()

    def _key(self, what: str, fold: int) -> str:
        return hashed(self.data.fingerprint, what, str(fold), str(self.seed), self.metric.name)


def cause_of(error: Exception) -> str:
    """Return an error's name and the first line of what it says."""
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
