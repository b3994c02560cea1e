"""Keep or reject? Effects, their standard errors, and the rule that decides.

An effect is a gain of the deciding score, oriented so that positive is better. A change is kept when its
effect is larger than its error, and the best of many must beat a higher limit. Where published evidence
favours a change, or it makes the recipe simpler, the burden of proof is reversed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from statistics import NormalDist, stdev
from typing import Literal

import numpy as np

from autorecipe.best_of_many import errors_needed, limit_of_best
from autorecipe.change import Change
from autorecipe.record.trial import Confirmation, Decision, Trial
from autorecipe.simplicity import is_simpler as is_simpler  # one of the rule's words, for those who decide

# share of the training loss; one fold gives no spread of its own, and seeds alone move the training loss of a
# small network by about this much (house value)
SINGLE_FOLD_FALL = 0.02

POWER = 0.8  # a gain counts as detectable when it would be kept four times out of five (Cohen 1988)

SEED_LIMIT = 2**31 - 1  # exclusive; the largest seed that NumPy, TensorFlow and scikit-learn all take


def fold_error(differences: Sequence[float], *, n_train: int, n_validation: int) -> float:
    """Return the standard error of the mean of per-fold differences, corrected for overlapping training rows.

    It is sd(differences) * sqrt(1 / n_differences + n_validation / n_train).

    Parameters
    ----------
    differences : sequence of float
        One per fold and repetition, at least two.
    n_train, n_validation : int > 0
        Rows of one fold.

    Raises
    ------
    ValueError
        With fewer than two differences, which have no spread.

    References
    ----------
    Nadeau and Bengio 2003, Inference for the generalization error, Machine Learning 52.
    """
    if len(differences) < 2:
        raise ValueError(f"a fold error needs at least 2 differences, received {len(differences)}")
    spread = float(np.std(differences, ddof=1))
    return spread * math.sqrt(1 / len(differences) + n_validation / n_train)


def holdout_error(*, row_error: float, seed_spread: float) -> float:
    """Return the standard error of a difference on one validation split.

    Parameters
    ----------
    row_error : float >= 0
        Standard error from a paired bootstrap of the rows.
    seed_spread : float >= 0
        Standard deviation of the score over seeds of one recipe. It counts twice, since both trials have a
        seed; a row bootstrap alone keeps a quarter of the changes that change nothing but the seed.
    """
    return math.sqrt(row_error**2 + 2 * seed_spread**2)


def spread_of(scores: Sequence[float]) -> float:
    """Return the standard deviation between seeds, without the bias that it has for a few of them.

    A sample's standard deviation is too small on average by c4(n) = sqrt(2 / (n - 1)) G(n / 2) / G((n - 1) / 2): by a
    fifth for two seeds, by a ninth for three (Holtzman 1950, Annals of Mathematical Statistics 21).

    Parameters
    ----------
    scores : sequence of float
        One per seed, at least two.

    Examples
    --------
    >>> round(spread_of([0.80, 0.81, 0.82]), 5)
    0.01128
    """
    n = len(scores)
    c4 = math.sqrt(2 / (n - 1)) * math.gamma(n / 2) / math.gamma((n - 1) / 2)
    return stdev(scores) / c4


def judge(
    change: Change,
    *,
    effect: float,
    error: float,
    n_candidates: int = 1,
    simpler: bool = False,
    losses: tuple[float, float] = (0.0, 0.0),
) -> Decision:
    """Decide on a change by its gain on validation rows.

    Kept when the effect is above the limit of the best of its candidates. A change with a published source, or
    one to a simpler recipe, is kept unless it is worse by more than its error. NaN is rejected.

    Parameters
    ----------
    change : Change
    effect, error : float
        Gain of the deciding score, positive is better, and its standard error.
    n_candidates : int >= 1
        How many candidates this one is the best of.
    simpler : bool
        Whether the changed recipe is the simpler one (see `is_simpler`): ties go to it.
    losses : (float, float)
        Training loss before and after, to be shown.
    """
    if change.source or simpler:
        kept, rule = _judge_favoured(effect, error, "published evidence" if change.source else "simpler")
    else:
        kept, rule = _judge_strictly(effect, error, n_candidates)
    return Decision(
        change=change,
        kept=kept,
        effect=effect,
        error=error,
        rule=rule,
        train_loss_before=losses[0],
        train_loss_after=losses[1],
        n_tried=n_candidates,
    )


def judge_growth(
    change: Change,
    *,
    train_before: Sequence[float],
    train_after: Sequence[float],
    effect: float,
    error: float,
) -> Decision:
    """Decide on a change that should let the network fit more: Overfit's rule.

    Kept when the training loss falls by more than its error, or the validation score gains more than the
    limit of a single candidate. The burden of proof is never reversed here: evidence speaks of validation scores,
    not of fitting.

    Parameters
    ----------
    change : Change
    train_before, train_after : sequence of float
        Training loss per fold, at equal steps and in the same order of folds. With two folds or more the
        error of the fall is the standard error of the per-fold differences; with one it is 2 % of the loss.
    effect, error : float
        Gain of the deciding score on validation rows and its standard error.

    Raises
    ------
    ValueError
        When the numbers of folds differ or there is none.
    """
    if len(train_before) != len(train_after) or not train_before:
        raise ValueError(f"cannot compare losses of {len(train_before)} folds with {len(train_after)}")
    before, after = float(np.mean(train_before)), float(np.mean(train_after))
    fall, fall_error = before - after, _fall_error(train_before, train_after)
    return Decision(
        change=change,
        kept=fall > fall_error or effect > limit_of_best(error),
        effect=effect,
        error=error,
        rule=_growth_rule((fall, fall_error), (effect, error)),
        train_loss_before=before,
        train_loss_after=after,
    )


def differences(before: Trial, after: Trial, *, direction: Literal["max", "min"]) -> list[float]:
    """Return what `after` gains in the deciding score, fold by fold; positive is better.

    Folds that only one of the trials finished are left out, and folds on which the score is not defined.

    Parameters
    ----------
    before, after : Trial
    direction : str
        "max" when a larger score is better.
    """
    sign = 1.0 if direction == "max" else -1.0
    known = {f.fold: f.validation_score for f in before.fits if f.status == "ok"}
    finished = sorted((f for f in after.fits if f.status == "ok" and f.fold in known), key=lambda f: f.fold)
    gains = [sign * (f.validation_score - known[f.fold]) for f in finished]
    return [gain for gain in gains if not math.isnan(gain)]


def confirm(*, effect: float, error: float) -> Confirmation:
    """Decide whether a stage's changes are real together, from its start and end trained on fresh seeds.

    Parameters
    ----------
    effect, error : float
        Gain of the end over the start, positive is better, and its standard error.
    """
    confirmed = effect > error
    numbers = f"{signed(effect)} on fresh seeds, error {unsigned(error)}"
    rule = f"confirmed: {numbers}" if confirmed else f"taken back: {numbers}, not above it"
    return Confirmation(effect=effect, error=error, confirmed=confirmed, rule=rule)


def smallest_detectable_gain(error: float) -> float:
    """Return the true gain that a single candidate needs to be kept four times out of five.

    Parameters
    ----------
    error : float >= 0
        One standard error of an effect.
    """
    return (errors_needed(1) + NormalDist().inv_cdf(POWER)) * error


def seed_for(seed: int, *parts: str | int) -> int:
    """Return a seed in [1, 2**31 - 1) that depends on the run's seed and every part, and on nothing else.

    Parameters
    ----------
    seed : int
        The run's seed.
    *parts : str or int
        What the seed is for, such as a recipe's key and a fold.
    """
    digest = hashlib.sha256(json.dumps([seed, *parts]).encode()).digest()
    return 1 + int.from_bytes(digest[:8], "big") % (SEED_LIMIT - 1)


def _judge_favoured(effect: float, error: float, ground: str) -> tuple[bool, str]:
    numbers = f"worse by more than its error {unsigned(error)}"
    if effect >= -error:
        return True, f"kept ({ground}): {signed(effect)} is not {numbers}"
    return False, f"rejected ({ground}): {signed(effect)} is {numbers}"


def _judge_strictly(effect: float, error: float, n_candidates: int) -> tuple[bool, str]:
    limit = f"{errors_needed(n_candidates):.3g} x error {unsigned(error)}"
    among = f" (best of {n_candidates})" if n_candidates > 1 else ""
    if effect > limit_of_best(error, n_candidates=n_candidates):
        return True, f"kept: {signed(effect)} > {limit}{among}"
    if effect < -error:
        return False, f"rejected: {signed(effect)} is worse by more than its error {unsigned(error)}"
    if abs(effect) <= error:
        return False, f"rejected: {signed(effect)} within its error {unsigned(error)}"
    return False, f"rejected: {signed(effect)} is not > {limit}{among}"


def _growth_rule(train: tuple[float, float], validation: tuple[float, float]) -> str:
    fall = f"training loss {signed(-train[0])}, error {unsigned(train[1])}"
    gain = f"validation {signed(validation[0])}, error {unsigned(validation[1])}"
    if train[0] > train[1]:
        return f"kept: it fits more ({fall}; {gain})"
    if validation[0] > limit_of_best(validation[1]):
        return f"kept: it predicts better ({gain}; {fall})"
    return f"rejected: it neither fits more ({fall}) nor predicts better ({gain})"


def _fall_error(before: Sequence[float], after: Sequence[float]) -> float:
    if len(before) == 1:
        return SINGLE_FOLD_FALL * abs(before[0])
    falls = np.subtract(before, after)
    return float(np.std(falls, ddof=1)) / math.sqrt(len(falls))


def signed(value: float) -> str:
    """Write an effect with its sign.

    >>> signed(0.008), signed(-1234.5)
    ('+0.0080', '-1,234')
    """
    return f"+{unsigned(abs(value))}" if value >= 0 else unsigned(value)


def unsigned(value: float) -> str:
    """Write a number as finely as its size asks.

    >>> unsigned(0.003), unsigned(0.00002), unsigned(52.25)
    ('0.0030', '2e-05', '52.2')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 1:
        return f"{value:.3g}"
    return f"{value:.4f}" if abs(value) >= 0.0005 or value == 0 else f"{value:.1g}"
