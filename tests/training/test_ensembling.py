from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent
from small_data import Memory, recipe_for, small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.data.folds import Fold  # noqa: E402
from autorecipe.ensemble.members import Member  # noqa: E402
from autorecipe.ensemble.record import Ensemble  # noqa: E402
from autorecipe.ensemble.temperature import tempered  # noqa: E402
from autorecipe.export.serving import WeightedMean  # noqa: E402
from autorecipe.record.trial import Fit, Trial  # noqa: E402
from autorecipe.training.dataset import Dataset  # noqa: E402
from autorecipe.training.ensembling import ensemble_out_of_fold, rows_per_second  # noqa: E402
from autorecipe.training.members import build_member  # noqa: E402
from autorecipe.training.trainer import NetworkTrainer  # noqa: E402

TASKS = ("binary", "multiclass", "regression")
each_task = pytest.mark.parametrize("task", TASKS)
TRAINERS = {task: small_trainer(small_data(task)) for task in TASKS}


def fitted(task: str, *, fold: int = 0, **edits) -> tuple[NetworkTrainer, Trial]:
    trainer, recipe = TRAINERS[task], recipe_for(task, **edits)
    return trainer, Trial(name=f"seed {recipe.seed}", recipe=recipe, fits=(trainer.fit(recipe, fold),))


def remembering(task: str, said: dict[str, np.ndarray], *, fold: int = 0) -> tuple[NetworkTrainer, tuple[Trial, ...]]:
    """A trainer that remembers made-up predictions of a fold's validation rows, one trial for each."""
    trainer = small_trainer(TRAINERS[task].data, memory=Memory())
    trials = []
    for i, (name, prediction) in enumerate(said.items()):
        fit = Fit(key=name, fold=fold)
        trainer.memory.save_fit(name, fit, predictions={"validation": prediction}, weights=None)
        trials.append(Trial(name=name, recipe=recipe_for(task, width=i + 2), fits=(fit,)))
    return trainer, tuple(trials)


def noisy_targets(n: int, *, size: float) -> tuple[NetworkTrainer, tuple[Trial, ...]]:
    data = TRAINERS["regression"].data
    y, rng = data.y[data.fold(0).validation], np.random.default_rng(0)
    return remembering("regression", {f"net {i}": y + rng.normal(scale=size, size=len(y)) for i in range(n)})


@each_task
def test_trained_networks_are_weighed(task):
    trainer, first = fitted(task)
    _, second = fitted(task, seed=1)
    found = trainer.weigh((first, second))
    assert sum(part.weight for part in found.parts) == pytest.approx(1)
    assert found.n_rows == len(trainer.data.fold(0).validation)
    assert {key for part in found.parts for key in part.keys} <= {first.fits[0].key, second.fits[0].key}
    assert all(part.temperature > 0 for part in found.parts)


def test_networks_that_err_apart_become_an_ensemble_that_says_what_it_gains():
    trainer, trials = noisy_targets(3, size=5.0)
    found: Ensemble = trainer.weigh(trials)
    assert len(found.parts) == 3
    assert found.score < found.best_alone == min(part.score for part in found.parts)
    assert found.gain > 0
    assert found.gain_error > 0
    assert found.parts[0].weight == max(part.weight for part in found.parts)


def test_time_that_goes_forward_is_respected():
    trainer, trials = noisy_targets(3, size=5.0)
    found = trainer.weigh(trials, in_order=True)
    assert len(found.parts) > 1
    assert found.gain != trainer.weigh(trials).gain


def in_time(trainer: NetworkTrainer, moments: np.ndarray) -> NetworkTrainer:
    data = trainer.data
    split = dataclasses.replace(data.split, moments=moments)
    return small_trainer(dataclasses.replace(data, split=split), memory=trainer.memory)


def reversed_in_table(data: Dataset) -> Dataset:
    def turned(fold: Fold) -> Fold:
        return Fold(train=299 - fold.train[::-1], validation=299 - fold.validation[::-1])

    split = dataclasses.replace(data.split, folds=tuple(turned(f) for f in data.split.folds))
    return dataclasses.replace(data, y=data.y[::-1], weight=data.weight[::-1], split=split)


def test_a_table_sorted_newest_first_gives_the_same_ensemble():
    trainer, trials = noisy_targets(3, size=5.0)
    found = in_time(trainer, np.arange(300)).weigh(trials, in_order=True)
    for key, kept in trainer.memory.predictions.items():
        trainer.memory.predictions[key] = {"validation": kept["validation"][::-1]}
    newest_first = small_trainer(reversed_in_table(trainer.data), memory=trainer.memory)
    again = in_time(newest_first, np.arange(300)[::-1]).weigh(trials, in_order=True)
    assert again.gain == pytest.approx(found.gain)
    assert [p.weight for p in again.parts] == [p.weight for p in found.parts]


def test_rows_of_one_moment_are_in_one_block():
    trainer, trials = noisy_targets(3, size=5.0)
    assert in_time(trainer, np.zeros(300, dtype="int64")).weigh(trials, in_order=True).gain == 0


def test_only_the_best_few_of_a_kind_are_read():
    trainer, trials = noisy_targets(5, size=5.0)
    scores = (2.0, 1.0, 5.0, 1.5, 4.0)  # an error: smaller is better
    scored = tuple(
        dataclasses.replace(t, fits=(dataclasses.replace(t.fits[0], validation_score=score),))
        for t, score in zip(trials, scores, strict=True)
    )
    for name in ("net 2", "net 4"):
        del trainer.memory.predictions[name]
    assert {p.name for p in trainer.weigh(scored).parts} <= {"net 0", "net 1", "net 3"}


def test_rows_are_predicted_only_by_networks_that_did_not_learn_from_them():
    trainer, here = fitted("binary", fold=0)
    _, there = fitted("binary", fold=2, seed=1)
    members = (
        Member(recipe=here.recipe, fit=here.fits[0], share=0.75, part=0),
        Member(recipe=there.recipe, fit=there.fits[0], share=0.25, temperature=2.0, part=1),
    )
    rows, said = ensemble_out_of_fold(members, trainer.data, trainer.memory)
    own = {m.fit.fold: trainer.memory.load_predictions(m.fit.key)["validation"] for m in members}
    held_out = {fold: trainer.data.fold(fold).validation for fold in own}
    assert set(rows) == set(held_out[0]) | set(held_out[2])
    for fold, temperature in ((0, 1.0), (2, 2.0)):  # no row is held out by both
        assert not set(held_out[fold]) & set(trainer.data.fold(fold).train)
        expected = tempered(own[fold], temperature)
        np.testing.assert_allclose(said[np.searchsorted(rows, held_out[fold])], expected, rtol=1e-9)


def test_rows_that_all_parts_held_out_get_their_weighted_mean():
    trainer, trials = noisy_targets(2, size=1.0)
    members = [
        Member(recipe=t.recipe, fit=t.fits[0], share=share, part=i)
        for i, (t, share) in enumerate(zip(trials, (0.9, 0.1), strict=True))
    ]
    _, said = ensemble_out_of_fold(members, trainer.data, trainer.memory)
    a, b = (trainer.memory.load_predictions(t.fits[0].key)["validation"] for t in trials)
    np.testing.assert_allclose(said, 0.9 * a + 0.1 * b)


def test_networks_of_a_part_stand_in_for_each_other():
    trainer, (a, b) = noisy_targets(2, size=1.0)
    elsewhere = dataclasses.replace(b.fits[0], fold=2)  # another fold's rows, as many
    members = [Member(recipe=a.recipe, fit=fit, share=0.5) for fit in (a.fits[0], elsewhere)]
    rows, said = ensemble_out_of_fold(members, trainer.data, trainer.memory)
    at = np.searchsorted(rows, trainer.data.fold(0).validation)
    np.testing.assert_allclose(said[at], trainer.memory.load_predictions(a.fits[0].key)["validation"])


@each_task
def test_the_joined_model_is_the_weighted_tempered_mean(task):
    trainer, first = fitted(task)
    _, second = fitted(task, seed=1)
    chosen = [
        Member(recipe=t.recipe, fit=t.fits[0], share=share, temperature=temperature, part=i)
        for i, (t, share, temperature) in enumerate(((first, 0.7, 2.0), (second, 0.3, 1.0)))
    ]
    members = [build_member(trainer, m.recipe, m.fit, temperature=m.temperature) for m in chosen]
    mean = WeightedMean(members, [m.share for m in chosen])
    rows = trainer.data.fold(0).validation
    served = keras.ops.convert_to_numpy(mean(trainer.data.take(rows)))
    seen, expected = ensemble_out_of_fold(chosen, trainer.data, trainer.memory)
    assert np.array_equal(seen, rows)
    np.testing.assert_allclose(served.reshape(expected.shape), expected, rtol=1e-4, atol=1e-5)


def test_a_network_says_how_fast_it_serves():
    trainer, trial = fitted("binary")
    assert trainer.serving_rate(trial) > 0
    assert trainer.serving_rate(dataclasses.replace(trial, recipe=None)) == 0


def test_the_call_that_compiles_does_not_count():
    calls: list[object] = []
    assert rows_per_second(calls.append, "rows", 10) > 0
    assert calls == ["rows"] * 4
