"""Changes of a recipe that training checks ask for, each in the words of people."""

from __future__ import annotations

import math

from autorecipe.activations import activation_named
from autorecipe.change import Change
from autorecipe.checks.verdicts import power
from autorecipe.choices import OPTIMIZER_TITLES, Activation, Normalization, OptimizerName
from autorecipe.families import family_named
from autorecipe.normalizations import normalization_named
from autorecipe.recipe import Recipe

LOWEST_RATE, HIGHEST_RATE = 1e-7, 1.0  # UMLAUT's floor and the end of our range test
MIN_BLOCKS = 2  # residual blocks at least: one has no way around the next


def rate_to(recipe: Recipe, rate: float) -> Change:
    """Set the learning rate, to one significant digit and within reason."""
    bounded = min(max(rate, LOWEST_RATE), HIGHEST_RATE)
    rounded = float(f"{bounded:.0e}")
    title = f"learning rate {power(recipe.learning_rate)} -> {power(rounded)}"
    return Change(edits=(("learning_rate", rounded),), title=title)


def rate_times(recipe: Recipe, factor: float) -> Change:
    """Multiply the learning rate."""
    return rate_to(recipe, recipe.learning_rate * factor)


def activation(name: Activation) -> Change:
    """Use another activation, with the initializer that fits it."""
    return Change(edits=(("activation", name), ("initializer", "auto")), title=activation_named(name).title)


def fitting_initializer() -> Change:
    """Initialize the hidden kernels by the rule that fits the activation."""
    return Change(edits=(("initializer", "auto"),), title="the initializer that fits the activation")


def normalization(name: Normalization) -> Change:
    """Use another normalization of the hidden layers."""
    return Change(edits=(("normalization", name),), title=normalization_named(name).title)


def normalized_activation(name: Activation, norm: Normalization) -> Change:
    """Use another activation, with the initializer that fits it, and a normalization."""
    edits = (("activation", name), ("initializer", "auto"), ("normalization", norm))
    return Change(edits=edits, title=f"{activation_named(name).title} with {normalization_named(norm).title}")


def residual(recipe: Recipe) -> Change:
    """Give gradients a way around each block: half as many blocks as there were layers, as each has two."""
    depth = recipe.depth if recipe.family == "residual_mlp" else max(MIN_BLOCKS, math.ceil(recipe.depth / 2))
    edits = (("family", "residual_mlp"), ("depth", depth), ("normalization", "layer"))
    return Change(edits=edits, title="residual blocks with layer normalization")


def optimizer(name: OptimizerName, rate: float) -> Change:
    """Use another optimizer, at a rate that is usual for it."""
    edits = (("optimizer", name), ("learning_rate", rate))
    return Change(edits=edits, title=f"{OPTIMIZER_TITLES[name]} at {power(rate)}")


def clip(norm: float) -> Change:
    """Cut gradients down to a global norm."""
    return Change(edits=(("clip_norm", norm),), title=f"gradients clipped to norm {norm:g}")


def warm_up(share: float) -> Change:
    """Let the rate rise over the first steps."""
    return Change(edits=(("warm_up_share", share),), title=f"warm-up over {100 * share:g} % of the steps")


def moving_average(decay: float) -> Change:
    """Keep the moving average of the weights."""
    return Change(edits=(("ema_decay", decay),), title=f"moving average of the weights, decay {decay:g}")


def batch(recipe: Recipe, size: int) -> Change:
    """Set the batch size."""
    return Change(edits=(("batch_size", size),), title=f"batch size {recipe.batch_size} -> {size}")


def dropout(recipe: Recipe, rate: float) -> Change:
    """Set the dropout rate."""
    return Change(edits=(("dropout", rate),), title=f"dropout {recipe.dropout:g} -> {rate:g}")


def width(recipe: Recipe, n_units: int) -> Change:
    """Set the units per layer."""
    return Change(edits=(("width", n_units),), title=f"width {recipe.width} -> {n_units}")


def wider(recipe: Recipe) -> Change:
    """Double the units per layer, up to what suits the family."""
    return width(recipe, max(min(2 * recipe.width, family_named(recipe.family).max_width), recipe.width))


def deeper(recipe: Recipe) -> Change:
    """Add a layer or block, up to what suits the family."""
    return depth(recipe, max(min(recipe.depth + 1, family_named(recipe.family).max_depth), recipe.depth))


def depth(recipe: Recipe, n_layers: int) -> Change:
    """Set the number of layers or blocks."""
    return Change(edits=(("depth", n_layers),), title=f"depth {recipe.depth} -> {n_layers}")


def linear_path() -> Change:
    """Let the features reach the output directly."""
    return Change(edits=(("linear_path", True),), title="a linear path beside the layers")


def epochs(recipe: Recipe, n_epochs: int) -> Change:
    """Set the number of epochs."""
    return Change(edits=(("epochs", n_epochs),), title=f"epochs {recipe.epochs} -> {n_epochs}")


def patience(recipe: Recipe, n_epochs: int) -> Change:
    """Set after how many epochs without a better validation loss training stops."""
    return Change(edits=(("patience", n_epochs),), title=f"patience {recipe.patience} -> {n_epochs}")


def quantile_scaling() -> Change:
    """Turn numbers into normal scores by their quantiles."""
    return Change(edits=(("numeric_scaling", "quantile"),), title="numbers scaled by quantiles")


def weaker_penalties(recipe: Recipe, factor: float) -> tuple[Change, ...]:
    """Divide each penalty that there is, the ones that are added to the loss first."""
    strengths = (
        ("l2", "L2", recipe.l2),
        ("l1", "L1", recipe.l1),
        ("input_l1", "L1 on the first layer", recipe.input_l1),
        ("weight_decay", "weight decay", recipe.weight_decay),
    )
    return tuple(
        Change(
            edits=((field, float(f"{value / factor:.2g}")),),
            title=f"{title} {power(value)} -> {power(value / factor)}",
        )
        for field, title, value in strengths
        if value > 0
    )


def more_dropout(recipe: Recipe, rates: tuple[float, ...]) -> tuple[Change, ...]:
    """Raise the dropout rate to the next of the rates given."""
    higher = [rate for rate in rates if rate > recipe.dropout]
    return (dropout(recipe, higher[0]),) if higher else ()


def weight_decay(value: float) -> Change:
    """Let the kernels shrink apart from the gradient."""
    return Change(edits=(("weight_decay", value),), title=f"weight decay {value:g}")
