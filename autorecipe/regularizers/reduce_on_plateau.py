"""Halve the learning rate when the validation loss stands still."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength


def _suits(recipe: Recipe, run: Run) -> bool:
    return recipe.schedule == "constant"


REGULARIZER = Regularizer(
    name="reduce_on_plateau",
    title="ReduceLROnPlateau",
    strengths=(strength("light", "reduce_on_plateau", True, "halve the rate on a plateau"),),
    suits=_suits,
    source="keras.callbacks.ReduceLROnPlateau; factor 0.5, patience half of early stopping's: recipe rule D2",
)
