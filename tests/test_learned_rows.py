"""Rows that a model learned from flatter it, and an evaluation says so."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config
from autorecipe.data.split import save_split
from autorecipe.data.tables import read_table
from autorecipe.intake import take_in
from autorecipe.learned_rows import (
    NOT_COMPARED,
    OWN_TEST,
    HeldBeside,
    hold_beside,
    learned_image_notes,
    others_note,
)
from autorecipe.loaded import Predictions
from autorecipe.record.run import Run
from autorecipe.testing import make_run

N_ROWS = 200


@dataclasses.dataclass(frozen=True)
class Fitted:
    """A run of a table as far as it knows its rows."""

    run: Run
    directory: Path
    frame: pd.DataFrame
    learned: np.ndarray
    test: np.ndarray

    def beside(self, frame: pd.DataFrame, name: str = "rows.csv") -> HeldBeside:
        path = self.directory / name
        frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
        return hold_beside(self.run, self.directory, read_table(path))

    def notes(self, frame: pd.DataFrame, name: str = "rows.csv") -> tuple[str, ...]:
        return self.beside(frame, name).notes


def fitted(folder: Path, frame: pd.DataFrame, config: Config | None = None) -> Fitted:
    path = folder / "shop.csv"
    frame.to_csv(path, index=False)
    config = config or Config(target="bought")
    intake = take_in(str(path), config)
    save_split(folder / "split.npz", intake.split)
    run = dataclasses.replace(make_run(config=config), data=intake.data, schema=intake.schema)
    return Fitted(run, folder, frame, intake.split.non_test, intake.split.test)


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.uniform(18, 90, N_ROWS).round(2),
            "visits": rng.integers(0, 50, N_ROWS).astype(float),
            "city": rng.choice(["Bern", "Genf"], N_ROWS),
            "bought": rng.choice(["no", "yes"], N_ROWS),
        }
    )


@pytest.fixture
def shop(tmp_path, frame) -> Fitted:
    return fitted(tmp_path, frame)


def test_rows_that_were_learned_from_are_counted(shop):
    (note,) = shop.notes(pd.concat([shop.frame.iloc[shop.learned[:30]], shop.frame.iloc[shop.test[:10]]]))
    assert note.startswith("the model learned from 30 of these 40 rows")
    assert note.endswith("the scores flatter it")


def test_the_run_s_own_file_is_known_but_for_its_test_rows(shop):
    (note,) = shop.notes(shop.frame)
    assert note.startswith(f"the model learned from {len(shop.learned)} of these {N_ROWS} rows")


def test_rows_that_were_locked_away_flatter_nothing_and_are_called_the_run_s_own(shop):
    assert shop.notes(shop.frame.iloc[shop.test]) == (OWN_TEST,)


def test_another_feature_makes_another_row(shop):
    learned = shop.frame.iloc[shop.learned]
    assert shop.notes(learned.assign(age=learned["age"] + 0.001)) == ()


def test_rows_that_were_learned_with_another_answer_are_counted(shop):
    learned = shop.frame.iloc[shop.learned]
    others = learned.iloc[:30].assign(bought=np.where(learned.iloc[:30]["bought"] == "yes", "no", "yes"))
    (note,) = shop.notes(others)
    assert note == "30 of these 30 rows were learned with another target (equal in every feature)"
    both = shop.notes(pd.concat([others, learned.iloc[30:40]]))
    assert both[0].startswith("the model learned from 10 of these 40 rows")
    assert both[1].startswith("30 of these 40 rows were learned with another target")


def test_the_rows_that_were_not_learned_are_scored_alone_where_there_are_enough(shop):
    beside = shop.beside(shop.frame)
    assert beside.are_test
    assert len(beside.others) == len(shop.test)

    def predict(rows: pd.DataFrame) -> Predictions:
        return Predictions(labels=np.array([]), probabilities=np.tile([0.4, 0.6], (len(rows), 1)))

    (note,) = others_note(SimpleNamespace(run=shop.run, predict=predict), beside)
    said = f"on the {len(shop.test)} rows that it did not learn from, the run's own test rows: ROC AUC 0.500"
    assert note.startswith(said)
    few = shop.beside(pd.concat([shop.frame.iloc[shop.learned[:30]], shop.frame.iloc[shop.test[:10]]]))
    assert others_note(SimpleNamespace(run=shop.run, predict=predict), few) == ()


def test_it_does_not_matter_how_a_file_writes_its_cells(shop):
    learned = shop.frame.iloc[shop.learned[:20]]
    typed = learned.assign(visits=learned["visits"].astype(int))
    for rows, name in ((typed, "whole.csv"), (typed, "typed.parquet"), (typed[typed.columns[::-1]], "turned.csv")):
        assert shop.notes(rows, name)[0].startswith("the model learned from 20 of these 20 rows")


def test_rows_without_a_target_do_not_count(shop):
    rows = shop.frame.iloc[shop.learned[:20]].reset_index(drop=True)
    rows.loc[:4, "bought"] = ""
    assert shop.notes(rows)[0].startswith("the model learned from 15 of these 15 rows")


def test_rows_that_are_alike_by_nature_are_no_alarm(tmp_path):
    rng = np.random.default_rng(1)
    few = pd.DataFrame({"sex": rng.choice(["f", "m"], N_ROWS), "bought": rng.choice(["no", "yes"], N_ROWS)})
    assert fitted(tmp_path, few).notes(few.iloc[:50]) == ()


def test_learned_rows_are_counted_where_most_of_them_repeat_but_not_all(tmp_path):
    random = np.random.default_rng(1)
    often = random.integers(0, 40, 160)
    age = np.concatenate([often, 100 + np.arange(40)])[random.permutation(N_ROWS)]
    few = pd.DataFrame({"age": age.astype(float), "bought": np.where(age % 2 == 0, "no", "yes")})
    own = fitted(tmp_path, few)
    (note,) = own.notes(few.iloc[own.learned])
    assert note.startswith(f"the model learned from {len(own.learned)} of these {len(own.learned)} rows")
    assert own.notes(few.iloc[own.test]) == ()


def test_it_does_not_matter_how_a_file_writes_its_dates(tmp_path, frame):
    days = pd.date_range("2024-01-01", periods=N_ROWS)
    shop = fitted(tmp_path, frame.assign(day=days.strftime("%Y-%m-%d")))
    assert shop.run.schema.column("day").kind == "datetime"
    learned = shop.frame.iloc[shop.learned[:20]]
    for rows, name in (
        (learned.assign(day=pd.to_datetime(learned["day"])), "typed.parquet"),
        (learned.assign(day=learned["day"] + " 00:00:00"), "times.csv"),
    ):
        assert shop.notes(rows, name)[0].startswith("the model learned from 20 of these 20 rows")


def test_a_test_file_of_one_s_own_was_not_learned_from(tmp_path, frame):
    frame.iloc[150:].to_csv(tmp_path / "test.csv", index=False)
    config = Config(target="bought", test_share=0.0, test_path=str(tmp_path / "test.csv"))
    shop = fitted(tmp_path, frame.iloc[:150], config)
    assert shop.notes(frame.iloc[150:]) == (OWN_TEST,)
    assert shop.notes(frame.iloc[140:])[0].startswith("the model learned from 10 of these 60 rows")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda shop: Path(shop.run.data.path).unlink(), "is not found from here"),
        (lambda shop: shop.frame.iloc[:50].to_csv(shop.run.data.path, index=False), "has changed since"),
        (lambda shop: Path(shop.run.data.path).write_bytes(gzip.compress(b"")), ""),
    ],
    ids=["gone", "changed", "damaged"],
)
def test_where_the_rows_are_gone_it_is_said_that_it_cannot_be_known(shop, spoil, why):
    spoil(shop)
    (note,) = shop.notes(shop.frame.iloc[:10])
    assert note.startswith("whether the model learned from some of these rows cannot be known: ")
    assert why in note


def test_a_table_in_memory_cannot_be_known(shop):
    in_memory = dataclasses.replace(shop.run, data=dataclasses.replace(shop.run.data, path=""))
    (note,) = dataclasses.replace(shop, run=in_memory).notes(shop.frame)
    assert note.endswith("cannot be known: it was fitted on a table in memory")


def test_the_run_s_own_images_were_learned_from_and_others_are_not_compared(shop):
    (note,) = learned_image_notes(shop.run, shop.directory, shop.run.data.path)
    assert note.startswith(f"the model learned from {len(shop.learned)} images of this place")
    assert learned_image_notes(shop.run, shop.directory, "elsewhere") == (NOT_COMPARED,)
