from __future__ import annotations

import numpy as np
import pytest
from table_builder import chance, make_rows

from autorecipe.checks import d021_label_errors
from autorecipe.checks.check import NotApplicable

N = 2_000


def table(*, flipped=0.0, steepness=6.0, offset=0.0, seed=0):
    random = chance(seed)
    values = random.normal(size=(N, 3))
    likely = 1 / (1 + np.exp(-steepness * (values[:, 0] + values[:, 1] - offset)))
    label = random.random(N) < likely
    wrong = random.random(N) < flipped
    cells = {"a": values[:, 0], "b": values[:, 1], "c": values[:, 2]}
    return make_rows(cells, target=np.where(label ^ wrong, "yes", "no")), np.flatnonzero(wrong) + 1


def test_flipped_labels_are_found_and_the_surest_rows_named():
    rows, wrong = table(flipped=0.1, steepness=40.0)
    (found,) = d021_label_errors.find(rows)
    assert found.severity == "warn"
    assert "look wrong" in found.message
    assert "expected" in found.message
    assert len(set(found.rows) & set(wrong.tolist())) >= 9


def test_a_few_flipped_labels_are_a_note():
    rows, _ = table(flipped=0.04, steepness=40.0)
    (found,) = d021_label_errors.find(rows)
    assert found.severity == "info"


@pytest.mark.parametrize(("steepness", "offset"), [(6.0, 0.0), (2.0, 0.0), (1.5, 2.5), (20.0, 0.0)])
def test_labels_that_are_hard_by_nature_are_left_alone(steepness, offset):
    assert d021_label_errors.find(table(steepness=steepness, offset=offset, seed=3)[0]) == ()


def test_noise_cannot_doubt_labels():
    with pytest.raises(NotApplicable, match="no simple model"):
        d021_label_errors.find(table(steepness=0.0)[0])


def test_a_number_has_no_labels():
    with pytest.raises(NotApplicable, match="the target is a number"):
        d021_label_errors.find(make_rows({"a": chance().normal(size=N)}, target=chance().normal(size=N)))
