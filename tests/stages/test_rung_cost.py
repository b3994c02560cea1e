from __future__ import annotations

import dataclasses

import pytest

from autorecipe.record.run import Run
from autorecipe.stages.rung_cost import boosting_s, boosts_first, is_linear_cheap, linear_s
from autorecipe.testing import make_run


def with_rows(n_train: int, *, task="binary") -> Run:
    run = make_run(task=task)
    return dataclasses.replace(run, split=dataclasses.replace(run.split, n_train=n_train))


def test_a_linear_model_of_a_small_table_is_cheap_and_one_of_many_cells_is_not():
    long = with_rows(100_000)
    assert is_linear_cheap(with_rows(700))
    assert not is_linear_cheap(
        dataclasses.replace(long, schema=dataclasses.replace(long.schema, columns=long.schema.columns * 20))
    )


def test_above_its_sample_more_rows_do_not_make_a_linear_model_dearer():
    assert linear_s(with_rows(100_000)) == linear_s(with_rows(10_000_000))


def test_more_rows_and_more_classes_make_the_baselines_dearer():
    few, many = with_rows(1_000), with_rows(50_000)
    assert linear_s(few) < linear_s(many)
    assert boosting_s(few) < boosting_s(many)
    assert linear_s(with_rows(50_000)) < linear_s(with_rows(50_000, task="multiclass"))


@pytest.mark.parametrize(("share", "is_first"), [(0.2, True), (0.29, True), (0.31, False), (1.0, False)])
def test_gradient_boosting_comes_before_the_network_where_it_leaves_that_most_of_the_time(share, is_first):
    run = with_rows(5_000)
    assert boosts_first(run, boosting_s(run) / share) is is_first
