"""Keep a moving average of the weights instead of the last ones."""

from autorecipe.regularizers.regularizer import Regularizer, always, strength

REGULARIZER = Regularizer(
    name="ema",
    title="a moving average of the weights",
    strengths=(
        strength("moderate", "ema_decay", 0.99, "average of the weights, decay 0.99"),
        strength("moderate", "ema_decay", 0.999, "average of the weights, decay 0.999"),
    ),
    suits=always,
    source="Polyak and Juditsky (1992), SIAM J. Control and Optimization 30; Izmailov et al. (2018), arXiv 1803.05407",
)
