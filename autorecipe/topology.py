"""What two recipes share that are trained by one compiled graph."""

from __future__ import annotations

from typing import Literal, get_args

from autorecipe.augmentations import switches
from autorecipe.recipe import Recipe
from autorecipe.schedules import cycles_momentum

RateField = Literal["scale_rate", "bias_rate", "embedding_rate", "first_layer_rate", "activation_rate"]
# factors that are compiled in when they are not 1, and are tensors then
RATE_FIELDS: tuple[RateField, ...] = get_args(RateField)
# fields of a recipe whose every value is a network or a compiled step of its own
STRUCTURE = (
    "family",
    "architecture",
    "architecture_hash",
    "knobs",
    "width",
    "depth",
    "funnel",
    "activation",
    "initializer",
    "normalization",
    "linear_path",
    "numeric_scaling",
    "numeric_embedding",
    "n_frequencies",
    "text_encoding",
    "learnable_scale",
    "n_members",
    "n_cross_layers",
    "n_heads",
    "n_blocks",
    "pooling",
    "backbone",
    "n_unfrozen",
    "dropout_schedule",
    "optimizer",
    "beta_2",
    "loss",
    "batch_size",
)
# fields that are built or compiled in when they are not zero, and are tensors then
SWITCHES = (
    "dropout",
    "drop_connect",
    "stochastic_depth",
    "input_noise",
    "activation_noise",
    "mixup",
    "sam",
    "clip_norm",
    "ema_decay",
    "max_norm",
)


def topology(recipe: Recipe) -> tuple[object, ...]:
    """Return what two recipes must share to be trained by one compiled graph, on the same data."""
    bins = (recipe.n_bins, recipe.embedding_dim) if recipe.numeric_embedding != "none" else ()
    rates = tuple(getattr(recipe, name) != 1 for name in RATE_FIELDS)
    structure = tuple(getattr(recipe, name) for name in STRUCTURE)
    own = tuple(getattr(recipe, name) > 0 for name in SWITCHES)
    return (*structure, *own, *switches(recipe), *rates, bins, cycles_momentum(recipe))
