"""A clone of a user's model, so that nothing that is done to it reaches the original."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from autorecipe.errors import UserError
from autorecipe.training.bench import Tensors
from autorecipe.training.custom import seeded_initializers
from autorecipe.training.first_weights import SEED_STATE

GIVE_CONFIG = "give its class a get_config that returns the arguments of __init__, or build it with keras.Model(...)"
RATE_STEPS = (0, 100, 1_000, 10_000)  # at which a schedule of the learning rate is asked, the largest answer counts


def clone_of(model: keras.Model, x: Tensors, *, seed: int) -> keras.Model:
    """Return a copy of a model with its weights, built by calling it on rows.

    Parameters
    ----------
    x : tensors
        A few rows; an original that has no weights yet stays without.
    seed : int
        Of the weights of such a copy, and of dropout.

    Raises
    ------
    UserError
        When the model can neither be built from its configuration nor be saved, or not be called on the rows.
    """
    with seeded_initializers(seed):
        clone = _from_configuration(model, x) or _from_file(model, x)
    for i, variable in enumerate(v for v in clone.variables if v.path.endswith(SEED_STATE)):
        variable.assign(np.array([seed + i, 0], "uint32"))
    return clone


def optimizer_like(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Return a new optimizer with the settings of another, its rate a number where that was a schedule."""
    config = optimizer.get_config()
    if "learning_rate" in config:
        config["learning_rate"] = usual_rate_of(optimizer)
    return type(optimizer).from_config(config)


def usual_rate_of(optimizer: keras.optimizers.Optimizer) -> float:
    """Return an optimizer's learning rate; of a schedule its largest over the first 10,000 steps."""
    schedule = getattr(optimizer, "_learning_rate", None)  # `learning_rate` is the schedule's value at the present step
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return max(float(schedule(step)) for step in RATE_STEPS)
    return float(optimizer.learning_rate)


@contextmanager
def own_classes(model: keras.Model) -> Iterator[None]:
    """Let Keras find the classes of a model's own layers when it is loaded."""
    layers = [model, *model._flatten_layers(include_self=False)]
    kinds = {type(la).__name__: type(la) for la in layers if not type(la).__module__.startswith("keras.")}
    with keras.saving.custom_object_scope(kinds):
        yield


def _from_configuration(model: keras.Model, x: Tensors) -> keras.Model | None:
    try:
        with own_classes(model):
            clone = _rebuilt(model)
    except UserError:
        raise
    except (NotImplementedError, TypeError, ValueError, AttributeError, KeyError):
        return None  # its configuration does not say how it is built
    _call(clone, x)
    if not model.built or not model.weights:
        return clone
    if [w.shape for w in clone.weights] != [w.shape for w in model.weights]:
        return None
    clone.set_weights(model.get_weights())
    for copied, original in zip(clone._flatten_layers(), model._flatten_layers(), strict=True):
        copied.trainable = original.trainable
    return clone


def _rebuilt(model: keras.Model) -> keras.Model:
    if isinstance(model, keras.Sequential) or hasattr(model, "_nodes_by_depth"):
        return keras.models.clone_model(model)
    kind = type(model)
    if kind.get_config is not keras.Model.get_config:
        return kind.from_config(model.get_config())
    # Keras remembers the defaults of a subclass's arguments, not what was passed
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    named = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if named:
        raise UserError(
            f"the model '{model.name}' of class {kind.__name__} cannot be copied: it does not say with which "
            f"{', '.join(named)} it was made",
            where="model",
            fix=GIVE_CONFIG,
        )
    return kind()


def _from_file(model: keras.Model, x: Tensors) -> keras.Model:
    try:
        with tempfile.TemporaryDirectory() as folder, own_classes(model):
            path = Path(folder) / "model.keras"
            model.save(path)
            clone = keras.models.load_model(path, compile=False, safe_mode=False)  # written a line above
    except (NotImplementedError, TypeError, ValueError, AttributeError, KeyError, OSError) as error:
        raise UserError(
            f"the model '{model.name}' of class {type(model).__name__} cannot be copied: {_sentence(error)}",
            where="model",
            fix=GIVE_CONFIG,
        ) from error
    _call(clone, x)
    return clone


def _call(model: keras.Model, x: Tensors) -> None:
    try:
        model(x, training=False)
    except (ValueError, TypeError, KeyError, tf.errors.OpError) as error:
        shapes = tf.nest.map_structure(lambda a: ("rows", *a.shape[1:]), x)
        raise UserError(
            f"the model '{model.name}' cannot be called on rows of shape {shapes}: {_sentence(error)}",
            where="X",
            fix=f"the model's inputs have the shape {getattr(model, 'input_shape', 'of its call')}",
        ) from error


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()).split(". ")[0] or type(error).__name__
