"""One trunk per family: from features to outputs, every layer of a network behind its prefix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from autorecipe.choices import FamilyName
from autorecipe.recipe import Recipe
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape
from autorecipe.training.trunks import (
    conv_branches,
    conv_fast,
    conv_plain,
    conv_residual,
    dcn,
    ft_transformer,
    linear,
    modern_nca,
    plain,
    pretrained,
    realmlp,
    tabm,
)

# (features, recipe, shape, seeds of initializers) -> logits (batch, n_outputs), or a standardized prediction
Trunk = Callable[[Features, Recipe, Shape, Iterator[int]], Any]

TRUNKS: dict[FamilyName, Trunk] = {
    "mlp": plain.dense_net,
    "residual_mlp": plain.residual_net,
    "realmlp": realmlp.real_mlp,
    "realmlp_s": realmlp.small_real_mlp,
    "tabm": tabm.tabm,
    "tabm_mini": tabm.tabm_mini,
    "linear": linear.linear,
    "dcn": dcn.cross_net,
    "ft_transformer": ft_transformer.ft_transformer,
    "modern_nca": modern_nca.modern_nca,
    "convnet": conv_plain.convnet,
    "vgg": conv_plain.convnet,
    "residual_convnet": conv_residual.residual_convnet,
    "wide_residual": conv_residual.wide_residual,
    "separable_convnet": conv_branches.separable_convnet,
    "inverted_residual": conv_residual.inverted_residual,
    "dense_convnet": conv_branches.dense_convnet,
    "dilated_convnet": conv_plain.dilated_convnet,
    "inception_convnet": conv_branches.inception_convnet,
    "fast_convnet": conv_fast.fast_convnet,
    "pretrained": pretrained.pretrained,
}
