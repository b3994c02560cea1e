"""When do two answers agree, and what is said when they do not?"""

from __future__ import annotations

import numpy as np
import pytest

from autorecipe.export.parity import Cases, compare, prove_parity, start_prover

INPUTS = {"a": np.zeros(2, "float32")}


def classified(p: list[list[float]], labels: list[str], threshold: float | None = 0.5) -> Cases:
    outputs = {"probabilities": np.array(p, "float32"), "label": np.array(labels, dtype=object)}
    return Cases(inputs=INPUTS, outputs=outputs, n_mutated=0, threshold=threshold)


def predicted(values: list[float]) -> Cases:
    return Cases(inputs=INPUTS, outputs={"prediction": np.array(values, "float32")}, n_mutated=0)


def test_equal_answers_agree():
    cases = predicted([1.0, -2.0])
    assert compare(cases, cases.outputs) == (0.0, 0, "")


def test_the_tolerance_is_relative_above_one():
    worst, _, cause = compare(predicted([1e6, 0.0]), {"prediction": np.array([1e6 + 5, 0.0], "float32")})
    assert cause == ""
    assert worst == pytest.approx(5e-6)


def test_the_row_that_differs_most_is_named():
    _, _, cause = compare(predicted([0.0, 1.0]), {"prediction": np.array([1e-6, 1.1], "float32")})
    assert cause == "prediction differs by 0.1 (limit 1e-05) in row 2"


def test_labels_may_differ_at_the_threshold_alone():
    cases = classified([[0.5, 0.5], [0.4, 0.6]], ["no", "yes"])
    tie = cases.outputs | {"label": np.array(["yes", "yes"])}
    assert compare(cases, tie) == (0.0, 0, "")
    wrong = cases.outputs | {"label": np.array(["no", "no"])}
    assert compare(cases, wrong) == (0.0, 1, "1 labels differ")


def test_labels_of_many_classes_may_differ_at_a_tie_alone():
    cases = classified([[0.4, 0.4, 0.2], [0.5, 0.3, 0.2]], ["a", "a"], threshold=None)
    assert compare(cases, cases.outputs | {"label": np.array(["b", "a"])})[1] == 0
    assert compare(cases, cases.outputs | {"label": np.array(["a", "b"])})[1] == 1


def test_an_answer_that_is_not_finite_fails_even_where_both_agree():
    cases = predicted([1.0, np.nan])
    assert compare(cases, cases.outputs)[2] == "prediction is not finite in 1 rows, the first is row 2"


def test_an_output_that_is_missing_is_named():
    cases = classified([[0.5, 0.5]], ["a"])
    served = {"probabilities": cases.outputs["probabilities"]}
    assert compare(cases, served)[2] == "outputs differ by name: label"


def test_another_shape_is_named():
    assert compare(predicted([1.0, 2.0]), {"prediction": np.zeros(3)})[2] == "prediction has shape (3,) instead of (2,)"


def test_a_prover_is_alive_until_its_process_has_ended():
    with start_prover() as prover:
        assert prover.is_alive()
        prover.close()
        assert not prover.is_alive()


def test_a_prover_that_gives_no_answer_in_time_is_a_failed_proof(tmp_path):
    with start_prover() as prover:
        parity = prove_parity(prover, predicted([0.0, 0.0]), saved_model=tmp_path, timeout_s=0.01)
    assert not parity.passed
    assert parity.cause == "the fresh process gave no answer in 0 s"
