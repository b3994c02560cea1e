"""Which networks, with which weights and temperatures, and what do they gain on rows that did not choose them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autorecipe import decide
from autorecipe.change import Change
from autorecipe.ensemble.greedy import select, shortlist, weighted_mean
from autorecipe.ensemble.held_out import HeldOut, Ints, parts_of
from autorecipe.ensemble.temperature import crossfit_temperatures, tempered
from autorecipe.metrics.choose import oriented
from autorecipe.metrics.intervals import Rows, difference_with_error
from autorecipe.metrics.log_loss import SMALLEST_PROBABILITY
from autorecipe.metrics.metric import Metric

PROPER_SCORES = ("log_loss", "brier")  # they are best at the true probabilities (Gneiting and Raftery 2007)
RANKING_METRICS = ("roc_auc", "pr_auc", "ovr_auc")
# rows x classes; above it the log loss stands in while selecting, as a ranking metric sorts all rows for each candidate
# and step (measured: some 3,000 scores of 20,000 rows, 10 s against 1 s); the gain is measured in the metric itself
MAX_RANKED_CELLS = 5_000
SOURCE = "greedy ensemble selection: Caruana et al. 2004; RealMLP, arXiv 2407.04491, section 5 (-1 % to -3 % error)"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """One recipe's out-of-fold predictions.

    Attributes
    ----------
    family : str
        Its kind of network.
    predictions : ndarray of shape (n_rows, n_classes) or (n_rows,)
    """

    family: str
    predictions: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen.

    Attributes
    ----------
    weights, temperatures, scores : tuple of float
        One for each candidate, in their order; weights sum to 1, scores are the deciding metric of each alone.
    score, best_alone : float
        The deciding metric of the weighted mean and of the best candidate, on the rows that chose it.
    gain, gain_error : float
        Of the ensemble over that candidate, on rows that it was not chosen on; 0 where there was no other choice.
    rule : str
        The rule that kept it or not; "" where there was nothing to decide.
    n_rejected : int
        Candidates of an ensemble that the rule did not keep.
    """

    weights: tuple[float, ...]
    temperatures: tuple[float, ...]
    scores: tuple[float, ...]
    score: float
    best_alone: float
    gain: float = 0.0
    gain_error: float = 0.0
    rule: str = ""
    n_rejected: int = 0


def choose(candidates: Sequence[Candidate], rows: HeldOut, metric: Metric) -> Choice:
    """Choose an ensemble, and keep it unless it is worse than the best candidate by more than its error.

    Both the weights and the temperatures are chosen anew without each part of the rows, and the gain is measured on
    that part. Temperatures are used where they lower the log loss on such rows; where the metric is no proper score,
    also only as long as it does not become worse.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least one; the first of equal ones is preferred.
    rows : HeldOut
    metric : Metric
        The deciding one.
    """
    scores = [metric.compute(rows.y, c.predictions, rows.weight) for c in candidates]
    listed = shortlist([oriented(metric, s) for s in scores], [c.family for c in candidates])
    found = _Selection(
        predictions=np.stack([candidates[i].predictions for i in listed]),
        rows=rows,
        metric=metric,
        parts=parts_of(rows),
    ).best()
    spread: Floats = np.zeros(len(candidates))
    spread[list(listed)] = found.weights
    temperatures = np.ones(len(candidates))
    temperatures[list(listed)] = found.temperatures
    return Choice(
        weights=tuple(spread.tolist()),
        temperatures=tuple(temperatures.tolist()),
        scores=tuple(scores),
        score=found.score,
        best_alone=scores[listed[0]],
        gain=found.gain,
        gain_error=found.gain_error,
        rule=found.rule,
        n_rejected=found.n_rejected,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Selection:
    """The candidates of the short list, best first."""

    predictions: Floats
    rows: HeldOut
    metric: Metric
    parts: tuple[tuple[Ints, Ints], ...]

    def best(self) -> Choice:
        """Return the ensemble, or the best candidate where the ensemble is worse by more than its error."""
        whole, by_part = self._temperatures()
        cool, cool_by_part = np.ones_like(whole), np.ones_like(by_part)
        if not self.parts:
            return self._choice(_only_first(len(whole)), cool)
        chosen = self._unseen(by_part)
        if self.metric.name not in PROPER_SCORES and (whole != 1.0).any():
            plain = self._unseen(cool_by_part)
            if self._score(chosen) < self._score(plain):
                chosen, whole, by_part = plain, cool, cool_by_part
        weights = self._select(whole, np.arange(len(self.rows)))
        if np.count_nonzero(weights) == 1:
            return self._choice(weights, whole)
        gain, error = self._gain(chosen, by_part)
        change = Change(edits=(), title="", source=SOURCE)
        judged = decide.judge(change, effect=gain, error=error)
        if judged.kept:
            return self._choice(weights, whole, gain=(gain, error), rule=judged.rule)
        n_rejected = int(np.count_nonzero(weights))
        alone = _only_first(len(whole))
        return self._choice(alone, whole, gain=(gain, error), rule=judged.rule, n_rejected=n_rejected)

    def _temperatures(self) -> tuple[Floats, Floats]:
        """Return (n_candidates,) for all rows, and (n_parts, n_candidates)."""
        found = [crossfit_temperatures(self.rows, p, self.parts) for p in self.predictions]
        by_part = np.array([own for _, own in found]).reshape(len(found), len(self.parts))
        return np.array([whole for whole, _ in found]), by_part.T

    def _select(self, temperatures: Floats, at: Ints) -> Floats:
        candidates = [tempered(p[at], t) for p, t in zip(self.predictions, temperatures, strict=True)]
        y, weight = self.rows.y[at], self.rows.weight[at]
        if self._is_by_log_loss(candidates[0]):
            true = np.stack([p[np.arange(len(at)), y.astype(np.int64)] for p in candidates])
            return select(true, lambda p: _log_likelihood(p, weight))
        return select(np.stack(candidates), lambda p: oriented(self.metric, self.metric.compute(y, p, weight)))

    def _is_by_log_loss(self, prediction: Floats) -> bool:
        if self.metric.name not in RANKING_METRICS:
            return self.metric.name == "log_loss"
        n_sorted = 1 if prediction.shape[1] == 2 else prediction.shape[1]
        return n_sorted * len(prediction) > MAX_RANKED_CELLS

    def _unseen(self, by_part: Floats) -> Floats:
        """Return the ensemble's predictions, each part's by weights and temperatures of the others."""
        unseen = np.full(self.predictions.shape[1:], np.nan)
        for (chosen_on, at), temperatures in zip(self.parts, by_part, strict=True):
            weights = self._select(temperatures, chosen_on)
            unseen[at] = self._mean(weights, temperatures, at)
        return unseen

    def _mean(self, weights: Floats, temperatures: Floats, at: Ints) -> Floats:
        used = np.flatnonzero(weights)
        parts = np.stack([tempered(self.predictions[i][at], temperatures[i]) for i in used])
        return weighted_mean(parts, weights[used])

    def _measured(self) -> Ints:
        return np.sort(np.concatenate([at for _, at in self.parts]))

    def _score(self, unseen: Floats) -> float:
        at = self._measured()
        return oriented(self.metric, self.metric.compute(self.rows.y[at], unseen[at], self.rows.weight[at]))

    def _gain(self, unseen: Floats, by_part: Floats) -> tuple[float, float]:
        alone = np.full_like(unseen, np.nan)
        for (_, at), temperatures in zip(self.parts, by_part, strict=True):
            alone[at] = tempered(self.predictions[0][at], temperatures[0])
        at, rows = self._measured(), self.rows
        pair = (rows.y[at], alone[at], unseen[at])
        groups = None if rows.groups is None else rows.groups[at]
        drawn = Rows(weight=rows.weight[at], groups=groups)
        found = difference_with_error(self.metric, *pair, rows=drawn, seed=rows.seed)
        return found.value, found.error or 0.0

    def _choice(
        self,
        weights: Floats,
        temperatures: Floats,
        *,
        gain: tuple[float, float] = (0.0, 0.0),
        rule: str = "",
        n_rejected: int = 0,
    ) -> Choice:
        mean = self._mean(weights, temperatures, np.arange(len(self.rows)))
        score = self.metric.compute(self.rows.y, mean, self.rows.weight)
        return Choice(
            weights=tuple(weights.tolist()),
            temperatures=tuple(np.where(weights > 0, temperatures, 1.0).tolist()),
            scores=(),
            score=score,
            best_alone=score,
            gain=gain[0],
            gain_error=gain[1],
            rule=rule,
            n_rejected=n_rejected,
        )


def _only_first(n: int) -> Floats:
    return np.eye(n)[0]


def _log_likelihood(of_truth: Floats, weight: NDArray[Any]) -> float:
    """The log loss with its sign turned, from the probabilities of the true classes."""
    likelihood = np.log(np.maximum(of_truth, SMALLEST_PROBABILITY))
    return float(np.average(likelihood, weights=weight)) if weight.any() else np.nan
