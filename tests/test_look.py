from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config
from autorecipe.data.tables import from_frame
from autorecipe.errors import UserError
from autorecipe.look import look, timings


@pytest.fixture
def shop():
    random = np.random.default_rng(0)
    return from_frame(
        pd.DataFrame({"size": random.normal(size=80), "bought": random.choice(["no", "yes"], 80)}), name="shop"
    )


def test_timings_name_every_check_and_what_comes_before_the_longest_first(shop):
    seen = look(shop, Config(target="bought"))
    parts = timings(seen)
    assert [part.seconds for part in parts] == sorted((part.seconds for part in parts), reverse=True)
    assert {o.code for o in seen.run.profile.outcomes} == {part.code for part in parts} - {""}
    assert {"reading", "kinds of columns, split", "statistics, parsing"} == {p.title for p in parts if not p.code}


def test_a_look_trains_nothing(shop):
    assert [stage.stage for stage in look(shop, Config(target="bought")).run.stages] == ["profile"]


def test_a_table_has_no_pictures(shop, tmp_path):
    with pytest.raises(UserError, match="names no images to draw"):
        look(shop, Config(target="bought"), pictures=str(tmp_path))
