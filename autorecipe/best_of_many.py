"""How much the best of several candidates must gain, so that noise is kept no oftener than from one."""

from __future__ import annotations

from statistics import NormalDist

# share of decisions in which pure noise is kept, at most, however many candidates there were. One standard error
# would keep 16 % (measured: 13 % and 11 % of changes that change nothing but the seed, `scripts/verify_noise.py`)
NOISE_KEPT = 0.10


def errors_needed(n_candidates: int) -> float:
    """Return how many of its standard errors the best of several candidates must gain.

    It is the quantile (1 - a)^(1/m) of the standard normal distribution, a = 0.10: the largest of m independent
    numbers lies above it with probability a (Sidak 1967, JASA 62). That the error of a few folds is itself an estimate
    is covered by Nadeau and Bengio's factor: for 5 folds and the best of 16 the studentized maximum needs 3.7 errors of
    independent folds, and 2.48 of theirs are as many.

    Parameters
    ----------
    n_candidates : int >= 1

    Examples
    --------
    >>> [round(errors_needed(m), 2) for m in (1, 2, 4, 16)]
    [1.28, 1.63, 1.94, 2.48]
    """
    return NormalDist().inv_cdf((1 - NOISE_KEPT) ** (1 / n_candidates))


def limit_of_best(error: float, *, n_candidates: int = 1) -> float:
    """Return what the best of several candidates must gain: its error times `errors_needed`."""
    return error * errors_needed(n_candidates)
