"""Take noisier steps: a smaller batch regularizes too."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength

SMALL_BATCH = 32  # rows: Masters and Luschi (2018) find the best of 2 to 32
MAX_ROWS = 20_000  # training rows; with more, so many steps cost more than they are likely to give


def _suits(recipe: Recipe, run: Run) -> bool:
    return recipe.batch_size > SMALL_BATCH and run.split.n_train < MAX_ROWS


REGULARIZER = Regularizer(
    name="smaller_batch",
    title="a smaller batch",
    strengths=(strength("moderate", "batch_size", SMALL_BATCH, f"batch size {SMALL_BATCH}"),),
    suits=_suits,
    source="Keskar et al. (2017), arXiv 1609.04836; Masters and Luschi (2018), arXiv 1804.07612; recipe rule D0",
)
