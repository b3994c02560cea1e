"""Set random units to zero while training."""

from autorecipe.regularizers.regularizer import ALL_PRESETS, Regularizer, Strength, has_hidden_layers, strength

LEAST_PATIENCE = 20  # epochs: half of the units at work make validation losses noisy; recipe rule D1

REGULARIZER = Regularizer(
    name="dropout",
    title="dropout",
    strengths=(
        strength("light", "dropout", 0.1, "dropout 0.1"),
        strength("moderate", "dropout", 0.25, "dropout 0.25"),
        strength("moderate", "dropout", 0.4, "dropout 0.4"),
        Strength(level="strong", edits=(("dropout", 0.6),), title="dropout 0.6", least=(("patience", LEAST_PATIENCE),)),
    ),
    suits=has_hidden_layers,
    source="Srivastava et al. (2014), JMLR 15; strengths: recipe rules D1-D3",
    evidence="ablation of RealMLP, arXiv 2407.04491, table B.1 (71 classification and 47 regression sets)",
    presets=ALL_PRESETS,
)
