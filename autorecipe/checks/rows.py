"""The training rows as checks see them: parsed, numbered, and scored once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.conflicts import Conflicts, find_conflicts
from autorecipe.checks.correlation import find_groups
from autorecipe.checks.parse import ParsedFeatures, hash_rows, level_codes, parse_features
from autorecipe.checks.single_feature import (
    N_FOLDS,
    Feature,
    Score,
    number_feature,
    score_classes,
    score_number,
)
from autorecipe.checks.structure import Structure
from autorecipe.config import Config
from autorecipe.data.near_rows import NearRows
from autorecipe.data.schema import Column, Schema
from autorecipe.record.profile import ColumnGroup
from autorecipe.row_words import row_noun

if TYPE_CHECKING:
    import pandas as pd

SCORED_ROWS = 20_000  # rows that single-feature scores look at: AUC is then known to about 0.005
# more equal rows are what a table is like, and kept together they would unbalance the folds
TWINS_SHARE = 0.02  # of a class's rows
FEW_TWINS = 5
RARE_CLASS_ROWS = 1_000  # of a rarer class, up to so many rows are scored beside the random sample

Target = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)  # not slotted: cached_property needs a __dict__
class TrainingRows:
    """The rows to learn from, and what checks need to know about the others.

    Attributes
    ----------
    config : Config
        What the user asked for.
    frame : DataFrame
        Raw cells of the rows whose target is known.
    features : ParsedFeatures
        The same rows' features, parsed.
    target : ndarray, shape (n_rows,)
        Class numbers in the order of `schema.classes` (int64), or the number to predict (float64).
    row_numbers : int ndarray, shape (n_rows,)
        Rows of the file, from 1, the header not counted.
    n_without_target : int
        Rows left out because their target is missing or not readable, those of a test file not counted.
    other_frame : DataFrame or None
        Raw cells of the validation and test rows.
    other_target : ndarray or None, shape (n_other,)
    n_scored : int
        Rows that a decision is scored on: the validation rows, or all of these under cross-validation.
    names : tuple of str
        Of the images, shape (n_rows,), where rows are images; else empty.
    near_rows : NearRows or None
        How the other rows lie to these ones, where the split was drawn with it in view.
    is_against : bool
        Whether the other rows are a second table, held against this one, of which no model is scored.
    """

    schema: Schema
    config: Config
    frame: pd.DataFrame
    features: ParsedFeatures
    target: Target
    row_numbers: NDArray[np.int64]
    n_without_target: int = 0
    other_frame: pd.DataFrame | None = None
    other_target: Target | None = None
    n_scored: int = 0
    names: tuple[str, ...] = ()
    near_rows: NearRows | None = None
    is_against: bool = False

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.target)

    @property
    def is_regression(self) -> bool:
        """Whether the target is a number."""
        return self.schema.task == "regression"

    @property
    def noun(self) -> str:
        """What a row is called: "row" or "image"."""
        return row_noun("image" if self.names else "table")

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The feature columns."""
        return self.schema.features

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """Return the names of the features of these kinds."""
        return tuple(c.name for c in self.columns if c.kind in kinds)

    @cached_property
    def class_counts(self) -> NDArray[np.int64]:
        """Rows of each class, shape (n_classes,)."""
        return np.bincount(self.target.astype(np.int64), minlength=len(self.schema.classes))

    @cached_property
    def codes(self) -> dict[str, NDArray[np.int64]]:
        """Distinct values of each feature, numbered as they appear; -1 where missing, shape (n_rows,)."""
        import pandas as pd

        codes = {}
        for column in self.columns:
            if column.name in self.features.numbers:
                codes[column.name] = pd.factorize(self.features.numbers[column.name])[0]
            else:
                found = level_codes(self.features, column.name)
                codes[column.name] = np.where(self.features.missing[column.name], -1, found)
        return codes

    @cached_property
    def counts(self) -> dict[str, NDArray[np.int64]]:
        """Rows of each distinct value of each feature, missing cells not counted."""
        counts = {name: np.bincount(codes[codes >= 0]) for name, codes in self.codes.items()}
        return {name: c[c > 0] for name, c in counts.items()}

    @cached_property
    def row_hashes(self) -> NDArray[np.uint64]:
        """Hash of each row's features, shape (n_rows,): equal for rows that a model cannot tell apart."""
        return hash_rows(self.features, self.n_rows)

    @cached_property
    def other_features(self) -> ParsedFeatures | None:
        """The features of the validation and test rows, parsed; None without such rows."""
        return None if self.other_frame is None else parse_features(self.other_frame, self.schema)

    @cached_property
    def other_row_hashes(self) -> NDArray[np.uint64]:
        """The same of the validation and test rows, shape (n_other,)."""
        if self.other_frame is None or self.other_features is None:
            return np.zeros(0, dtype=np.uint64)
        return hash_rows(self.other_features, len(self.other_frame))

    @cached_property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """Numeric features that say nearly the same."""
        return find_groups({c: self.features.numbers[c] for c in self.of_kind("numeric")}, seed=self.config.seed)

    @cached_property
    def conflicts(self) -> Conflicts:
        """Equal rows with different targets."""
        return find_conflicts(self.row_hashes, self.target, is_regression=self.is_regression)

    @cached_property
    def structure(self) -> Structure:
        """Noise, groups and time, each looked for when it is first asked for."""
        return Structure(rows=self)

    @cached_property
    def scored_rows(self) -> NDArray[np.int64]:
        """Places of the rows that single-feature scores look at, a seeded sample beyond SCORED_ROWS."""
        if self.n_rows <= SCORED_ROWS:
            return np.arange(self.n_rows)
        random = np.random.default_rng(self.config.seed)
        shuffled = random.permutation(self.n_rows)
        chosen, rest = shuffled[:SCORED_ROWS], shuffled[SCORED_ROWS:]
        if not self.is_regression:
            for label in np.flatnonzero(self.class_counts):
                lacking = RARE_CLASS_ROWS - int((self.target[chosen] == label).sum())
                chosen = np.append(chosen, rest[self.target[rest] == label][: max(lacking, 0)])
        return np.sort(chosen)

    @cached_property
    def folds(self) -> NDArray[np.int64]:
        """Fold of each scored row, shape (len(scored_rows),): equal rows share one, and declared groups do.

        Rows equal to over TWINS_SHARE of the rows of their class do not: they are what the table is like.
        """
        groups = self._groups()
        _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
        random = np.random.default_rng(self.config.seed)
        order = np.lexsort((random.random(len(first)), self.target[self.scored_rows][first]))
        fold_of_group = np.empty(len(first), dtype=np.int64)
        fold_of_group[order] = np.arange(len(first)) % N_FOLDS
        return np.asarray(fold_of_group[inverse])

    def _groups(self) -> NDArray[np.int64]:
        import pandas as pd

        declared = next((c.name for c in self.schema.columns if c.role == "group"), None)
        if declared is not None:
            return np.asarray(pd.factorize(self.frame[declared])[0][self.scored_rows], dtype=np.int64)
        groups = pd.factorize(self.row_hashes[self.scored_rows])[0]
        n_twins = np.bincount(groups)[groups]
        alike = len(groups) if self.is_regression else self.class_counts[self.target[self.scored_rows]]
        common = n_twins > np.maximum(FEW_TWINS, TWINS_SHARE * alike)
        return np.where(common, len(groups) + np.arange(len(groups)), groups)

    @cached_property
    def scores(self) -> dict[str, Score]:
        """Out-of-fold score of each feature alone; text columns are left out."""
        features = {c.name: c.kind for c in self.columns if c.kind != "text"}
        return self.score_each({name: self.feature(name) for name in features})

    @cached_property
    def missing_scores(self) -> dict[str, Score]:
        """Out-of-fold score of the mark "this cell is missing", where some cells are."""
        marks = {
            name: Feature(codes=missing[self.scored_rows].astype(np.int64))
            for name, missing in self.features.missing.items()
            if missing.any() and not missing.all()
        }
        return self.score_each(marks)

    def score_each(self, features: dict[str, Feature]) -> dict[str, Score]:
        """Score features of the scored rows, each alone; those that cannot be scored are left out."""
        target = self.target[self.scored_rows]
        found: dict[str, Score | None] = {}
        for name, feature in features.items():
            if self.is_regression:
                found[name] = score_number(feature, target.astype(np.float64), self.folds)
            else:
                found[name] = score_classes(feature, target.astype(np.int64), self.folds)
        return {name: score for name, score in found.items() if score is not None}

    def feature(self, name: str) -> Feature:
        """Return the scored rows' bins or levels of a feature."""
        if name in self.features.numbers:
            return number_feature(self.features.numbers[name][self.scored_rows])
        codes = np.unique(self.codes[name][self.scored_rows], return_inverse=True)[1]
        return Feature(codes=codes.astype(np.int64))


def training_rows(
    frame: pd.DataFrame,
    *,
    other_frame: pd.DataFrame | None,
    schema: Schema,
    config: Config,
    row_numbers: NDArray[np.int64] | None = None,
    n_scored: int | None = None,
) -> TrainingRows:
    """Parse the training rows; those without a readable target are counted and left out.

    Parameters
    ----------
    frame, other_frame : DataFrame
        Raw cells of the training rows, and of the validation and test rows together.
    row_numbers : int ndarray or None, shape (n_rows,)
        Rows of the file, from 1; None numbers them as they come.
    n_scored : int or None
        Rows that a decision is scored on; None for all training rows (cross-validation).
    """
    target, known = read_target(frame, schema)
    numbers = np.arange(1, len(frame) + 1) if row_numbers is None else np.asarray(row_numbers)
    kept = frame if known.all() else frame[known]
    return TrainingRows(
        schema=schema,
        config=config,
        frame=kept,
        features=parse_features(kept, schema),
        target=target[known],
        row_numbers=numbers[known],
        n_without_target=int((~known).sum()),
        other_frame=other_frame,
        other_target=None if other_frame is None else read_target(other_frame, schema)[0],
        n_scored=int(known.sum()) if n_scored is None else n_scored,
    )


def read_target(frame: pd.DataFrame, schema: Schema) -> tuple[Target, NDArray[np.bool_]]:
    """Read the target of raw rows.

    Returns
    -------
    target : int64 or float64 ndarray, shape (n_rows,)
        Class numbers in the order of `schema.classes` (-1 where unknown), or the numbers to predict.
    known : bool ndarray, shape (n_rows,)
        Whether the target is there and readable.
    """
    from autorecipe.data.cells import to_categories, to_numbers

    column = schema.column(schema.target)
    series = frame[column.name]
    if schema.task == "regression":
        numbers = to_numbers(series, column)
        return numbers, np.isfinite(numbers)
    place = {label: code for code, label in enumerate(schema.classes)}
    codes = np.array([place.get(label, -1) for label in to_categories(series, column)], dtype=np.int64)
    return codes, codes >= 0
