from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config
from autorecipe.data.roles import target_values, weights_of
from autorecipe.data.schema import Column, Schema
from autorecipe.data.tables import Table, from_frame
from autorecipe.errors import UserError
from autorecipe.intake import Intake, take_in

N = 60
RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(
    {
        "size": RANDOM.normal(10, 3, N).round(3),
        "town": RANDOM.choice(["Ulm", "Bonn", "Kiel"], N),
        "price": RANDOM.normal(500, 90, N).round(2),
        "sold": np.tile(["yes", "no", "no"], N // 3),
        "weight": np.tile([1.0, 2.0, 3.0], N // 3),
        "day": pd.date_range("2020-01-01", periods=N).strftime("%Y-%m-%d"),
        "agent": np.repeat([f"agent {i}" for i in range(12)], 5),
    }
)


def table(frame: pd.DataFrame = ROWS) -> Table:
    return from_frame(frame)


def taken(frame: pd.DataFrame = ROWS, *, target: str = "sold", **asked) -> Intake:
    return take_in(table(frame), Config(target=target, **asked))


def with_cells(column: str, cells: dict[int, object]) -> pd.DataFrame:
    """The rows with other cells in a column, by row number from 1."""
    changed = ROWS.astype({column: object})
    for row, cell in cells.items():
        changed.loc[row - 1, column] = cell
    return changed


def csv(folder, frame: pd.DataFrame, name: str = "shop.csv") -> str:
    path = folder / name
    frame.to_csv(path, index=False)
    return str(path)


def role_of(intake: Intake, column: str) -> str:
    return intake.schema.column(column).role


def test_a_file_and_its_frame_are_taken_in_alike(tmp_path):
    config = Config(target="sold")
    from_file = take_in(csv(tmp_path, ROWS), config)
    from_memory = taken()
    assert from_file.schema.target == from_memory.schema.target == "sold"
    assert from_file.y.tolist() == from_memory.y.tolist()
    assert from_file.data.path.endswith("shop.csv")
    assert from_memory.data.path == ""


def test_classes_become_codes_and_numbers_stay():
    classes = taken()
    assert classes.schema.classes == ("no", "yes")
    assert classes.y.tolist() == (ROWS["sold"] == "yes").astype(int).tolist()
    numbers = taken(target="price")
    assert numbers.schema.task == "regression"
    assert numbers.y.tolist() == ROWS["price"].tolist()


def test_every_row_is_on_one_side_of_the_split():
    split = taken().split
    rows = np.concatenate([split.test, split.non_test])
    assert sorted(rows.tolist()) == list(range(N))


def test_rows_without_a_target_are_left_out_and_counted():
    intake = taken(with_cells("sold", {1: None, 4: "", 5: None}))
    assert len(intake.frame) == len(intake.y) == len(intake.weight) == N - 3
    assert intake.row_numbers.tolist()[:4] == [2, 3, 6, 7]
    assert intake.data.notes == ("left out 3 rows without a target",)
    assert intake.data.n_rows == N - 3
    assert taken(with_cells("sold", {1: None})).data.notes == ("left out 1 row without a target",)


def test_a_target_that_is_all_missing_is_refused():
    with pytest.raises(UserError, match="every cell of the target 'sold' is missing"):
        taken(with_cells("sold", dict.fromkeys(range(1, N + 1))))


def test_one_row_is_refused():
    with pytest.raises(UserError, match="row"):
        taken(ROWS.head(1))


def test_a_target_that_is_not_there_gets_the_nearest_name():
    with pytest.raises(UserError, match=r"no column is called 'slod'(.|\n)*--target 'sold'"):
        taken(target="slod")


def test_without_a_weight_column_every_row_counts_once():
    assert set(taken().weight.tolist()) == {1.0}


def test_weights_are_scaled_to_a_mean_of_1_and_are_no_feature():
    intake = taken(weight="weight")
    assert intake.weight.dtype == np.float32
    assert intake.weight.mean() == pytest.approx(1.0)
    assert intake.weight[:3].tolist() == pytest.approx([0.5, 1.0, 1.5])
    assert role_of(intake, "weight") == "weight"


def test_a_missing_weight_is_refused_with_its_row_of_the_file():
    # row 2 has no target and is left out, so the bad row is the eighth of those that are left
    frame = with_cells("weight", {9: np.nan})
    frame.loc[1, "sold"] = None
    with pytest.raises(UserError, match=r"column 'weight' holds '.*' in row 9; expected a weight >= 0"):
        taken(frame, weight="weight")


def test_weights_below_0_are_refused():
    with pytest.raises(UserError, match="column 'weight' cannot weigh the rows"):
        taken(with_cells("weight", {9: -1.0}), weight="weight")


def test_weights_that_are_all_0_are_refused():
    schema = Schema(
        columns=(
            Column(name="w", kind="numeric", wire="float32", role="weight"),
            Column(name="y", kind="categorical", wire="string", role="target"),
        ),
        target="y",
        task="binary",
        task_reason="",
        classes=("a", "b"),
    )
    with pytest.raises(UserError, match="all weights in 'w' are 0"):
        weights_of(pd.DataFrame({"w": [0.0, 0.0], "y": ["a", "b"]}), schema)


def target_schema(task: str, classes: tuple[str, ...] = ()) -> Schema:
    kind, wire = ("numeric", "float32") if task == "regression" else ("categorical", "string")
    column = Column(name="y", kind=kind, wire=wire, role="target")
    return Schema(columns=(column,), target="y", task=task, task_reason="", classes=classes)


def test_a_class_that_nobody_has_seen_is_refused_with_its_row():
    with pytest.raises(UserError, match="the classes of 'y' are 'a' and 'b', and 'c' in row 3 is neither"):
        target_values(pd.DataFrame({"y": ["a", "b", "c"]}), target_schema("binary", ("a", "b")))
    with pytest.raises(UserError, match=r"are 'ant', 'bee', 'cat', and 'Bee' in row 1 is none(.|\n)*mean 'bee'"):
        target_values(pd.DataFrame({"y": ["Bee"]}), target_schema("multiclass", ("ant", "bee", "cat")))


def test_words_in_the_place_of_classes_that_are_numbers_are_answered_with_the_classes():
    schema = target_schema("binary", ("0", "1"))
    column = dataclasses.replace(schema.column("y"), wire="float32")
    schema = dataclasses.replace(schema, columns=(column,))
    with pytest.raises(UserError, match="are '0' and '1', and 'no' in row 7 is neither"):
        target_values(pd.DataFrame({"y": ["1.0", "no"]}), schema, row_numbers=np.array([5, 7]))
    assert target_values(pd.DataFrame({"y": ["1.0", "0"]}), schema).tolist() == [1, 0]


def test_a_target_that_is_no_number_is_refused_with_its_row():
    with pytest.raises(UserError, match="column 'y' holds 'inf' in row 7; expected a number"):
        target_values(pd.DataFrame({"y": [1.0, np.inf]}), target_schema("regression"), row_numbers=np.array([4, 7]))


def test_test_rows_of_a_file_of_their_own_come_last_and_are_the_test(tmp_path):
    later = ROWS.sample(frac=0.3, random_state=1).assign(size=99.0)
    intake = taken(test_path=csv(tmp_path, later), test_share=0.0)
    assert intake.split.test.tolist() == list(range(N, N + len(later)))
    assert set(intake.frame["size"].iloc[intake.split.test].astype(float)) == {99.0}
    assert intake.split.non_test.tolist() == list(range(N))


def test_test_rows_without_a_target_are_left_out_too(tmp_path):
    later = ROWS.head(10).astype({"sold": object}).assign(size=99.0)
    later.loc[:3, "sold"] = None
    intake = taken(test_path=csv(tmp_path, later), test_share=0.0)
    assert intake.split.test.tolist() == list(range(N, N + 6))


def test_columns_of_a_test_file_may_stand_in_another_order(tmp_path):
    turned = ROWS[ROWS.columns[::-1]].rename(columns={"size": " size "})
    intake = taken(test_path=csv(tmp_path, turned), test_share=0.0)
    assert intake.frame["town"].iloc[N:].tolist() == ROWS["town"].tolist()


def test_a_test_file_that_lacks_columns_is_refused(tmp_path):
    with pytest.raises(UserError, match="the test file lacks 2 columns: size, sold"):
        taken(test_path=csv(tmp_path, ROWS.drop(columns=["size", "sold"])))


def test_groups_stay_on_one_side():
    intake = taken(split_by_group="agent")
    agents = ROWS["agent"].to_numpy()
    assert not set(agents[intake.split.test]) & set(agents[intake.split.non_test])
    for fold in intake.split.folds:
        assert not set(agents[fold.train]) & set(agents[fold.validation])


@pytest.mark.parametrize(("n_agents", "is_told"), [(20, True), (200, False)])
def test_validation_rows_of_too_few_groups_are_told(n_agents, is_told):
    n = 3000
    frame = pd.DataFrame(
        {"size": RANDOM.normal(size=n), "agent": np.arange(n) % n_agents, "sold": np.tile(["yes", "no", "no"], n // 3)}
    )
    intake = taken(frame, split_by_group="agent")
    assert ("changes are judged by the error of single rows" in " ".join(intake.data.notes)) == is_told


def test_time_goes_forward():
    intake = taken(split_by_time="day")
    assert intake.split.test.min() > intake.split.non_test.max()


def test_a_row_without_a_time_is_refused_with_its_row_of_the_file():
    frame = with_cells("day", {9: None})
    frame.loc[1, "sold"] = None
    with pytest.raises(UserError, match=r"column 'day' holds '.*' in row 9; expected a date or a number"):
        taken(frame, split_by_time="day")


def test_the_same_seed_takes_in_the_same_split():
    first, again, other = (taken(seed=seed).split.test.tolist() for seed in (1, 1, 2))
    assert first == again != other
