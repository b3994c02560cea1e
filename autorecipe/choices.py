"""What the fields of a recipe may be, where they are names."""

from __future__ import annotations

from typing import Literal

LossName = Literal["cross_entropy", "focal", "hinge", "mse", "mae", "huber"]
FamilyName = Literal[
    "linear",
    "mlp",
    "residual_mlp",
    "realmlp",
    "realmlp_s",
    "tabm",
    "tabm_mini",
    "dcn",
    "ft_transformer",
    "modern_nca",
    "convnet",
    "vgg",
    "residual_convnet",
    "wide_residual",
    "separable_convnet",
    "inverted_residual",
    "dense_convnet",
    "dilated_convnet",
    "inception_convnet",
    "fast_convnet",
    "pretrained",
    "custom",
]
Activation = Literal["relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "swish", "mish", "maxout", "tanh"]
InitializerName = Literal["auto", "he_normal", "glorot_uniform", "lecun_normal", "orthogonal"]
Normalization = Literal["none", "batch", "layer", "group", "rms", "weight"]
NumericScaling = Literal["robust", "quantile"]
NumericEmbedding = Literal["none", "piecewise_linear", "pbld", "plr"]
BinEdges = Literal["quantile", "tree", "quantile_and_tree"]
TextEncoding = Literal["tf_idf", "tf_idf_and_embedding", "tf_idf_and_gru"]
TargetTransform = Literal["none", "log1p"]
Pooling = Literal["max", "average", "fractional"]
TestTimeAugmentation = Literal["none", "mirror", "mirror_and_shifts"]
ClassWeight = Literal["none", "balanced"]
StrengthSchedule = Literal["constant", "flat_cosine"]
OptimizerName = Literal["adam", "sgd", "rmsprop", "adagrad", "nadam", "lion"]
ScheduleName = Literal[
    "constant",
    "step",
    "exponential",
    "linear",
    "cosine",
    "flat_cosine",
    "one_cycle",
    "warm_restarts",
    "coslog4",
    "inverse_sqrt",
]
OPTIMIZER_TITLES: dict[OptimizerName, str] = {
    "adam": "Adam",
    "sgd": "SGD with momentum",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
    "nadam": "Nadam",
    "lion": "Lion",
}
