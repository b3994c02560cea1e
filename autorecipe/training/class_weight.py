"""Class weights in training, taken back from what the network says.

None is the default. Rows that weigh w in the positive class and 1 in the other are best predicted by
w p / (w p + 1 - p) instead of p: log loss and Brier score get worse by construction, and the ranking does not get
better. ROC AUC moved by -0.002 to -0.010 and the Brier score by +0.029 to +0.080 under resampling of ten clinical sets
(arXiv 2603.00208); uncorrected models were as well or better calibrated in simulations (arXiv 2404.19494); where labels
are wanted, a threshold chosen out of fold does what weights are asked for (arXiv 2201.08528).

Here the loss of a weighted row is that of the network's logits plus the logarithm of their classes' weights, so what
minimizes it is the true log-odds themselves: the correction logit(p) = logit(p~) - ln(w1 / w0), or
ln p_c = ln p~_c - ln w_c, is made while training (Menon et al. 2021, Long-tail learning via logit adjustment,
arXiv 2007.07314). Validation, predictions out of fold and the exported network need nothing further, whatever the
family; with its bias at the prior the network starts at the prior of the weighted rows.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from autorecipe.recipe import Recipe
from autorecipe.training.graph import TrainingGraph
from autorecipe.training.loop import Rows

# share of rows; a rarer class gets the square root of its ratio, which steadies batches without letting single rows
# rule them; choice
RARE_SHARE = 0.01


def weigh_classes(graph: TrainingGraph, rows: Rows, recipe: Recipe) -> Rows:
    """Return training rows with the weights of their classes, and let the graph's loss take them back.

    Rows of a regression, and of a recipe without class weights, are returned as they are.
    """
    if graph.shape.task == "regression" or recipe.class_weight == "none":
        return rows
    y, weight = np.asarray(rows.y, "int64"), np.asarray(rows.weight)
    factors = balanced_weights(y, weight, n_classes=max(graph.shape.n_outputs, 2))
    graph.class_offset.assign(log_odds_of(factors) if graph.shape.n_outputs == 1 else np.log(factors))
    return dataclasses.replace(rows, weight=rows.weight * factors[y])


def balanced_weights(y: NDArray[np.integer], weight: NDArray[np.floating], *, n_classes: int) -> NDArray[np.float32]:
    """Return each class's weight (n_classes,): inverse to its share of the rows, so that the rows weigh 1 on average.

    Below a share of 1 % the weight, compared with that of the largest class, is the square root of what it would be.
    A class without rows gets 1.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Class codes.
    weight : ndarray of shape (n_rows,)
        The rows' own weights.

    >>> balanced_weights(np.array([0, 0, 0, 1]), np.ones(4), n_classes=2).round(3).tolist()
    [0.667, 2.0]
    """
    share = np.bincount(y, weights=weight, minlength=n_classes) / weight.sum()
    present = share > 0
    ratio = np.where(present, share.max() / np.where(present, share, 1.0), 0.0)
    ratio = np.where(share < RARE_SHARE, np.sqrt(ratio), ratio)
    factors = ratio / (ratio * share).sum()
    return np.where(present, factors, 1.0).astype("float32")


def log_odds_of(factors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by how much the weights of two classes move the log-odds, (1,)."""
    return np.log(factors[1:] / factors[:1])
