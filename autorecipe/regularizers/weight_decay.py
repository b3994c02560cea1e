"""Shrink the kernels a little at every step, apart from the gradient."""

from autorecipe.regularizers.regularizer import Regularizer, always, strength

REGULARIZER = Regularizer(
    name="weight_decay",
    title="decoupled weight decay (AdamW)",
    strengths=(
        strength("light", "weight_decay", 0.02, "weight decay 0.02"),
        strength("moderate", "weight_decay", 0.1, "weight decay 0.1"),
        strength("strong", "weight_decay", 0.5, "weight decay 0.5"),
    ),
    suits=always,
    source="Loshchilov and Hutter (2019), arXiv 1711.05101; 0.02 as in RealMLP (arXiv 2407.04491)",
    evidence="ablation of RealMLP, arXiv 2407.04491, table B.1 (71 classification and 47 regression sets)",
)
