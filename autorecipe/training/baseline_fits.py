"""Fits of the dumb models, as the fits of networks are kept."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from autorecipe.decide import seed_for
from autorecipe.effects import BaselineName
from autorecipe.record.trial import Fit
from autorecipe.training.baselines import fit_baseline, predicted
from autorecipe.training.fit_keys import evenly
from autorecipe.training.fold_rows import n_scored
from autorecipe.training.fold_scores import FoldScores


def baseline_fit(name: BaselineName, fold: int, scores: FoldScores, *, key: str, seed: int) -> Fit:
    """Train a baseline on one fold, score it, and remember it under a key; on the first fold of test rows too.

    Parameters
    ----------
    seed : int
        Of the run.
    """
    began, data = time.perf_counter(), scores.data
    place = data.fold(fold)
    predict = fit_baseline(name, data, place.train, seed=seed_for(seed, name, fold))
    sample = evenly(place.train, n_scored(data))
    said, validation_said = (predicted(predict, data, rows) for rows in (sample, place.validation))
    kept: dict[str, NDArray[np.generic]] = {"validation": validation_said}
    if fold == 0 and len(data.split.test):
        whole = fit_baseline(name, data, data.split.non_test, seed=seed_for(seed, name, "test"))
        kept["test"] = predicted(whole, data, data.split.test)
    fit = Fit(key=key, fold=fold, seconds=time.perf_counter() - began)
    fit = scores.scored(fit, (sample, said), (place.validation, validation_said))
    scores.memory.save_fit(key, fit, predictions=kept, weights=None)
    return fit
