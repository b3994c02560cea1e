"""Shake the features while training."""

from autorecipe.regularizers.regularizer import Regularizer, always, strength

REGULARIZER = Regularizer(
    name="input_noise",
    title="noise on the features",
    strengths=(
        strength("moderate", "input_noise", 0.05, "noise of 0.05 on the features"),
        strength("moderate", "input_noise", 0.1, "noise of 0.1 on the features"),
        strength("strong", "input_noise", 0.2, "noise of 0.2 on the features"),
    ),
    suits=always,
    source="Bishop (1995), Neural Computation 7: noise as Tikhonov's penalty; for numbers: recipe rules D7-D8",
    presets=("thorough",),
)
