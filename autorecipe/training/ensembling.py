"""Weighs trials by their predictions out of fold, and measures what they cost to serve."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.ensemble.choose import Candidate, Choice, choose
from autorecipe.ensemble.greedy import shortlist
from autorecipe.ensemble.held_out import N_PARTS, HeldOut, evenly_spaced, most_rows
from autorecipe.ensemble.members import Member
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.ensemble.temperature import tempered
from autorecipe.metrics.choose import oriented
from autorecipe.metrics.metric import Metric
from autorecipe.record.trial import Fit, Trial
from autorecipe.training.call_size import rows_per_call
from autorecipe.training.dataset import Dataset
from autorecipe.training.memory import FitMemory

N_TIMED = 3  # calls after the first, which compiles; the fastest counts, as others may use the machine too
TIMED_S = 0.5  # seconds after which no further call is timed
N_BESIDE = 3  # networks side by side whose time is taken; choice

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def weigh_trials(
    trials: tuple[Trial, ...], data: Dataset, memory: FitMemory, *, metric: Metric, in_order: bool, seed: int
) -> Ensemble:
    """Choose trials and their weights by what they predicted of the rows that they had not learned from.

    Parameters
    ----------
    trials : tuple of Trial
        Of the same folds, each row held out by one of them. Only the best few by their validation scores are read.
    in_order : bool
        Whether time goes forward: from fold to fold, or, on one split, from moment to moment.
    """
    n_classes = data.n_classes if data.task != "regression" else 1
    best_few = shortlist([oriented(metric, t.validation_score) for t in trials], [_kind(t) for t in trials])
    trials = tuple(trials[i] for i in sorted(best_few))  # of equal ones the earlier is preferred
    held_out = _held_out_by_all(trials, data)
    held_out = held_out[np.argsort(_moments(held_out, data), kind="stable")] if in_order else held_out
    rows = evenly_spaced(held_out, most_rows(n_classes))
    candidates = [Candidate(family=_kind(t), predictions=_at(rows, t.fits, data, memory)) for t in trials]
    known = HeldOut(
        y=data.y[rows],
        weight=data.weight[rows],
        groups=None if data.split.groups is None else data.split.groups[rows],
        blocks=_blocks(rows, trials[0].fits, data) if in_order else None,
        seed=seed,
    )
    choice = choose(candidates, known, metric)
    return _ensemble(trials, choice, n_rows=len(rows))


def out_of_fold(
    fits: Sequence[Fit], data: Dataset, memory: FitMemory, *, temperature: float = 1.0
) -> tuple[Ints, Floats]:
    """Return the rows that some fold held out, and their predictions (means where several did)."""
    width = () if data.task == "regression" else (data.n_classes,)
    total, times = np.zeros((len(data.y), *width)), np.zeros(len(data.y))
    for fit in fits:
        rows = data.fold(fit.fold).validation
        total[rows] += tempered(memory.load_predictions(fit.key)["validation"], temperature)
        times[rows] += 1
    seen = np.flatnonzero(times)
    return seen, total[seen] / times[seen].reshape(-1, *([1] * len(width)))


def ensemble_out_of_fold(members: Sequence[Member], data: Dataset, memory: FitMemory) -> tuple[Ints, Floats]:
    """Return the rows that some member held out, and what the ensemble says of them without those that learned them.

    The networks of a part stand in for each other; a row that only some parts held out gets their mean, their weights
    brought to a sum of 1.
    """
    width = () if data.task == "regression" else (data.n_classes,)
    total, weights = np.zeros((len(data.y), *width)), np.zeros(len(data.y))
    for part in sorted({member.part for member in members}):
        own = [member for member in members if member.part == part]
        weight = sum(member.share for member in own)
        rows, said = out_of_fold([m.fit for m in own], data, memory, temperature=own[0].temperature)
        total[rows] += weight * said
        weights[rows] += weight
    seen = np.flatnonzero(weights)
    return seen, total[seen] / weights[seen].reshape(-1, *([1] * len(width)))


def rows_per_second(predict: Callable[[Any], Any], x: Any, n_rows: int) -> float:
    """Return how many rows a function takes in a second, by the fastest of a few calls.

    Parameters
    ----------
    predict : callable
        Compiles at its first call, which does not count.
    n_rows : int
        Of `x`.
    """
    predict(x)
    seconds: list[float] = []
    while len(seconds) < N_TIMED and sum(seconds) < TIMED_S:
        began = time.perf_counter()
        predict(x)
        seconds.append(time.perf_counter() - began)
    return n_rows / max(min(seconds), 1e-9)


def serving_rate(network: Any, data: Dataset) -> float:
    """Return how many encoded rows a network takes in a second beside others, as many at a time as its memory bears.

    Copies of it stand for the networks of an ensemble: they share the cores, and what they compute alike of a row, such
    as one-hot codes, is computed once (measured: 9 nets of 64 units on 79 columns took half of what each took alone).

    Parameters
    ----------
    network : keras.Model
        Encoded arrays in.
    """
    n_rows = rows_per_call(network)
    rows = np.resize(data.split.non_test, n_rows)
    x = {tensor.name: tf.constant(data.x[tensor.name][rows]) for tensor in network.inputs}
    copies = [network, *(keras.models.clone_model(network) for _ in range(N_BESIDE - 1))]
    together = tf.function(lambda arrays: [copy(arrays, training=False) for copy in copies], autograph=False)
    return N_BESIDE * rows_per_second(lambda arrays: [said.numpy() for said in together(arrays)], x, n_rows)


def _held_out_by_all(trials: tuple[Trial, ...], data: Dataset) -> Ints:
    times = np.zeros(len(data.y), dtype=np.int64)
    for trial in trials:
        for fit in trial.fits:
            times[data.fold(fit.fold).validation] += 1
    return np.flatnonzero(times == len(trials))


def _at(rows: Ints, fits: tuple[Fit, ...], data: Dataset, memory: FitMemory) -> Floats:
    seen, said = out_of_fold(fits, data, memory)
    return said[np.searchsorted(seen, rows)]


def _moments(rows: Ints, data: Dataset) -> Ints:
    """The rows' place in time; that in the table for a split from before it kept moments."""
    return rows if data.split.moments is None else data.split.moments[rows]


def _blocks(rows: Ints, fits: tuple[Fit, ...], data: Dataset) -> Ints:
    """Successive blocks of rows that are sorted by their moments; rows of one moment are in one block."""
    if len(fits) == 1:
        _, first, moment = np.unique(_moments(rows, data), return_index=True, return_inverse=True)
        return np.asarray(first[moment] * N_PARTS // len(rows), dtype=np.int64)
    block = np.zeros(len(data.y), dtype=np.int64)
    for fit in fits:
        block[data.fold(fit.fold).validation] = fit.fold
    return block[rows]


def _kind(trial: Trial) -> str:
    """What makes networks alike: those with embedded numbers err apart from those without."""
    return "" if trial.recipe is None else f"{trial.recipe.family} {trial.recipe.numeric_embedding}"


def _ensemble(trials: tuple[Trial, ...], choice: Choice, *, n_rows: int) -> Ensemble:
    parts = [
        EnsemblePart(
            name=trial.name,
            recipe=trial.recipe,
            keys=tuple(fit.key for fit in trial.fits),
            weight=weight,
            score=score,
            temperature=temperature,
        )
        for trial, weight, score, temperature in zip(
            trials, choice.weights, choice.scores, choice.temperatures, strict=True
        )
        if weight > 0 and trial.recipe is not None
    ]
    rejected = f"an average of {choice.n_rejected} recipes: {choice.rule}"
    return Ensemble(
        parts=tuple(sorted(parts, key=lambda part: -part.weight)),
        score=choice.score,
        best_alone=choice.best_alone,
        gain=0.0 if choice.n_rejected else choice.gain,
        gain_error=0.0 if choice.n_rejected else choice.gain_error,
        n_rows=n_rows,
        left_out=(rejected,) if choice.n_rejected else (),
    )
