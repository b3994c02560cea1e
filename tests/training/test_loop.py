from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from small_data import SMALL, recipe_for, small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.training import graph as graphs  # noqa: E402
from autorecipe.training import loop  # noqa: E402
from autorecipe.training.graph import GraphCache, in_batches  # noqa: E402
from autorecipe.training.loop import NotFinite, Rows, step_rates, train  # noqa: E402

DATA = small_data()
TRAINER = small_trainer(DATA)
DROPPING = dataclasses.replace(SMALL, dropout=0.3, normalization="batch", l2=1e-3, weight_decay=1e-2)


def never() -> bool:
    return False


def trained(recipe: Recipe, *, trainer=TRAINER, should_stop=never):
    """Train a recipe; return its history, its best epoch and the graph."""
    graph, train_rows, validation_rows = trainer.prepare(recipe, 0)
    history, best = train(graph, recipe, train_rows, validation_rows, should_stop=should_stop)
    return history, best, graph


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
    monkeypatch.setattr(loop, "SLICE_S", 0.0)
    assert trained(DROPPING)[0] == whole


@settings(max_examples=50, deadline=None)
@given(n_rows=st.integers(1, 300), batch_size=st.integers(1, 400))
def test_every_row_counts_once_whatever_the_batches(n_rows, batch_size):
    order = np.random.default_rng(n_rows).permutation(n_rows)
    batches = in_batches(order, batch_size)
    assert batches.shape == (-(-n_rows // batch_size), batch_size)
    flat = batches.ravel()
    assert flat[flat >= 0].tolist() == order.tolist()
    assert ((-1 - flat[flat < 0]) < n_rows).all()
    assert (flat[:n_rows] >= 0).all()


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


def rates(schedule: str, *, n_total: int = 1000) -> np.ndarray:
    recipe = Recipe(schedule=schedule)
    return step_rates(recipe, rate=0.1, first_step=0, n_steps=n_total, n_total=n_total)


def test_a_cosine_starts_and_ends_near_nothing():
    found = rates("cosine")
    assert max(found[0], found[-1]) < 0.02 * 0.1
    assert found.max() == pytest.approx(0.1, rel=0.01)
    peak = found.argmax()
    assert (np.diff(found[: peak + 1]) > 0).all()
    assert (np.diff(found[peak:]) < 0).all()


def test_a_schedule_does_not_depend_on_how_it_is_sliced():
    recipe = Recipe(schedule="cosine")
    parts = [step_rates(recipe, rate=0.1, first_step=i, n_steps=10, n_total=100) for i in range(0, 100, 10)]
    np.testing.assert_array_equal(np.concatenate(parts), rates("cosine", n_total=100))
    assert set(rates("constant").tolist()) == {np.float32(0.1)}


def test_a_loss_that_explodes_is_an_error_of_its_own():
    with pytest.raises(NotFinite, match=r"no longer a finite number in epoch \d+"):
        trained(dataclasses.replace(SMALL, learning_rate=1e30))


def test_an_explosion_leaves_no_trace_in_the_next_trial():
    expected, _, _ = trained(DROPPING)
    with pytest.raises(NotFinite, match="no longer a finite number"):
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
    assert penalized(weight_decay=1.0) < 0.9 * free


def test_rows_of_weight_0_teach_nothing():
    graph, rows, validation = TRAINER.prepare(SMALL, 0)
    weight = np.ones(rows.n_rows, "float32")
    weight[: rows.n_rows // 2] = 0.0
    y = np.where(weight > 0, rows.y.numpy(), 1 - rows.y.numpy())
    found = []
    for labels in (rows.y.numpy(), y):
        TRAINER.prepare(SMALL, 0)
        changed = Rows(x=rows.x, y=tf.constant(labels), weight=tf.constant(weight))
        found.append(train(graph, SMALL, changed, validation, should_stop=never)[0])
    assert found[0] == found[1]


def test_a_batch_of_rows_of_weight_0_does_no_harm():
    graph, rows, validation = TRAINER.prepare(SMALL, 0)
    weight = np.eye(1, rows.n_rows, dtype="float32")[0]  # one row in one of four batches
    changed = Rows(x=rows.x, y=rows.y, weight=tf.constant(weight))
    history, _ = train(graph, SMALL, changed, validation, should_stop=never)
    assert np.isfinite(history.train_loss + history.validation_loss).all()


RESIDUAL = {"family": "residual_mlp", "normalization": "layer", "activation": "gelu"}
EMBEDDED = {"numeric_embedding": "piecewise_linear", "n_bins": 6, "numeric_scaling": "quantile", "dropout": 0.2}


@pytest.mark.parametrize(("task", "edits"), [("multiclass", RESIDUAL), ("regression", EMBEDDED)])
def test_every_family_and_prefix_learns(task, edits):
    history, _, _ = trained(recipe_for(task, epochs=6, **edits), trainer=small_trainer(small_data(task)))
    assert history.train_loss[-1] < history.train_loss[0]
