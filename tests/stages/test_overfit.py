from __future__ import annotations

import dataclasses

import pytest
from stage_runs import NET, effects_with, even, kept_by_title, run_after

from autorecipe.config import Config
from autorecipe.data.schema import Schema
from autorecipe.recipe import Recipe
from autorecipe.record.profile import Profile
from autorecipe.record.run import Run
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.simplicity import layer_widths
from autorecipe.stages import overfit
from autorecipe.stages.growth import early_changes, faster_change, growth, with_optimizer
from autorecipe.stages.overfit import has_turned, losses_at_equal_epochs
from autorecipe.testing import make_run

EMBED, WIDER, DEEPER, WIDEST = "embed the numbers", "width 128", "depth 2 -> 3", "width 256"
BATCH_NORM, FASTER = "batch normalization", "learning rate x3"
PLAIN = Config(target="bought", families=("mlp",))  # no other family beside the plain net
TURNED = ((1.0, 0.5, 0.3), (0.6, 0.5, 0.9))


def wider_fits_more(recipe: Recipe, fold: int) -> tuple[float, float]:
    """Training loss halves with the width; validation loss stays."""
    return 32 / recipe.width, 0.6


def grown(score=even, *, limit_s: float = float("inf"), config: Config | None = None, **options) -> StageResult:
    effects = effects_with(score, **{"losses": wider_fits_more, **options})
    run = run_after(effects, config=config or PLAIN)
    effects.clock.limit_s = effects.clock.used_s + limit_s
    return overfit.work(run, effects)


def test_what_lowers_the_training_loss_is_kept_though_validation_gains_nothing():
    result = grown()
    kept = kept_by_title(result)
    assert kept[WIDER]
    assert kept[WIDEST]
    assert not kept[DEEPER]
    assert result.end.width == 256
    assert result.best.recipe == result.end


def test_both_losses_of_a_decision_are_shown():
    decision = next(d for d in grown().decisions if d.change.title == WIDER)
    assert (decision.train_loss_before, decision.train_loss_after) == (0.5, 0.25)


def test_what_gains_on_validation_is_kept_though_the_training_loss_rises():
    result = grown(lambda recipe, fold: 0.7 + 0.05 * recipe.depth, losses=lambda r, f: (0.1 * r.depth, 0.6))
    assert kept_by_title(result)[DEEPER]


def test_a_change_with_evidence_must_not_be_worse_on_validation():
    def score(recipe: Recipe, fold: int) -> float:
        return 0.7 if recipe.numeric_embedding != "none" else 0.8

    result = grown(score, losses=lambda r, f: (0.1 if r.numeric_embedding != "none" else 0.5, 0.6))
    assert not kept_by_title(result)[EMBED]
    assert result.end.numeric_embedding == "none"


def test_once_validation_has_turned_it_alone_decides():
    def score(recipe: Recipe, fold: int) -> float:
        return 0.8 - 0.001 * recipe.width / 64 + (0.05 if recipe.normalization == "batch" else 0.0)

    result = grown(score, curves=lambda r: (tuple(64 / r.width * x for x in TURNED[0]), TURNED[1]))
    kept = kept_by_title(result)
    assert not kept[WIDER]
    assert kept["batch normalization"]
    assert "done: validation has turned while training still falls" in result.notes


def test_the_stage_ends_at_the_smallest_recipe_that_memorises():
    result = grown(losses=lambda r, f: (0.5 if r.width < 128 else 0.005, 0.6))
    assert [d.change.title for d in result.decisions] == [EMBED, WIDER]
    assert result.end.width == 128
    assert "done: the training rows are memorised, down to the floor" in result.notes


def test_rows_that_contradict_each_other_raise_the_floor():
    effects = effects_with(even, losses=lambda r, f: (0.21, 0.6))
    profile = Profile(n_rows=500, columns=(), outcomes=(), findings=(), floor=0.2)
    result = overfit.work(dataclasses.replace(run_after(effects, config=PLAIN), profile=profile), effects)
    assert [t.name for t in result.trials] == [EMBED]
    assert result.end.width == NET.width
    assert "done: the training rows are memorised, down to the floor" in result.notes


def test_when_nothing_helps_the_stage_says_so():
    result = grown(losses=lambda r, f: (0.5, 0.6))
    assert "done: nothing larger learns more" in result.notes
    assert result.ended == "done"
    assert [title for title, kept in kept_by_title(result).items() if kept] == [EMBED]  # favoured by evidence


def test_a_failing_trial_is_recorded_rejected_and_ends_nothing():
    result = grown(fails=lambda recipe, fold: "the loss was no longer finite" if recipe.depth == 3 else "")
    decision = next(d for d in result.decisions if d.change.title == DEEPER)
    assert not decision.kept
    assert decision.rule == "rejected: the loss was no longer finite"
    assert next(t for t in result.trials if t.name == DEEPER).status == "failed"
    assert kept_by_title(result)[WIDEST]


def test_without_time_nothing_grows():
    result = grown(limit_s=0.0)
    assert result.ended == "budget"
    assert result.trials == ()
    assert result.end == NET
    assert "ended by its share of the time" in result.notes


def test_a_trial_cut_off_between_folds_ends_the_stage_by_its_time():
    slow = effects_with(even, losses=wider_fits_more)
    run = run_after(slow, config=PLAIN)
    slow.clock.limit_s = slow.clock.used_s + 60.0

    def score(recipe: Recipe, fold: int) -> float:
        slow.clock.spend(30.0)
        return 0.8

    slow.trainer.score = score
    result = overfit.work(run, slow)
    assert result.trials[-1].cause == "out of time"
    assert not result.decisions[-1].kept
    assert result.ended == "budget"


def test_an_interruption_keeps_what_there_is():
    effects = effects_with(even, losses=wider_fits_more)
    run = run_after(effects)
    effects.clock.stopped = True
    result = overfit.work(run, effects)
    assert result.ended == "interrupted"
    assert result.best is run.stages[-1].best
    assert "stopped by the user" in result.notes


def test_the_quick_preset_tries_two_changes():
    assert len(grown(config=dataclasses.replace(PLAIN, preset="quick")).trials) == 2


def diagnosed(name: str, **options) -> StageResult:
    effects = effects_with(even, losses=wider_fits_more)
    diagnosis = Diagnosis(name=name, reason="the numbers", remedy="")
    run = run_after(effects, diagnosis=diagnosis, config=PLAIN, **options)
    return overfit.work(run, effects)


def test_a_network_that_overfits_already_grows_by_published_evidence_alone():
    assert list(kept_by_title(diagnosed("overfit"))) == [EMBED]
    assert WIDER in kept_by_title(diagnosed("underfit"))


def test_without_a_signal_nothing_grows():
    result = diagnosed("no signal")
    assert (result.trials, result.end, result.ended) == ((), NET, "done")
    assert result.notes == ("nothing to do: no signal, as Baseline says",)
    assert result.diagnosis.name == "no signal"


def test_what_is_expected_is_said_before_the_first_candidate_and_what_happened_after():
    effects = effects_with(even, losses=wider_fits_more, error_of_rows=0.001)
    told_before = []

    def score(recipe: Recipe, fold: int) -> float:
        told_before.append(len(effects.store.events))
        return 0.8

    run = run_after(effects, config=PLAIN)
    effects.trainer.score = score
    result = overfit.work(run, effects)
    assert set(told_before) == {0, 1}  # the numbers are embedded before the plan
    assert effects.store.events == [("plan", result.notes[0])]
    assert result.notes[0].startswith(f"about {result.plan.n_trials} trials of ")
    tried = f"tried {len(result.trials) - 1} of about {result.plan.n_trials}"
    assert result.notes[1] == f"{tried} after the one that comes first"


def test_when_every_change_fails_the_start_stands_and_the_cause_is_said():
    result = grown(fails=lambda recipe, fold: "" if recipe == NET else "out of memory")
    assert (result.end, result.ended) == (NET, "done")
    note = f"none of the {len(result.trials)} trials could be trained (first: out of memory): the start stands"
    assert note in result.notes


def test_trials_that_are_too_long_are_shortened_and_what_was_kept_is_trained_whole():
    effects = effects_with(even, n_folds=1, epoch_s=1.0, losses=wider_fits_more)
    start = dataclasses.replace(NET, epochs=60)
    run = run_after(effects, start, n_rows=20_000, config=PLAIN)
    effects.clock.limit_s = effects.clock.used_s + 560.0
    result = overfit.work(run, effects)
    assert result.plan.epochs < 60 or result.plan.row_share < 1
    assert {t.recipe.epochs for t in result.trials if t.name != EMBED} == {result.plan.epochs}
    assert result.end.width > NET.width
    assert (result.end.epochs, result.best.recipe) == (60, result.end)
    assert effects.clock.left_s() >= 0


def test_what_there_is_no_time_for_is_left_out_for_something_cheaper():
    effects = effects_with(even, n_folds=1, losses=wider_fits_more)
    run = run_after(effects, config=PLAIN)
    effects.clock.limit_s = effects.clock.used_s + 5.0
    result = overfit.work(run, effects)
    assert WIDER not in kept_by_title(result)
    assert DEEPER in kept_by_title(result)
    assert result.ended == "budget"


def test_an_own_architecture_grows_by_its_knobs():
    knobs = (("units", 32), ("depth", 2), ("gated", False), ("rate", 0.5))
    own = Recipe(family="custom", architecture="m:f", knobs=knobs)
    changes = growth(own, make_run())
    fields = [field for change in changes for field, _ in change.edits]
    assert fields == ["knobs.units", "knobs.depth", "knobs.gated", "numeric_scaling"]
    assert [changes[i].edits[0][1] for i in (0, 1, 2)] == [64, 3, True]


def test_a_baseline_without_a_network_cannot_grow():
    run = make_run(stages=(StageResult(stage="baseline", question="?"),))
    with pytest.raises(ValueError, match="needs the baseline's network"):
        overfit.work(run, effects_with(even))


def without_numbers() -> Run:
    run = make_run()
    kept = tuple(c for c in run.schema.columns if c.kind != "numeric")
    schema = Schema(columns=kept, target="bought", task="binary", task_reason="", classes=("no", "yes"))
    return dataclasses.replace(run, schema=schema)


def test_numbers_are_only_bent_where_there_are_numbers():
    effects = effects_with(even)
    fields = {field for change in growth(NET, without_numbers()) for field, _ in change.edits}
    assert "numeric_scaling" not in fields
    assert EMBED not in [change.title for change in early_changes(NET, without_numbers(), effects)]
    assert EMBED in [change.title for change in early_changes(NET, make_run(), effects)]


def test_growth_never_regularizes():
    names = {field for change in growth(NET, make_run()) for field, _ in change.edits}
    assert not names & {"dropout", "l2", "weight_decay", "label_smoothing", "schedule", "reduce_on_plateau"}


def test_a_loss_that_ends_near_its_best_has_not_turned():
    effects = effects_with(even, curves=lambda r: ((1.0, 0.5, 0.3), (0.6, 0.5, 0.52)))
    assert not has_turned(run_after(effects).stages[-1].best)
    turned = effects_with(even, curves=lambda r: TURNED)
    assert has_turned(run_after(turned).stages[-1].best)


def test_losses_are_compared_after_as_many_epochs_as_both_had():
    short = run_after(effects_with(even, curves=lambda r: ((3.0, 2.0), (1.0, 1.0)))).stages[-1].best
    long = run_after(effects_with(even, curves=lambda r: ((3.0, 1.5, 0.1), (1.0, 1.0, 1.0)))).stages[-1].best
    assert losses_at_equal_epochs(short, long) == ([2.0] * 5, [1.5] * 5)


@pytest.mark.parametrize("leads", [True, False])
def test_the_net_gets_a_linear_path_where_a_linear_model_leads(leads):
    effects = effects_with(lambda recipe, fold: 0.5)
    run = run_after(effects, stage="baseline")
    baseline = run.stage("baseline")
    linear = dataclasses.replace(baseline.best, name="linear", recipe=None)
    ladder = (baseline.best, linear) if leads else (linear, baseline.best)
    best = dataclasses.replace(baseline.best, name="net 2x64")
    ladder = tuple(best if t is baseline.best else t for t in ladder)
    run = dataclasses.replace(run, stages=(dataclasses.replace(baseline, ladder=ladder),))
    titles = [change.title for change in early_changes(best.recipe, run, effects)]
    assert ("a linear path beside the net" in titles) is leads


def gains_with_batch_norm(recipe: Recipe, fold: int) -> float:
    return 0.8 + 0.05 * (recipe.normalization == "batch") + 0.05 * (recipe.learning_rate > NET.learning_rate)


def test_a_higher_rate_is_tried_right_after_batch_normalization_was_kept():
    result = grown(gains_with_batch_norm, losses=lambda r, f: (0.5, 0.6))
    decisions = {d.change.title: d for d in result.decisions}
    titles = list(decisions)
    assert titles[titles.index(BATCH_NORM) + 1] == FASTER
    assert decisions[FASTER].change.reason == "batch normalization allows higher rates"
    assert decisions[FASTER].kept
    assert result.end.learning_rate == pytest.approx(3 * NET.learning_rate)


def test_a_higher_rate_that_does_not_help_is_taken_back():
    def score(recipe: Recipe, fold: int) -> float:
        return gains_with_batch_norm(recipe, fold) - 0.2 * (recipe.learning_rate > NET.learning_rate)

    result = grown(score, losses=lambda r, f: (0.5, 0.6))
    assert not kept_by_title(result)[FASTER]
    assert result.end.learning_rate == NET.learning_rate
    assert result.end.normalization == "batch"


def test_the_rate_stays_where_batch_normalization_was_not_kept():
    result = grown(losses=lambda r, f: (0.5, 0.6))
    assert not kept_by_title(result)[BATCH_NORM]
    assert FASTER not in kept_by_title(result)


def test_a_rate_at_the_end_of_its_range_goes_no_higher():
    fast = Recipe(learning_rate=0.09)
    assert faster_change(fast, dataclasses.replace(fast, normalization="batch")) is None


def test_batch_normalization_is_not_offered_to_tiny_batches():
    titles = [[c.title for c in growth(dataclasses.replace(NET, batch_size=n), make_run())] for n in (4, 8)]
    assert [BATCH_NORM in found for found in titles] == [False, True]


def test_a_funnel_is_offered_that_ends_at_the_width_of_the_start():
    change = next(c for c in growth(Recipe(width=64), make_run()) if ("funnel", True) in c.edits)
    assert change.title == "a funnel of 256-128-64 units"
    assert layer_widths(change.apply(Recipe(width=64))) == (256, 128, 64)


@pytest.mark.parametrize(("preset", "n_tried"), [("standard", 0), ("thorough", 4)])
def test_other_optimizers_are_tried_last_by_the_thorough_preset_alone(preset, n_tried):
    result = grown(losses=lambda r, f: (0.5, 0.6), config=dataclasses.replace(PLAIN, preset=preset))
    tried = [d.change for d in result.decisions if "optimizer" in dict(d.change.edits)]
    assert [c.title for c in tried] == ["SGD with momentum", "Nadam", "Lion", "Adagrad"][:n_tried]
    assert [d.change for d in result.decisions][len(result.decisions) - n_tried :] == tried
    assert len(result.trials) - 1 <= result.plan.n_trials  # the numbers are embedded before the plan


def test_another_optimizer_takes_a_rate_of_its_own_scale():
    assert dict(with_optimizer(NET, "sgd").edits) == {"optimizer": "sgd", "learning_rate": 0.01}
    assert with_optimizer(Recipe(optimizer="sgd", learning_rate=0.0333333), "sgd").edits == ()


def test_an_optimizer_is_judged_with_the_rate_that_was_found_before():
    def score(recipe: Recipe, fold: int) -> float:
        return gains_with_batch_norm(recipe, fold) + 0.05 * (recipe.optimizer == "sgd")

    result = grown(score, losses=lambda r, f: (0.5, 0.6), config=dataclasses.replace(PLAIN, preset="thorough"))
    assert (result.end.optimizer, result.end.learning_rate) == ("sgd", 0.03)


def test_mixed_precision_is_said():
    effects = effects_with(even, losses=lambda r, f: (0.5, 0.6))
    plain = overfit.work(run_after(effects), effects)
    assert not any("bfloat16" in note for note in plain.notes)
    mixed = effects_with(even, losses=lambda r, f: (0.5, 0.6))
    inner = mixed.trainer.fit
    mixed.trainer.fit = lambda recipe, fold, n_more=None: dataclasses.replace(
        inner(recipe, fold, n_more=n_more), precision="mixed_bfloat16"
    )
    result = overfit.work(run_after(mixed), mixed)
    said = "trained in mixed_bfloat16, which the GPU gains from; weights and outputs are float32"
    assert said in result.notes
