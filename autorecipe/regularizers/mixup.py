"""Learn from mixtures of rows."""

from autorecipe.regularizers.regularizer import Regularizer, always, strength

REGULARIZER = Regularizer(
    name="mixup",
    title="mixup",
    strengths=(
        strength("moderate", "mixup", 0.1, "mixup 0.1"),
        strength("moderate", "mixup", 0.2, "mixup 0.2"),
        strength("strong", "mixup", 0.4, "mixup 0.4"),
    ),
    suits=always,
    source="Zhang et al. (2018), mixup: beyond empirical risk minimization, arXiv 1710.09412 (0.1 to 0.4); rule D9",
    presets=("thorough",),
)
