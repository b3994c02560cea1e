from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from autorecipe.check_rows import file_rows
from autorecipe.check_script import load_subject
from autorecipe.errors import UserError

pytestmark = pytest.mark.slow

MODEL = """
import keras

def build_model():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model
"""
LOADED = (
    MODEL
    + """
import numpy as np

def load_data():
    return np.zeros((4, 2)), np.arange(4)
"""
)


@pytest.fixture
def script(tmp_path):
    def write(text, name="model.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_script_and_a_file_become_a_model_and_rows(script, table):
    subject = load_subject(f"{script(MODEL)}:build_model", table("a,b,y\n1,2.5,10\n3,,20\n5,6,\n"), target="y")
    assert subject.model.output_shape == (None, 1)
    np.testing.assert_array_equal(subject.rows.x.to_numpy(), np.array([[1, 2.5], [3, np.nan]], "float32"))
    assert subject.rows.y.tolist() == [10, 20]
    assert subject.rows.notes[-1] == "left out 1 rows without a target"


def test_the_function_is_called_build_model_unless_named(script):
    assert load_subject(script(LOADED)).rows.y.tolist() == [0, 1, 2, 3]


def test_load_data_replaces_the_file_and_says_so(script, table):
    subject = load_subject(f"{script(LOADED)}:build_model", table("a,y\nx,1\n"))
    assert subject.rows.x.shape == (4, 2)
    assert subject.rows.notes[0].endswith("rows.csv was not read")


def test_load_data_may_set_validation_rows_apart(script):
    text = LOADED.replace(
        "return np.zeros((4, 2)), np.arange(4)",
        "return (np.zeros((4, 2)), np.arange(4)), (np.ones((3, 2)), np.arange(3))",
    )
    subject = load_subject(script(text))
    assert subject.rows.validation is not None
    assert subject.rows.validation[0].shape == (3, 2)


def test_load_data_may_return_a_table_with_the_target(script):
    text = LOADED.replace(
        "return np.zeros((4, 2)), np.arange(4)",
        "import pandas as pd\n    return pd.DataFrame({'a': [1.0, 2.0], 'kind': ['u', 'v']})",
    )
    rows = load_subject(script(text), target="kind").rows
    assert rows.y.tolist() == [0, 1]
    assert list(rows.x.columns) == ["a"]


def test_text_labels_are_coded_in_sorted_order_and_it_is_said(table):
    rows = file_rows(table("a,kind\n1,oak\n2,ash\n3,oak\n"), target="kind")
    assert rows.y.tolist() == [1, 0, 1]
    assert rows.notes[-1] == "the labels of 'kind' are coded in sorted order: ash = 0, oak = 1"


def test_whole_numbers_stay_whole_and_others_become_floats(table):
    assert file_rows(table("a,y\n1,0\n2,1\n"), target="y").y.dtype == np.int64
    assert file_rows(table("a,y\n1,0.5\n2,1\n"), target="y").y.dtype == np.float32


def test_a_column_of_text_is_named_and_the_python_way_is_shown(table):
    path = table("a,colour,y\n1,red,0\n2,blue,1\n")
    with pytest.raises(UserError, match="column 'colour' holds 'red'; all columns but the target must be numbers") as e:
        file_rows(path, target="y")
    assert "autorecipe.check(model, X, y)" in e.value.fix
    assert '--drop "colour"' in e.value.fix


def test_a_column_is_left_out_by_name(table):
    path = table("a,colour,y\n1,red,0\n2,blue,1\n")
    assert list(file_rows(path, target="y", drop=("colour",)).x.columns) == ["a"]


@pytest.mark.parametrize(("column", "message"), [("color", "no input column 'color'"), ("y", "'y' is the target")])
def test_a_column_that_cannot_be_left_out_is_named(table, column, message):
    with pytest.raises(UserError, match=message):
        file_rows(table("a,colour,y\n1,red,0\n2,blue,1\n"), target="y", drop=(column,))


def test_a_script_that_fails_is_told_before_what_the_columns_hold(script, table):
    path = script(MODEL.replace("return model", "return model + 1 / 0"))
    with pytest.raises(UserError, match="ZeroDivisionError"):
        load_subject(path, table("a,colour,y\n1,red,0\n2,blue,1\n"), target="y")


def test_a_missing_file_or_target_is_told_before_the_script_runs(script, table):
    path = script("raise RuntimeError\n")
    with pytest.raises(UserError, match="no such file"):
        load_subject(path, "nowhere.csv")
    with pytest.raises(UserError, match="no column is called 'z'"):
        load_subject(path, table("a,y\n1,0\n"), target="z")


def test_without_rows_both_ways_to_name_them_are_shown(script):
    with pytest.raises(UserError, match=r"no DATA was named, and model\.py has no load_data\(\)"):
        load_subject(f"{script(MODEL)}:build_model")


def test_a_missing_script_is_named():
    with pytest.raises(UserError, match=r"there is no script 'nowhere\.py'"):
        load_subject("nowhere.py:build_model")


def test_a_misspelt_function_gets_a_suggestion(script):
    path = script(LOADED)
    with pytest.raises(UserError, match=r"model\.py has no function 'build_modle'") as error:
        load_subject(f"{path}:build_modle")
    assert error.value.fix == "model.py:build_model"


def test_a_function_with_arguments_is_refused(script):
    with pytest.raises(UserError, match=r"build_model\(\) needs width"):
        load_subject(script(LOADED.replace("build_model()", "build_model(width)")))


def test_a_function_that_returns_no_model_is_refused(script):
    with pytest.raises(UserError, match=r"build_model\(\) returned a NoneType"):
        load_subject(script(LOADED.replace("return model", "pass")))


@pytest.mark.parametrize(
    ("broken", "line", "code"),
    [
        ("import keras\n\nraise KeyError('no such table')\n", "line 3", "raise KeyError('no such table')"),
        ("def build_model(:\n    pass\n", "line 1", "def build_model(:"),
        ("import sys\n\nsys.exit(1)\n", "line 3", "sys.exit(1)"),
        (LOADED.replace("return model", "return model + 1 / 0"), "line 7", "return model + 1 / 0"),
    ],
)
def test_an_error_in_the_script_is_shown_with_its_line(script, broken, line, code):
    with pytest.raises(UserError, match="failed: ") as error:
        load_subject(script(broken))
    assert error.value.where == f"model.py, {line}"
    assert code in error.value.what


def test_a_script_imports_what_lies_beside_it_and_sys_path_stays_clean(script):
    script("UNITS = 3\n", name="sizes_of_layers.py")
    path = script("import sizes_of_layers\n" + LOADED.replace("Dense(1)", "Dense(sizes_of_layers.UNITS)"))
    before = list(sys.path)
    assert load_subject(path).model.output_shape == (None, 3)
    assert sys.path == before


def test_a_typed_table_keeps_its_numbers(tmp_path):
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"a": [1.5, None], "flag": [True, False], "y": [1, 0]}).to_parquet(path)
    rows = file_rows(str(path), target="y")
    assert rows.x["flag"].tolist() == [1.0, 0.0]
    assert np.isnan(rows.x["a"].iloc[1])
