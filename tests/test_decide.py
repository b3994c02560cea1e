"""The rule that keeps or rejects a change."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.best_of_many import errors_needed, limit_of_best
from autorecipe.change import Change
from autorecipe.decide import (
    SEED_LIMIT,
    confirm,
    differences,
    fold_error,
    holdout_error,
    judge,
    judge_growth,
    seed_for,
    smallest_detectable_gain,
    spread_of,
)
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit, Trial
from autorecipe.simplicity import is_simpler, layer_widths

WIDER = Change(edits=(("width", 128),), title="width 64 -> 128")
SOURCED = dataclasses.replace(WIDER, source="a paper, on tables of 10,000 rows")
EFFECTS = st.floats(-10, 10)
ERRORS = st.floats(0, 5)
N_SIMULATED = 20_000
NULL_SHARE = 0.08  # of decisions may keep noise


def trial(*scores: float, failed: tuple[int, ...] = ()) -> Trial:
    fits = tuple(
        Fit(key=f"k{i}", fold=i, validation_score=s, status="failed" if i in failed else "ok")
        for i, s in enumerate(scores)
    )
    return Trial(name="t", recipe=Recipe(), fits=fits)


def test_fold_error_is_nadeau_and_bengios() -> None:
    gains = [0.01, 0.03, 0.02, 0.0, 0.04]

    expected = np.std(gains, ddof=1) * math.sqrt(1 / 5 + 200 / 800)
    assert fold_error(gains, n_train=800, n_validation=200) == pytest.approx(expected)


@pytest.mark.parametrize("gains", [[], [0.1]])
def test_one_fold_has_no_fold_error(gains: list[float]) -> None:
    with pytest.raises(ValueError, match=f"at least 2 differences, received {len(gains)}"):
        fold_error(gains, n_train=800, n_validation=200)


def test_holdout_error_counts_the_seed_of_both_trials() -> None:
    assert holdout_error(row_error=3.0, seed_spread=0.0) == 3.0
    assert holdout_error(row_error=0.0, seed_spread=1.0) == pytest.approx(math.sqrt(2))


@given(error=ERRORS, n=st.integers(1, 1000))
@settings(max_examples=50, deadline=None)
def test_the_limit_never_falls_with_more_candidates(error: float, n: int) -> None:
    assert error <= limit_of_best(error, n_candidates=n) <= limit_of_best(error, n_candidates=n + 1)


@pytest.mark.parametrize(("n", "needed"), [(1, 1.405), (2, 1.741), (4, 2.041), (16, 2.562)])
def test_the_errors_needed_are_the_quantiles_of_published_tables(n: int, needed: float) -> None:
    assert errors_needed(n) == pytest.approx(needed, abs=0.001)


@given(effect=EFFECTS, error=ERRORS, n=st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_a_change_is_kept_exactly_above_its_limit(effect: float, error: float, n: int) -> None:
    decision = judge(WIDER, effect=effect, error=error, n_candidates=n)

    assert decision.kept == (effect > limit_of_best(error, n_candidates=n))
    assert decision.rule.startswith("kept" if decision.kept else "rejected")
    assert (decision.effect, decision.error, decision.n_tried) == (effect, error, n)


@given(effect=EFFECTS, error=ERRORS)
@settings(max_examples=50, deadline=None)
def test_evidence_or_simplicity_reverses_the_burden_of_proof(effect: float, error: float) -> None:
    by_source = judge(SOURCED, effect=effect, error=error, n_candidates=9)
    by_size = judge(WIDER, effect=effect, error=error, n_candidates=9, simpler=True)

    assert by_source.kept == by_size.kept == (effect >= -error)


@pytest.mark.parametrize(
    ("effect", "error", "n", "rule"),
    [
        (0.008, 0.003, 1, "kept: +0.0080 > 1.41 x error 0.0030"),
        (0.008, 0.003, 4, "kept: +0.0080 > 2.04 x error 0.0030 (best of 4)"),
        (0.001, 0.004, 1, "rejected: +0.0010 within its error 0.0040"),
        (0.004, 0.003, 4, "rejected: +0.0040 is not > 2.04 x error 0.0030 (best of 4)"),
        (-0.01, 0.003, 1, "rejected: -0.0100 is worse by more than its error 0.0030"),
        (1234.5, 52.25, 1, "kept: +1,234 > 1.41 x error 52.2"),
        (-0.0, 0.0, 1, "rejected: +0.0000 within its error 0.0000"),
    ],
)
def test_the_rule_shows_its_numbers(effect: float, error: float, n: int, rule: str) -> None:
    assert judge(WIDER, effect=effect, error=error, n_candidates=n).rule == rule


@pytest.mark.parametrize(
    ("effect", "simpler", "rule"),
    [
        (-0.001, False, "kept (published evidence): -0.0010 is not worse by more than its error 0.0040"),
        (-0.01, False, "rejected (published evidence): -0.0100 is worse by more than its error 0.0040"),
        (0.001, True, "kept (simpler): +0.0010 is not worse by more than its error 0.0040"),
    ],
)
def test_the_rule_names_what_reversed_the_burden(effect: float, simpler: bool, rule: str) -> None:
    change = WIDER if simpler else SOURCED

    assert judge(change, effect=effect, error=0.004, simpler=simpler).rule == rule


@pytest.mark.parametrize("change", [WIDER, SOURCED])
def test_a_change_without_a_score_is_rejected(change: Change) -> None:
    assert not judge(change, effect=math.nan, error=0.1).kept


def test_a_decision_carries_the_training_losses() -> None:
    decision = judge(WIDER, effect=0.1, error=0.0, losses=(0.36, 0.28))

    assert (decision.train_loss_before, decision.train_loss_after) == (0.36, 0.28)


def test_growth_is_kept_when_the_training_loss_falls_beyond_its_error() -> None:
    decision = judge_growth(
        WIDER, train_before=[0.30, 0.32, 0.31], train_after=[0.2, 0.21, 0.2], effect=-0.01, error=0.004
    )

    assert decision.kept
    assert decision.train_loss_before == pytest.approx(0.31)
    assert decision.rule.startswith("kept: it fits more (training loss -0.1067, error 0.0033; validation -0.0100")


def test_growth_is_kept_when_only_validation_gains() -> None:
    decision = judge_growth(WIDER, train_before=[0.3], train_after=[0.31], effect=0.01, error=0.004)

    assert decision.kept
    assert decision.rule.startswith("kept: it predicts better (validation +0.0100, error 0.0040; training loss")


def test_growth_that_changes_nothing_is_rejected() -> None:
    decision = judge_growth(WIDER, train_before=[0.3, 0.3], train_after=[0.3, 0.3], effect=0.0, error=0.004)

    assert not decision.kept
    assert "+-" not in decision.rule


@pytest.mark.parametrize(("after", "kept"), [(0.295, False), (0.293, True)])
def test_on_a_single_fold_the_training_loss_must_fall_by_two_percent(after: float, kept: bool) -> None:
    decision = judge_growth(WIDER, train_before=[0.3], train_after=[after], effect=0.0, error=0.004)

    assert decision.kept is kept


def test_losses_of_different_folds_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="cannot compare losses of 2 folds with 1"):
        judge_growth(WIDER, train_before=[0.3, 0.3], train_after=[0.3], effect=0.0, error=0.0)


def test_differences_match_folds_by_their_number() -> None:
    before, after = trial(0.8, 0.7, 0.6), trial(0.9, 0.9, 0.9)
    shuffled = dataclasses.replace(after, fits=after.fits[::-1])

    assert differences(before, shuffled, direction="max") == pytest.approx([0.1, 0.2, 0.3])
    assert differences(before, shuffled, direction="min") == pytest.approx([-0.1, -0.2, -0.3])


def test_differences_leave_out_folds_that_failed_or_are_missing() -> None:
    before, after = trial(0.8, 0.7, 0.6, failed=(1,)), trial(0.9, 0.9)

    assert differences(before, after, direction="max") == pytest.approx([0.1])


@given(effect=EFFECTS, error=ERRORS)
@settings(max_examples=50, deadline=None)
def test_a_stage_is_confirmed_exactly_above_its_error(effect: float, error: float) -> None:
    found = confirm(effect=effect, error=error)

    assert found.confirmed == (effect > error)
    assert found.rule.startswith("confirmed" if found.confirmed else "taken back")


def test_a_gain_of_the_smallest_detectable_size_is_kept_four_times_out_of_five() -> None:
    effects = np.random.default_rng(0).normal(smallest_detectable_gain(0.5), 0.5, N_SIMULATED)
    kept = [judge(WIDER, effect=float(e), error=0.5).kept for e in effects]

    assert np.mean(kept) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 128},
        {"depth": 3},
        {"family": "residual_mlp"},
        {"normalization": "batch"},
        {"numeric_embedding": "piecewise_linear"},
        {"dropout": 0.1},
        {"l2": 1e-4},
        {"reduce_on_plateau": True},
        {"schedule": "cosine"},
        {"epochs": 200},
        {"drop_connect": 0.1},
        {"mixup": 0.2},
        {"sam": 0.05},
        {"max_norm": 3.0},
        {"input_noise": 0.1},
        {"activation": "maxout"},
        {"clip_norm": 1.0},
        {"ema_decay": 0.99},
        {"warm_up_share": 0.05},
        {"optimizer": "lion"},
    ],
)
def test_less_of_anything_is_simpler(changes: dict[str, object]) -> None:
    plain, more = Recipe(), dataclasses.replace(Recipe(), **changes)  # type: ignore[arg-type]  # a table of fields

    assert is_simpler(plain, more)
    assert not is_simpler(more, plain)


def test_a_recipe_is_not_simpler_than_its_equal_in_size() -> None:
    assert not is_simpler(Recipe(learning_rate=1e-2, seed=3), Recipe())


def test_a_funnel_is_simpler_than_layers_of_its_first_width() -> None:
    assert is_simpler(Recipe(width=256, depth=3, funnel=True), Recipe(width=256, depth=3))
    assert layer_widths(Recipe(width=20, depth=4, funnel=True)) == (20, 10, 8, 8)


def test_of_an_own_architecture_the_smaller_knobs_are_simpler() -> None:
    small, large = (Recipe(family="custom", knobs=(("units", n), ("kind", "a"))) for n in (32, 64))

    assert is_simpler(small, large)
    assert not is_simpler(large, small)


def test_fewer_units_outweigh_a_regularizer() -> None:
    assert is_simpler(Recipe(width=32, dropout=0.2), Recipe(width=64))


def test_a_seed_depends_on_every_part_and_on_nothing_else() -> None:
    assert seed_for(0, "abc", 1) == seed_for(0, "abc", 1) == 1173718617
    others = {seed_for(1, "abc", 1), seed_for(0, "abd", 1), seed_for(0, "abc", 2), seed_for(0, "abc1")}
    assert len(others | {seed_for(0, "abc", "1"), seed_for(0, "abc", 1)}) == 6


@given(seed=st.integers(0, 2**63), part=st.text())
@settings(max_examples=50, deadline=None)
def test_a_seed_is_positive_and_fits_in_31_bits(seed: int, part: str) -> None:
    assert 1 <= seed_for(seed, part) < SEED_LIMIT


def null_rate(effects: list[float], errors: list[float], *, n_candidates: int = 1) -> float:
    """Share of the winners, each the best of candidates that change nothing, that are kept."""
    pairs = zip(effects, errors, strict=True)
    return float(np.mean([judge(WIDER, effect=e, error=s, n_candidates=n_candidates).kept for e, s in pairs]))


@pytest.mark.parametrize("n_candidates", [1, 2, 4, 16])
def test_on_folds_changes_that_change_only_the_seed_are_rarely_kept(n_candidates: int) -> None:
    rng = np.random.default_rng(n_candidates)
    n_stages, n_folds = 4_000, 5
    before = rng.normal(size=(n_stages, 1, n_folds))
    gains = rng.normal(size=(n_stages, n_candidates, n_folds)) - before
    winners = gains[np.arange(n_stages), gains.mean(axis=2).argmax(axis=1)]
    errors = [fold_error(list(folds), n_train=800, n_validation=200) for folds in winners]

    assert null_rate(winners.mean(axis=1).tolist(), errors, n_candidates=n_candidates) <= NULL_SHARE + 0.01


@pytest.mark.parametrize("n_candidates", [1, 2, 4, 16])
def test_of_independent_candidates_that_change_nothing_the_best_is_kept_as_rarely_as_one(n_candidates: int) -> None:
    rng = np.random.default_rng(n_candidates)
    effects = rng.normal(size=(N_SIMULATED, n_candidates)).max(axis=1)

    share = null_rate(effects.tolist(), [1.0] * N_SIMULATED, n_candidates=n_candidates)
    assert share == pytest.approx(NULL_SHARE, abs=0.01)


@pytest.mark.parametrize("n_candidates", [1, 2, 4, 16])
def test_on_one_split_changes_that_change_only_the_seed_are_rarely_kept(n_candidates: int) -> None:
    rng = np.random.default_rng(n_candidates)
    row_error, seed_spread = 0.5, 1.0
    one_trial = math.sqrt(row_error**2 / 2 + seed_spread**2)
    before = rng.normal(0, one_trial, (N_SIMULATED, 1))
    effects = (rng.normal(0, one_trial, (N_SIMULATED, n_candidates)) - before).max(axis=1)
    error = holdout_error(row_error=row_error, seed_spread=seed_spread)

    share = null_rate(effects.tolist(), [error] * N_SIMULATED, n_candidates=n_candidates)
    assert share <= NULL_SHARE + 0.01


def test_without_the_seeds_in_the_error_far_more_noise_is_kept() -> None:
    rng = np.random.default_rng(0)
    effects = rng.normal(0, holdout_error(row_error=0.5, seed_spread=0.5), N_SIMULATED)

    assert null_rate(effects.tolist(), [0.5] * N_SIMULATED) > 0.15


@pytest.mark.parametrize("n", [2, 3, 10])
def test_the_spread_of_a_few_seeds_is_not_too_small_on_average(n: int) -> None:
    samples = np.random.default_rng(n).normal(0, 2.0, (8000, n))

    assert np.mean([spread_of(list(sample)) for sample in samples]) == pytest.approx(2.0, rel=0.03)
