"""What networks for images look at: pixels, the features of a frozen backbone, or several views of each image."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.architecture import Build
from autorecipe.families.pretrained import takes_features
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit
from autorecipe.training.backbone_features import FEATURES, PIXELS, KeptFeatures
from autorecipe.training.build import build_network
from autorecipe.training.call_size import OutOfTime, PartsPredictor
from autorecipe.training.dataset import Dataset
from autorecipe.training.fit_weights import set_fit_weights
from autorecipe.training.fold_rows import tensors_of
from autorecipe.training.fold_scores import FoldScores
from autorecipe.training.shape import Shape
from autorecipe.training.target import to_prediction
from autorecipe.training.views import with_views

Weights = list[NDArray[np.generic]]
ShouldStop = Callable[[], bool]


class SeenImages:
    """The images of a dataset, as a recipe's networks see them; of a table nothing is different.

    Parameters
    ----------
    scores : FoldScores
        Of the dataset; its memory has the folder that keeps features.
    shape : Shape
        Of the networks that see the data as they are.
    architecture : callable or None
        Of a custom family.
    """

    def __init__(self, scores: FoldScores, shape: Shape, *, architecture: Build | None) -> None:
        self._scores, self._shape, self._architecture = scores, shape, architecture
        self._data, self._memory = scores.data, scores.memory
        self._kept: KeptFeatures | None = None
        self._viewer: tuple[str, keras.Model, PartsPredictor] | None = None

    def learned_from(self, recipe: Recipe, *, should_stop: ShouldStop) -> tuple[Dataset, Shape]:
        """Return what a recipe's network learns from: the data as they are, or a frozen backbone's features of them."""
        if not takes_features(recipe):
            return self._data, self._shape
        features = self.features(recipe, should_stop=should_stop)
        data = dataclasses.replace(self._data, x={FEATURES: features})
        return data, dataclasses.replace(self._shape, image=(), n_features=features.shape[1])

    def features(self, recipe: Recipe, *, should_stop: ShouldStop) -> NDArray[np.float32]:
        """Return what a recipe's backbone makes of all images; see `KeptFeatures.of`."""
        if self._kept is None:
            self._kept = KeptFeatures(self._data.x[PIXELS], self._memory.arrays_path)
        return self._kept.of(recipe, should_stop=should_stop)

    def network(self, recipe: Recipe, weights: Weights) -> keras.Model:
        """Return a new network from pixels or encoded arrays, with the weights of a finished fit."""
        network = build_network(recipe, self._shape, architecture=self._architecture)
        set_fit_weights(network, recipe, weights)
        return network

    def viewed(self, recipe: Recipe, before: Fit, *, key: str, should_stop: ShouldStop) -> Fit:
        """Return a fit with the weights of another, what it says of validation rows the mean over the recipe's views.

        It is remembered under its key. Training rows are not looked at again: only validation decides. Where it should
        stop before the end, the other fit is returned, as one that the clock cut short.
        """
        began, weights = time.perf_counter(), self._memory.load_weights(before.key)
        held_out = tensors_of(self._data, self._data.fold(before.fold).validation)
        try:
            outputs = self._viewer_of(recipe, weights)(held_out, should_stop=should_stop)
        except OutOfTime:
            return dataclasses.replace(before, is_cut=True)
        scale = dataclasses.replace(self._scores.target_scale(before.fold, recipe), smearing=before.smearing)
        said = to_prediction(outputs, scale, self._data.task)
        seconds = before.seconds + time.perf_counter() - began
        fit = dataclasses.replace(self._scores.with_validation(before, said), key=key, seconds=seconds)
        self._memory.save_fit(key, fit, predictions={"validation": said}, weights=weights)
        return fit

    def _viewer_of(self, recipe: Recipe, weights: Weights) -> PartsPredictor:
        """Return what predicts with a fit's weights and a recipe's views; a recipe's folds share what is compiled."""
        if self._viewer is None or self._viewer[0] != recipe.key:
            self._viewer = None  # its memory is free before the next one takes its own
            network = build_network(recipe, self._shape, architecture=self._architecture)
            self._viewer = recipe.key, network, PartsPredictor(with_views(network, recipe.test_time))
        _, network, predict = self._viewer
        set_fit_weights(network, recipe, weights)
        return predict
