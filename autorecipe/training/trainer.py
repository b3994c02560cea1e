"""Trains recipes and baselines on folds, and remembers every fit."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.architecture import Build
from autorecipe.backbones import ReadyBackbone
from autorecipe.effects import BaselineName, Clock, ProbeName
from autorecipe.ensemble.record import Ensemble
from autorecipe.metrics.metric import Metric
from autorecipe.recipe import Recipe
from autorecipe.record.readings import NotMeasured, Reading
from autorecipe.record.trial import Fit, Trial
from autorecipe.training.backbone_features import undo_normalization
from autorecipe.training.backbones import ready_backbone
from autorecipe.training.baseline_fits import baseline_fit
from autorecipe.training.bench import Bench
from autorecipe.training.class_weight import weigh_classes
from autorecipe.training.data_start import start_from_data
from autorecipe.training.dataset import Dataset, shape_of
from autorecipe.training.devices import gpu_details, training_precision
from autorecipe.training.ensembling import out_of_fold, serving_rate, weigh_trials
from autorecipe.training.fit_keys import evenly, hashed, seeded, share_of, title
from autorecipe.training.fit_weights import fit_weights, set_own_weights
from autorecipe.training.fold_rows import known_rows, n_probed, n_scored, rows_of, sampled, tensors_of
from autorecipe.training.fold_scores import FoldScores
from autorecipe.training.graph import GraphCache, TrainingGraph, rows_in_time
from autorecipe.training.head_start import start_head
from autorecipe.training.inspect_network import Shown, inspector
from autorecipe.training.known_fits import KnownFits, cause_of
from autorecipe.training.loop import Rows, train
from autorecipe.training.memory import FitMemory
from autorecipe.training.own_bench import own_bench
from autorecipe.training.prefix import set_output_bias, set_prefix
from autorecipe.training.probes import OF_TRAINED, PROBES
from autorecipe.training.recovery import NO_MEMORY, with_smaller_batches
from autorecipe.training.seen_images import SeenImages
from autorecipe.training.target import TargetScale, prior_bias, smearing_factor, to_prediction
from autorecipe.training.threads import fitting_threads
from autorecipe.training.time_share import TimeShare
from autorecipe.training.views import with_views

Heard = Callable[[str, Fit], None]
Prepared = tuple[TrainingGraph, Rows, Rows]  # a fresh graph, training rows, validation rows


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
        self.shape, self.architecture, self._share = shape_of(data), architecture, TimeShare(clock)
        self._graphs = GraphCache(architecture=architecture, precision=training_precision(gpu_details()))
        self._heard: Heard = _silent
        self._shown: Shown | None = None
        self._scores, self._known = FoldScores(data=data, memory=memory, metric=metric), KnownFits(memory)
        self._seen = SeenImages(self._scores, self.shape, architecture=architecture)

    def with_clock(self, clock: Clock, *, heard: Heard, shown: Shown | None = None) -> NetworkTrainer:
        """Return a trainer that shares everything but the clock, and tells of every fit and of every look into one."""
        other = copy.copy(self)
        other.clock, other._share, other._heard, other._shown = clock, TimeShare(clock), heard, shown
        return other

    def fit(self, recipe: Recipe, fold: int, *, n_more: int | None = None) -> Fit:
        """Train a recipe on one fold in its share of the time, or return what was found before.

        One with test-time augmentation has the weights of the same one without, which is trained where it was not.
        """
        key, plain = self._key(recipe.key, fold), dataclasses.replace(recipe, test_time="none")
        if plain != recipe and self.memory.load_fit(key) is None:
            before = self.fit(plain, fold, n_more=n_more)
            if before.status == "failed" or before.is_cut:
                return before
            view = partial(self._seen.viewed, recipe, before, key=key, should_stop=self._should_stop)
            return self._remembered(key, fold, title(recipe), view)
        sharing = copy.copy(self)
        sharing._share = TimeShare(self.clock, n_more=n_more)
        return self._remembered(key, fold, title(recipe), lambda: sharing._fit(recipe, fold, key))

    def knows(self, recipe: Recipe, fold: int) -> bool:
        """Tell whether a recipe was trained on a fold before."""
        return self.memory.load_fit(self._key(recipe.key, fold)) is not None

    def baseline(self, name: BaselineName, fold: int) -> Fit:
        """Train a baseline on one fold, or return what was found before."""
        key = self._key(name, fold)
        fit = partial(baseline_fit, name, fold, self._scores, key=key, seed=self.seed)
        with fitting_threads(len(self.data.y)):
            return self._remembered(key, fold, name.replace("_", " "), fit)

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
                set_own_weights(prepared[0].network, self.memory.load_weights(self._key(recipe.key, 0)))
            return (PROBES | OF_TRAINED)[kind](self._bench(prepared, own))
        except Exception as error:  # as with fits: one probe never ends a run, its cause is shown
            return NotMeasured(cause=cause_of(error))

    def ready_backbone(self, backbone: str, *, may_download: bool) -> ReadyBackbone:
        """Make the weights of a pretrained backbone ready, and look at how it takes the images."""
        return ready_backbone(backbone, self.data.x["pixels"], may_download=may_download, should_stop=self._should_stop)

    def row_error(self, before: Trial, after: Trial) -> float:
        """Standard error of the difference of two trials' scores on the first fold's validation rows."""
        return self._scores.row_error(before, after, seed=self.seed)

    def blend(self, trials: tuple[Trial, ...], name: str) -> Trial:
        """Average the validation predictions of trials on the same folds, and score the averages."""
        fits = (tuple(trial.fits[i] for trial in trials) for i in range(len(trials[0].fits)))
        return Trial(name=name, recipe=trials[0].recipe, fits=tuple(self._scores.blended(own) for own in fits))

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
        return self._seen.network(recipe, self.memory.load_weights(key))

    def predictor(self, recipe: Recipe, key: str) -> keras.Model:
        """Return a network with the weights of a finished fit, its outputs the mean over what test time asks for."""
        return with_views(self.network(recipe, key), recipe.test_time)

    def target_scale(self, fold: int, recipe: Recipe | None = None) -> TargetScale:
        """Return the target's scale on a fold's training rows, as a recipe learns it; without one, of the plain target.

        Losses of finished fits are of the plain target, whatever the network learned, so that recipes compare.
        """
        return self._scores.target_scale(fold, recipe)

    def prepare(self, recipe: Recipe, fold: int, *, at_most: int | None = None) -> Prepared:
        """Return a fresh graph with its prefix fitted and its bias at the prior, and the fold's rows.

        Parameters
        ----------
        at_most : int or None
            Training rows, and validation rows, evenly spaced; None for all.
        """
        place, scale = self.data.fold(fold), self.target_scale(fold, recipe)
        train_rows, held_out = share_of(place.train, recipe.row_share, self.seed), place.validation
        if at_most is not None:
            train_rows, held_out = evenly(train_rows, at_most), evenly(held_out, at_most)
        graph = self._graphs.graph(recipe, self.shape, n_rows=rows_in_time(len(train_rows), self.clock))
        learned = rows_of(self.data, train_rows, scale)
        known = known_rows(self.data, train_rows)
        set_prefix(graph.network, recipe, known, idf=self.data.layout.token_idf, y=learned.y.numpy())
        y, weight = self.data.y[train_rows], self.data.weight[train_rows]
        set_output_bias(graph.network, prior_bias(y, weight, self.data.task, self.data.n_classes))
        start_from_data(graph.network, recipe, known)
        if recipe.family == "pretrained":
            given = self.data.x.get("features")
            features = self._seen.features(recipe, should_stop=self._should_stop) if given is None else given
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
        if self._should_stop():
            # another session, with more time, must not take it for the whole
            key = hashed(key, "cut", str(fit.epochs))
            fit = dataclasses.replace(fit, is_cut=True, is_interrupted=self.clock.interrupted())
        fit = dataclasses.replace(fit, key=key, repairs=(*repairs, *fit.repairs), seconds=time.perf_counter() - began)
        self.memory.save_fit(key, fit, predictions=predicted, weights=weights)
        return fit

    def _seen_by(self, recipe: Recipe) -> NetworkTrainer:
        """Return the trainer of what a recipe's network learns from: pixels, or a frozen backbone's features."""
        other = copy.copy(self)
        other.data, other.shape = self._seen.learned_from(recipe, should_stop=self._should_stop)
        return other

    def _trained(self, recipe: Recipe, fold: int) -> tuple[Fit, dict[str, NDArray[Any]], list[NDArray[Any]]]:
        """Return a fit that has no key yet, the predictions to keep with it, and its weights."""
        began = time.perf_counter()
        try:
            graph, train_rows, validation_rows = self.prepare(recipe, fold)
            graph.compile(train_rows.x, train_rows.y, train_rows.weight, recipe)
            setup_s = time.perf_counter() - began
            most = n_probed(self.data)

            def bench() -> Bench:
                return self._bench((graph, sampled(train_rows, most), sampled(validation_rows, most)), recipe)

            inspect = inspector(bench, self.clock, shown=self._shown) if fold == 0 else None
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
        smearing = smearing_factor(outputs[1], y, weight, scale=scale, metric=self.metric)
        scale = dataclasses.replace(scale, smearing=smearing)
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
        fit = self._scores.scored(fit, (sample, said), (held_out, validation_said))
        return fit, {"validation": validation_said, "watched": done.watched}, fit_weights(graph.network)

    def _remembered(self, key: str, fold: int, name: str, fit: Callable[[], Fit]) -> Fit:
        found = self._known.get(key, fold, fit)
        self._heard(name, found)
        return found

    def _bench(self, prepared: Prepared, recipe: Recipe) -> Bench:
        return own_bench(prepared, recipe, task=self.data.task, n_classes=self.data.n_classes, metric=self.metric)

    def _should_stop(self) -> bool:
        return self._share.is_over() or self.clock.interrupted()

    def _key(self, what: str, fold: int) -> str:
        return hashed(self.data.fingerprint, what, str(fold), str(self.seed), self.metric.name)
