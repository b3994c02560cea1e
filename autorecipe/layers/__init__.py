"""The Keras layers we had to write, one per file, each usable alone.

Importing this package registers them with Keras, so that a saved model finds them by name.
"""

from __future__ import annotations

from autorecipe.layers.affine_jitter import AffineJitter
from autorecipe.layers.backbone_input import BackboneInput
from autorecipe.layers.batch_ensemble_dense import BatchEnsembleDense
from autorecipe.layers.chunk_tokens import ChunkTokens
from autorecipe.layers.class_token import ClassToken
from autorecipe.layers.code_embeddings import CodeEmbeddings
from autorecipe.layers.colour_jitter import ColourJitter
from autorecipe.layers.cross_layer import CrossLayer
from autorecipe.layers.cut_mix import CutMix
from autorecipe.layers.cutout import Cutout
from autorecipe.layers.decode_images import DecodeImages
from autorecipe.layers.drop_connect_dense import DropConnectDense
from autorecipe.layers.ensemble_scale import EnsembleScale
from autorecipe.layers.fit_images import FitImages
from autorecipe.layers.fractional_max_pooling import FractionalMaxPooling2D
from autorecipe.layers.identity_kernel import IdentityKernel  # noqa: F401  imported so that saved models find it
from autorecipe.layers.image_views import ImageViews
from autorecipe.layers.learnable_scale import LearnableScale
from autorecipe.layers.maxout import Maxout
from autorecipe.layers.mean_of_members import MeanOfMembers
from autorecipe.layers.mean_of_views import MeanOfViews
from autorecipe.layers.member_dense import MemberDense
from autorecipe.layers.missing_flags import MissingFlags
from autorecipe.layers.mix_rows import MixRows
from autorecipe.layers.multi_hot import MultiHot
from autorecipe.layers.nearest_neighbours import NearestNeighbours
from autorecipe.layers.normalize_images import NormalizeImages
from autorecipe.layers.ntp_dense import NTPDense
from autorecipe.layers.output_bias import OutputBias
from autorecipe.layers.parametric_activation import ParametricActivation
from autorecipe.layers.periodic_embedding import PeriodicEmbedding
from autorecipe.layers.piecewise_linear import PiecewiseLinearEmbedding
from autorecipe.layers.pretrained_backbone import PretrainedBackbone
from autorecipe.layers.quantile_scale import QuantileScale
from autorecipe.layers.rand_augment import RandAugment
from autorecipe.layers.reglu import ReGLU
from autorecipe.layers.rescale_target import RescaleTarget
from autorecipe.layers.rms_norm import RMSNorm
from autorecipe.layers.robust_scale import RobustScale
from autorecipe.layers.shared_dense import SharedDense
from autorecipe.layers.squeeze_excitation import SqueezeExcitation
from autorecipe.layers.stochastic_depth import StochasticDepth
from autorecipe.layers.tf_idf import TfIdf
from autorecipe.layers.tf_idf_projection import TfIdfProjection
from autorecipe.layers.token_attention import TokenAttention
from autorecipe.layers.token_embedding_mean import TokenEmbeddingMean
from autorecipe.layers.token_gru import TokenGRU
from autorecipe.layers.two_classes import TwoClasses
from autorecipe.layers.variable_dropout import VariableDropout
from autorecipe.layers.variable_noise import VariableNoise
from autorecipe.layers.weight_norm_dense import WeightNormDense
from autorecipe.layers.whitening_conv import WhiteningConv2D

LAYERS = (
    AffineJitter,
    BackboneInput,
    BatchEnsembleDense,
    ChunkTokens,
    ClassToken,
    CodeEmbeddings,
    ColourJitter,
    CrossLayer,
    CutMix,
    Cutout,
    DecodeImages,
    DropConnectDense,
    EnsembleScale,
    FitImages,
    FractionalMaxPooling2D,
    ImageViews,
    LearnableScale,
    Maxout,
    MeanOfMembers,
    MeanOfViews,
    MemberDense,
    MissingFlags,
    MixRows,
    MultiHot,
    NearestNeighbours,
    NormalizeImages,
    NTPDense,
    OutputBias,
    ParametricActivation,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    PretrainedBackbone,
    QuantileScale,
    RandAugment,
    ReGLU,
    RescaleTarget,
    RMSNorm,
    RobustScale,
    SharedDense,
    SqueezeExcitation,
    StochasticDepth,
    TfIdf,
    TfIdfProjection,
    TokenAttention,
    TokenEmbeddingMean,
    TokenGRU,
    TwoClasses,
    VariableDropout,
    VariableNoise,
    WeightNormDense,
    WhiteningConv2D,
)
