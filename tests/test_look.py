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


def test_columns_are_searched_for_images_once(shop, monkeypatch):
    from autorecipe import intake

    searched = []
    monkeypatch.setattr(intake, "with_images", lambda table, config: searched.append(table.name) or table)
    look(shop, Config(target="bought"))
    assert searched == ["shop"]


def test_rows_without_a_target_are_a_finding_with_their_share_of_the_whole_table(shop):
    frame = shop.frame.astype({"bought": object})
    frame.loc[:7, "bought"] = None
    found = look(from_frame(frame, name="shop"), Config(target="bought")).run.profile.findings
    (finding,) = [f for f in found if f.code == "D033"]
    assert (finding.severity, finding.measured) == ("warn", 0.1)
    assert "no readable bought in 8 rows (10 %; limit 1 %)" in finding.message
