"""What two runs say of the same rows, and which of them says it better."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autorecipe.evaluate import Scored
from autorecipe.metrics.choose import metric_named
from autorecipe.metrics.intervals import MIN_UNITS, Rows, difference_with_error
from autorecipe.metrics.labelling import labelling_of, labels_at
from autorecipe.metrics.metric import Metric
from autorecipe.record.evaluation import Score
from autorecipe.record.run import Run
from autorecipe.store.arrays import read_arrays, write_arrays


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptRows:
    """The rows that a final model was scored on, with their truth and what it says of them.

    Attributes
    ----------
    rows : ndarray of shape (n_rows,), int64
        Their places in the data.
    """

    rows: NDArray[np.int64]
    scored: Scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Two runs on the rows that both were scored on.

    Attributes
    ----------
    difference : Score
        What the second gains over the first, oriented so that positive is better, with its 95 % interval.
    n_too_few : int
        Groups that the rows fall into, where these were too few to resample and the interval is of single rows; else 0.
    """

    n_rows: int
    difference: Score
    n_too_few: int = 0


def keep_rows(path: Path, kept: KeptRows) -> None:
    """Write scored rows to an npz file.

    Raises
    ------
    UserError
        When the file cannot be written.
    """
    scored = kept.scored
    arrays = {"rows": kept.rows, "y": np.asarray(scored.y), "prediction": scored.prediction.astype("float32")}
    if scored.rows.weight is not None:
        arrays["weight"] = np.asarray(scored.rows.weight, dtype="float32")
    if scored.rows.groups is not None:
        arrays["groups"] = np.asarray(scored.rows.groups)
    write_arrays(path, arrays)


def kept_rows(path: Path) -> KeptRows | None:
    """Read what `keep_rows` wrote; None where there is no such file.

    Raises
    ------
    UserError
        When the file is damaged.
    """
    if not path.exists():
        return None
    arrays = read_arrays(path)
    rows = Rows(weight=arrays.get("weight"), groups=arrays.get("groups"))
    scored = Scored(y=arrays["y"], prediction=arrays["prediction"].astype("float64"), rows=rows)
    return KeptRows(rows=arrays["rows"], scored=scored)


def paired_difference(
    runs: tuple[Run, Run], kept: tuple[KeptRows, KeptRows], *, metric: str, seed: int = 0
) -> Paired | None:
    """Return what the second run gains over the first on the rows that both were scored on.

    Resampled in pairs, whole groups where rows belong to groups and these are enough; None where the rows in common are
    fewer than ten.
    """
    _, first, second = np.intersect1d(kept[0].rows, kept[1].rows, assume_unique=True, return_indices=True)
    if len(first) < MIN_UNITS:
        return None
    measure = metric_named(metric, runs[0].schema.task)
    scored = kept[0].scored
    said = [
        _needed(measure, own.scored.prediction[places], run)
        for own, run, places in zip(kept, runs, (first, second), strict=True)
    ]
    weight, groups = (None if v is None else np.asarray(v)[first] for v in (scored.rows.weight, scored.rows.groups))
    rows = Rows(weight=weight, groups=groups)
    found = difference_with_error(measure, np.asarray(scored.y)[first], said[0], said[1], rows=rows, seed=seed)
    return Paired(
        n_rows=len(first),
        difference=Score(metric=metric, value=found.value, low=found.low, high=found.high),
        n_too_few=found.n_too_few,
    )


def _needed(metric: Metric, prediction: NDArray[np.float64], run: Run) -> NDArray[np.generic]:
    return labels_at(prediction, labelling_of(run.evaluation)) if metric.needs == "labels" else prediction
