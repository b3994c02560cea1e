"""Set random weights to zero while training."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, has_hidden_layers, strength


def _suits(recipe: Recipe, run: Run) -> bool:
    """It stands in for dropout, and weight normalization would undo it."""
    return has_hidden_layers(recipe, run) and recipe.dropout == 0 and recipe.normalization != "weight"


REGULARIZER = Regularizer(
    name="drop_connect",
    title="DropConnect",
    strengths=(
        strength("moderate", "drop_connect", 0.1, "DropConnect 0.1"),
        strength("moderate", "drop_connect", 0.25, "DropConnect 0.25"),
        strength("strong", "drop_connect", 0.5, "DropConnect 0.5"),
    ),
    suits=_suits,
    source="Wan et al. (2013), Regularization of neural networks using DropConnect, ICML (0.5); recipe rule D7",
    presets=("thorough",),
)
