"""Let columns go: the sizes of the first layer's weights are added to the loss."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength

ROWS_PER_COLUMN = 50  # house value; five times what check D038 asks for, since a penalty is cheap to try


def _suits(recipe: Recipe, run: Run) -> bool:
    return run.split.n_train < ROWS_PER_COLUMN * len(run.schema.features)


REGULARIZER = Regularizer(
    name="input_l1",
    title="L1 penalty on the first layer",
    strengths=(
        strength("light", "input_l1", 1e-4, "L1 1e-4 on the first layer"),
        strength("moderate", "input_l1", 1e-3, "L1 1e-3 on the first layer"),
        strength("strong", "input_l1", 1e-2, "L1 0.01 on the first layer"),
    ),
    suits=_suits,
    source="Tibshirani (1996), JRSS B 58, the lasso; on the first layer when columns are many: recipe rule D0",
)
