"""A network that was trained on a million photos, and a head that learns this data."""

from __future__ import annotations

from autorecipe.augmentations import LABEL_KEEPING, MIXTURES
from autorecipe.backbones import BACKBONES, Backbone, at_side, parse_backbone
from autorecipe.effects import Knob
from autorecipe.families.family import DataSize, Edits, Family
from autorecipe.families.images import NOT_READ, image_batch
from autorecipe.recipe import Recipe

SMALLEST_SIDE = 64  # pixels of the longer side: smaller photos show too little of what the backbone knows; choice
# multiplications a second of a backbone in inference: two cores (measured, of one: 7e9 of MobileNetV3, 2e10 of
# EfficientNetV2-B0, 5e9 of ConvNeXt-Tiny), and a GPU (choice)
CPU_WORK_PER_S, GPU_WORK_PER_S = 1e10, 1e12
FEATURE_SHARE = 0.15  # of the time limit, for one pass of all images through the backbone; choice
HEAD_EPOCHS, HEAD_PATIENCE = 60, 10  # of a linear map of features that are at hand: seconds
FINE_TUNE_EPOCHS = 10
HEAD_RATE = 1e-3
# of the head's rate: Keras' guide to transfer learning fine-tunes at 1e-5, with Adam, what a head learned at 1e-3
BACKBONE_RATE = 0.02

# fields that change images before the backbone sees them, or mix them
DISTURBING = (*LABEL_KEEPING, *MIXTURES)


def takes_features(recipe: Recipe) -> bool:
    """Return whether a recipe's network learns from features that never change: nothing before them is trained."""
    return backbone_never_trains(recipe) and not any(getattr(recipe, field) for field in DISTURBING)


def backbone_never_trains(recipe: Recipe) -> bool:
    """Return whether all networks of a recipe have one and the same backbone, so that it need be served but once."""
    return recipe.family == "pretrained" and not recipe.n_unfrozen


def backbone_for(size: DataSize) -> Backbone | None:
    """Return the largest backbone that all images pass through within the time that is for it; None for none."""
    if not size.image or max(size.image[:2]) < SMALLEST_SIDE or not size.is_photo:
        return None
    work_per_s = GPU_WORK_PER_S if size.has_gpu else CPU_WORK_PER_S
    bearable = FEATURE_SHARE * size.time_limit_s * work_per_s / max(size.n_train, 1)
    longest = max(size.image[:2])
    fitting = [b for b in BACKBONES if at_side(b, longest).n_multiplications <= bearable]
    return fitting[-1] if fitting else None


def work(recipe: Recipe, image: tuple[int, ...]) -> float:
    """Return the work of an image's way through the backbone; of a head on kept features, its own alone.

    A model in a file counts as the smallest backbone.
    """
    choice = parse_backbone(recipe.backbone) if recipe.backbone else None
    record = choice.record if choice is not None and choice.record is not None else BACKBONES[0]
    if takes_features(recipe):
        return float(record.n_features)
    return at_side(record, max(image[:2])).n_multiplications


def defaults(size: DataSize) -> Edits:
    """Return a linear head on the features of the backbone that suits the data."""
    chosen = backbone_for(size) or BACKBONES[0]
    return head_edits(chosen.name, size)


def head_edits(backbone: str, size: DataSize) -> Edits:
    """Return a linear head on the features of a backbone that does not train.

    Parameters
    ----------
    backbone : str
        As a recipe has it.
    """
    return (
        ("family", "pretrained"),
        ("backbone", backbone),
        ("n_unfrozen", 0),
        ("width", 0),
        ("depth", 0),
        ("activation", "relu"),
        ("normalization", "none"),
        ("optimizer", "adam"),
        ("learning_rate", HEAD_RATE),
        ("embedding_rate", 1.0),
        ("weight_decay", 0.01),
        ("schedule", "cosine"),
        ("warm_up_share", 0.0),
        ("epochs", HEAD_EPOCHS),
        ("patience", HEAD_PATIENCE),
        ("batch_size", image_batch(size.n_train)),
    )


def fine_tune_edits(n_unfrozen: int) -> Edits:
    """Return what a recipe with a trained head becomes when blocks of its backbone are trained too."""
    return (
        ("n_unfrozen", n_unfrozen),
        ("embedding_rate", BACKBONE_RATE),
        ("warm_up_share", 0.1),
        ("epochs", FINE_TUNE_EPOCHS),
        ("patience", FINE_TUNE_EPOCHS),
    )


def offered(size: DataSize) -> bool:
    """Return whether the images are photos that a backbone may know something of, and there is time for one."""
    return backbone_for(size) is not None


SPACE = (
    Knob(field="learning_rate", low=1e-4, high=1e-2, sampling="log"),
    Knob(field="dropout", low=0.0, high=0.7),
    Knob(field="weight_decay", choices=(0.0, 1e-3, 0.01, 0.05, 0.2)),
    Knob(field="label_smoothing", choices=(0.0, 0.05, 0.1)),
)

FAMILY = Family(
    name="pretrained",
    title="pretrained backbone",
    start_width=0,
    start_depth=0,
    max_width=0,
    max_depth=0,
    starts_at_prior=False,
    suits_rate_test=False,
    source="Kornblith et al. (2019), Do better ImageNet models transfer better?, arXiv 1805.08974",
    grows=False,
    suits="photos of 64 pixels and more, few of them above all",
    defaults=defaults,
    space=SPACE,
    ignores=(
        *(field for field in NOT_READ if field not in ("backbone", "n_unfrozen", "embedding_rate")),
        "width",
        "depth",
        "n_blocks",
        "pooling",
        "activation",
        "initializer",
        "normalization",
        "stochastic_depth",
        "max_norm",
        "manifold_mixup",
    ),
    offered=offered,
    modality="image",
    work=work,
)


def backbone_title(recipe: Recipe) -> str:
    """Return what a person would call a recipe's network.

    >>> backbone_title(Recipe(family="pretrained", backbone="convnext_tiny", n_unfrozen=2))
    'ConvNeXt-Tiny, its last 2 blocks trained'
    """
    title, n = parse_backbone(recipe.backbone).title, recipe.n_unfrozen
    if not n:
        return f"{title}, frozen"
    return f"{title}, its last {n} blocks trained" if n > 1 else f"{title}, its last block trained"
