from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from small_data import SMALL, recipe_for, small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.testing import FakeClock  # noqa: E402
from autorecipe.training import graph as graphs  # noqa: E402
from autorecipe.training import loop  # noqa: E402
from autorecipe.training.graph import GraphCache, rows_in_time  # noqa: E402
from autorecipe.training.loop import Rows, epoch_rates, epoch_strengths, train  # noqa: E402
from autorecipe.training.recovery import NotFinite  # noqa: E402

DATA = small_data()
TRAINER = small_trainer(DATA)
DROPPING = dataclasses.replace(SMALL, dropout=0.3, normalization="batch", l2=1e-3, weight_decay=1e-2)


def never() -> bool:
    return False


def trained(recipe: Recipe, *, trainer=TRAINER, should_stop=never):
    """Train a recipe; return its history, its best epoch and the graph."""
    graph, train_rows, validation_rows = trainer.prepare(recipe, 0)
    done = train(graph, recipe, train_rows, validation_rows, should_stop=should_stop)
    return done.history, done.best_epoch, graph


def kernels(graph) -> float:
    return sum(float(np.square(kernel.numpy()).sum()) for kernel in graph.kernels)


def weights_equal(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_training_lowers_both_losses():
    history, best, _ = trained(dataclasses.replace(SMALL, epochs=8))
    assert history.train_loss[-1] < 0.8 * history.train_loss[0]
    assert history.validation_loss[-1] < history.validation_loss[0]
    assert best == len(history.train_loss) == len(history.learning_rate) == 8


def test_the_same_seed_repeats_every_loss():
    first, _, graph = trained(DROPPING)
    weights = graph.network.get_weights()
    trained(dataclasses.replace(DROPPING, seed=99))
    again, _, graph = trained(DROPPING)
    assert again == first
    assert weights_equal(graph.network.get_weights(), weights)


def test_another_seed_gives_other_losses():
    assert trained(DROPPING)[0] != trained(dataclasses.replace(DROPPING, seed=99))[0]


def test_recipes_that_differ_in_strengths_alone_share_a_graph():
    cache, shape = GraphCache(), TRAINER.shape
    edits = ({"dropout": 0.1}, {"l2": 0.0}, {"weight_decay": 0.0}, {"label_smoothing": 0.1}, {"learning_rate": 0.1})
    graph = cache.graph(DROPPING, shape)
    for edit in (*edits, {"schedule": "cosine"}, {"epochs": 9}, {"patience": 7}, {"seed": 8}):
        assert cache.graph(dataclasses.replace(DROPPING, **edit), shape) is graph
    for edit in ({"width": 9}, {"dropout": 0.0}, {"batch_size": 7}, {"loss": "focal"}):
        assert cache.graph(dataclasses.replace(DROPPING, **edit), shape) is not graph


OTHER_TOPOLOGIES = {
    "funnel": True,
    "activation": "elu",
    "initializer": "orthogonal",
    "optimizer": "sgd",
    "schedule": "one_cycle",
    "drop_connect": 0.1,
    "stochastic_depth": 0.1,
    "input_noise": 0.1,
    "activation_noise": 0.1,
    "mixup": 0.2,
    "sam": 0.05,
    "clip_norm": 1.0,
    "ema_decay": 0.9,
    "max_norm": 2.0,
    "knobs": (("width", 3),),
    "architecture_hash": "0",
}


@pytest.mark.parametrize("field", OTHER_TOPOLOGIES)
def test_what_changes_the_network_or_the_step_is_part_of_the_topology(field):
    plain = graphs.topology(SMALL)
    changed = dataclasses.replace(SMALL, **{field: OTHER_TOPOLOGIES[field]})
    assert graphs.topology(changed) != plain


@pytest.mark.parametrize("field", ["l1", "input_l1", "l2", "weight_decay", "label_smoothing", "warm_up_share"])
def test_what_is_always_compiled_in_is_no_part_of_the_topology(field):
    changed = dataclasses.replace(SMALL, **{field: 0.1})
    assert graphs.topology(changed) == graphs.topology(SMALL)


def test_a_switch_that_is_on_is_a_tensor():
    light, strong = (dataclasses.replace(SMALL, mixup=a, clip_norm=a, ema_decay=a, max_norm=a) for a in (0.1, 0.9))
    assert graphs.topology(light) == graphs.topology(strong)


def test_a_shared_graph_trains_as_a_fresh_one_does():
    recipe = dataclasses.replace(DROPPING, dropout=0.1, l2=0.1, learning_rate=3e-3)
    _, _, used = trained(DROPPING)
    shared, _, graph = trained(recipe)
    fresh, _, other = trained(recipe, trainer=small_trainer(DATA))
    assert graph is used
    assert graph is not other
    assert shared == fresh
    assert weights_equal(graph.network.get_weights(), other.network.get_weights())


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(graphs, "N_KEPT_GRAPHS", 2)
    cache, shape = GraphCache(), TRAINER.shape
    first, second = cache.graph(SMALL, shape), cache.graph(dataclasses.replace(SMALL, width=9), shape)
    assert cache.graph(SMALL, shape) is first
    cache.graph(dataclasses.replace(SMALL, width=10), shape)
    assert cache.graph(SMALL, shape) is first
    assert cache.graph(dataclasses.replace(SMALL, width=9), shape) is not second


def test_the_length_of_a_slice_changes_nothing(monkeypatch):
    whole, _, graph = trained(DROPPING)
    monkeypatch.setattr(graph, "slice_steps", 1)
    monkeypatch.setattr(loop, "next_slice_steps", lambda n_steps, seconds: 1)
    assert trained(DROPPING)[0] == whole


def test_rows_that_fill_the_last_batch_count_nothing():
    # 200 rows fill a batch of 300 with a hundred of them again
    whole = dataclasses.replace(SMALL, batch_size=200)
    filled = dataclasses.replace(SMALL, batch_size=300)
    assert trained(filled)[0].train_loss == pytest.approx(trained(whole)[0].train_loss, rel=1e-4)


def test_steps_compiled_by_xla_take_the_same_way(monkeypatch):
    plain, _, _ = trained(SMALL)
    monkeypatch.setattr(graphs, "XLA_FROM_ROWS", 1)
    fast, _, _ = trained(SMALL)
    assert fast.train_loss == pytest.approx(plain.train_loss, rel=1e-3)
    assert trained(SMALL)[0] == fast


def validation_loss(graph) -> float:
    fold = DATA.fold(0).validation
    x = {name: tf.constant(values[fold]) for name, values in DATA.x.items()}
    return graph.mean_loss(graph.predict(x), DATA.y[fold].astype("int32"), DATA.weight[fold])


def test_without_patience_the_last_weights_stay():
    history, best, graph = trained(dataclasses.replace(SMALL, epochs=30, learning_rate=0.1))
    assert best == 30
    assert history.validation_loss[-1] > min(history.validation_loss)
    assert validation_loss(graph) == pytest.approx(history.validation_loss[-1], rel=1e-5)


def test_a_training_that_is_stopped_has_come_as_far_as_its_schedule_had():
    recipe = dataclasses.replace(SMALL, epochs=8, schedule="cosine", patience=5)
    whole, _, _ = trained(recipe)
    history, best, graph = trained(dataclasses.replace(recipe, stop_epoch=3))
    assert best == len(history.train_loss) == 3
    assert history.train_loss == whole.train_loss[:3]
    assert history.learning_rate == whole.learning_rate[:3]
    assert validation_loss(graph) == pytest.approx(history.validation_loss[-1], rel=1e-5)


def test_patience_brings_the_best_weights_back():
    history, best, graph = trained(dataclasses.replace(SMALL, epochs=60, learning_rate=0.1, patience=4))
    assert len(history.validation_loss) == best + 4 < 60
    assert history.validation_loss[best - 1] == min(history.validation_loss)
    assert validation_loss(graph) == pytest.approx(min(history.validation_loss), rel=1e-5)


def test_a_plateau_halves_the_rate():
    # so small a rate that the validation loss stands still
    history, _, _ = trained(dataclasses.replace(SMALL, learning_rate=1e-6, epochs=13, reduce_on_plateau=True))
    assert history.learning_rate[0] == pytest.approx(1e-6)
    assert history.learning_rate[-1] == pytest.approx(2.5e-7)
    steady, _, _ = trained(dataclasses.replace(SMALL, learning_rate=1e-6, epochs=13))
    assert set(steady.learning_rate) == {steady.learning_rate[0]}


def test_an_epoch_continues_the_schedule_where_the_last_one_ended():
    recipe = Recipe(schedule="cosine", warm_up_share=0.1, epochs=5)
    found = np.concatenate([epoch_rates(recipe, rate=0.1, epoch=i, steps_per_epoch=20) for i in range(5)])
    peak = found.argmax()
    assert found.max() == pytest.approx(0.1, rel=0.01)
    assert (np.diff(found[: peak + 1]) > 0).all()
    assert (np.diff(found[peak:]) < 0).all()


def test_the_average_has_a_short_memory_at_first():
    recipe = Recipe(ema_decay=0.99)
    decay = epoch_strengths(recipe, epoch=0, steps_per_epoch=2000)["ema_decay"]
    assert decay[0] == pytest.approx(0.1)
    assert (np.diff(decay) >= 0).all()
    assert decay[-1] == pytest.approx(0.99)


def test_mixing_shares_are_drawn_from_the_seed_for_each_step():
    recipe = Recipe(mixup=0.3, seed=1)
    first, again, other = (
        epoch_strengths(recipe, epoch=epoch, steps_per_epoch=500)["mixup_share"] for epoch in (0, 0, 1)
    )
    assert first.tolist() == again.tolist() != other.tolist()
    assert ((first >= 0) & (first <= 1)).all()
    assert first.mean() == pytest.approx(0.5, abs=0.1)


def test_an_explosion_leaves_no_trace_in_the_next_trial():
    expected, _, _ = trained(DROPPING)
    with pytest.raises(NotFinite, match=r"no longer a finite number in epoch 1, even after 2 restarts"):
        trained(dataclasses.replace(DROPPING, learning_rate=1e30))
    assert trained(DROPPING)[0] == expected


def test_training_stops_after_a_slice_when_it_should():
    history, best, _ = trained(dataclasses.replace(SMALL, epochs=50), should_stop=lambda: True)
    assert len(history.train_loss) == best == 1


def penalized(**edits) -> float:
    return kernels(trained(dataclasses.replace(SMALL, epochs=8, **edits))[2])


def test_penalties_make_the_kernels_smaller():
    free = penalized()
    assert penalized(l2=0.05) < 0.9 * free
    assert penalized(l1=0.05) < 0.9 * free
    assert penalized(weight_decay=1.0) < 0.9 * free


def test_the_penalty_of_the_inputs_is_that_of_the_first_kernel_alone():
    _, _, graph = trained(dataclasses.replace(SMALL, epochs=8))
    plain = [np.abs(k.numpy()).mean() for k in graph.kernels]
    _, _, graph = trained(dataclasses.replace(SMALL, epochs=8, input_l1=0.05))
    shrunk = [np.abs(k.numpy()).mean() for k in graph.kernels]
    assert shrunk[0] < 0.5 * plain[0]
    assert shrunk[1] > 0.5 * plain[1]


def test_no_hidden_unit_has_a_larger_norm_than_allowed():
    _, _, graph = trained(dataclasses.replace(SMALL, epochs=8, max_norm=0.5))
    hidden, head = (np.linalg.norm(k.numpy(), axis=0) for k in graph.kernels)
    assert hidden.max() == pytest.approx(0.5, rel=1e-3)
    assert head.max() > 0.5


def test_the_history_says_how_large_the_gradients_were_before_clipping():
    free, _, _ = trained(SMALL)
    clipped, _, _ = trained(dataclasses.replace(SMALL, clip_norm=1e-6))
    assert len(free.gradient_norm) == len(free.peak_gradient_norm) == 3
    assert all(peak >= mean > 0 for mean, peak in zip(free.gradient_norm, free.peak_gradient_norm, strict=True))
    assert min(clipped.gradient_norm) > 100 * 1e-6


def test_the_averaged_weights_are_validated_and_kept():
    recipe = dataclasses.replace(SMALL, epochs=6, learning_rate=0.1, ema_decay=0.95)
    history, best, graph = trained(recipe)
    assert best == 6
    assert validation_loss(graph) == pytest.approx(history.validation_loss[-1], rel=1e-5)
    plain, _, _ = trained(dataclasses.replace(recipe, ema_decay=0.0))
    assert history.train_loss == pytest.approx(plain.train_loss, rel=1e-4)
    assert history.validation_loss != pytest.approx(plain.validation_loss, rel=1e-3)


def test_patience_brings_the_best_averaged_weights_back():
    recipe = dataclasses.replace(SMALL, epochs=40, learning_rate=0.1, ema_decay=0.9, patience=4)
    history, best, graph = trained(recipe)
    assert history.validation_loss[best - 1] == min(history.validation_loss)
    assert validation_loss(graph) == pytest.approx(min(history.validation_loss), rel=1e-5)


MIXED = dataclasses.replace(SMALL, mixup=1.0, epochs=8)


def test_mixup_learns_and_makes_the_training_loss_larger():
    mixed, _, _ = trained(MIXED)
    plain, _, _ = trained(dataclasses.replace(MIXED, mixup=0.0))
    assert mixed.validation_loss[-1] < mixed.validation_loss[0]
    assert mixed.train_loss[-1] > plain.train_loss[-1]
    assert trained(MIXED)[0] == mixed


def test_a_batch_that_is_mixed_with_share_1_is_not_mixed(monkeypatch):
    monkeypatch.setattr(loop, "epoch_strengths", lambda recipe, epoch, steps_per_epoch: graphs.strengths(recipe))
    plain = dataclasses.replace(MIXED, mixup=0.0)
    assert trained(MIXED)[0].train_loss == pytest.approx(trained(plain)[0].train_loss, rel=1e-4)


def test_the_watched_rows_are_the_same_at_each_epoch():
    graph, rows, validation = TRAINER.prepare(SMALL, 0)
    done = train(graph, SMALL, rows, validation, should_stop=never)
    assert done.watched.shape == (3, validation.n_rows, 1)
    np.testing.assert_array_equal(done.watched[-1], graph.predict(validation.x))
    assert not np.array_equal(done.watched[0], done.watched[-1])


def test_looking_inside_after_powers_of_two_changes_nothing(monkeypatch):
    monkeypatch.setattr(loop, "LOOK_STEPS", 8)  # of 4 an epoch
    graph, rows, validation = TRAINER.prepare(DROPPING, 0)
    seen = []

    def inspect(epoch):
        seen.append(epoch)
        for variable in graph.network.trainable_variables:
            variable.assign(tf.zeros_like(variable.value))
        return None

    recipe = dataclasses.replace(DROPPING, epochs=6)
    done = train(graph, recipe, rows, validation, should_stop=never, inspect=inspect)
    assert seen == [0, 1, 4]
    assert done.history == trained(recipe)[0]


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adagrad", "nadam", "lion"])
def test_every_optimizer_starts_afresh_with_its_graph(optimizer):
    recipe = dataclasses.replace(SMALL, optimizer=optimizer, learning_rate=3e-3)
    first, _, _ = trained(recipe)
    assert first.train_loss[-1] < first.train_loss[0]
    assert trained(recipe)[0] == first


def test_one_cycle_moves_the_momentum():
    recipe = dataclasses.replace(SMALL, schedule="one_cycle", optimizer="sgd")
    cycled, _, graph = trained(recipe)
    assert graph.steps.settings.cycles_momentum
    assert graph.optimizer.momentum == 0.9
    assert cycled.train_loss[-1] < cycled.train_loss[0]


def test_rows_of_weight_0_teach_nothing():
    graph, rows, validation = TRAINER.prepare(SMALL, 0)
    weight = np.ones(rows.n_rows, "float32")
    weight[: rows.n_rows // 2] = 0.0
    y = np.where(weight > 0, rows.y.numpy(), 1 - rows.y.numpy())
    found = []
    for labels in (rows.y.numpy(), y):
        TRAINER.prepare(SMALL, 0)
        changed = Rows(x=rows.x, y=tf.constant(labels), weight=tf.constant(weight))
        found.append(train(graph, SMALL, changed, validation, should_stop=never).history)
    assert found[0] == found[1]


def test_a_batch_of_rows_of_weight_0_does_no_harm():
    graph, rows, validation = TRAINER.prepare(SMALL, 0)
    weight = np.eye(1, rows.n_rows, dtype="float32")[0]  # one row in one of four batches
    changed = Rows(x=rows.x, y=rows.y, weight=tf.constant(weight))
    history = train(graph, SMALL, changed, validation, should_stop=never).history
    assert np.isfinite(history.train_loss + history.validation_loss).all()


RESIDUAL = {"family": "residual_mlp", "normalization": "layer", "activation": "gelu"}
EMBEDDED = {"numeric_embedding": "piecewise_linear", "n_bins": 6, "numeric_scaling": "quantile", "dropout": 0.2}


@pytest.mark.parametrize(("task", "edits"), [("multiclass", RESIDUAL), ("regression", EMBEDDED)])
def test_every_family_and_prefix_learns(task, edits):
    history, _, _ = trained(recipe_for(task, epochs=6, **edits), trainer=small_trainer(small_data(task)))
    assert history.train_loss[-1] < history.train_loss[0]


@pytest.mark.parametrize(("left_s", "stopped"), [(1.0, False), (600.0, True)])
def test_without_time_nothing_new_is_compiled_with_xla(left_s, stopped):
    cache, shape = GraphCache(), TRAINER.shape
    late = rows_in_time(20_000, FakeClock(limit_s=left_s, stopped=stopped))
    assert not cache.graph(DROPPING, shape, n_rows=late).steps.settings.with_xla
    assert cache.graph(DROPPING, shape, n_rows=rows_in_time(20_000, FakeClock(limit_s=600.0))).steps.settings.with_xla
    assert cache.graph(DROPPING, shape, n_rows=late).steps.settings.with_xla
