"""What the records of convolutional networks share: sizes of their stages, their work, and what fits into the time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from autorecipe.change import with_edits
from autorecipe.choices import Pooling
from autorecipe.effects import Knob
from autorecipe.families.family import DataSize, Edits
from autorecipe.recipe import Recipe

MAX_CHANNELS = 512  # of any stage: VGG (arXiv 1409.1556) and ResNet-18 (arXiv 1512.03385) end there
# pixels of the longer side up to which the first convolution moves by 1, and by 2; by 4 beyond: ResNet brings 224 to 56
# before its first stage (arXiv 1512.03385), CIFAR's nets keep their 32
WHOLE_SIDE, HALF_SIDE = 48, 96
LAST_SIDE = 7  # pixels that the last stage has about: ResNet's, arXiv 1512.03385
FEWEST_STAGES, MOST_STAGES = 2, 5
# by how much fractional max pooling shrinks a side: between the published square root of 2 (arXiv 1412.6071) and the 2
# of plain pooling, which costs 1.6 times less in each further stage; choice
FRACTIONAL_RATIO = 1.6
LIMIT_SHARE = 1 / 8  # of a run's time limit for one training, so that other families and a bag fit beside it; choice
# multiplications that a number costs which a convolution returns: it is normalized, activated, and moved to and fro.
# Fitted to CPU-seconds of steps of ten families on 28 x 28 pixels, whose multiplications alone were trained at rates
# from 0.4e9 to 7e9 a second
CELL_WORK = 200
# work of the way forward that is trained a second, gradients included: two cores (measured: 7e9 to 11e9 a core-second;
# something is left for validation), and a GPU (a choice: no measurement; only short limits feel it)
CPU_WORK_PER_S, GPU_WORK_PER_S = 1.2e10, 1e12
FEWEST_EPOCHS = 3
# training images up to, batch; small batches take more steps in an epoch, and those learn more in the time
BATCHES = ((500, 16), (2_000, 32), (8_000, 64))
LARGEST_BATCH = 128
# fields that describe what tables need, and dense layers alone
NOT_READ = (
    "funnel",
    "linear_path",
    "numeric_scaling",
    "numeric_embedding",
    "n_bins",
    "embedding_dim",
    "bin_edges",
    "n_frequencies",
    "frequency_scale",
    "text_encoding",
    "learnable_scale",
    "n_members",
    "n_cross_layers",
    "n_heads",
    "backbone",
    "n_unfrozen",
    "drop_connect",
    "input_noise",
    "activation_noise",
    "input_l1",
    "scale_rate",
    "embedding_rate",
)

Work = Callable[[Recipe, tuple[int, ...]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How large an image is at one place of a network, and the work of its way there.

    Attributes
    ----------
    height, width, channels : int
    total : float
        Multiplications so far, and `CELL_WORK` for each number that a convolution returned, or that was moved to be
        joined with others.
    """

    height: int
    width: int
    channels: int
    total: float = 0.0

    def conv(self, channels: int, *, kernel: int = 3, stride: int = 1) -> Walk:
        """Return the place behind a convolution with padding."""
        height, width = -(-self.height // stride), -(-self.width // stride)
        more = height * width * channels * (kernel**2 * self.channels + CELL_WORK)
        return Walk(height=height, width=width, channels=channels, total=self.total + more)

    def depthwise(self, *, kernel: int = 3, stride: int = 1) -> Walk:
        """Return the place behind a convolution of each channel by itself."""
        height, width = -(-self.height // stride), -(-self.width // stride)
        more = height * width * self.channels * (kernel**2 + CELL_WORK)
        return replace(self, height=height, width=width, total=self.total + more)

    def pool(self, pooling: Pooling) -> Walk:
        """Return the place behind a pooling between stages."""
        return replace(self, height=pooled_side(self.height, pooling), width=pooled_side(self.width, pooling))

    def beside(self, *others: Walk) -> Walk:
        """Return the place where branches that started at `self` are joined by their channels."""
        last, channels = others[-1], sum(other.channels for other in others)
        joined = CELL_WORK * last.height * last.width * channels
        total = self.total + joined + sum(other.total - self.total for other in others)
        return replace(last, channels=channels, total=total)

    def plus(self, more: float) -> Walk:
        """Return the place with further work."""
        return replace(self, total=self.total + more)


def begin(image: tuple[int, ...]) -> Walk:
    """Return the place in front of a network."""
    height, width, channels = image
    return Walk(height=height, width=width, channels=channels)


def pooled_side(side: int, pooling: Pooling) -> int:
    """Return the pixels that pooling leaves of a side.

    >>> pooled_side(28, "max"), pooled_side(28, "fractional")
    (14, 17)
    """
    return max(1, int(side / FRACTIONAL_RATIO)) if pooling == "fractional" else -(-side // 2)


def stage_channels(recipe: Recipe) -> tuple[int, ...]:
    """Return the channels of each stage: `width`, then twice as many each time, at most 512.

    >>> stage_channels(Recipe(width=16, depth=3))
    (16, 32, 64)
    """
    return tuple(min(recipe.width * 2**i, max(recipe.width, MAX_CHANNELS)) for i in range(recipe.depth))


def stem_stride(image: tuple[int, ...]) -> int:
    """Return by how many pixels the first convolution moves: 1, 2 or 4, by the longer side.

    >>> stem_stride((28, 28, 1)), stem_stride((64, 64, 3)), stem_stride((160, 120, 3))
    (1, 2, 4)
    """
    side = max(image[:2])
    return 1 if side <= WHOLE_SIDE else 2 if side <= HALF_SIDE else 4


def stem_kernel(image: tuple[int, ...]) -> int:
    """Return the side of the first convolution's kernel: 3, 3 or 7 for its stride of 1, 2 or 4."""
    return max(3, 2 * stem_stride(image) - 1)


def n_stages(image: tuple[int, ...]) -> int:
    """Return how many stages leave an image of about 7 pixels a side to the last one.

    >>> n_stages((28, 28, 1)), n_stages((96, 96, 3))
    (3, 4)
    """
    side = max(image[:2]) / stem_stride(image)
    return int(min(max(1 + round(math.log2(max(side, 1) / LAST_SIDE)), FEWEST_STAGES), MOST_STAGES))


def image_batch(n_train: int) -> int:
    """Return the batch size that suits this many training images.

    >>> image_batch(300), image_batch(50_000)
    (16, 128)
    """
    return next((size for limit, size in BATCHES if n_train <= limit), LARGEST_BATCH)


def affordable_epochs(size: DataSize, work: float) -> int:
    """Return how many epochs on all folds an eighth of the time limit has room for, by a network's work."""
    work_per_s = GPU_WORK_PER_S if size.has_gpu else CPU_WORK_PER_S
    return int(LIMIT_SHARE * size.time_limit_s * work_per_s / (work * max(size.n_train, 1) * size.n_folds))


def sized(size: DataSize, start: Edits, work: Work, *, widths: tuple[int, ...], epochs: tuple[int, int]) -> Edits:
    """Return the edits of the widest network that can be trained long enough, with width, epochs and patience.

    Parameters
    ----------
    start : tuple of (field, value)
        All other edits.
    widths : tuple of int
        From the widest to the narrowest, which is taken where even it has too little time.
    epochs : (int, int)
        The fewest that a wider network is worth, and the most that are trained.
    """
    fewest, most = epochs
    for width in widths:
        recipe = with_edits(Recipe(), (*start, ("width", width)))
        n_epochs = affordable_epochs(size, work(recipe, size.image))
        if n_epochs >= fewest:
            break
    n_epochs = min(max(n_epochs, FEWEST_EPOCHS), most)
    # all are trained, since the rate falls until the last one, and the best is kept
    return (*start, ("width", width), ("epochs", n_epochs), ("patience", n_epochs))


def training_edits(size: DataSize) -> Edits:
    """Return the training that suits networks with batch normalization: AdamW, a warm-up, and a rate that falls."""
    return (
        ("activation", "relu"),
        ("normalization", "batch"),
        ("optimizer", "adam"),
        ("learning_rate", 1e-2),
        ("weight_decay", 0.05),
        ("schedule", "cosine"),
        ("warm_up_share", 0.1),
        ("batch_size", image_batch(size.n_train)),
    )


def image_space(*, widths: tuple[int, ...], blocks: tuple[int, ...], depths: tuple[int, ...] = ()) -> tuple[Knob, ...]:
    """Return what the tuner searches around a convolutional network."""
    sizes = [Knob(field="width", choices=widths), Knob(field="n_blocks", choices=blocks)]
    if depths:
        sizes.append(Knob(field="depth", choices=depths))
    return (
        Knob(field="learning_rate", low=1e-3, high=4e-2, sampling="log"),
        *sizes,
        Knob(field="dropout", low=0.0, high=0.5),
        Knob(field="weight_decay", choices=(0.0, 0.005, 0.02, 0.05, 0.1, 0.2)),
        Knob(field="label_smoothing", choices=(0.0, 0.05, 0.1, 0.2)),
    )
