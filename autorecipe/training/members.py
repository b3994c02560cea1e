"""The networks of the final model, in the target's own unit."""

from __future__ import annotations

from typing import Any

import keras

from autorecipe.layers.rescale_target import RescaleTarget
from autorecipe.layers.two_classes import TwoClasses
from autorecipe.recipe import Recipe
from autorecipe.run import Fit, Run
from autorecipe.training.trainer import NetworkTrainer


def chosen_fits(run: Run) -> tuple[tuple[Recipe, Fit], ...]:
    """Return the fits of the final model with their recipes: those that Squeeze chose, else the best trial's.

    Raises
    ------
    ValueError
        When no network was trained.
    """
    squeeze = run.stage("squeeze")
    if squeeze is not None and squeeze.members:
        known = [(t.recipe, f) for t in squeeze.trials for f in t.fits if t.recipe is not None]
        return tuple((recipe, fit) for recipe, fit in known if fit.key in squeeze.members)
    best = run.best
    if best is None or best.recipe is None:
        raise ValueError("the run has no trained network")
    return tuple((best.recipe, fit) for fit in best.fits if fit.status == "ok")


def build_member(trainer: NetworkTrainer, recipe: Recipe, fit: Fit) -> keras.Model:
    """Return a finished fit as a model from encoded arrays to probabilities, or to the target's unit."""
    network = trainer.network(recipe, fit.key)
    if trainer.data.task == "regression":
        scale = trainer.target_scale(fit.fold)
        answer: Any = RescaleTarget(scale.mean, scale.std, scale.lowest, scale.highest, name="unit")
    elif trainer.shape.n_outputs == 1:
        answer = TwoClasses(name="probabilities")
    else:
        answer = keras.layers.Softmax(name="probabilities")
    return keras.Model(network.input, answer(network.output), name="member")
