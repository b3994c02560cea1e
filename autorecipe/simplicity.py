"""Which of two recipes is the simpler one?"""

from __future__ import annotations

from autorecipe.recipe import Recipe

LEAST_FUNNEL_WIDTH = 8  # units: narrower layers hold back more than they sum up

# fields of a recipe that hold a network back where they are above 0
REGULARIZING = (
    "dropout",
    "drop_connect",
    "stochastic_depth",
    "input_noise",
    "activation_noise",
    "mixup",
    "flip_horizontal",
    "flip_vertical",
    "translation",
    "rotation",
    "zoom",
    "shear",
    "aspect_jitter",
    "crop",
    "brightness",
    "contrast",
    "saturation",
    "hue",
    "cutout",
    "cutmix",
    "manifold_mixup",
    "rand_augment",
    "sam",
    "l2",
    "l1",
    "input_l1",
    "max_norm",
    "weight_decay",
    "label_smoothing",
)


def is_simpler(a: Recipe, b: Recipe) -> bool:
    """Return whether recipe `a` is simpler than recipe `b`.

    The first of these that differs decides, less being simpler: hidden units of all members (of a network of the
    user's, the sum of its numeric knobs); parts of the network (another family than a plain net, a linear path,
    normalization, a numeric embedding, units with weights of their own such as PReLU and Maxout), then the embedding's
    size; regularizers switched on; parts of the training (a schedule, a warm-up, clipping, a moving average, a reduced
    learning rate on plateaus, another optimizer than Adam); epochs.
    """
    return _complexity(a) < _complexity(b)


def layer_widths(recipe: Recipe) -> tuple[int, ...]:
    """Return the units of every hidden layer (or residual block), first to last.

    Examples
    --------
    >>> layer_widths(Recipe(width=256, depth=3, funnel=True))
    (256, 128, 64)
    """
    if not recipe.funnel:
        return (recipe.width,) * recipe.depth
    least = min(recipe.width, LEAST_FUNNEL_WIDTH)
    return tuple(max(least, recipe.width // 2**i) for i in range(recipe.depth))


def _complexity(recipe: Recipe) -> tuple[float, int, int, int, int, int]:
    has_embedding = recipe.numeric_embedding != "none"
    parts = (
        recipe.family not in ("mlp", "linear", "custom"),
        recipe.learnable_scale,
        recipe.linear_path,
        recipe.normalization != "none",
        has_embedding,
        recipe.activation in ("prelu", "maxout"),
    )
    strengths = [getattr(recipe, name) for name in REGULARIZING]
    training = (
        recipe.schedule != "constant",
        recipe.reduce_on_plateau,
        recipe.warm_up_share > 0,
        recipe.clip_norm > 0,
        recipe.ema_decay > 0,
        recipe.optimizer != "adam",
    )
    return (
        _n_units(recipe),
        sum(parts),
        recipe.n_bins * recipe.embedding_dim if has_embedding else 0,
        sum(strength > 0 for strength in strengths),
        sum(training),
        recipe.epochs,
    )


def _n_units(recipe: Recipe) -> float:
    if recipe.family == "custom":
        return sum(float(value) for _, value in recipe.knobs if isinstance(value, int | float))
    return sum(layer_widths(recipe)) * recipe.n_members
