"""Columns whose equal cells may mark rows of one thing: one patient, one machine, one household."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.cheap_model import outputs
from autorecipe.data.cells import to_text
from autorecipe.data.keys import NUMBERED, before_separator
from autorecipe.data.names import is_key, word_set, words
from autorecipe.data.schema import Column

if TYPE_CHECKING:
    import pandas as pd

    from autorecipe.checks.rows import TrainingRows

Candidate = tuple[Column, NDArray[np.int64], bool]  # its codes, and whether they are of a prefix
MIN_ROWS_PER_VALUE = 1.5  # below, hardly a row has a companion; choice
MIN_GROUPS = 20  # fewer cannot say how much a score varies from group to group; choice
MIN_DENSITY = 0.2  # values per step of numbers that are given out one after the other; choice
ORDER_Z = 3.0  # standard deviations beyond chance from which the order of values tells the target; choice
MIN_PREFIXED = 0.95  # of the cells: the others may be typed in wrongly
N_TRIED = 200  # cells that are looked at before all are
# Things that are measured, asked or visited more than once; a name with one of them says what the rows share.
ENTITIES = word_set("""
    subject subjects patient person people participant respondent user customer client member employee worker student
    pupil child player driver passenger author speaker writer reader rater mother family household home house animal
    mouse mice rat dog cow sheep plant tree field plot farm site station sensor device machine engine unit vehicle car
    truck ship plane battery cell well hole lot batch sample specimen slide scan image video recording session case
    account card company firm vendor supplier seller merchant store shop branch clinic hospital doctor physician school
    class teacher team group cluster block
""")
NUMBER_WORDS = word_set("id ids no nr nbr num number code key name label")  # what follows the thing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupKey:
    """A column that may be a key.

    Attributes
    ----------
    codes : int ndarray, shape (n_rows,)
        Number of each row's value; -1 where the cell is missing.
    is_prefix : bool
        Whether the value is what stands before the last separator of the cell.
    is_named : bool
        Whether it is an id or called like one, or is called like a thing that has several rows and is not measured.
    is_number : bool
        Whether the cells are numbers, which are measurements more often than keys.
    explained : float
        Share of the target's variance between the groups, by degrees of freedom.
    """

    column: str
    codes: NDArray[np.int64]
    is_prefix: bool
    is_named: bool
    is_number: bool
    explained: float

    @property
    def n_groups(self) -> int:
        """Number of values."""
        return int(self.codes.max()) + 1


def group_keys(rows: TrainingRows) -> list[GroupKey]:
    """Return the columns that may be keys: named ones first, then texts, then by what they explain of the target."""
    target = outputs(rows)
    found = [
        _key(column, codes, target, is_prefix=is_prefix, is_measured=is_measurement(rows, column))
        for column, codes, is_prefix in _without_repeated(list(_candidates(rows)))
    ]
    return sorted(found, key=lambda key: (not key.is_named, key.is_number, -key.explained))


def _key(
    column: Column, codes: NDArray[np.int64], target: NDArray[np.float64], *, is_prefix: bool, is_measured: bool
) -> GroupKey:
    is_id = column.kind == "id" or is_key(column.name)
    return GroupKey(
        column=column.name,
        codes=codes,
        is_prefix=is_prefix,
        is_named=is_id or (names_a_thing(column.name) and not is_measured),
        is_number=column.kind == "numeric",
        explained=explained(codes, target),
    )


def is_measurement(rows: TrainingRows, column: Column) -> bool:
    """Is a number measured ("Engine": 1248 cc), rather than the number of a thing ("engine": 17)?

    It is where its cells carry a unit; and where its values lie far apart, as numbers that are given out do not, and
    their order tells the target: who is patient 20,417 says nothing of patient 20,431.
    """
    if column.kind != "numeric":
        return False
    if column.number_rule not in ("", "plain"):
        return True
    values = np.unique(rows.features.numbers[column.name])
    values = values[np.isfinite(values)]
    if len(values) >= MIN_DENSITY * (values[-1] - values[0] + 1):
        return False
    return order_z(rows.features.numbers[column.name], outputs(rows)) > ORDER_Z


def order_z(numbers: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    """Return by how many standard deviations means of the target at neighbouring values are nearer than by chance.

    The sum of squared successive differences over that of squared deviations is 2 by chance, with a variance of
    4 (n - 2) / ((n - 1)(n + 1)) for n means (von Neumann 1941); of several outputs the best is taken.

    Parameters
    ----------
    numbers : float ndarray, shape (n_rows,)
    target : float ndarray, shape (n_rows, n_outputs)
    """
    known = np.isfinite(numbers)
    codes = np.unique(numbers[known], return_inverse=True)[1]
    n = int(codes.max(initial=-1)) + 1
    if n < 3:
        return 0.0
    sizes = np.bincount(codes)
    means = np.stack([np.bincount(codes, weights=output[known]) / sizes for output in target.T])
    squares = ((means - means.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    ratio = (np.diff(means, axis=1) ** 2).sum(axis=1) / np.maximum(squares, 1e-300)
    return float((2 - ratio[squares > 0]).max(initial=0.0) / np.sqrt(4 * (n - 2) / ((n - 1) * (n + 1))))


def names_a_thing(name: str) -> bool:
    """Is a column called like a thing that has several rows?

    >>> names_a_thing("subject#"), names_a_thing("Store Nbr"), names_a_thing("unit price")
    (True, True, False)
    """
    found = list(words(name))
    while len(found) > 1 and found[-1] in NUMBER_WORDS:
        found.pop()
    return bool(found) and found[-1] in ENTITIES


def _without_repeated(found: list[Candidate]) -> list[Candidate]:
    """Leave out prefixes that another column holds already."""
    columns = [codes for _, codes, is_prefix in found if not is_prefix]
    return [c for c in found if not (c[2] and any(np.array_equal(c[1], codes) for codes in columns))]


def _candidates(rows: TrainingRows) -> Iterator[Candidate]:
    for column in rows.schema.columns:
        if column.role not in ("feature", "id", "dropped") or column.kind in ("datetime", "boolean", "text", "image"):
            continue
        codes = _codes(rows, column)
        if codes is None:
            continue
        if _repeats(codes):
            yield column, codes, False
        elif column.kind != "numeric":
            before = _prefixes(rows, column)
            if before is not None and _repeats(before):
                yield column, before, True


def _codes(rows: TrainingRows, column: Column) -> NDArray[np.int64] | None:
    """Number the values of a column; None where they are fractions."""
    import pandas as pd

    if column.name in rows.features.numbers:
        numbers = rows.features.numbers[column.name]
        finite = numbers[np.isfinite(numbers)]
        if not len(finite) or np.any(finite != np.round(finite)):
            return None
    if column.name in rows.codes:
        codes = rows.codes[column.name]
        return np.asarray(pd.factorize(np.where(codes < 0, np.nan, codes))[0], dtype=np.int64)
    texts = pd.Series(to_text(rows.frame[column.name])).str.strip()
    return np.asarray(pd.factorize(texts.mask(texts == ""))[0], dtype=np.int64)


def _repeats(codes: NDArray[np.int64]) -> bool:
    n, n_groups = int((codes >= 0).sum()), int(codes.max(initial=-1)) + 1
    return n_groups >= MIN_GROUPS and n >= MIN_ROWS_PER_VALUE * n_groups


def _prefixes(rows: TrainingRows, column: Column) -> NDArray[np.int64] | None:
    import pandas as pd

    texts = pd.Series(to_text(rows.frame[column.name])).str.strip()
    known = texts[texts != ""]
    if _prefixed(known.iloc[:N_TRIED]) < MIN_PREFIXED or _prefixed(known) < MIN_PREFIXED:
        return None
    before = before_separator(rows.frame[column.name])
    return np.asarray(pd.factorize(before.mask(before == ""))[0], dtype=np.int64)


def _prefixed(texts: pd.Series) -> float:
    return float(texts.str.fullmatch(NUMBERED).mean()) if len(texts) else 0.0


def explained(codes: NDArray[np.int64], target: NDArray[np.float64]) -> float:
    """Return the share of the target's variance that lies between groups, corrected for their number (epsilon squared).

    Kelley (1935): 0 is expected of groups that say nothing, however many they are.

    Parameters
    ----------
    codes : int ndarray, shape (n,)
        Group of each row; rows below 0 are not counted.
    target : float ndarray, shape (n, n_outputs)

    >>> round(explained(np.array([0, 0, 1, 1]), np.array([[1.0], [1.0], [2.0], [2.0]])), 2)
    1.0
    """
    known = codes >= 0
    codes, target = codes[known], target[known]
    sizes = np.bincount(codes)
    n, n_groups = len(codes), int((sizes > 0).sum())
    total = float(((target - target.mean(axis=0)) ** 2).sum())
    if n <= n_groups or total == 0:
        return 0.0
    within = total
    for column in (target - target.mean(axis=0)).T:
        within -= float((np.bincount(codes, weights=column) ** 2 / np.maximum(sizes, 1)).sum())
    return 1 - (within / (n - n_groups)) / (total / (n - 1))
