"""Shake the hidden values while training."""

from autorecipe.regularizers.regularizer import Regularizer, has_hidden_layers, strength

REGULARIZER = Regularizer(
    name="activation_noise",
    title="noise on the hidden values",
    strengths=(
        strength("moderate", "activation_noise", 0.05, "noise of 0.05 on the hidden values"),
        strength("moderate", "activation_noise", 0.1, "noise of 0.1 on the hidden values"),
        strength("strong", "activation_noise", 0.2, "noise of 0.2 on the hidden values"),
    ),
    suits=has_hidden_layers,
    source="Poole et al. (2014), Analyzing noise in autoencoders and deep networks, arXiv 1406.1831; recipe rule D7",
    presets=("thorough",),
)
