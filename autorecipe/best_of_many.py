"""How much the best of several candidates must gain, so that noise is kept no oftener than from one."""

from __future__ import annotations

from statistics import NormalDist

# share of decisions in which pure noise is kept where the error is known exactly, however many candidates there were.
# It is estimated, from rows and three seeds: then at most 10 % are kept (measured: `scripts/verify_noise.py`)
NOISE_KEPT = 0.08


def errors_needed(n_candidates: int) -> float:
    """Return how many of its standard errors the best of several candidates must gain.

    It is the quantile (1 - a)^(1/m) of the standard normal distribution, a = 0.08: the largest of m independent
    numbers lies above it with probability a (Sidak 1967, JASA 62). That the error of a few folds is itself an estimate
    is covered by Nadeau and Bengio's factor, which makes it 1.5 times that of independent folds where there are five.

    Parameters
    ----------
    n_candidates : int >= 1

    Examples
    --------
    >>> [round(errors_needed(m), 2) for m in (1, 2, 4, 16)]
    [1.41, 1.74, 2.04, 2.56]
    """
    return NormalDist().inv_cdf((1 - NOISE_KEPT) ** (1 / n_candidates))


def limit_of_best(error: float, *, n_candidates: int = 1) -> float:
    """Return what the best of several candidates must gain: its error times `errors_needed`."""
    return error * errors_needed(n_candidates)
