"""What the stages do on images: their ladder, families, growth, views at prediction, and what serving may cost."""

from __future__ import annotations

import dataclasses
import math

import pytest
from stage_runs import BASELINES, CurveTrainer, even

from autorecipe.beginning import _check_families
from autorecipe.change import with_edits
from autorecipe.config import Config
from autorecipe.effects import Effects
from autorecipe.errors import UserError
from autorecipe.families import FAMILIES, family_named
from autorecipe.families.pretrained import CPU_WORK_PER_S
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.stages import baseline, overfit, squeeze, tune
from autorecipe.stages.choosing import serving_limit
from autorecipe.stages.growth import growth
from autorecipe.stages.portfolio import as_fast_as_here, data_size, family_changes, image_of, trial_s
from autorecipe.stages.trials import try_recipe
from autorecipe.stages.views import MOST_SEEN, N_VIEWS, Seen, try_views, views_s, with_views
from autorecipe.testing import fake_effects, make_run
from autorecipe.testing.runs import with_images
from autorecipe.trial_cost import IMAGE_EPOCH_OVERHEAD, IMAGE_STEP_OVERHEAD, slowness

IMAGE = (32, 32, 3)


def image_run(*, side: int = 32, n_folds: int = 5, config: Config | None = None) -> Run:
    return with_images(make_run(task="multiclass", n_folds=n_folds, config=config), side=side)


def image_effects(score=even, *, n_folds: int = 5, **options) -> Effects:
    return fake_effects(trainer=CurveTrainer(score, baselines=BASELINES, **options), n_folds=n_folds)


def net_of(run: Run, **edits) -> Recipe:
    return dataclasses.replace(baseline.first_recipe(run), **edits)


def after(stage: str, recipe: Recipe, run: Run, effects: Effects) -> Run:
    best = try_recipe(recipe, effects, name="small convnet", whatever_the_clock=True)
    result = StageResult(stage=stage, question="?", start=recipe, end=recipe, best=best)
    return dataclasses.replace(run, stages=(result,))


def test_the_simplest_net_for_images_is_a_small_convnet_as_its_record_has_it():
    run = image_run()
    recipe = baseline.first_recipe(run)
    assert recipe == with_edits(recipe, family_named("convnet").defaults(data_size(run)))
    assert baseline.net_name(recipe) == "small convnet"


def test_the_size_of_images_comes_from_the_profile():
    size = data_size(image_run(side=48))
    assert size.image == (48, 48, 3)
    assert size.n_folds == 5
    assert image_of(make_run()) == ()


def test_the_ladder_of_images_names_what_its_rungs_look_at():
    result = baseline.work(image_run(), image_effects())
    names = [trial.name for trial in result.ladder]
    assert "linear on 8 x 8 colours" in names
    assert "gradient boosting on 4 x 4 colours" in names
    assert "small convnet" in names
    assert "textbook net" not in names


def test_the_rate_of_a_net_for_images_is_not_taken_from_the_range_test():
    run = image_run()
    assert baseline.work(run, image_effects()).end.learning_rate == baseline.first_recipe(run).learning_rate


def test_gradient_boosting_is_left_out_where_images_and_classes_are_many():
    run = image_run()
    many = dataclasses.replace(run.schema, classes=tuple(map(str, range(100))))
    result = baseline.work(dataclasses.replace(run, schema=many), image_effects())
    assert "gradient boosting on 4 x 4 colours" not in [trial.name for trial in result.ladder]
    assert any(note.startswith("gradient boosting is left out") for note in result.notes)


def test_families_for_images_are_tried_and_none_for_tables():
    effects, run = image_effects(), image_run()
    changes = family_changes(net_of(run), after("baseline", net_of(run), run, effects), has_gpu=False)
    named = [dict(change.edits)["family"] for change in changes]
    assert named[0] == "fast_convnet"
    assert all(family_named(name).modality == "image" for name in named)


@pytest.mark.parametrize(("side", "is_favoured"), [(32, True), (160, False)])
def test_published_evidence_speaks_for_the_fast_net_on_small_images(side, is_favoured):
    run = image_run(side=side)
    change = family_changes(net_of(run), run, has_gpu=False)[0]
    assert bool(change.source) is is_favoured


def test_a_pretrained_net_is_tried_again_only_where_its_rung_stands():
    run = image_run(side=96)
    assert "pretrained" not in [dict(c.edits)["family"] for c in family_changes(net_of(run), run, has_gpu=False)]
    frozen = Recipe(family="pretrained", backbone="mobilenet_v3_small")
    effects = image_effects()
    stage = dataclasses.replace(
        after("baseline", net_of(run), run, effects).stages[0], trials=(try_recipe(frozen, effects, name="frozen"),)
    )
    known = dataclasses.replace(run, stages=(stage,))
    first = family_changes(net_of(run), known, has_gpu=False)[0]
    assert dict(first.edits)["family"] == "pretrained"
    assert first.apply(net_of(run)).backbone == "mobilenet_v3_small"


def test_overfit_tries_a_convolutional_family_and_keeps_what_learns_more():
    effects = image_effects(lambda recipe, fold: 0.3 if recipe.family == "fast_convnet" else 0.6)
    run = image_run()
    result = overfit.work(after("baseline", net_of(run), run, effects), effects)
    assert result.end.family == "fast_convnet"


def test_a_convnet_grows_by_channels_blocks_and_stages():
    recipe = net_of(image_run(), width=16, depth=2, n_blocks=1)
    titles = [change.title for change in growth(recipe, image_run())]
    assert titles == ["channels 16 -> 32", "blocks a stage 1 -> 2", "stages 2 -> 3"]
    thorough = image_run(config=Config(target="bought", preset="thorough"))
    assert [change.title for change in growth(recipe, thorough)] == [*titles, "channels 16 -> 64"]


def test_no_stage_is_added_where_the_image_would_be_gone():
    titles = [change.title for change in growth(net_of(image_run(), depth=4), image_run(side=32))]
    assert not any(title.startswith("stages") for title in titles)


def test_a_larger_network_is_predicted_to_take_longer_by_its_own_work():
    run, effects = image_run(), image_effects()
    small = net_of(run, width=8, n_blocks=1)
    known = [try_recipe(small, effects, name="net")]
    wide, deep = dataclasses.replace(small, width=32), dataclasses.replace(small, n_blocks=3)
    assert trial_s(wide, known, run) > 1.5 * trial_s(small, known, run)
    assert trial_s(deep, known, run) > trial_s(small, known, run)


@pytest.mark.parametrize(("times", "slow"), [(1.0, 1.0), (1.3, 1.0), (4.2, 4.0), (0.5, 0.5), (0.01, 0.25), (1e4, 16.0)])
def test_slowness_is_a_power_of_two_of_what_the_records_let_expect(times, slow):
    recipe = net_of(image_run(), epochs=10)
    n_steps = math.ceil(400 / recipe.batch_size)
    a_step = IMAGE_STEP_OVERHEAD + family_named("convnet").work(recipe, IMAGE) * recipe.batch_size
    epoch_s = (n_steps * a_step + IMAGE_EPOCH_OVERHEAD) / 1e9
    fit = Fit(key="", fold=0, seconds=3.0 + 10 * times * epoch_s, setup_s=3.0, epochs=10)
    trial = Trial(name="net", recipe=recipe, fits=(fit,))
    assert slowness(trial, n_train=400, image=IMAGE, work_per_s=1e9) == slow


def test_networks_are_sized_by_the_speed_of_the_machine():
    effects, run = image_effects(seconds=1e5), image_run()
    size = data_size(run)
    known = after("baseline", net_of(run), run, effects)
    assert as_fast_as_here(size, known).time_limit_s == size.time_limit_s / 16
    assert as_fast_as_here(size, run) == size
    assert as_fast_as_here(dataclasses.replace(size, has_gpu=True), known).time_limit_s == size.time_limit_s


def seen_by_views(gain: float, *, config: Config | None = None, **options) -> tuple[StageResult, Effects]:
    effects = image_effects(lambda recipe, fold: 0.2 - gain * (recipe.test_time != "none") + 1e-4 * fold, **options)
    run = image_run(config=config)
    return squeeze.work(after("tune", net_of(run), run, effects), effects), effects


def test_views_at_prediction_are_kept_where_they_help_and_the_members_see_them():
    result, _ = seen_by_views(0.05)
    assert result.start.test_time == "none"
    assert result.best.recipe.test_time == result.end.test_time == "mirror"
    assert [part.recipe.test_time for part in result.ensemble.parts] == ["mirror"]
    assert [(d.change.edits, d.kept) for d in result.decisions[:2]] == [
        ((("test_time", "mirror"),), True),
        ((("test_time", "mirror_and_shifts"),), False),
    ]


def test_views_that_do_not_help_are_not_kept():
    result, _ = seen_by_views(-0.05)
    assert result.best.recipe.test_time == "none"
    assert [d.kept for d in result.decisions[:1]] == [False]


def test_a_network_that_the_clock_cut_short_is_not_trained_again_for_its_views():
    effects = image_effects(lambda recipe, fold: 0.2 - 0.05 * (recipe.test_time != "none"))
    run = image_run()
    done = after("tune", net_of(run), run, effects)
    cut = dataclasses.replace(done.best, fits=tuple(dataclasses.replace(f, is_cut=True) for f in done.best.fits))
    assert try_views(cut, done, effects).decisions == ()


def test_a_given_recipe_keeps_its_own_views():
    result, _ = seen_by_views(0.05, config=Config(target="bought", recipe=Recipe(family="convnet")))
    assert result.best.recipe.test_time == "none"


def test_views_are_not_tried_of_a_network_for_tables():
    effects = image_effects(n_folds=5)
    result = squeeze.work(after("tune", Recipe(epochs=3), make_run(task="multiclass"), effects), effects)
    assert all(recipe.test_time == "none" for recipe, _ in effects.trainer.calls)
    assert result.best.recipe == Recipe(epochs=3)


FROZEN = Recipe(family="pretrained", backbone="mobilenet_v3_small", epochs=60)


def of_head(recipe: Recipe) -> Trial:
    return Trial(
        name="head", recipe=recipe, fits=tuple(Fit(key=str(i), fold=i, seconds=6.0, epochs=60) for i in (0, 1))
    )


def test_views_of_a_head_on_features_are_counted_by_what_its_backbone_took():
    run, head = image_run(n_folds=2, side=96), of_head(FROZEN)
    first = dataclasses.replace(head.fits[0], setup_s=0.02 * run.data.n_rows)
    known = dataclasses.replace(head, fits=(first, head.fits[1]))
    measured = dataclasses.replace(run, stages=(StageResult(stage="baseline", question="?", trials=(known,)),))
    n_images = 2 * run.split.n_validation
    assert views_s(head, "mirror", measured) == pytest.approx(2 * 0.02 * n_images)
    assert views_s(head, "mirror_and_shifts", measured) == pytest.approx(6 * 0.02 * n_images)
    other = dataclasses.replace(head, recipe=dataclasses.replace(FROZEN, backbone="convnext_tiny"))
    by_record = 2 * n_images * 4.5e9 * (96 / 224) ** 2 / CPU_WORK_PER_S
    assert views_s(other, "mirror", measured) == pytest.approx(by_record)


def test_views_of_a_network_that_sees_pixels_are_counted_by_its_epochs():
    run, net = image_run(), of_head(Recipe(family="convnet"))
    assert views_s(net, "mirror_and_shifts", run) == pytest.approx(0.2)
    augmented = of_head(dataclasses.replace(FROZEN, flip_horizontal=0.5))
    assert views_s(augmented, "mirror_and_shifts", run) == pytest.approx(0.2 * 6 / 4)


@pytest.mark.slow
def test_views_are_counted_as_they_are_made():
    pytest.importorskip("keras")
    from autorecipe.layers.image_views import WEIGHTS

    assert {views: len(weights) for views, weights in WEIGHTS.items()} == N_VIEWS


def test_an_architecture_of_the_users_for_images_has_views_too():
    own = of_head(Recipe(family="custom", architecture="m:f"))
    effects = image_effects(lambda recipe, fold: 0.2 - 0.05 * (recipe.test_time != "none") + 1e-4 * fold)
    run = after("tune", own.recipe, image_run(), effects)
    assert squeeze.work(run, effects).best.recipe.test_time == "mirror"


def test_only_the_best_few_see_what_the_best_one_does():
    effects, run = image_effects(), image_run()
    trials = tuple(try_recipe(net_of(run, width=8 * i), effects, name=f"net {i}") for i in range(1, MOST_SEEN + 3))
    best = try_recipe(dataclasses.replace(trials[0].recipe, test_time="mirror"), effects, name="net 1")
    found = with_views(trials, Seen(best=best), run, effects)
    assert found[0] is best
    assert len(found) == len(trials)
    assert sum(trial.recipe.test_time == "mirror" for trial in found) == MOST_SEEN


def test_images_have_a_serving_rate_of_their_own_unless_one_is_asked_for():
    assert serving_limit(image_run(side=96)) == 20
    assert serving_limit(image_run(side=96, config=Config(target="bought", serve_rows_per_s=7))) == 7
    assert serving_limit(image_run(side=96, config=Config(target="bought", serve_rows_per_s=5_000))) == 5_000
    assert serving_limit(make_run()) == 5_000


def test_tune_searches_channels_blocks_and_the_strengths_that_are_on():
    effects, run = image_effects(), image_run()
    recipe = net_of(run, translation=0.1)
    tune.work(after("regularize", recipe, run, effects), effects)
    fields = {knob.field for space, _, _ in effects.searcher.searches for knob in space}
    assert {"learning_rate", "width", "n_blocks", "translation"} <= fields
    assert not fields & {"numeric_scaling", "n_bins", "flip_horizontal", "rotation"}


@pytest.mark.parametrize(
    ("modality", "config", "match"),
    [
        ("image", Config(target="y", families=("mlp",)), "family 'mlp' does not take images(.|\n)*convnet"),
        ("table", Config(target="y", families=("convnet",)), "family 'convnet' does not take a table"),
        ("image", Config(target="y", recipe=Recipe()), "family 'mlp' does not take images"),
    ],
)
def test_a_family_that_cannot_take_the_rows_is_refused(modality, config, match):
    with pytest.raises(UserError, match=match):
        _check_families(config, modality)


def test_every_family_for_images_counts_its_own_work():
    for family in FAMILIES:
        assert (family.work is not None) == (family.modality == "image"), family.name
