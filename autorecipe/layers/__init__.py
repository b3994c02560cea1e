"""The Keras layers we had to write, one per file, each usable alone.

Importing this package registers them with Keras, so that a saved model finds them by name.
"""

from __future__ import annotations

from autorecipe.layers.code_embeddings import CodeEmbeddings
from autorecipe.layers.missing_flags import MissingFlags
from autorecipe.layers.multi_hot import MultiHot
from autorecipe.layers.piecewise_linear import PiecewiseLinearEmbedding
from autorecipe.layers.quantile_scale import QuantileScale
from autorecipe.layers.rescale_target import RescaleTarget
from autorecipe.layers.robust_scale import RobustScale
from autorecipe.layers.tf_idf import TfIdf
from autorecipe.layers.two_classes import TwoClasses
from autorecipe.layers.variable_dropout import VariableDropout

LAYERS = (
    CodeEmbeddings,
    MissingFlags,
    MultiHot,
    PiecewiseLinearEmbedding,
    QuantileScale,
    RescaleTarget,
    RobustScale,
    TfIdf,
    TwoClasses,
    VariableDropout,
)
