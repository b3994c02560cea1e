"""Which column is predicted, and whether it is a class or a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autorecipe.config import Config
from autorecipe.data.task import find_target, infer_task, target_column, target_is_missing
from autorecipe.errors import UserError

AUTO = Config()


def cells(values: list[str], *, times: int = 1, name: str = "y") -> pd.Series:
    return pd.Series(values * times, dtype="str", name=name)


def test_the_target_is_matched_after_trimming() -> None:
    assert find_target(["Country", "Life expectancy "], "Life expectancy") == "Life expectancy "


def test_an_unknown_target_suggests_the_nearest_name() -> None:
    with pytest.raises(UserError, match=r"no column is called 'pirce'(.|\n)*--target 'price'"):
        find_target(["rooms", "price"], "pirce")


def test_a_single_column_called_label_is_taken() -> None:
    assert find_target(["a", "Label", "b"], "") == "Label"


def test_without_a_target_three_likely_columns_are_named_at_most() -> None:
    with pytest.raises(UserError, match="--target 'Churn'") as caught:
        find_target(["customerID", "price", "TotalCharges", "tenure", "Churn"], "")
    assert caught.value.what.count("'") == 6
    assert caught.value.exit_code == 2


def test_an_answer_is_offered_before_a_feature_that_is_called_like_one() -> None:
    with pytest.raises(UserError, match="it may be 'Survived' or 'Fare'"):
        find_target(["PassengerId", "Survived", "Pclass", "Name", "Fare", "Cabin"], "")


@pytest.mark.parametrize("columns", [["price", "customer_id"], ["price", "price_prediction"], ["a", "price", "b"]])
def test_neither_keys_nor_predictions_nor_plain_last_columns_are_offered_before_a_price(columns: list[str]) -> None:
    with pytest.raises(UserError, match="--target 'price'"):
        find_target(columns, "")


def test_a_y_beside_an_x_is_a_coordinate_unless_there_is_nothing_else() -> None:
    with pytest.raises(UserError, match="--target 'price'"):
        find_target(["carat", "price", "x", "y", "z"], "")
    assert find_target(["x", "y"], "") == "y"
    assert find_target(["x1", "x2", "y"], "") == "y"


def test_two_columns_with_a_target_name_are_not_guessed_between() -> None:
    with pytest.raises(UserError, match="'target' or 'class'"):
        find_target(["a", "target", "class"], "")


def test_zero_and_one_are_two_classes_with_one_positive() -> None:
    task, reason, classes, dtype = infer_task(cells(["0", "1", "0"], times=10, name="Survived"), AUTO)
    assert (task, classes, dtype) == ("binary", ("0", "1"), "int")
    assert reason == "Survived is 0 or 1, 33 % are 1"


def test_the_rarer_class_is_positive_where_no_word_says_so() -> None:
    values = cells(["2", "1", "2"], times=10)
    assert infer_task(values, AUTO)[2] == ("2", "1")
    assert infer_task(cells([">50K", "<=50K", "<=50K"], times=10), AUTO)[2] == ("<=50K", ">50K")


def test_yes_is_positive_even_where_it_is_commoner() -> None:
    assert infer_task(cells(["Yes", "No", "Yes"], times=10), AUTO)[2] == ("No", "Yes")


def test_the_positive_class_can_be_named_in_any_case() -> None:
    assert infer_task(cells(["g", "h", "g"], times=10), Config(positive="G"))[2] == ("h", "g")


def test_an_unknown_positive_class_is_refused() -> None:
    with pytest.raises(UserError, match=r"no class is called 'yess'(.|\n)*--positive 'Yes'"):
        infer_task(cells(["Yes", "No"], times=10), Config(positive="yess"))


def test_few_whole_numbers_are_classes_in_numeric_order() -> None:
    task, reason, classes, dtype = infer_task(cells(["10", "9", "3"], times=10, name="quality"), AUTO)
    assert (task, classes, dtype) == ("multiclass", ("3", "9", "10"), "int")
    assert "--task regression" in reason


def test_fractions_and_many_whole_numbers_are_regression() -> None:
    assert infer_task(cells(["0.5", "1.5", "2"], times=10), AUTO)[0] == "regression"
    assert infer_task(cells([str(i) for i in range(150)], times=3), AUTO)[0] == "regression"


def test_some_thirty_whole_numbers_follow_the_name() -> None:
    values = [str(i) for i in range(30)]
    task, reason, _, _ = infer_task(cells(values, times=10, name="Rings"), AUTO)
    assert task == "regression"
    assert "--task multiclass" in reason
    assert infer_task(cells(values, times=10, name="product_code"), AUTO)[0] == "multiclass"


def test_whole_numbers_that_hardly_repeat_are_regression() -> None:
    assert infer_task(cells([str(i * 7) for i in range(15)]), AUTO)[0] == "regression"


def test_words_are_classes() -> None:
    task, _, classes, dtype = infer_task(cells(["b", "a", "c"], times=10), AUTO)
    assert (task, classes, dtype) == ("multiclass", ("a", "b", "c"), "str")


def test_ratings_with_a_unit_stay_classes() -> None:
    assert infer_task(cells(["1 star", "2 stars", "3 stars"], times=10), AUTO)[2][0] == "1 star"


def test_money_is_regression() -> None:
    values = cells([f"${i},000" for i in range(1, 60)], times=2)
    assert infer_task(values, AUTO)[0] == "regression"
    assert target_column(values, "regression").number_rule == "currency"


def test_typed_labels_keep_their_type() -> None:
    assert infer_task(pd.Series([True, False] * 5), AUTO)[2:] == (("False", "True"), "bool")
    assert infer_task(pd.Series([0.0, 1.0] * 5), AUTO)[2:] == (("0", "1"), "float")
    assert infer_task(pd.Series([0, 1] * 5), AUTO)[2:] == (("0", "1"), "int")


def test_names_are_no_classes() -> None:
    with pytest.raises(UserError, match="120 different values such as 'n0'"):
        infer_task(cells([f"n{i}" for i in range(120)], times=5), AUTO)


@pytest.mark.parametrize(("values", "match"), [([], "missing in every row"), (["a", "a"], "'a' in all 2 rows")])
def test_a_target_without_two_values_is_refused(values: list[str], match: str) -> None:
    with pytest.raises(UserError, match=match):
        infer_task(cells(values), AUTO)


def test_regression_of_words_is_refused() -> None:
    with pytest.raises(UserError, match=r"words such as 'a'(.|\n)*--task multiclass"):
        infer_task(cells(["a", "b"], times=10), Config(task="regression"))


def test_binary_of_three_classes_is_refused() -> None:
    with pytest.raises(UserError, match="3 different values"):
        infer_task(cells(["a", "b", "c"], times=10), Config(task="binary"))


def test_a_positive_class_of_three_is_refused() -> None:
    with pytest.raises(UserError, match="belongs to two classes"):
        infer_task(cells(["a", "b", "c"], times=10), Config(positive="a"))


def test_the_task_asked_for_is_taken() -> None:
    values = cells(["3", "4", "5"], times=10)
    assert infer_task(values, Config(task="regression"))[0] == "regression"
    assert infer_task(values, AUTO)[0] == "multiclass"


def test_missing_targets_are_empty_cells_and_null_tokens() -> None:
    assert list(target_is_missing(cells(["a", "?", " ", "NA", "none", "b"]))) == [0, 1, 1, 1, 0, 0]


def test_among_numbers_a_word_is_a_missing_target() -> None:
    values = cells([str(i / 2) for i in range(200)] + ["unknown", "oops"])
    assert list(np.flatnonzero(target_is_missing(values))) == [200, 201]


def test_the_classes_of_a_target_keep_their_case() -> None:
    column = target_column(cells(["FALSE", "TRUE"], times=5), "binary")
    assert (column.kind, column.role, column.wire) == ("categorical", "target", "string")


def codes(n_classes: int, *, times: int, name: str = "y") -> pd.Series:
    return cells([str(i) for i in range(n_classes)], times=times, name=name)


def test_letters_numbered_from_zero_are_classes() -> None:
    task, reason, classes, dtype = infer_task(codes(26, times=100), AUTO)
    assert (task, len(classes), classes[:3], dtype) == ("multiclass", 26, ("0", "1", "2"), "int")
    assert "--task regression" in reason


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(codes(26, times=15), id="few rows of each"),
        pytest.param(codes(27, times=100)[lambda v: v != "0"], id="from 1"),
        pytest.param(codes(27, times=100)[lambda v: v != "13"], id="with a gap"),
        pytest.param(codes(101, times=50), id="more than 100"),
        pytest.param(codes(90, times=50, name="age"), id="ages by their name"),
    ],
)
def test_whole_numbers_that_only_look_like_codes_are_numbers(values: pd.Series) -> None:
    assert infer_task(values, AUTO)[0] == "regression"


def test_a_thin_tail_makes_a_count_of_codes() -> None:
    counts = pd.Series(np.random.default_rng(0).poisson(12, 20_000), name="y")
    counts = counts[counts < 25].astype(str)  # every value from 0 to 24 may occur, the last ones rarely
    assert infer_task(pd.concat([counts, codes(25, times=1)]).rename("y"), AUTO)[0] == "regression"
