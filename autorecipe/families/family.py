"""What a family's record says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autorecipe.choices import FamilyName
from autorecipe.config import Modality, Task
from autorecipe.effects import Knob
from autorecipe.recipe import Recipe, Value

Edits = tuple[tuple[str, Value], ...]
# batches by size: RealMLP's automatic rule (pytabkit, arXiv 2407.04491)
BATCH_SIZES = ((1024, 64), (8192, 128), (30_000, 256), (100_000, 512))  # training rows up to, batch
LARGEST_BATCH = 1024
# what plain hidden layers alone have
PLAIN_FIELDS = ("funnel", "initializer", "normalization", "drop_connect", "stochastic_depth", "activation_noise")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSize:
    """What a family's sizes and training depend on.

    Attributes
    ----------
    n_train : int
        Training rows.
    n_features, n_numbers : int
        Feature columns, and those of them that are numbers or dates.
    n_classes : int
        0 for regression.
    metric : str
        The deciding metric.
    has_gpu : bool
    time_limit_s : float
        Of the whole run: a network that takes half of it is no start.
    image : tuple of int
        (height, width, channels) of images; empty for tables.
    is_photo : bool
        Whether the images are natural photos: colour, not flat, many sizes or large.
    n_folds : int
        Folds that every recipe is trained on.
    """

    n_train: int
    n_features: int
    n_numbers: int
    task: Task
    n_classes: int = 0
    metric: str = ""
    has_gpu: bool = False
    time_limit_s: float = 600.0
    image: tuple[int, ...] = ()
    is_photo: bool = False
    n_folds: int = 1


def no_edits(size: DataSize) -> Edits:
    """Return no edits: the family takes a plain recipe as it is."""
    return ()


def batch_size_for(n_train: int) -> int:
    """Return the batch size that suits this many training rows.

    >>> batch_size_for(5_000), batch_size_for(1_000_000)
    (128, 1024)
    """
    return next((size for limit, size in BATCH_SIZES if n_train <= limit), LARGEST_BATCH)


def always(size: DataSize) -> bool:
    """Return that the family is offered for data of any size."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of network, as plain facts; `autorecipe.training.trunks` makes the model.

    Attributes
    ----------
    start_width, start_depth : int
        The smallest sensible size: where Overfit begins to grow; 0 where the family has no such size.
    max_width, max_depth : int
        Bounds of growth and of the tuner's space; 0 likewise.
    starts_at_prior : bool
        Whether the loss before training equals the entropy of the prior (its last layer starts near zero and its
        bias at the prior).
    suits_rate_test : bool
        Whether the learning-rate range test says something about it.
    source : str
        Where it was published, or the rule it comes from.
    grows : bool
        Whether width, depth and what lies between the layers are fields of the recipe that may be edited one by one.
    suits : str
        The data it is for.
    defaults : callable
        DataSize -> what a plain recipe's fields become, the family among them: the published defaults, or those
        measured here, by the size of the data and the device.
    space : tuple of Knob
        What the tuner searches around those defaults; empty for the knobs of a plain net.
    ignores : tuple of str
        Fields of the recipe that its network does not read: no change, regularizer or knob edits them.
    offered : callable
        DataSize -> whether it is worth trying there.
    modality : str
        What its rows are; for an architecture of the user's see `autorecipe.families.modality_of`.
    work : callable or None
        Of images: (recipe, image) -> multiplications of one image's forward pass.
    """

    name: FamilyName
    title: str
    start_width: int
    start_depth: int
    max_width: int
    max_depth: int
    starts_at_prior: bool
    suits_rate_test: bool
    source: str
    grows: bool = True
    suits: str = "tables of any size"
    defaults: Callable[[DataSize], Edits] = no_edits
    space: tuple[Knob, ...] = ()
    ignores: tuple[str, ...] = ()
    offered: Callable[[DataSize], bool] = always
    modality: Modality = "table"
    work: Callable[[Recipe, tuple[int, ...]], float] | None = None
