from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from small_data import SMALL, Memory, small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.record.trial import Fit  # noqa: E402
from autorecipe.training import loop  # noqa: E402
from autorecipe.training.loop import Rows, train  # noqa: E402
from autorecipe.training.recovery import NotFinite, OutOfMemory, with_smaller_batches  # noqa: E402

DATA = small_data()
TRAINER = small_trainer(DATA)
RECIPE = dataclasses.replace(SMALL, epochs=4, optimizer="sgd", learning_rate=1.0)


class Poison:
    """Lets the loss be infinite in chosen calls of `Steps.take`, of which there is one per epoch."""

    def __init__(self, monkeypatch, graph, *, epochs_that_fail):
        self.n_epochs, self.rates, inner = 0, [], graph.steps.take
        monkeypatch.setattr(graph, "slice_steps", 1000)
        monkeypatch.setattr(loop, "next_slice_steps", lambda n_steps, seconds: 1000)

        def take(*data, batches, rates, strengths):
            record = inner(*data, batches=batches, rates=rates, strengths=strengths)
            self.rates.append(float(rates[0]))
            self.n_epochs += 1
            if self.n_epochs in epochs_that_fail:
                graph.network.trainable_variables[0].assign(tf.fill(graph.network.trainable_variables[0].shape, np.nan))
                return dataclasses.replace(record, losses=np.full_like(record.losses, np.inf))
            return record

        monkeypatch.setattr(graph.steps, "take", take)


def poisoned(monkeypatch, *epochs_that_fail, recipe=RECIPE, should_stop=lambda: False):
    graph, rows, validation = TRAINER.prepare(recipe, 0)
    poison = Poison(monkeypatch, graph, epochs_that_fail=epochs_that_fail)
    return train(graph, recipe, rows, validation, should_stop=should_stop), poison, graph


def test_training_goes_back_to_the_last_good_epoch_with_a_tenth_of_the_rate(monkeypatch):
    done, poison, graph = poisoned(monkeypatch, 3)
    assert done.repairs == ("epoch 3: the loss was infinite: back to epoch 2, learning rate 1 -> 0.1",)
    assert poison.rates == pytest.approx([1.0, 1.0, 1.0, 0.1, 0.1])
    assert done.history.learning_rate == pytest.approx((1.0, 1.0, 0.1, 0.1))
    assert len(done.history.train_loss) == len(done.watched) == 4
    assert np.isfinite(done.history.train_loss + done.history.validation_loss).all()
    assert all(np.isfinite(w).all() for w in graph.network.get_weights())


def test_the_epoch_is_repeated_from_the_weights_that_it_began_with(monkeypatch):
    with monkeypatch.context() as patch:
        recovered, _, _ = poisoned(patch, 3, recipe=dataclasses.replace(RECIPE, epochs=3))
    graph, rows, validation = TRAINER.prepare(RECIPE, 0)
    two = train(graph, dataclasses.replace(RECIPE, epochs=2), rows, validation, should_stop=lambda: False)
    assert recovered.history.train_loss[:2] == two.history.train_loss


def test_a_first_epoch_that_fails_goes_back_to_the_start(monkeypatch):
    done, _, _ = poisoned(monkeypatch, 1)
    assert done.repairs == ("epoch 1: the loss was infinite: back to the start, learning rate 1 -> 0.1",)


def test_an_epoch_that_fails_twice_gets_a_hundredth_of_the_rate(monkeypatch):
    done, poison, _ = poisoned(monkeypatch, 2, 3)
    assert poison.rates == pytest.approx([1.0, 1.0, 0.1, 0.01, 0.01, 0.01])
    assert [sentence.split(":")[0] for sentence in done.repairs] == ["epoch 2", "epoch 2"]


def test_the_third_failure_is_an_error_that_tells_the_story(monkeypatch):
    with pytest.raises(NotFinite, match=r"in epoch 4, even after 2 restarts \(epoch 2: .* 1 -> 0.1; epoch 3: .*\)"):
        poisoned(monkeypatch, 2, 4, 6)


def test_a_failure_when_time_is_up_leaves_the_last_good_epoch(monkeypatch):
    recipe = dataclasses.replace(RECIPE, ema_decay=0.5)
    graph, rows, validation = TRAINER.prepare(recipe, 0)
    poison = Poison(monkeypatch, graph, epochs_that_fail=(3,))
    done = train(graph, recipe, rows, validation, should_stop=lambda: poison.n_epochs == 3)
    assert len(done.history.train_loss) == 2
    outputs = graph.predict(validation.x)
    found = graph.mean_loss(outputs, validation.y, validation.weight)
    assert found == pytest.approx(done.history.validation_loss[-1], rel=1e-5)


def test_a_loss_that_is_no_number_on_validation_rows_alone_is_a_failure_too():
    graph, rows, validation = TRAINER.prepare(SMALL, 0)
    weight = tf.constant(np.full(validation.n_rows, np.nan, "float32"))
    broken = Rows(x=validation.x, y=validation.y, weight=weight)
    with pytest.raises(NotFinite, match="the loss was NaN: back to the start"):
        train(graph, SMALL, rows, broken, should_stop=lambda: False)


def too_large_for(limit: int, *, error: type[Exception] = MemoryError):
    """A training that has memory for batches up to a limit, and the batches that it was given."""
    tried = []

    def work(recipe):
        tried.append(recipe.batch_size)
        if recipe.batch_size > limit:
            raise error("no room")
        return recipe.batch_size

    return work, tried


def test_batches_are_halved_until_they_fit():
    work, tried = too_large_for(64)
    found, repairs = with_smaller_batches(dataclasses.replace(SMALL, batch_size=256), work)
    assert (found, tried) == (64, [256, 128, 64])
    assert repairs == (
        "out of memory with batches of 256 rows: trained with 128",
        "out of memory with batches of 128 rows: trained with 64",
    )


def test_after_three_halvings_the_memory_is_too_small():
    work, tried = too_large_for(16)
    with pytest.raises(OutOfMemory, match=r"a batch of 32 rows does not fit into memory \(out of memory .* 256"):
        with_smaller_batches(dataclasses.replace(SMALL, batch_size=256), work)
    assert tried == [256, 128, 64, 32]


def test_a_batch_of_one_row_is_not_halved():
    with pytest.raises(OutOfMemory, match=r"a batch of 1 rows does not fit into memory$"):
        with_smaller_batches(dataclasses.replace(SMALL, batch_size=1), too_large_for(0)[0])


def exhausted() -> Exception:
    return tf.errors.ResourceExhaustedError(None, None, "out of memory when allocating a tensor")


def without_room(monkeypatch, *, above: int, memory: Memory | None = None):
    """A trainer whose device has no room for batches above a size."""
    trainer = small_trainer(DATA, memory=memory)
    trainer._graphs = TRAINER._graphs
    inner = trainer.prepare

    def prepare(recipe, fold):
        if recipe.batch_size > above:
            raise exhausted()
        return inner(recipe, fold)

    monkeypatch.setattr(trainer, "prepare", prepare)
    return trainer


def test_a_fit_that_ran_out_of_memory_is_trained_with_half_the_batch_under_its_own_key(monkeypatch):
    expected = TRAINER.fit(SMALL, 0)
    found = without_room(monkeypatch, above=32).fit(SMALL, 0)
    assert (found.status, found.key) == ("ok", expected.key)
    assert found.repairs == ("out of memory with batches of 64 rows: trained with 32",)
    assert found.steps == 3 * 7


def test_a_fit_without_memory_is_tried_again_in_another_session_but_not_in_this_one(monkeypatch):
    memory, heard = Memory(), []
    poor = without_room(monkeypatch, above=2, memory=memory)
    failed = poor.fit(SMALL, 0)
    assert failed.status == "failed"
    assert failed.cause.startswith("OutOfMemory: a batch of 8 rows does not fit into memory")
    assert "ResourceExhaustedError" in memory.load_predictions(failed.key)["traceback"].tobytes().decode()
    monkeypatch.setattr(poor, "_fit", lambda *_: heard.append("trained again"))
    assert poor.fit(SMALL, 0) is failed
    assert poor.with_clock(poor.clock, heard=lambda *_: None).fit(SMALL, 0) is failed
    assert heard == []
    later = small_trainer(DATA, memory=memory)
    later._graphs = TRAINER._graphs
    assert later.fit(SMALL, 0).status == "ok"


@pytest.mark.parametrize(("error", "is_final"), [(OSError("disk full"), False), (ValueError("wrong"), True)])
def test_only_causes_that_pass_are_tried_again_by_another_session(monkeypatch, error, is_final):
    memory = Memory()
    first = small_trainer(DATA, memory=memory)

    def fail(*_):
        raise error

    monkeypatch.setattr(first, "_fit", fail)
    assert first.fit(SMALL, 0).status == "failed"
    later = small_trainer(DATA, memory=memory)
    monkeypatch.setattr(later, "_fit", lambda recipe, fold, key: Fit(key=key, fold=fold))
    assert (later.fit(SMALL, 0).status == "failed") is is_final
