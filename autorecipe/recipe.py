"""One complete description of a model and its training, as values."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import Literal

import msgspec

from autorecipe.errors import UserError, nearest

LossName = Literal["cross_entropy", "focal", "mse", "mae", "huber"]
FamilyName = Literal["mlp", "residual_mlp"]
Activation = Literal["relu", "gelu", "selu"]
Normalization = Literal["none", "batch", "layer"]
NumericScaling = Literal["robust", "quantile"]
NumericEmbedding = Literal["none", "piecewise_linear"]
ScheduleName = Literal["constant", "cosine"]
Value = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A model and its training, as values: hashable, comparable, readable as YAML.

    Attributes
    ----------
    family : str
        Name of a record in `autorecipe.families`.
    width, depth : int
        Units per hidden layer, and hidden layers (or residual blocks).
    linear_path : bool
        Whether the features also reach the output directly, as in a linear model.
    numeric_scaling : str
        "robust": median and quartiles, then the smooth clip x / sqrt(1 + (x/3)^2); "quantile": to normal scores.
    numeric_embedding : str
        "none", or "piecewise_linear" with `n_bins` bins and `embedding_dim` dimensions per number.
    dropout : float in [0, 1)
        After every hidden layer.
    l2 : float >= 0
        Keras L2 on the kernels of the dense layers: added to the loss.
    weight_decay : float >= 0
        Decoupled decay of those kernels, another scale than `l2`: Adam with it is AdamW.
    label_smoothing : float in [0, 1)
        Share of the label spread over all classes.
    learning_rate : float > 0
        Start of the schedule.
    reduce_on_plateau : bool
        ReduceLROnPlateau with factor 0.5 on the validation loss.
    patience : int
        Epochs without a better validation loss before training stops, with the best epoch's weights; 0 trains
        all epochs and keeps the last weights.
    epochs, batch_size, seed : int
    row_share : float in (0, 1]
        Share of the training rows that are used.
    """

    family: FamilyName = "mlp"
    width: int = 64
    depth: int = 2
    activation: Activation = "relu"
    normalization: Normalization = "none"
    linear_path: bool = False
    numeric_scaling: NumericScaling = "robust"
    numeric_embedding: NumericEmbedding = "none"
    n_bins: int = 24
    embedding_dim: int = 8
    dropout: float = 0.0
    l2: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    loss: LossName = "cross_entropy"
    learning_rate: float = 1e-3
    schedule: ScheduleName = "constant"
    reduce_on_plateau: bool = False
    patience: int = 15
    epochs: int = 100
    batch_size: int = 128
    row_share: float = 1.0
    seed: int = 0

    @property
    def optimizer_title(self) -> str:
        """What the optimizer is called: "Adam", or "AdamW" with weight decay."""
        return "AdamW" if self.weight_decay > 0 else "Adam"

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits that name this recipe."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One edit of a recipe.

    Attributes
    ----------
    edits : tuple of (field, value)
        The fields of the recipe and what they become. One change may need two fields (a family and its depth).
    title : str
        What a person would call it: "width 64 -> 128".
    reason : str
        Why it was tried.
    source : str
        Published evidence, with the data it speaks for; "" when there is none. A change with a source bears a
        reversed burden of proof: it is kept unless it is worse by more than its error.
    """

    edits: tuple[tuple[str, Value], ...]
    title: str
    reason: str = ""
    source: str = ""

    def apply(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the edits made."""
        return dataclasses.replace(recipe, **dict(self.edits))  # type: ignore[arg-type]  # fields are checked by name


def to_yaml(recipe: Recipe, *, comment: str = "") -> str:
    """Write a recipe as YAML, fields in their order, a comment above."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return head + msgspec.yaml.encode(recipe, order=None).decode()


def from_yaml(text: str, *, where: str = "recipe.yaml") -> Recipe:
    """Read a recipe from YAML.

    Raises
    ------
    UserError
        When a field is unknown (the nearest name is suggested) or a value has the wrong type.
    """
    try:
        raw = msgspec.yaml.decode(text)
        known = [f.name for f in dataclasses.fields(Recipe)]
        for name in raw if isinstance(raw, dict) else ():
            if name not in known:
                near = nearest(str(name), known)
                raise UserError(
                    f"unknown field '{name}' in a recipe",
                    where=where,
                    fix=f"did you mean '{near}'?" if near else f"one of: {', '.join(known)}",
                )
        return msgspec.convert(raw, Recipe)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise UserError(f"not a recipe: {error}", where=where, fix="start from a run's recipe.yaml") from error
