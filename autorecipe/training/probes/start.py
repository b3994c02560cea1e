"""What does the network cost before it learned anything?"""

from __future__ import annotations

import math

import numpy as np

from autorecipe.record.network_readings import StartReading
from autorecipe.training.bench import Bench, BenchRows, CannotMeasure, Floats
from autorecipe.training.target import PRIOR_FLOOR

N_LOSS_ROWS = 8192  # rows on which the loss at the start is measured


def loss_at_start(bench: Bench) -> StartReading:
    """Return the loss before training: AutoRecipe's own networks with their output bias at zero, others as they are."""
    _expect_first_weights(bench)
    bench.fresh()
    if bench.setup.is_own:
        bench.set_output_bias(np.zeros(_n_outputs(bench)))
    return _start(bench)


def loss_with_prior_bias(bench: Bench) -> StartReading:
    """Return the loss before training with the output bias at what the prior asks for."""
    _expect_first_weights(bench)
    bench.fresh()
    bench.set_output_bias(prior_outputs(bench))
    return _start(bench)


def prior_outputs(bench: Bench) -> Floats:
    """Return the outputs (n_outputs,), before their activation, that say the prior of the training rows."""
    rows = bench.train
    if bench.setup.task == "regression":
        return np.average(_values(rows), axis=0, weights=np.asarray(rows.weight))
    share = np.maximum(prior_shares(bench, rows), PRIOR_FLOOR)
    return np.log(share[1:] / share[0]) if _n_outputs(bench) == 1 else np.log(share)


def prior_shares(bench: Bench, rows: BenchRows) -> Floats:
    """Return the weighted share of each class (n_classes,)."""
    weight = np.asarray(rows.weight, "float64")
    codes = bench.classes(rows.y)
    if codes.min() < 0 or codes.max() >= bench.setup.n_classes:
        raise CannotMeasure(f"labels go from {codes.min()} to {codes.max()}, expected 0 to {bench.setup.n_classes - 1}")
    return np.asarray(np.bincount(codes, weights=weight, minlength=bench.setup.n_classes) / weight.sum())


def _start(bench: Bench) -> StartReading:
    rows = bench.train.evenly(N_LOSS_ROWS)
    weight = np.asarray(rows.weight, "float64")
    value = float(np.average(bench.plain_losses(bench.outputs(rows.x), rows.y), weights=weight))
    if bench.setup.task == "regression":
        y = _values(rows)
        center = np.average(y, axis=0, weights=weight)
        ignorance, prior = (float(np.average(((y - c) ** 2).mean(axis=1), weights=weight)) for c in (0.0, center))
    else:
        share = prior_shares(bench, rows)
        ignorance = math.log(bench.setup.n_classes)
        prior = float(-(share * np.log(np.where(share > 0, share, 1))).sum())
    bias = prior_outputs(bench)
    bench.fresh()
    return StartReading(
        value=value,
        ignorance=ignorance,
        prior=prior,
        bias_for_prior=float(bias[0]) if len(bias) == 1 else None,
    )


def _values(rows: BenchRows) -> Floats:
    return np.asarray(rows.y, "float64").reshape(rows.n_rows, -1)


def _n_outputs(bench: Bench) -> int:
    return int(bench.outputs(bench.train.evenly(2).x).shape[1])


def _expect_first_weights(bench: Bench) -> None:
    if bench.setup.was_trained:
        raise CannotMeasure("the model was trained before; its loss says nothing about its first weights")
