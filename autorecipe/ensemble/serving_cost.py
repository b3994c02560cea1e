"""What does an ensemble cost to serve, and which of its networks are too much?"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.families.pretrained import backbone_never_trains

# seconds to turn one raw cell into numbers (measured: adult, 14 columns, 8192 rows at a time, on 2 busy cores)
ENCODE_S_PER_CELL = 5e-7
# times the rows per second asked for that must be predicted: networks side by side serve somewhat less than each alone
# (measured: 5,008 predicted of ten networks, 4,650 served)
SERVE_MARGIN = 1.2
# networks of a final model: a row that is served alone takes 0.25 to 0.5 ms for each (measured on one core), so that so
# many answer within 10 ms (choice)
MOST_NETWORKS = 15
MOST_MS = 10
# images a second that a model should serve where the user asks for nothing: of 96 pixels a side so many, smaller ones
# faster and larger ones slower, by their pixels, within bounds. A network of 50 million multiplications does some 200
# on two cores, so that bags and views fit, and a folder of 10,000 photos takes minutes; choice
IMAGES_PER_S, IMAGE_PIXELS = 20, 96 * 96
LEAST_IMAGES_PER_S, MOST_IMAGES_PER_S = 10, 100


def default_image_rate(image: tuple[int, ...]) -> int:
    """Return how many images a second a model should serve where nobody asks for a rate.

    Parameters
    ----------
    image : tuple of int
        (height, width, channels).

    Examples
    --------
    >>> default_image_rate((28, 28, 1)), default_image_rate((96, 96, 3)), default_image_rate((224, 224, 3))
    (100, 20, 10)
    """
    by_pixels = IMAGES_PER_S * IMAGE_PIXELS / (image[0] * image[1])
    return round(min(max(by_pixels, LEAST_IMAGES_PER_S), MOST_IMAGES_PER_S))


def predicted_rate(parts: Sequence[EnsemblePart], *, n_columns: int) -> float:
    """Return the rows per second that the parts together serve, from what each of their networks does alone.

    Parameters
    ----------
    parts : sequence of EnsemblePart
        `rows_per_s` is that of all of a part's networks.
    n_columns : int
        Raw columns, which are encoded once for all.

    Returns
    -------
    float
        0 where a part was not measured: nothing can be promised.
    """
    if any(part.rows_per_s <= 0 for part in parts):
        return 0.0
    row_s = n_columns * ENCODE_S_PER_CELL + sum(1.0 / part.rows_per_s for part in parts)
    return 1.0 / row_s if row_s > 0 else math.inf


def is_too_slow(parts: Sequence[EnsemblePart], *, limit: float, n_columns: int) -> bool:
    """Tell whether parts together serve fewer rows per second than asked for; 0 asks for nothing."""
    return predicted_rate(parts, n_columns=n_columns) < SERVE_MARGIN * limit


def n_networks(parts: Sequence[EnsemblePart]) -> int:
    """Return how many networks parts have together."""
    return sum(len(part.keys) for part in parts)


def n_served(part: EnsemblePart) -> int:
    """Return how many networks a part's cost as much as: heads on one frozen backbone cost as one, its own."""
    return 1 if backbone_never_trains(part.recipe) else len(part.keys)


def with_networks(part: EnsemblePart, keys: tuple[str, ...]) -> EnsemblePart:
    """Return a part with other networks of its recipe, which cost as much to serve as its own."""
    fewer = dataclasses.replace(part, keys=keys)
    return dataclasses.replace(fewer, rows_per_s=part.rows_per_s * n_served(part) / n_served(fewer))


def least_worth(parts: Sequence[EnsemblePart]) -> EnsemblePart:
    """Return the part with the least weight for each second that it takes to serve a row; one not measured before all.

    Of a part's networks each has the same share of both, so that its last network is worth as little as the part.
    """
    return min(parts, key=lambda part: (part.weight * part.rows_per_s, part.weight))


def thinned(ensemble: Ensemble, *, limit: float, n_columns: int, unit: str = "rows") -> Ensemble:
    """Return the ensemble with its predicted rate, without the last networks of bags that are too much to serve.

    Each part keeps one network in any case. Parts that are too much as a whole are dropped before; what is too slow all
    the same says so.

    Parameters
    ----------
    limit : float
        Rows per second; 0 for none.
    unit : str
        What a row is called: "rows" or "images".
    """
    few = _few_enough(ensemble.parts)
    fast = _fast_enough(few, limit=limit, n_columns=n_columns)
    rate = predicted_rate(fast, n_columns=n_columns)
    is_slow = is_too_slow(fast, limit=limit, n_columns=n_columns)
    said = (
        *_thinned_text(ensemble.parts, few, too_many_text(unit)),
        *_thinned_text(few, fast, f"all serve under {limit:,.0f} {unit}/s"),
        *(_missed_text(fast, limit=limit, rate=rate, unit=unit) if is_slow else ()),
    )
    return dataclasses.replace(ensemble, parts=fast, rows_per_s=rate, left_out=(*ensemble.left_out, *said))


def too_many_text(unit: str) -> str:
    """Say why a model has no more networks than `MOST_NETWORKS`."""
    within = f" answer within {MOST_MS} ms" if unit == "rows" else " are enough"
    return f"{MOST_NETWORKS} in all{within}"


def _few_enough(parts: tuple[EnsemblePart, ...]) -> tuple[EnsemblePart, ...]:
    while n_networks(parts) > MOST_NETWORKS and (bags := [part for part in parts if len(part.keys) > 1]):
        parts = _without_last(parts, min(bags, key=lambda part: part.weight / len(part.keys)))
    return parts


def _fast_enough(parts: tuple[EnsemblePart, ...], *, limit: float, n_columns: int) -> tuple[EnsemblePart, ...]:
    is_measured = all(part.rows_per_s > 0 for part in parts)  # else no network less makes the rate known
    while is_measured and is_too_slow(parts, limit=limit, n_columns=n_columns):
        bags = [part for part in parts if n_served(part) > 1]
        if not bags:
            break
        parts = _without_last(parts, least_worth(bags))
    return parts


def _without_last(parts: tuple[EnsemblePart, ...], bag: EnsemblePart) -> tuple[EnsemblePart, ...]:
    return tuple(with_networks(part, part.keys[:-1]) if part is bag else part for part in parts)


def _thinned_text(before: tuple[EnsemblePart, ...], after: tuple[EnsemblePart, ...], reason: str) -> tuple[str, ...]:
    dropped = [(len(a.keys) - len(b.keys), a) for a, b in zip(before, after, strict=True)]
    return tuple(f"{n} of {len(part.keys)} networks of {part.name}: {reason}" for n, part in dropped if n)


def _missed_text(parts: tuple[EnsemblePart, ...], *, limit: float, rate: float, unit: str) -> tuple[str, ...]:
    names = " and ".join(part.name for part in parts)
    wanted = f"the {limit:,.0f} {unit}/s wanted"
    return (f"{wanted}: {names} alone serves {rate:,.0f}" if rate else f"measuring whether {names} serves {wanted}",)
