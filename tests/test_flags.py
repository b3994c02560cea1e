from __future__ import annotations

import json
import zipfile

import pytest

from autorecipe.config import Cost
from autorecipe.errors import UserError
from autorecipe.flags import check_weights, parse_cost, parse_test, parse_type, read_recipe
from autorecipe.own_code import read_architecture
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import to_yaml


def test_a_column_may_hold_an_equals_sign():
    assert parse_type("a=b=numeric") == ("a=b", "numeric")


def test_a_kind_is_read_in_any_case():
    assert parse_type("age=Numeric") == ("age", "numeric")


def test_a_misspelt_kind_gets_the_nearest():
    with pytest.raises(UserError, match=r"unknown kind 'numric' for column 'age'(.|\n)*did you mean 'numeric'"):
        parse_type("age=numric")


@pytest.mark.parametrize("text", ["age", "=numeric"])
def test_a_type_needs_a_column_and_a_kind(text):
    with pytest.raises(UserError, match="is not COLUMN=KIND"):
        parse_type(text)


@pytest.mark.parametrize("text", ["fn=5,fp=1", "fp=1, fn=5", "FN=5.0,FP=1e0"])
def test_costs_are_read_in_any_order(text):
    assert parse_cost(text) == Cost(fn=5.0, fp=1.0)


@pytest.mark.parametrize("text", ["fn=5", "5,1", "fn=a,fp=1", "fn=-1,fp=1", "fn=0,fp=0", "fn=inf,fp=1", "fn=nan,fp=1"])
def test_costs_that_say_nothing_are_refused(text):
    with pytest.raises(UserError, match="is not what two kinds of mistakes cost"):
        parse_cost(text)


def test_the_test_rows_are_a_share_or_a_file(tmp_path):
    file = tmp_path / "test.csv"
    file.write_text("a\n1\n")
    assert parse_test(None) == (None, "")
    assert parse_test("0.15") == (0.15, "")
    assert parse_test("0.2") == (0.2, "")
    assert parse_test("0") == (0.0, "")
    assert parse_test(str(file)) == (0.0, str(file))
    assert parse_test(str(tmp_path)) == (0.0, str(tmp_path))


@pytest.mark.parametrize("text", ["1", "-0.1", "20", "nan"])
def test_a_share_that_is_none_is_refused(text):
    with pytest.raises(UserError, match=f"{text} is not a share of the rows"):
        parse_test(text)


def test_a_test_file_that_is_not_there_is_refused():
    with pytest.raises(UserError, match=r"'no\.csv' is neither a file nor a share"):
        parse_test("no.csv")


def test_a_recipe_is_read_from_its_file(tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_text(to_yaml(Recipe(width=32)), encoding="utf-8")
    assert read_recipe(str(file)) == Recipe(width=32)


def test_a_recipe_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot read"):
        read_recipe(str(tmp_path / "no.yaml"))


def test_a_binary_recipe_is_refused(tmp_path):
    file = tmp_path / "recipe.yaml"
    file.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(UserError, match="is not text"):
        read_recipe(str(file))


def test_an_architecture_of_no_function_is_refused_by_its_flag():
    with pytest.raises(UserError, match=r"'nets\.py' names no function(.|\n)*--architecture"):
        read_architecture("nets.py")


def test_weights_are_a_file_that_is_there(tmp_path):
    assert check_weights("", where="--weights") == ""
    with pytest.raises(UserError, match=r"there is no file 'no\.h5'\nwhere: --weights"):
        check_weights("no.h5", where="--weights")
    with pytest.raises(UserError, match="there is no file"):
        check_weights(str(tmp_path), where="--weights")


def model_file(path, shape):
    layers = [{"class_name": "InputLayer", "config": {"batch_shape": shape}}, {"class_name": "Dense", "config": {}}]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
    return str(path)


def test_weights_are_looked_at_before_a_fit(tmp_path):
    good = model_file(tmp_path / "photos.keras", [None, 64, 64, 3])
    assert check_weights(good, where="--weights") == good
    with pytest.raises(UserError, match=r"'table\.keras' is no backbone for images: it takes \(None, 5\)"):
        check_weights(model_file(tmp_path / "table.keras", [None, 5]), where="--weights")
    for name, said in (("fake.keras", "is no model that Keras has written"), ("fake.h5", "is no HDF5 file")):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff a photo")
        with pytest.raises(UserError, match=said):
            check_weights(f"{'' if name.endswith('keras') else 'convnext_tiny:'}{tmp_path / name}", where="--weights")
