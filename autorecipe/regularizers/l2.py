"""Add the squared kernels to the loss."""

from autorecipe.regularizers.regularizer import Regularizer, Strength, always, strength

REGULARIZER = Regularizer(
    name="l2",
    title="L2 penalty",
    strengths=(
        strength("light", "l2", 1e-5, "L2 1e-5"),
        strength("moderate", "l2", 1e-4, "L2 1e-4"),
        strength("moderate", "l2", 1e-3, "L2 1e-3"),
        strength("strong", "l2", 1e-2, "L2 0.01"),
        Strength(level="strong", edits=(("l2", 5e-2),), title="L2 0.05", presets=("thorough",)),
    ),
    suits=always,
    source="Krogh and Hertz (1992); strengths: recipe rules D2-D3",
)
