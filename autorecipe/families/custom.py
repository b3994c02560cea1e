"""An architecture of the user's own."""

from autorecipe.families.family import Family

FAMILY = Family(
    name="custom",
    title="your architecture",
    start_width=0,
    start_depth=0,
    max_width=0,
    max_depth=0,
    starts_at_prior=False,
    suits_rate_test=True,
    source="the user's function; its keyword parameters with defaults are the knobs",
    grows=False,
)
