"""Columns of new rows that mean nothing to a model are named, and nothing out of the ordinary is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config
from autorecipe.data.infer import infer_schema
from autorecipe.preprocessing.spec import EncodeSpec, fit_encode
from autorecipe.profile.statistics import number_profile
from autorecipe.record.profile import ColumnProfile, Profile
from autorecipe.unknown_cells import unknown_notes

N_ROWS = 400


def rows(seed: int, n_rows: int = N_ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "sex": rng.choice(["female", "male"], n_rows),
            "fare": rng.lognormal(3, 1, n_rows).round(2),
            "power": np.char.add(rng.integers(40, 200, n_rows).astype(str), rng.choice([" bhp", " PS"], n_rows)),
            "street": [f"street {x}" for x in rng.zipf(1.3, n_rows)],
            "parcel": [f"parcel {x}" for x in rng.integers(0, 2000, n_rows)],
            "sold": rng.choice(["no", "yes"], n_rows),
        }
    )


def learned() -> tuple[EncodeSpec, Profile]:
    frame = rows(0)
    schema = infer_schema(frame, Config(target="sold", types=(("street", "categorical"), ("parcel", "categorical"))))
    known = []
    for column in schema.features:
        if column.name == "fare":
            known.append(number_profile(column, frame["fare"].to_numpy()))
            continue
        n_distinct = frame[column.name].nunique()
        known.append(ColumnProfile(name=column.name, kind=column.kind, missing_share=0.0, n_distinct=n_distinct))
    profile = Profile(n_rows=N_ROWS, columns=tuple(known), outcomes=(), findings=())
    return fit_encode(frame, schema), profile


def notes(frame: pd.DataFrame) -> tuple[str, ...]:
    return unknown_notes(frame, *learned())


@pytest.mark.parametrize("seed", range(1, 9))
def test_rows_like_those_of_training_are_told_nothing_of(seed):
    assert notes(rows(seed)) == ()
    assert notes(rows(seed, 10)) == ()


def test_levels_in_capitals_are_not_those_that_were_learned():
    frame = rows(1)
    (note,) = notes(frame.assign(sex=frame["sex"].str.upper()))
    assert note.startswith("sex: 400 of 400 cells hold levels that were not learned, as '")
    assert "'female'" in note
    assert note.endswith("is it spelled otherwise?")


def test_a_few_unknown_levels_are_nothing_out_of_the_ordinary():
    frame = rows(1)
    assert notes(frame.assign(sex=frame["sex"].where(frame.index >= 190, "unknown to it"))) == ()


def test_a_column_that_shows_new_levels_for_ever_is_left_alone():
    frame = rows(1)
    assert notes(frame.assign(parcel=[f"plot {i}" for i in range(N_ROWS)])) == ()


def test_numbers_in_another_unit_are_told_with_both_medians():
    frame = rows(1)
    (note,) = notes(frame.assign(fare=frame["fare"] * 1000))
    assert note.startswith("fare: ")
    assert "far outside those of training" in note
    assert "another unit?" in note


def test_words_in_a_number_s_place_are_told_unless_they_were_learned():
    frame = rows(1)
    (note,) = notes(frame.assign(power="strong"))
    assert note == "power: 400 of 400 cells are not read as a number, as 'strong'; they count as missing"


def test_a_unit_that_was_not_learned_is_told():
    frame = rows(1)
    (note,) = notes(frame.assign(power=frame["power"].str.replace(" bhp", " kW").str.replace(" PS", " kW")))
    assert note.startswith("power: 400 of 400 cells hold the unit or word 'kw', as '")
    assert note.endswith("which was not learned (learned: 'bhp', 'ps')") or note.endswith("(learned: 'ps', 'bhp')")


def test_a_column_that_is_all_empty_is_told():
    (note,) = notes(rows(1).assign(fare=np.nan))
    assert note == "fare: all 400 cells are empty, while 100 % were filled in training"


def test_a_few_rows_say_nothing_of_a_column():
    assert notes(rows(1, 9).assign(sex="FEMALE")) == ()


def test_columns_beyond_the_first_are_named_in_one_line():
    frame = pd.DataFrame({f"c{i}": ["a", "b"] * 50 for i in range(9)} | {"y": ["no", "yes"] * 50})
    schema = infer_schema(frame, Config(target="y"))
    known = tuple(ColumnProfile(name=c.name, kind=c.kind, missing_share=0.0, n_distinct=2) for c in schema.features)
    profile = Profile(n_rows=100, columns=known, outcomes=(), findings=())
    found = unknown_notes(frame.map(str.upper), fit_encode(frame, schema), profile)
    assert len(found) == 6
    assert found[-1] == "4 more columns are no better known: c5, c6, c7, c8"
