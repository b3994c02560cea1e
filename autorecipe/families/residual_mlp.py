"""Dense blocks with a way around each."""

from autorecipe.families.family import Family

FAMILY = Family(
    name="residual_mlp",
    title="residual net",
    start_width=128,
    start_depth=2,
    max_width=512,
    max_depth=6,
    starts_at_prior=True,
    suits_rate_test=True,
    source="Gorishniy et al. (2021), Revisiting deep learning models for tabular data, arXiv 2106.11959",
)
