"""The networks of the final model, in the target's own unit."""

from __future__ import annotations

from typing import Any

import keras

from autorecipe.layers.rescale_target import RescaleTarget
from autorecipe.layers.two_classes import TwoClasses
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit
from autorecipe.training.trainer import NetworkTrainer


def build_member(trainer: NetworkTrainer, recipe: Recipe, fit: Fit, *, temperature: float = 1.0) -> keras.Model:
    """Return a finished fit as a model from encoded arrays to probabilities, or to the target's unit.

    Parameters
    ----------
    temperature : float > 0
        Logits are divided by it; a regression has none.
    """
    network = trainer.predictor(recipe, fit.key)
    outputs = network.output
    if temperature != 1.0 and trainer.data.task != "regression":
        outputs = keras.layers.Rescaling(1.0 / temperature, name="temperature")(outputs)
    if trainer.data.task == "regression":
        scale = trainer.target_scale(fit.fold, recipe)
        answer: Any = RescaleTarget(
            scale.mean,
            scale.std,
            scale.lowest,
            scale.highest,
            transform=scale.transform,
            smearing=fit.smearing,
            name="unit",
        )
    elif trainer.shape.n_outputs == 1:
        answer = TwoClasses(name="probabilities")
    else:
        answer = keras.layers.Softmax(name="probabilities")
    return keras.Model(network.input, answer(outputs), name="member")
