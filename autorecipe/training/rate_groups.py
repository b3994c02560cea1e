"""Which share of the learning rate a variable gets, and which variables decay, by what they do in the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from autorecipe.choices import FamilyName
from autorecipe.layers.learnable_scale import LearnableScale
from autorecipe.layers.parametric_activation import ParametricActivation
from autorecipe.layers.periodic_embedding import PeriodicEmbedding
from autorecipe.layers.piecewise_linear import PiecewiseLinearEmbedding
from autorecipe.layers.pretrained_backbone import PretrainedBackbone
from autorecipe.recipe import Recipe
from autorecipe.topology import RATE_FIELDS, RateField

# families in which all decays but biases: pytabkit (RealMLP) and the TabM package, instead of the kernels alone
DECAY_ALL: tuple[FamilyName, ...] = ("realmlp", "realmlp_s", "tabm", "tabm_mini")
# families whose published code multiplies the decay by a variable's factor twice: pytabkit's optimizers.py
DECAY_SQUARED: tuple[FamilyName, ...] = ("realmlp", "realmlp_s")
EMBEDDINGS = (PeriodicEmbedding, PiecewiseLinearEmbedding)
BIAS = "bias"
FIRST_LAYERS = ("hidden_1", "hidden_in")  # of our own networks; a map of a text's words may come before them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RateGroup:
    """Variables with one factor of the learning rate.

    Attributes
    ----------
    name : str
        The field of the recipe, and the strength that has the factor.
    variables : tuple of keras.Variable
    """

    name: RateField
    variables: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decayed:
    """A variable that decays, and the strength whose `power` multiplies its decay; None for the whole decay."""

    variable: Any
    factor: RateField | None = None
    power: int = 1


def rate_fields_on(recipe: Recipe) -> tuple[RateField, ...]:
    """Return the factors that differ from 1: they alone are compiled in."""
    return tuple(name for name in RATE_FIELDS if getattr(recipe, name) != 1)


def rate_groups(network: keras.Model, recipe: Recipe, *, kernels: Sequence[Any]) -> tuple[RateGroup, ...]:
    """Return the variables of each factor that differs from 1.

    All that belongs to the embeddings of numbers, or to a pretrained backbone, biases included, has the embeddings'
    factor.

    Parameters
    ----------
    kernels : sequence of keras.Variable
        Of the dense layers, in order: the first hidden one has `first_layer_rate`.
    """
    fields = _fields(network, kernels)
    groups = (
        RateGroup(name=name, variables=tuple(v for v in network.trainable_variables if fields.get(id(v)) == name))
        for name in rate_fields_on(recipe)
    )
    return tuple(group for group in groups if group.variables)


def decayed(network: keras.Model, recipe: Recipe, *, kernels: Sequence[Any]) -> tuple[Decayed, ...]:
    """Return what weight decay shrinks: the dense kernels, or in some families all but the biases.

    A step takes the share rate x decay x factor^power of a variable. The biases inside embeddings of numbers decay
    with them, as published.
    """
    fields, on = _fields(network, kernels), rate_fields_on(recipe)
    power = 2 if recipe.family in DECAY_SQUARED else 1
    everything = [v for v in network.trainable_variables if fields.get(id(v)) != "bias_rate"]
    chosen = everything if recipe.family in DECAY_ALL else kernels
    factors = ((v, fields.get(id(v))) for v in chosen)
    return tuple(Decayed(variable=v, factor=name if name in on else None, power=power) for v, name in factors)


@contextmanager
def scaled_moves(groups: Sequence[RateGroup], strengths: Mapping[str, Any]) -> Iterator[None]:
    """Make what an optimizer does meanwhile to each variable its group's factor times as large.

    For optimizers whose step is proportional to the learning rate this is a learning rate of its own, exactly.
    """
    moved = [(v, tf.identity(v.value), strengths[group.name]) for group in groups for v in group.variables]
    yield
    for variable, before, factor in moved:
        variable.assign(before + factor * (variable.value - before))


def _fields(network: keras.Model, kernels: Sequence[Any]) -> dict[int, RateField]:
    """Return the field of each variable that has one, by the variable's id."""
    fields: dict[int, RateField] = {id(v): "bias_rate" for v in network.trainable_variables if v.name == BIAS}
    named = [kernel for kernel in kernels if kernel.path.split("/")[-2] in FIRST_LAYERS]
    fields.update({id(kernel): "first_layer_rate" for kernel in (named or kernels)[:1]})
    for layer in network._flatten_layers(include_self=False):  # nested models' layers too
        if isinstance(layer, LearnableScale):
            fields.update({id(v): "scale_rate" for v in layer.trainable_variables})
        elif isinstance(layer, EMBEDDINGS):
            fields.update({id(v): "embedding_rate" for v in layer.trainable_variables})
        elif isinstance(layer, ParametricActivation | keras.layers.PReLU):
            fields.update({id(v): "activation_rate" for v in layer.trainable_variables})
    for layer in network.layers:  # whatever layers a backbone has
        if isinstance(layer, PretrainedBackbone):
            fields.update({id(v): "embedding_rate" for v in layer.trainable_variables})
    return fields
