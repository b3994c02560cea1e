"""Does the network answer the same twice, after it was saved, and in training as in inference?"""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import numpy as np

from autorecipe.errors import foreign_text
from autorecipe.record.readings import ParityReading
from autorecipe.training.bench import Bench, BenchRows, Floats
from autorecipe.training.inspect_network import finite
from autorecipe.training.user_clone import own_classes

N_PARITY_ROWS = 2048  # on which both modes are compared
N_RELOAD_ROWS = 256
MAX_STEPS = 96  # of the short training: an epoch, or so many steps, in blocks of compiled ones
LEAST_STEPS = 32  # of those, however dear: a moving average with momentum 0.9 has forgotten its start by then


def parity(bench: Bench) -> ParityReading:
    """Return differences of predictions, and the loss in both modes after about an epoch (at most 96 steps).

    `reload_difference` is NaN where the network cannot be saved or loaded, as a subclassed model without a
    configuration cannot.
    """
    bench.fresh()
    few, rows = bench.train.evenly(N_RELOAD_ROWS), bench.train.evenly(N_PARITY_ROWS)
    once, again = bench.outputs(few.x), bench.outputs(few.x)
    reloaded, not_saved = _reloaded_outputs(bench, few)
    most = max(LEAST_STEPS, round(bench.setup.pace * MAX_STEPS))
    n_steps = int(np.clip(-(-bench.train.n_rows // bench.setup.batch_size), 1, most))
    bench.take_steps(bench.train, n_steps, rates=bench.setup.learning_rate, regularized=True)
    in_inference = _mean(bench.row_losses(rows), rows)
    in_training = _mean(bench.row_losses(rows, training=True), rows)
    bench.fresh()
    return ParityReading(
        repeat_difference=_difference(once, again),
        reload_difference=float("nan") if reloaded is None else _difference(once, reloaded),
        train_mode_loss=in_training,
        inference_mode_loss=in_inference,
        n_epochs=n_steps * bench.setup.batch_size / bench.train.n_rows,
        not_saved=not_saved,
    )


def _reloaded_outputs(bench: Bench, rows: BenchRows) -> tuple[Floats | None, str]:
    """Return what the loaded network answers and "", or None and why there is none."""
    network = bench.network
    with tempfile.TemporaryDirectory() as folder, own_classes(network):
        path = Path(folder) / "network.keras"
        try:
            network.save(path)
            loaded = keras.models.load_model(path, compile=False, safe_mode=False)  # written a line above
        except (NotImplementedError, TypeError, ValueError, AttributeError, KeyError) as error:
            return None, foreign_text(error)  # not every model can be saved: the reading says so, and why
    return np.asarray(loaded(rows.x, training=False)), ""


def _difference(a: Floats, b: Floats) -> float:
    return finite(np.abs(a - b).max())


def _mean(losses: Floats, rows: BenchRows) -> float:
    return finite(np.average(losses.astype("float64"), weights=np.asarray(rows.weight)))
