"""Labels that look wrong: confident learning on what a linear model says of images it has not learned from.

Confident learning (Northcutt et al. 2021) counts the images that some other class claims at least as surely as it
claims its own on average. With weak descriptions that flags a quarter of a clean set (measured: flowers, 23 %). So the
share of wrong labels is estimated beside the probabilities, by maximum likelihood: with probability 1 - e a label is
the model's, with e it is any other one (a noise layer; Goldberger and Ben-Reuven 2017). Measured on Fashion-MNIST: e is
0.000 as it is, and 0.025 with 3 % of the labels flipped. An image is a suspect when its label is more likely wrong than
right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.profile.linear_probe import Floats, Ints, auc, out_of_fold_scores

MIN_CLASS_IMAGES = 20  # of each of two classes at least: with fewer noise alone comes near AUC 0.9 (measured)
MIN_AUC = 0.7  # one class against the rest, mean: below it a model has no say; choice
SUSPECT = 0.5  # probability that a label is wrong
# at least so many labels are taken to be wrong: the mean of ten public test sets (Northcutt, Athalye and Mueller 2021);
# of few images a weak model estimates 0 whatever is true (measured: flowers, 400 a class)
USUAL_SHARE = 0.033
N_STEPS = 100  # of L-BFGS; it has converged after some forty
START_SCALE, START_LOG_ODDS = 5.0, -4.0  # of the temperature and of e: near what ends up, so that few steps do


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suspects:
    """Images whose label is more likely wrong than right, the surest first.

    Attributes
    ----------
    places : int64 ndarray, shape (n_suspects,)
    looks_like : int64 ndarray, shape (n_suspects,)
        The likeliest class of each.
    doubt : float64 ndarray, shape (n_suspects,)
        Probability that the label is wrong.
    accuracy : float
        Share of all images whose label the model says, out of fold.
    n_expected : float
        How many suspects the model's probabilities would make of labels that are all right.
    noise_share : float
        Of the labels that are taken to be wrong.
    """

    places: Ints
    looks_like: Ints
    doubt: Floats
    accuracy: float
    n_expected: float = 0.0
    noise_share: float = USUAL_SHARE


def find_suspects(features: NDArray[np.float32], labels: Ints, folds: Ints, n_classes: int) -> Suspects | None:
    """Find labels that look wrong; None where the model cannot tell the classes apart, or there are too few images.

    Parameters
    ----------
    features : float32 ndarray, shape (n, n_features)
    labels : int64 ndarray, shape (n,)
        From 0 to n_classes - 1.
    folds : int64 ndarray, shape (n,)
    """
    counts = np.bincount(labels, minlength=n_classes)
    judged = np.flatnonzero(counts >= MIN_CLASS_IMAGES)
    if len(judged) < 2:
        return None
    scores = out_of_fold_scores(features, labels, folds, n_classes)
    if np.mean([auc(scores[:, label], labels == label) for label in judged]) < MIN_AUC:
        return None
    probabilities, doubt, share = fit_noise(scores, labels)
    likeliest = probabilities.argmax(axis=1).astype(np.int64)
    suspect = np.flatnonzero((doubt > SUSPECT) & (likeliest != labels) & np.isin(likeliest, judged))
    places = suspect[np.argsort(-doubt[suspect], kind="stable")]
    return Suspects(
        places=places.astype(np.int64),
        looks_like=likeliest[places],
        doubt=doubt[places],
        accuracy=float((likeliest == labels).mean()),
        n_expected=_expected(probabilities, share),
        noise_share=share,
    )


def _expected(probabilities: Floats, share: float) -> float:
    """Sum the probabilities of all labels that would be doubted."""
    doubted = _doubt(probabilities, share, n_classes=probabilities.shape[1]) > SUSPECT
    return float(np.where(doubted, probabilities, 0.0).sum())


def fit_noise(scores: Floats, labels: Ints) -> tuple[Floats, Floats, float]:
    """Turn scores into probabilities of the true classes, and into each label's probability of being wrong.

    Parameters
    ----------
    scores : float64 ndarray, shape (n, n_classes)
        Out of fold.

    Returns
    -------
    probabilities : float64 ndarray, shape (n, n_classes)
        Softmax of one temperature and one offset for each class, where wrong labels are accounted for.
    doubt : float64 ndarray, shape (n,)
    share : float
        Of the labels that are taken to be wrong.
    """
    from scipy.optimize import minimize

    n, n_classes = scores.shape
    own, marks, others = np.arange(n), np.eye(n_classes)[labels], max(n_classes - 1, 1)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        true = _softmax(parameters[0] * scores + parameters[1:-1])
        share = _share(parameters[-1])
        said = true[own, labels]
        seen = (1 - share) * said + share * (1 - said) / others
        by_said = (1 - share - share / others) / seen
        by_logits = -(by_said * said)[:, None] * (marks - true) / n
        by_share = -float(np.mean(((1 - said) / others - said) / seen)) * share * (1 - share)
        gradient = np.concatenate([[float((by_logits * scores).sum())], by_logits.sum(axis=0), [by_share]])
        return -float(np.log(seen).mean()), gradient

    start = np.concatenate([[START_SCALE], np.zeros(n_classes), [START_LOG_ODDS]])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": N_STEPS}).x
    true, share = _softmax(found[0] * scores + found[1:-1]), max(_share(found[-1]), USUAL_SHARE)
    return true, _doubt(true[own, labels], share, n_classes=n_classes), share


def _doubt(said: Floats, share: float, *, n_classes: int) -> Floats:
    """Return the probability that labels of these probabilities are wrong."""
    wrong = share * (1 - said) / max(n_classes - 1, 1)
    return np.asarray(wrong / np.maximum((1 - share) * said + wrong, np.finfo(float).tiny))


def _share(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
