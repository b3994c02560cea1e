"""Ask for a little less than certainty."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength

PROPER_OR_RANKING = ("log_loss", "brier", "roc_auc", "pr_auc", "ovr_auc")


def _suits(recipe: Recipe, run: Run) -> bool:
    """Smoothing spoils probabilities and rankings (arXiv 2407.04491): offered where labels are scored."""
    has_labels = run.schema.task != "regression" and recipe.loss in ("cross_entropy", "focal")
    return has_labels and run.metric not in PROPER_OR_RANKING


REGULARIZER = Regularizer(
    name="label_smoothing",
    title="label smoothing",
    strengths=(
        strength("moderate", "label_smoothing", 0.05, "label smoothing 0.05"),
        strength("moderate", "label_smoothing", 0.1, "label smoothing 0.1"),
    ),
    suits=_suits,
    source="Szegedy et al. (2016), arXiv 1512.00567; 0.1: recipe rule D10",
)
