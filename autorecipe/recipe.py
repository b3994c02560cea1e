"""One complete description of a model and its training, as values."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import msgspec

from autorecipe.choices import (
    OPTIMIZER_TITLES,
    Activation,
    BinEdges,
    ClassWeight,
    FamilyName,
    InitializerName,
    LossName,
    Normalization,
    NumericEmbedding,
    NumericScaling,
    OptimizerName,
    Pooling,
    ScheduleName,
    StrengthSchedule,
    TargetTransform,
    TestTimeAugmentation,
    TextEncoding,
)

Value = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A model and its training, as values: hashable, comparable, readable as YAML.

    Attributes
    ----------
    family : str
        Name of a record in `autorecipe.families`; "custom" for an architecture of the user's.
    architecture, architecture_hash : str
        Of a custom family: "module:function" ("<lambda>" cannot be replayed), and a hash of its source.
    knobs : tuple of (name, value)
        The keyword parameters of a custom family's function; edits and search spaces write them "knobs.NAME".
    width, depth : int
        Units per hidden layer, and hidden layers (or residual blocks).
    funnel : bool
        Whether each hidden layer is half as wide as the one before (256-128-64), at least 8 units.
    initializer : str
        Of the hidden kernels; "auto" is the one that fits the activation (recipe rule F2).
    linear_path : bool
        Whether the features also reach the output directly, as in a linear model.
    numeric_scaling : str
        "robust": median and quartiles, then the smooth clip x / sqrt(1 + (x/3)^2); "quantile": to normal scores.
    numeric_embedding : str
        "none"; "piecewise_linear" with `n_bins` bins and `embedding_dim` dimensions per number; "pbld": the number
        beside a linear map of `n_frequencies` cosines to `embedding_dim` - 1 dimensions; "plr": ReLU of a linear map of
        `n_frequencies` sines and cosines to `embedding_dim` dimensions.
    bin_edges : str
        Of piecewise-linear bins: "quantile", the thresholds of a "tree" that learns the target from one number, or half
        of the bins from each.
    frequency_scale : float > 0
        Standard deviation of the first frequencies of "pbld" and "plr".
    text_encoding : str
        What a text column gives: TF-IDF weights of its words, and beside them the mean of their embeddings, or the last
        state of a GRU over them.
    learnable_scale : bool
        Whether each feature, embedded, has a factor of its own that is learned (from 1) before the first layer.
    n_members : int
        Networks that share their weights in "tabm" and "tabm_mini"; 1 elsewhere.
    n_cross_layers : int
        Of "dcn".
    n_heads : int
        Attention heads of "ft_transformer".
    n_blocks : int
        Convolutions or blocks of a stage of a convolutional net; its `width` is the channels of the first stage (each
        further one has twice as many, at most `families.images.MAX_CHANNELS`), its `depth` the stages.
    pooling : str
        Between the stages of a convolutional net.
    backbone : str
        Of "pretrained": a name in `autorecipe.backbones`, its weights in a file of one's own behind a colon
        ("convnext_tiny:FILE.h5"), or a whole model's file (.keras); what stands behind # is checked to be the file's.
    n_unfrozen : int
        Of "pretrained": blocks of the backbone, from its end, that are trained too; 0 trains the head alone.
    flip_horizontal, flip_vertical : float in [0, 0.5]
        Share of the training images that are mirrored.
    translation : float in [0, 0.5)
        Largest shift, as a share of the side.
    rotation : float >= 0
        Largest angle in degrees.
    zoom, shear, aspect_jitter : float >= 0
        Largest change of the size, of the slant, and of width over height, as shares.
    crop : float in [0, 1)
        Largest share of the area that is cut away before the rest is brought back to the size.
    brightness, contrast, saturation : float >= 0
        Largest change, as a share of the whole range, and of the images' own contrast and saturation.
    hue : float in [0, 0.5]
        Largest turn of the colours, as a share of the circle.
    cutout : float in [0, 1)
        Side of a square of the image that is blanked, as a share of its side.
    cutmix : float >= 0
        Alpha of the Beta distribution by which a rectangle of another image is pasted in, and the loss shared by area.
    manifold_mixup : float >= 0
        As `mixup`, of what a random stage gives instead of the input.
    rand_augment : float >= 0
        Magnitude from 0 to 10 of two random operations for each image; 0 for none.
    test_time : str
        What predictions are the mean over: the image alone, it and its mirror image, or both and shifts by a pixel.
    dropout : float in [0, 1)
        After every hidden layer.
    dropout_schedule, decay_schedule : str
        How dropout and weight decay change while training: "flat_cosine" is whole in the first half, then falls to 0.
    drop_connect : float in [0, 1)
        Share of the hidden kernels' weights that are zero in a step.
    stochastic_depth : float in [0, 1)
        Share of rows that skip the last residual block in a step; earlier blocks are skipped less, linearly.
    input_noise, activation_noise : float >= 0
        Standard deviation of Gaussian noise on the features, and after every hidden layer.
    mixup : float >= 0
        Alpha of the Beta distribution by which pairs of rows are mixed, in features and loss; 0 for none.
    sam : float >= 0
        Radius of sharpness-aware minimization; 0 for none. A step costs two.
    l2, l1 : float >= 0
        Keras L2 and L1 on the kernels of the dense layers: added to the loss; both together are an elastic net.
    input_l1 : float >= 0
        L1 on the first dense kernel alone.
    max_norm : float >= 0
        Largest norm of a hidden unit's incoming weights; 0 for none.
    weight_decay : float >= 0
        Decoupled decay of those kernels, another scale than `l2`: Adam with it is AdamW.
    label_smoothing : float in [0, 1)
        Share of the label spread over all classes.
    optimizer : str
        Adam with `weight_decay` is AdamW.
    beta_2 : float in (0, 1)
        Of Adam and Nadam: the memory of the squared gradients.
    learning_rate : float > 0
        What the schedule's factors multiply.
    scale_rate, bias_rate, embedding_rate, first_layer_rate : float > 0
        Factors of the learning rate for the learnable scale, biases, what belongs to the embeddings of numbers or to a
        pretrained backbone, and the kernel of the first dense layer.
    activation_rate : float > 0
        Likewise for the parameters of activations.
    target_transform : str
        "log1p": a regression learns log(1 + target), its predictions corrected for the mean (smearing).
    class_weight : str
        "balanced": rows weigh by the inverse share of their class while training; probabilities are corrected back.
    warm_up_share : float in [0, 1)
        Share of all steps, in front of any schedule, in which the rate rises from 0.
    clip_norm : float >= 0
        Largest global norm of a step's gradient; 0 for none.
    ema_decay : float in [0, 1)
        Of the moving average of the weights that is validated and kept; 0 for none.
    reduce_on_plateau : bool
        ReduceLROnPlateau with factor 0.5 on the validation loss.
    patience : int
        Epochs without a better validation loss before training stops, with the best epoch's weights; 0 trains
        all epochs and keeps the last weights.
    epochs, batch_size, seed : int
    stop_epoch : int
        Training ends after so many epochs of a schedule of `epochs`, with the last weights; 0 for none. Where no rows
        validate it stands for the epoch that others would have kept.
    row_share : float in (0, 1]
        Share of the training rows that are used.
    """

    family: FamilyName = "mlp"
    architecture: str = ""
    architecture_hash: str = ""
    knobs: tuple[tuple[str, Value], ...] = ()
    width: int = 64
    depth: int = 2
    funnel: bool = False
    activation: Activation = "relu"
    initializer: InitializerName = "auto"
    normalization: Normalization = "none"
    linear_path: bool = False
    numeric_scaling: NumericScaling = "robust"
    numeric_embedding: NumericEmbedding = "none"
    n_bins: int = 24
    embedding_dim: int = 8
    bin_edges: BinEdges = "quantile"
    n_frequencies: int = 16
    frequency_scale: float = 0.1
    text_encoding: TextEncoding = "tf_idf"
    learnable_scale: bool = False
    n_members: int = 1
    n_cross_layers: int = 2
    n_heads: int = 8
    n_blocks: int = 1
    pooling: Pooling = "max"
    backbone: str = ""
    n_unfrozen: int = 0
    flip_horizontal: float = 0.0
    flip_vertical: float = 0.0
    translation: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    aspect_jitter: float = 0.0
    crop: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    cutout: float = 0.0
    cutmix: float = 0.0
    manifold_mixup: float = 0.0
    rand_augment: float = 0.0
    test_time: TestTimeAugmentation = "none"
    dropout: float = 0.0
    dropout_schedule: StrengthSchedule = "constant"
    drop_connect: float = 0.0
    stochastic_depth: float = 0.0
    input_noise: float = 0.0
    activation_noise: float = 0.0
    mixup: float = 0.0
    sam: float = 0.0
    l2: float = 0.0
    l1: float = 0.0
    input_l1: float = 0.0
    max_norm: float = 0.0
    weight_decay: float = 0.0
    decay_schedule: StrengthSchedule = "constant"
    label_smoothing: float = 0.0
    loss: LossName = "cross_entropy"
    optimizer: OptimizerName = "adam"
    beta_2: float = 0.999
    learning_rate: float = 1e-3
    scale_rate: float = 1.0
    bias_rate: float = 1.0
    embedding_rate: float = 1.0
    first_layer_rate: float = 1.0
    activation_rate: float = 1.0
    schedule: ScheduleName = "constant"
    warm_up_share: float = 0.0
    reduce_on_plateau: bool = False
    clip_norm: float = 0.0
    ema_decay: float = 0.0
    patience: int = 15
    epochs: int = 100
    batch_size: int = 128
    row_share: float = 1.0
    target_transform: TargetTransform = "none"
    class_weight: ClassWeight = "none"
    seed: int = 0
    stop_epoch: int = 0

    @property
    def optimizer_title(self) -> str:
        """What the optimizer is called: "Adam", "AdamW" with weight decay, "SGD", ..."""
        if self.optimizer == "adam" and self.weight_decay > 0:
            return "AdamW"
        return OPTIMIZER_TITLES[self.optimizer]

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits that name this recipe, and seed its fits, wherever the user's file lies."""
        fields = msgspec.to_builtins(self)
        fields["architecture"] = re.split(r"[/\\]", self.architecture)[-1]
        if not self.stop_epoch:
            del fields["stop_epoch"]  # recipes that have none keep the names, and with them the seeds, of their fits
        return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()[:16]
