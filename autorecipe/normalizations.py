"""One record per normalization: after the weights and before the activation (recipe rule F3)."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.choices import Normalization


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizationRecord:
    """One way to keep the hidden values at one scale.

    Attributes
    ----------
    suits : str
        What it is for.
    min_batch_size : int
        Rows in a batch below which it does not work.
    allows_higher_rates : bool
        Whether the learning rate is worth testing again once it is added.
    source : str
        Where it was published.
    """

    name: Normalization
    title: str
    suits: str
    source: str
    min_batch_size: int = 1
    allows_higher_rates: bool = False


NORMALIZATIONS: tuple[NormalizationRecord, ...] = (
    NormalizationRecord(
        name="batch",
        title="batch normalization",
        suits="convolutions and large batches; behaves differently in training and inference",
        source="Ioffe and Szegedy (2015), Batch normalization, arXiv 1502.03167; smallest batch: recipe rule F3",
        min_batch_size=8,
        allows_higher_rates=True,
    ),
    NormalizationRecord(
        name="layer",
        title="layer normalization",
        suits="transformers, residual blocks, and batches of any size",
        source="Ba et al. (2016), Layer normalization, arXiv 1607.06450",
    ),
    NormalizationRecord(
        name="group",
        title="group normalization",
        suits="small batches",
        source="Wu and He (2018), Group normalization, arXiv 1803.08494",
    ),
    NormalizationRecord(
        name="rms",
        title="RMS normalization",
        suits="as layer normalization, without subtracting the mean",
        source="Zhang and Sennrich (2019), Root mean square layer normalization, arXiv 1910.07467",
    ),
    NormalizationRecord(
        name="weight",
        title="weight normalization",
        suits="batches of any size: it rescales the weights and leaves the values alone",
        source="Salimans and Kingma (2016), Weight normalization, arXiv 1602.07868",
    ),
)


def suits_batch(name: Normalization, batch_size: int) -> bool:
    """Whether a normalization works with batches of so many rows.

    >>> suits_batch("batch", 4)
    False
    """
    return name == "none" or batch_size >= normalization_named(name).min_batch_size


def normalization_named(name: Normalization) -> NormalizationRecord:
    """Return the record called `name`; "none" has none.

    Raises
    ------
    ValueError
        When there is no such record.
    """
    found = next((n for n in NORMALIZATIONS if n.name == name), None)
    if found is None:
        raise ValueError(f"no normalization is called '{name}'; there are {[n.name for n in NORMALIZATIONS]}")
    return found
