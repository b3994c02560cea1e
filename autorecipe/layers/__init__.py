"""The Keras layers we had to write, one per file, each usable alone.

Importing this package registers them with Keras, so that a saved model finds them by name.
"""

from __future__ import annotations

from autorecipe.layers.code_embeddings import CodeEmbeddings
from autorecipe.layers.drop_connect_dense import DropConnectDense
from autorecipe.layers.maxout import Maxout
from autorecipe.layers.missing_flags import MissingFlags
from autorecipe.layers.mix_rows import MixRows
from autorecipe.layers.multi_hot import MultiHot
from autorecipe.layers.output_bias import OutputBias
from autorecipe.layers.piecewise_linear import PiecewiseLinearEmbedding
from autorecipe.layers.quantile_scale import QuantileScale
from autorecipe.layers.rescale_target import RescaleTarget
from autorecipe.layers.rms_norm import RMSNorm
from autorecipe.layers.robust_scale import RobustScale
from autorecipe.layers.stochastic_depth import StochasticDepth
from autorecipe.layers.tf_idf import TfIdf
from autorecipe.layers.two_classes import TwoClasses
from autorecipe.layers.variable_dropout import VariableDropout
from autorecipe.layers.variable_noise import VariableNoise
from autorecipe.layers.weight_norm_dense import WeightNormDense

LAYERS = (
    CodeEmbeddings,
    DropConnectDense,
    Maxout,
    MissingFlags,
    MixRows,
    MultiHot,
    OutputBias,
    PiecewiseLinearEmbedding,
    QuantileScale,
    RescaleTarget,
    RMSNorm,
    RobustScale,
    StochasticDepth,
    TfIdf,
    TwoClasses,
    VariableDropout,
    VariableNoise,
    WeightNormDense,
)
