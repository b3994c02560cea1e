"""Statistics of each column of the training rows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import choose_scaling, finite, skewness
from autorecipe.data.schema import Column
from autorecipe.record.profile import ColumnProfile

if TYPE_CHECKING:
    import pandas as pd

N_TOP = 5  # most frequent levels kept
TOP_TEXT = 40  # characters of a level kept
N_BINS = 20  # of a number, and levels whose rows are counted
OUTER = 0.01  # share of the numbers on either side that is counted in the outermost bin
NEAR_UNIQUE = 0.5  # of the cells, beyond which values that occur once would name their row


def column_profiles(rows: TrainingRows) -> tuple[ColumnProfile, ...]:
    """Return the statistics of every column of the schema, in its order."""
    from autorecipe.preprocessing.derived import derived_names  # pandas is heavy

    parts = derived_names(rows.frame, rows.schema)
    profiles = (_column_profile(rows, column) for column in rows.schema.columns)
    return tuple(_with_score(rows, dataclasses.replace(p, parts=parts.get(p.name, ()))) for p in profiles)


def _with_score(rows: TrainingRows, profile: ColumnProfile) -> ColumnProfile:
    score = rows.scores.get(profile.name)
    return profile if score is None else dataclasses.replace(profile, score=score.value, score_low=score.lower)


def _column_profile(rows: TrainingRows, column: Column) -> ColumnProfile:
    if column.role == "feature" and column.name in rows.features.numbers:
        return number_profile(column, rows.features.numbers[column.name])
    if column.role == "target" and rows.is_regression:
        return number_profile(column, rows.target.astype(np.float64))
    if column.role == "feature":
        codes = rows.codes[column.name]
        return _of_levels(column, rows.features.categories[column.name], codes)
    return _of_raw(column, rows.frame[column.name])


def number_profile(column: Column, numbers: NDArray[np.float64]) -> ColumnProfile:
    """Return the statistics of a column of numbers, shape (n_rows,); NaN where missing."""
    values = np.sort(finite(numbers))
    profile = ColumnProfile(name=column.name, kind=column.kind, missing_share=_share(np.isnan(numbers)), n_distinct=0)
    if not len(values):
        return profile
    counts = np.diff(np.flatnonzero(np.concatenate([[True], np.diff(values) != 0, [True]])))
    is_feature_number = column.role == "feature" and column.kind == "numeric"
    low, high, in_bins = _bins(values)
    return dataclasses.replace(
        profile,
        n_distinct=len(counts),
        mean=float(values.mean()),
        std=float(values.std()),
        minimum=float(values[0]),
        median=float(np.median(values)),
        maximum=float(values[-1]),
        skew=skewness(values),
        scaling=choose_scaling(values) if is_feature_number else "",
        counts=in_bins,
        low=low,
        high=high,
        is_near_unique=_is_near_unique(counts),
    )


def _bins(ordered: NDArray[np.float64]) -> tuple[float, float, tuple[int, ...]]:
    """Return the ends of the bins and the rows in each; one bin where all numbers are equal.

    Where the 1st percentile is the 99th, the bins span all numbers instead.
    """
    low, high = (float(x) for x in np.quantile(ordered, (OUTER, 1 - OUTER)))
    if not low < high:
        low, high = float(ordered[0]), float(ordered[-1])
    edges = np.linspace(low, high, N_BINS + 1)[1:-1] if np.isfinite(high - low) else np.zeros(0)
    if not len(edges) or not edges[0] < edges[-1]:
        return low, high, (len(ordered),)
    places = np.concatenate([[0], np.searchsorted(ordered, edges, side="left"), [len(ordered)]])
    return low, high, tuple(np.diff(places).tolist())


def _is_near_unique(counts: NDArray[np.int64]) -> bool:
    return bool((counts == 1).sum() > NEAR_UNIQUE * counts.sum())


def _of_levels(column: Column, labels: NDArray[np.object_], codes: NDArray[np.int64]) -> ColumnProfile:
    present = codes >= 0
    _, first, counts = np.unique(codes[present], return_index=True, return_counts=True)
    levels = labels[present][first]
    ranked = np.argsort(-counts, kind="stable")[:N_BINS]
    return ColumnProfile(
        name=column.name,
        kind=column.kind,
        missing_share=_share(~present),
        n_distinct=len(counts),
        top=tuple((str(levels[i])[:TOP_TEXT], int(counts[i])) for i in ranked[:N_TOP]),
        n_words=_mean_words(levels, counts) if column.kind == "text" else None,
        counts=tuple(counts[ranked].tolist()),
        is_near_unique=_is_near_unique(counts),
    )


def _of_raw(column: Column, series: pd.Series) -> ColumnProfile:
    import pandas as pd

    from autorecipe.data.cells import to_categories

    labels = to_categories(series, column)
    codes = np.where(labels == "", -1, pd.factorize(labels)[0])
    return _of_levels(column, labels, codes)


def _mean_words(texts: NDArray[np.object_], counts: NDArray[np.int64]) -> float:
    n_words = np.array([len(str(text).split()) for text in texts], dtype=np.float64)
    return float(n_words @ counts) / max(1, int(counts.sum()))


def _share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean()) if len(mask) else 0.0
