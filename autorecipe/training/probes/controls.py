"""Do the inputs matter, and does nothing but the inputs?"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import tensorflow as tf
from scipy import stats

from autorecipe.record.readings import ControlsReading
from autorecipe.training.bench import SMALLEST_PROBABILITY, Bench, BenchRows, Floats
from autorecipe.training.inspect_network import last_kernels
from autorecipe.training.probes.start import prior_outputs, prior_shares

N_LOOKS, STEPS_PER_LOOK = 10, 32  # looks at the validation rows, and steps between them, in blocks of compiled ones
N_VALIDATION_ROWS = 8192  # rows looked at
N_SHUFFLES, N_SHUFFLED_STEPS = 4, 160  # trainings on shuffled targets, and the steps of each
N_ERRORS = 3.0  # within which chance stays 99.7 % of the time
N_CALLED_ROWS = 2  # on which the last layer is looked for
SHUFFLING = 1  # apart from the order of rows, what else is drawn from the seed


def controls(bench: Bench) -> ControlsReading:
    """Return what real rows teach, beside zeroed inputs, shuffled targets and the prior.

    Real and zeroed inputs: each half of the validation rows is scored at the look that is best for the other half, so
    that overfitting hides no signal and choosing a look makes none. Shuffled targets: nothing is chosen, the last step
    counts. Such a training is by chance tilted towards the truth or away from it, for all rows alike; its error is
    therefore the spread of four shuffles, widened by Student's t so that three errors are as rare as with many.
    """
    validation = bench.validation.evenly(N_VALIDATION_ROWS)
    chance = _chance_losses(bench, validation)
    real = _halved(_looks(bench, bench.train, validation))
    zeroed = _halved(_looks(bench, _zeroed(bench.train), _zeroed(validation)))
    shuffled = np.array([_shuffled_losses(bench, validation, i) for i in range(N_SHUFFLES)])
    bench.fresh()
    over_zeroed, over_chance = _gain(zeroed - real), _gain(chance - real)
    by_row = _gain((chance - shuffled).mean(axis=0))
    by_shuffle = (chance - shuffled).mean(axis=1).std(ddof=1) / math.sqrt(N_SHUFFLES)
    return ControlsReading(
        gain_over_zeroed=over_zeroed[0],
        zeroed_error=over_zeroed[1],
        gain_over_chance=over_chance[0],
        chance_error=over_chance[1],
        shuffled_gain=by_row[0],
        shuffled_error=math.hypot(by_row[1], _widening() * by_shuffle),
        n_validation=validation.n_rows,
    )


def _looks(bench: Bench, train: BenchRows, validation: BenchRows) -> Floats:
    """Return each validation row's loss at every look (n_looks, n_rows)."""
    bench.fresh()
    found = []
    for i in range(N_LOOKS):
        n_steps = max(1, round(bench.setup.pace * STEPS_PER_LOOK))
        bench.take_steps(train, n_steps, rates=bench.setup.learning_rate, draw=i)
        found.append(bench.plain_losses(bench.outputs(validation.x), validation.y))
    return np.array(found)


def _halved(looks: Floats) -> Floats:
    """Return each row's loss at the look that is best for the rows of the other half."""
    is_even = np.arange(looks.shape[1]) % 2 == 0
    best = [int(np.nan_to_num(looks[:, half].mean(axis=1), nan=np.inf).argmin()) for half in (is_even, ~is_even)]
    return np.where(is_even, looks[best[1]], looks[best[0]])


def _shuffled_losses(bench: Bench, validation: BenchRows, i: int) -> Floats:
    order = np.random.default_rng((bench.setup.seed, i, SHUFFLING)).permutation(bench.train.n_rows)
    targets = bench.train.take(order)
    train = dataclasses.replace(bench.train, y=targets.y, weight=targets.weight)
    bench.fresh()
    # first weights, and those of a model that was trained before, may know the truth: the last kernel forgets it
    for kernel in last_kernels(bench.network, bench.train.evenly(N_CALLED_ROWS).x):
        kernel.assign(np.zeros(kernel.shape))
    n_steps = max(1, round(bench.setup.pace * N_SHUFFLED_STEPS))
    bench.take_steps(train, n_steps, rates=bench.setup.learning_rate, draw=i)
    return bench.plain_losses(bench.outputs(validation.x), validation.y)


def _chance_losses(bench: Bench, validation: BenchRows) -> Floats:
    if bench.setup.task == "regression":
        return bench.plain_losses(np.tile(prior_outputs(bench), (validation.n_rows, 1)), validation.y)
    share = np.maximum(prior_shares(bench, bench.train), SMALLEST_PROBABILITY)
    return np.asarray(-np.log(share[bench.classes(validation.y)]))


def _zeroed(rows: BenchRows) -> BenchRows:
    return dataclasses.replace(rows, x=tf.nest.map_structure(tf.zeros_like, rows.x))


def _gain(gains: Floats) -> tuple[float, float]:
    return float(gains.mean()), float(gains.std(ddof=1) / math.sqrt(len(gains)))


def _widening() -> float:
    """Return by what the error of a mean of four is multiplied, so that three errors are as rare as for a normal."""
    return float(stats.t.isf(stats.norm.sf(N_ERRORS), N_SHUFFLES - 1) / N_ERRORS)
