"""One record per optimizer, with the range of its learning rate (recipe rule E5)."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.choices import OPTIMIZER_TITLES, OptimizerName
from autorecipe.recipe import Recipe, Value

SIGNIFICANT_DIGITS = 3  # of a rate that was converted: a recipe is read by people


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerRecord:
    """One optimizer.

    Attributes
    ----------
    low_rate, default_rate, high_rate : float
        Learning rates: the smallest and largest worth trying, and the one to begin with.
    suits : str
        What it is for.
    source : str
        Where it was published, and where its rates come from.
    """

    name: OptimizerName
    title: str
    low_rate: float
    default_rate: float
    high_rate: float
    suits: str
    source: str


OPTIMIZERS: tuple[OptimizerRecord, ...] = (
    OptimizerRecord(
        name="adam",
        title=OPTIMIZER_TITLES["adam"],
        low_rate=1e-5,
        default_rate=1e-3,
        high_rate=1e-1,  # RealMLP (arXiv 2407.04491) trains at 0.04 and more
        suits="the default; with weight decay it is AdamW",
        source="Kingma and Ba (2015), arXiv 1412.6980; decay: Loshchilov and Hutter (2019), arXiv 1711.05101; "
        "rates: recipe rules E1 and E5",
    ),
    OptimizerRecord(
        name="sgd",
        title=OPTIMIZER_TITLES["sgd"],
        low_rate=1e-4,
        default_rate=1e-2,
        high_rate=1.0,
        suits="networks for images trained from scratch: about 0.1 with a schedule, 0.01 without",
        source="Sutskever et al. (2013), On the importance of initialization and momentum, ICML (momentum 0.9); "
        "rates: recipe rule E5",
    ),
    OptimizerRecord(
        name="rmsprop",
        title=OPTIMIZER_TITLES["rmsprop"],
        low_rate=1e-5,
        default_rate=1e-3,
        high_rate=1e-1,
        suits="recurrent networks",
        source="Tieleman and Hinton (2012), Neural networks for machine learning, lecture 6.5; default: Keras",
    ),
    OptimizerRecord(
        name="adagrad",
        title=OPTIMIZER_TITLES["adagrad"],
        low_rate=1e-3,
        default_rate=1e-2,
        high_rate=1.0,
        suits="sparse features; its steps only ever shrink",
        source="Duchi et al. (2011), Adaptive subgradient methods, JMLR 12; rates above Adam's: Keras' documentation",
    ),
    OptimizerRecord(
        name="nadam",
        title=OPTIMIZER_TITLES["nadam"],
        low_rate=1e-5,
        default_rate=1e-3,
        high_rate=1e-1,
        suits="as Adam, with Nesterov's momentum",
        source="Dozat (2016), Incorporating Nesterov momentum into Adam, ICLR workshop; default: Keras",
    ),
    OptimizerRecord(
        name="lion",
        title=OPTIMIZER_TITLES["lion"],
        low_rate=2e-6,
        default_rate=2e-4,
        high_rate=2e-2,
        suits="large batches, at half of Adam's memory",
        source="Chen et al. (2023), Symbolic discovery of optimization algorithms, arXiv 2302.06675: a rate 3 to 10 "
        "times smaller than AdamW's, with a decay 3 to 10 times larger; the range is a fifth of Adam's",
    ),
)


def optimizer_named(name: OptimizerName) -> OptimizerRecord:
    """Return the record called `name`."""
    return next(o for o in OPTIMIZERS if o.name == name)


def converted_rate(rate: float, *, before: OptimizerName, after: OptimizerName) -> float:
    """Return the learning rate that stands to an optimizer's default as `rate` does to another's, within its range.

    >>> converted_rate(1e-3, before="adam", after="sgd")
    0.01
    """
    old, new = optimizer_named(before), optimizer_named(after)
    same = rate * new.default_rate / old.default_rate
    return float(f"{min(max(same, new.low_rate), new.high_rate):.{SIGNIFICANT_DIGITS}g}")


def optimizer_edits(recipe: Recipe, optimizer: OptimizerName) -> tuple[tuple[str, Value], ...]:
    """Return the edits that change a recipe's optimizer: the rate goes with it, and decay so that rate x decay stays.

    >>> optimizer_edits(Recipe(weight_decay=0.02), "lion")
    (('optimizer', 'lion'), ('learning_rate', 0.0002), ('weight_decay', 0.1))
    """
    rate = converted_rate(recipe.learning_rate, before=recipe.optimizer, after=optimizer)
    edits: tuple[tuple[str, Value], ...] = (("optimizer", optimizer), ("learning_rate", rate))
    if recipe.weight_decay > 0:
        decay = recipe.weight_decay * recipe.learning_rate / rate
        edits += (("weight_decay", float(f"{decay:.{SIGNIFICANT_DIGITS}g}")),)
    return edits


def alike(name: OptimizerName) -> tuple[OptimizerName, ...]:
    """Return the optimizers, `name` among them, that take the same learning rates: one may stand in for the other.

    >>> alike("adam")
    ('adam', 'rmsprop', 'nadam')
    """
    own = optimizer_named(name)
    ranges = (own.low_rate, own.default_rate, own.high_rate)
    return tuple(o.name for o in OPTIMIZERS if (o.low_rate, o.default_rate, o.high_rate) == ranges)
