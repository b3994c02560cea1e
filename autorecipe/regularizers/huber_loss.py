"""Let large errors pull less."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength


def _suits(recipe: Recipe, run: Run) -> bool:
    """The target's outliers must say so (check D033), and the loss must be the squared error."""
    if run.schema.task != "regression" or recipe.loss != "mse" or run.profile is None:
        return False
    # the same check finds rows without a target, which it masks
    return any(f.code == "D033" and f.action != "mask" for f in run.profile.findings)


REGULARIZER = Regularizer(
    name="huber_loss",
    title="Huber loss",
    strengths=(strength("light", "loss", "huber", "Huber loss instead of the squared error"),),
    suits=_suits,
    source="Huber (1964), Annals of Mathematical Statistics 35; recipe rule A3",
)
