"""An architecture of the user's own."""

from autorecipe.families.family import Family

# what layers of ours are made by: the user's are made by the function's own parameters
NOT_READ = (
    "width",
    "depth",
    "funnel",
    "activation",
    "initializer",
    "normalization",
    "dropout",
    "dropout_schedule",
    "drop_connect",
    "stochastic_depth",
    "activation_noise",
    "manifold_mixup",
    "n_members",
    "n_cross_layers",
    "n_heads",
    "n_blocks",
    "pooling",
    "backbone",
    "n_unfrozen",
)

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
    ignores=NOT_READ,
)
