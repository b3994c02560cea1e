"""Add both the kernels' sizes and their squares to the loss."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, Strength


def _suits(recipe: Recipe, run: Run) -> bool:
    """A single penalty that was kept is not taken back by the way: both are off, or both its own."""
    return recipe.l1 == recipe.l2


REGULARIZER = Regularizer(
    name="elastic_net",
    title="elastic net",
    strengths=(
        Strength(level="moderate", edits=(("l1", 1e-5), ("l2", 1e-5)), title="elastic net 1e-5"),
        Strength(level="moderate", edits=(("l1", 1e-4), ("l2", 1e-4)), title="elastic net 1e-4"),
        Strength(level="strong", edits=(("l1", 1e-3), ("l2", 1e-3)), title="elastic net 1e-3"),
    ),
    suits=_suits,
    source="Zou and Hastie (2005), Regularization and variable selection via the elastic net, JRSS B 67; rule D6",
    presets=("thorough",),
)
