from __future__ import annotations

import dataclasses
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.change import Change
from autorecipe.config import Config, Cost
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.record.run import SCHEMA_VERSION, Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Decision, Fit, History, Trial
from autorecipe.store.codec import decode, encode, read_run
from autorecipe.testing import make_run


def full_run() -> Run:
    recipe = Recipe(width=32)
    fit = Fit(key="k", fold=0, history=History(train_loss=(1.0, 0.5)))
    change = Change(edits=(("width", 32), ("dropout", 0.5), ("normalization", "none")), title="smaller")
    stage = StageResult(
        stage="overfit",
        question="?",
        start=Recipe(),
        end=recipe,
        best=Trial(name="net", recipe=recipe, fits=(fit,)),
        decisions=(Decision(change=change, kept=True, effect=0.1, error=0.05, rule="r"),),
    )
    return make_run(config=Config(cost=Cost(fn=5, fp=1), types=(("a", "text"),)), stages=(stage,))


def test_a_run_comes_back_equal():
    assert decode(encode(full_run()), Run) == full_run()


@settings(max_examples=50, deadline=None)
@given(st.floats(), st.lists(st.floats(), max_size=4))
def test_every_number_comes_back_finite_or_not(loss, losses):
    fit = Fit(key="k", fold=0, train_loss=loss, history=History(train_loss=tuple(losses)))
    back = decode(encode(fit), Fit)
    assert repr(back) == repr(fit)


def test_numbers_of_numpy_come_back_as_plain_ones():
    fit = Fit(key="k", fold=np.int64(2), train_loss=np.float32(0.5), validation_loss=np.float64("nan"))
    back = decode(encode(fit), Fit)
    assert (type(back.fold), back.fold, back.train_loss) == (int, 2, 0.5)
    assert math.isnan(back.validation_loss)


def test_what_is_no_plain_value_is_refused():
    with pytest.raises(TypeError, match="plain values, not ndarray"):
        encode(Fit(key="k", fold=0, cause=np.zeros(2)))  # type: ignore[arg-type]  # the point of the test


def test_a_newer_run_is_refused_with_both_versions(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(encode(dataclasses.replace(full_run(), schema_version=SCHEMA_VERSION + 1)))
    with pytest.raises(UserError, match=rf"newer AutoRecipe: schema version {SCHEMA_VERSION + 1}, this one reads"):
        read_run(path)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'"\xff"', b'{"schema_version": 1}'])
def test_a_damaged_run_is_refused(tmp_path, data):
    (tmp_path / "run.json").write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        read_run(tmp_path / "run.json")


def test_a_missing_run_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"the one that holds run\.json"):
        read_run(tmp_path / "run.json")


def test_run_json_is_json_that_programs_read():
    raw = msgspec.json.decode(encode(full_run()))
    assert raw["schema_version"] == SCHEMA_VERSION
    assert raw["data"]["name"] == "shop"
