"""A backbone that was trained on other images, and a linear head on its features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from autorecipe.layers.backbone_input import BackboneInput
from autorecipe.layers.pretrained_backbone import PretrainedBackbone
from autorecipe.layers.variable_dropout import VariableDropout
from autorecipe.recipe import Recipe
from autorecipe.training.backbones import load_backbone, pooled
from autorecipe.training.blocks import BATCH_NORM_MOMENTUM
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape
from autorecipe.training.trunks.plain import head

BACKBONE, BACKBONE_INPUT = "backbone", "backbone_input"  # names of layers
FEATURE_SCALE = "normalize_features"  # likewise
EPSILON = 1e-6  # added to the variance of a feature, of whatever scale: the same source


def pretrained(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of a linear head on the features of a pretrained backbone.

    Images are brought to what the backbone takes; its last `recipe.n_unfrozen` blocks train. Where `shape.n_features`
    says that the features are given, there is no backbone in front of the head. Features are standardized by a batch
    normalization without scale and shift, so that one learning rate suits all backbones: He et al. (2021), Masked
    autoencoders, arXiv 2111.06377, appendix A.1.

    Raises
    ------
    NoWeights
        When the backbone's weights are not on this machine.
    UserError
        When the recipe's field `backbone` names none.
    """
    x = features.joined if shape.n_features else backbone_features(features.image, recipe)
    x = keras.layers.BatchNormalization(
        center=False, scale=False, momentum=BATCH_NORM_MOMENTUM, epsilon=EPSILON, dtype="float32", name=FEATURE_SCALE
    )(x)
    if recipe.dropout:
        x = VariableDropout(recipe.dropout, seed=next(seeds), name="dropout_1")(x)
    return head(x, shape, seeds)


def backbone_features(images: Any, recipe: Recipe) -> Any:
    """Return what a backbone makes of images (batch, height, width, channels): features (batch, n), float32."""
    loaded = load_backbone(recipe.backbone, tuple(images.shape[1:]))
    prepared = BackboneInput(*loaded.image, lowest=loaded.lowest, highest=loaded.highest, name=BACKBONE_INPUT)(images)
    backbone = PretrainedBackbone(loaded.model, recipe.n_unfrozen, block_pattern=loaded.block_pattern, name=BACKBONE)
    return pooled(backbone(prepared))
