"""Dense layers, one after the other."""

from autorecipe.families.family import Family

FAMILY = Family(
    name="mlp",
    title="dense net",
    start_width=64,
    start_depth=2,
    max_width=512,
    max_depth=5,
    starts_at_prior=True,
    suits_rate_test=True,
    source="Goodfellow, Bengio, Courville (2016), Deep Learning, chapter 6; sizes: recipe rule B2",
)
