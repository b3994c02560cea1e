"""How fast is a training step? `autorecipe.train` beside `Model.fit`, in one run on the same machine.

usage: python benchmarks/training_speed.py [--quick]

The contenders take turns, epoch by epoch, so that whatever else the machine does meets all of them; the best epoch of
each counts. The peak is that of a float32 matrix product, measured here too.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

import autorecipe
from autorecipe import TrainingPlan

N_INPUTS, N_CLASSES, DEPTH = 32, 10, 3
STEPS_PER_EXECUTION = 16
FLOPS_PER_WEIGHT_AND_ROW = 6  # a multiplication and an addition, forward, and twice that backward
MATRIX_SIZES = (512, 1024, 2048)
PRODUCTS = 8  # in a row, so that the call itself does not count
EPOCHS_PER_TURN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A network of three hidden layers, and the batches that it learns from."""

    width: int
    batch_size: int


DEFAULT, MANY_STEPS, LOOP, LOOP_XLA = "Model.fit", f"Model.fit, {STEPS_PER_EXECUTION} steps", "loop", "loop, XLA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured."""

    cases: tuple[Case, ...]
    n_rows: int
    n_turns: int
    matrix_sizes: tuple[int, ...] = MATRIX_SIZES
    contenders: tuple[str, ...] = (DEFAULT, MANY_STEPS, LOOP, LOOP_XLA)


FULL = Effort(
    cases=(
        Case(width=64, batch_size=32),
        Case(width=64, batch_size=256),
        Case(width=256, batch_size=32),
        Case(width=256, batch_size=256),
        Case(width=512, batch_size=512),
    ),
    n_rows=16_384,
    n_turns=5,
)
QUICK = Effort(
    cases=(Case(width=64, batch_size=256),),
    n_rows=1024,
    n_turns=1,
    matrix_sizes=(512,),
    contenders=(DEFAULT, LOOP),
)


class EpochClock(keras.callbacks.Callback):
    """Remembers how long each epoch took, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.seconds.append(time.perf_counter() - self.began)


def rows(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs (n_rows, 32) and labels of ten classes that depend on them."""
    random = np.random.default_rng(0)
    x = random.normal(size=(n_rows, N_INPUTS)).astype("float32")
    return x, (x @ random.normal(size=(N_INPUTS, N_CLASSES))).argmax(axis=1).astype("int32")


def network(width: int, *, steps_per_execution: int = 1) -> keras.Model:
    """Return a compiled network with the same first weights each time."""
    keras.utils.set_random_seed(0)
    hidden = [keras.layers.Dense(width, activation="relu") for _ in range(DEPTH)]
    model = keras.Sequential([keras.Input((N_INPUTS,)), *hidden, keras.layers.Dense(N_CLASSES)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, steps_per_execution=steps_per_execution)
    return model


def contender(name: str, case: Case, x: np.ndarray, y: np.ndarray) -> Callable[[], list[float]]:
    """Return a function that trains on for a turn and returns the seconds of each epoch."""
    if name in (DEFAULT, MANY_STEPS):
        model = network(case.width, steps_per_execution=1 if name == DEFAULT else STEPS_PER_EXECUTION)

        def fit(clock: EpochClock) -> None:
            model.fit(x, y, batch_size=case.batch_size, epochs=EPOCHS_PER_TURN, verbose=0, callbacks=[clock])

        return _clocked(fit)
    model = network(case.width)
    plan = TrainingPlan(epochs=EPOCHS_PER_TURN, batch_size=case.batch_size, with_xla=name == LOOP_XLA)
    return _clocked(lambda clock: autorecipe.train(model, x, y, plan=plan, callbacks=[clock]))


def _clocked(train: Callable[[EpochClock], object]) -> Callable[[], list[float]]:
    def turn() -> list[float]:
        clock = EpochClock()
        train(clock)
        return clock.seconds

    return turn


def microseconds_per_step(case: Case, effort: Effort) -> dict[str, float]:
    """Return the best epoch of each contender, per step; the first turn, in which all compile, does not count."""
    x, y = rows(effort.n_rows)
    turns = {name: contender(name, case, x, y) for name in effort.contenders}
    seconds: dict[str, list[float]] = {name: [] for name in effort.contenders}
    for turn in turns.values():
        turn()
    for _ in range(effort.n_turns):
        for name, turn in turns.items():
            seconds[name] += turn()
    n_steps = -(-effort.n_rows // case.batch_size)
    return {name: 1e6 * min(values) / n_steps for name, values in seconds.items()}


def matrix_peak(effort: Effort) -> float:
    """Return the float32 operations per second of the fastest matrix product."""
    best = 0.0
    for size in effort.matrix_sizes:
        factor = tf.random.normal((size, size)) / size**0.5

        @tf.function
        def products(a: tf.Tensor, b: tf.Tensor = factor) -> tf.Tensor:
            for _ in range(PRODUCTS):
                a = a @ b
            return a

        products(factor)
        for _ in range(3 * effort.n_turns):
            began = time.perf_counter()
            products(factor).numpy()
            best = max(best, PRODUCTS * 2 * size**3 / (time.perf_counter() - began))
    return best


def share_of_peak(case: Case, microseconds: float, peak: float) -> float:
    """Return which share of the measured peak a step uses."""
    flops = FLOPS_PER_WEIGHT_AND_ROW * network(case.width).count_params() * case.batch_size
    return flops / (microseconds * 1e-6) / peak


def seconds_to_first_step(case: Case, *, with_xla: bool) -> tuple[float, float]:
    """Return the seconds until the first step of a first trial, and of a second one of the same topology.

    The second one has fresh weights, an optimizer without memory and another learning rate.
    """
    x, y = rows(case.batch_size)  # one batch: the call ends with the first step
    model, twin = network(case.width), network(case.width)
    plan = TrainingPlan(batch_size=case.batch_size, with_xla=with_xla)
    first = _seconds(lambda: autorecipe.train(model, x, y, plan=plan))

    def second() -> None:
        model.set_weights(twin.get_weights())
        for variable in model.optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        model.optimizer.learning_rate.assign(3e-4)
        autorecipe.train(model, x, y, plan=plan)

    return first, _seconds(second)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def print_speed(effort: Effort) -> None:
    """Print a markdown table: microseconds per step, gains over the default `Model.fit`, share of the peak."""
    peak = matrix_peak(effort)
    loops = [name for name in effort.contenders if name in (LOOP, LOOP_XLA)]
    measured = [f"{name} (µs)" for name in effort.contenders]
    titles = ["network", "batch", *measured, *(f"{name}: gain" for name in loops), "of the peak"]
    print(f"| {' | '.join(titles)} |\n|---|---|{'---:|' * (len(titles) - 2)}", flush=True)
    for case in effort.cases:
        micros = microseconds_per_step(case, effort)
        peak = max(peak, matrix_peak(effort))  # the machine may have been busy the last time
        gains = [f"{micros[DEFAULT] / micros[name]:.1f}" for name in loops]
        share = share_of_peak(case, min(micros[name] for name in loops), peak)
        times = [f"{micros[name]:,.0f}" for name in effort.contenders]
        row = [f"{DEPTH} x {case.width}", str(case.batch_size), *times, *gains, f"{share:.0%}"]
        print(f"| {' | '.join(row)} |", flush=True)
    print(f"\nPeak of the float32 matrix product: {peak / 1e9:,.0f} GFLOP/s, {os.cpu_count()} CPU cores.\n")


def print_starts(effort: Effort) -> None:
    """Print a markdown table: seconds until the first step of a first and of a second trial."""
    print("| network | batch | XLA | first trial (s) | second trial (s) |\n|---|---|---|---:|---:|")
    for case in effort.cases:
        for name in effort.contenders:
            if name in (LOOP, LOOP_XLA):
                first, second = seconds_to_first_step(case, with_xla=name == LOOP_XLA)
                word = "yes" if name == LOOP_XLA else "no"
                print(
                    f"| {DEPTH} x {case.width} | {case.batch_size} | {word} | {first:.2f} | {second:.3f} |", flush=True
                )


def main(words: list[str] | None = None) -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one small case once, in seconds; too noisy to quote")
    effort = QUICK if parser.parse_args(words).quick else FULL
    print_speed(effort)
    print_starts(effort)


if __name__ == "__main__":
    main()
