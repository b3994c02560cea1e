"""Keras Tuner's two classes, bent to a deadline and to recipes. Importing this imports TensorFlow."""

from __future__ import annotations

import contextlib
import io
import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

from autorecipe.change import value_of
from autorecipe.effects import Knob
from autorecipe.recipe import Recipe, Value
from autorecipe.record.trial import Trial
from autorecipe.tuning.search import SearchMethod

with contextlib.redirect_stdout(io.StringIO()):  # it may greet the reader with the name of its backend
    import keras_tuner as kt

OBJECTIVE = "score"
SCORE_NOISE = 1e-2  # variance of a score's noise, in variances of the scores seen: a tenth of their spread
CURIOSITY = 1.5  # standard deviations of hope; Keras Tuner's 2.6 explores too long for some dozen trials
MAX_RANDOM_PER_KNOB = 2  # random trials per knob before the first Gaussian process; Keras Tuner's 3 are too many here
RANDOM_SHARE = 0.5  # of all trials, at most, are random
LENGTH_SCALES = (0.1, 3.0)  # in ranges of a knob; unbounded, few trials are often read as noise alone
N_KERNEL_RESTARTS = 2  # of one length scale's fit
N_ANYWHERE, N_NEARBY = 2048, 512  # points looked at per suggestion
NEARBY = 0.1  # standard deviation around the best trial, in ranges of a knob

Values = dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlan:
    """What an oracle needs to know.

    Attributes
    ----------
    may_start : callable
        Whether another trial may be started; asked before each.
    seed : int
        At least 1: Keras Tuner takes 0 for "at random".
    """

    space: tuple[Knob, ...]
    start: Recipe
    direction: Literal["max", "min"]
    max_trials: int
    seed: int
    may_start: Callable[[], bool]
    method: SearchMethod = "bayesian"


class DeadlineOracle(kt.oracles.BayesianOptimizationOracle):
    """A Bayesian, random or grid search that opens with the start's values and stops when told to."""

    def __init__(self, plan: SearchPlan) -> None:
        n_random = min(MAX_RANDOM_PER_KNOB * len(plan.space), round(RANDOM_SHARE * plan.max_trials))
        super().__init__(
            objective=kt.Objective(OBJECTIVE, plan.direction),
            max_trials=plan.max_trials,
            num_initial_points=max(n_random, 2),
            alpha=SCORE_NOISE,
            beta=CURIOSITY,
            seed=plan.seed,
            hyperparameters=hyperparameters(plan.space, plan.start),
            max_consecutive_failed_trials=None,
        )
        self.verbose = 0
        self.plan = plan

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the values of the next trial, or the word to stop."""
        if not self.plan.may_start():
            return {"status": "STOPPED"}
        if not self.trials:
            return _run_with(start_values(self.plan.space, self.plan.start))
        if self.plan.method == "grid":
            point = next(itertools.islice(grid(self.plan.space, self.plan.start), len(self.trials), None), None)
            return {"status": "STOPPED"} if point is None else _run_with(point)
        if self.plan.method == "random":
            return self._random_populate_space()
        n_completed = sum(trial.status == "COMPLETED" for trial in self.trials.values())
        if n_completed < self.num_initial_points:
            return super().populate_space(trial_id)
        values = self._suggest()
        return self._random_populate_space() if self._was_tried(values) else _run_with(values)

    def _make_gpr(self) -> GaussianProcessRegressor:
        return GaussianProcessRegressor(
            kernel=Matern(nu=2.5, length_scale=0.5, length_scale_bounds=LENGTH_SCALES),
            n_restarts_optimizer=N_KERNEL_RESTARTS,
            normalize_y=True,
            alpha=self.alpha,
            random_state=self.seed,
        )

    def _suggest(self) -> Values:
        # Keras Tuner follows the bound downhill from 50 points, one at a time: 2 to 4 s on two busy cores,
        # where looking at many points together takes 0.2 s and finds recipes about as good
        points, losses = self._vectorize_trials()
        with warnings.catch_warnings():
            # a length scale at its bound is common with few trials, and nothing a reader can act on
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.gpr.fit(points, losses)
        anywhere = self._random_state.uniform(size=(N_ANYWHERE, points.shape[1]))
        nearby = self._random_state.normal(points[np.argmin(losses)], NEARBY, (N_NEARBY, points.shape[1]))
        candidates = np.concatenate([anywhere, np.clip(nearby, 0, 1)])
        mean, deviation = self.gpr.predict(candidates, return_std=True)
        return self._vector_to_values(candidates[np.argmin(mean - self.beta * deviation)])

    def _was_tried(self, values: Values) -> bool:
        return any(trial.hyperparameters.values == values for trial in self.trials.values())


class RecipeTuner(kt.Tuner):
    """Trains recipes through a function: no hypermodel is built, so dtype policy and seeds stay untouched.

    Parameters
    ----------
    train : callable
        Values by field -> Trial; one whose status is not "ok" is recorded as failed.
    """

    def __init__(self, oracle: DeadlineOracle, *, train: Callable[[Values], Trial], directory: Path, name: str) -> None:
        super().__init__(oracle=oracle, directory=str(directory), project_name=name, overwrite=True)
        self.train = train

    def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Train one suggestion and return its score."""
        result = self.train(trial.hyperparameters.values)
        if result.status != "ok":
            raise kt.errors.FailedTrialError(result.cause)
        return {OBJECTIVE: result.validation_score}

    def _try_run_and_update_trial(self, trial: Any, *args: Any, **kwargs: Any) -> None:
        # Keras Tuner prints a traceback for each recipe that fails, and takes a defect for such a failure
        try:
            self._run_and_update_trial(trial, *args, **kwargs)
            trial.status = "COMPLETED"
        except kt.errors.FailedTrialError as error:
            trial.status, trial.message = "FAILED", str(error)


def hyperparameters(space: tuple[Knob, ...], start: Recipe) -> Any:
    """Return Keras Tuner's description of a space."""
    found = kt.HyperParameters()
    for knob in space:
        value = value_of(start, knob.field)
        if knob.choices:
            found.Choice(knob.field, [type(value)(choice) for choice in knob.choices])
        elif isinstance(value, int):
            found.Int(knob.field, round(knob.low), round(knob.high), sampling=knob.sampling)
        else:
            found.Float(knob.field, knob.low, knob.high, sampling=knob.sampling)
    return found


def start_values(space: tuple[Knob, ...], start: Recipe) -> Values:
    """Return the start's value of each knob."""
    return {knob.field: value_of(start, knob.field) for knob in space}


def grid(space: tuple[Knob, ...], start: Recipe) -> Iterator[Values]:
    """Yield every combination of the knobs' points, the start first, then the first knob moving fastest.

    A range has three points: its ends and the start's own value.
    """
    own = start_values(space, start)
    axes = [knob.choices or _points(knob, own[knob.field]) for knob in reversed(space)]
    names = [knob.field for knob in reversed(space)]
    yield own
    for values in itertools.product(*axes):
        point = dict(zip(names, values, strict=True))
        if point != own:
            yield point


def _points(knob: Knob, own: Value) -> tuple[Value, ...]:
    return tuple(sorted({type(own)(knob.low), own, type(own)(knob.high)}, key=float))


def _run_with(values: Values) -> dict[str, Any]:
    return {"status": "RUNNING", "values": values}
