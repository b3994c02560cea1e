from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent

from autorecipe.training.batches import in_batches, next_slice_steps  # noqa: E402
from autorecipe.training.optimizers import build_optimizer  # noqa: E402
from autorecipe.training.steps import Steps, StepSettings  # noqa: E402

N_ROWS, BATCH = 40, 8
RANDOM = np.random.default_rng(0)
X = {
    "a": tf.constant(RANDOM.normal(size=(N_ROWS, 3)).astype("float32")),
    "b": tf.constant(RANDOM.normal(size=(N_ROWS, 2)).astype("float32")),
}
Y = tf.constant(RANDOM.normal(size=N_ROWS).astype("float32"))
ONES = tf.ones(N_ROWS)
ORDER = in_batches(np.arange(N_ROWS), BATCH)
RATE = 0.1


def model() -> keras.Model:
    inputs = {"a": keras.Input((3,), name="a"), "b": keras.Input((2,), name="b")}
    joined = keras.layers.Concatenate()([inputs["a"], inputs["b"]])
    start = keras.initializers.GlorotUniform(seed=1)
    return keras.Model(inputs, keras.layers.Dense(1, kernel_initializer=start)(joined))


def made(optimizer=None, *, scale=1.0, after_step=None, **settings) -> Steps:
    """Steps of a linear model with the mean squared error; plain SGD unless told otherwise."""
    network = model()
    optimizer = optimizer or keras.optimizers.SGD(RATE)
    optimizer.build(network.trainable_variables)

    def objective(x, y, weight, strengths):
        rows = tf.square(y - network(x, training=True)[:, 0])
        loss = tf.math.divide_no_nan(tf.reduce_sum(rows * weight), tf.reduce_sum(weight))
        return loss, scale * loss

    return Steps(
        network,
        optimizer,
        objective,
        batch_size=BATCH,
        settings=StepSettings(**settings),
        after_step=after_step,
    )


def take(steps: Steps, *, order=ORDER, rate=RATE, weight=ONES, **strengths):
    return steps.take(X, Y, weight, batches=order, rates=np.full(len(order), rate, "float32"), strengths=strengths)


def flat(steps: Steps) -> np.ndarray:
    return np.concatenate([w.ravel() for w in steps.model.get_weights()])


def gradient(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Of the mean squared error of the linear model, by hand."""
    x = np.concatenate([X["a"].numpy(), X["b"].numpy(), np.ones((N_ROWS, 1))], axis=1)[rows]
    return 2 * x.T @ (x @ weights - Y.numpy()[rows]) / len(rows)


@settings(max_examples=50, deadline=None)
@given(n_rows=st.integers(1, 300), batch_size=st.integers(1, 400))
def test_every_row_counts_once_whatever_the_batches(n_rows, batch_size):
    order = np.random.default_rng(n_rows).permutation(n_rows)
    batches = in_batches(order, batch_size)
    assert batches.shape == (-(-n_rows // batch_size), batch_size)
    flattened = batches.ravel()
    assert flattened[flattened >= 0].tolist() == order.tolist()
    assert ((-1 - flattened[flattened < 0]) < n_rows).all()
    assert (flattened[:n_rows] >= 0).all()


@pytest.mark.parametrize("with_xla", [False, True])
def test_a_step_is_that_of_gradient_descent(with_xla):
    steps = made(with_xla=with_xla)
    weights = flat(steps)
    record = take(steps)
    for i, rows in enumerate(ORDER):
        slope = gradient(weights, rows)
        assert record.gradient_norms[i] == pytest.approx(np.linalg.norm(slope), rel=1e-4)
        weights = weights - RATE * slope
    np.testing.assert_allclose(flat(steps), weights, rtol=1e-4, atol=1e-6)


def test_blocks_of_any_length_take_the_same_steps_as_one_after_another():
    order = np.concatenate([ORDER] * 5)  # 25 steps: a whole block and a partial one
    plain, fast, pieces = made(), made(with_xla=True), made(with_xla=True)
    records = take(plain, order=order), take(fast, order=order)
    np.testing.assert_allclose(records[0].losses, records[1].losses, rtol=1e-4)
    assert len(records[1].losses) == 25
    for part in (order[:3], order[3:20], order[20:]):
        take(pieces, order=part)
    np.testing.assert_array_equal(flat(pieces), flat(fast))


@pytest.mark.parametrize("with_xla", [False, True])
def test_no_steps_change_nothing(with_xla):
    steps = made(build_optimizer("adam", RATE), with_xla=with_xla)
    before = flat(steps)
    record = take(steps, order=ORDER[:0])
    assert record.losses.shape == record.gradient_norms.shape == (0,)
    np.testing.assert_array_equal(flat(steps), before)
    assert int(steps.optimizer.iterations) == 0


def test_new_rates_strengths_and_numbers_of_rows_trace_nothing_anew():
    steps, traced = made(clips=True), []
    inner = steps._objective
    steps._objective = lambda *batch: (traced.append(1), inner(*batch))[1]
    take(steps, clip_norm=1.0)
    once = len(traced)
    take(steps, clip_norm=0.5, rate=0.01)
    take(steps, clip_norm=np.linspace(0.1, 1.0, 3), order=ORDER[:3])
    fewer = tf.nest.map_structure(lambda values: values[:11], X)
    order = in_batches(np.arange(11), BATCH)
    steps.take(fewer, Y[:11], ONES[:11], batches=order, rates=np.ones(2, "float32"), strengths={"clip_norm": 1.0})
    assert len(traced) == once


def test_each_step_has_the_rate_and_the_strength_of_its_own():
    rates, limits = np.array([0.0, 0.1, 0.2], "float32"), np.array([1.0, 0.5, 0.25])
    steps = made(clips=True)
    weights = flat(steps)
    strengths = {"clip_norm": limits}
    record = steps.take(X, Y, ONES, batches=ORDER[:3], rates=rates, strengths=strengths)
    for i, rows in enumerate(ORDER[:3]):
        slope = gradient(weights, rows)
        weights = weights - rates[i] * slope * min(1.0, limits[i] / np.linalg.norm(slope))
    np.testing.assert_allclose(flat(steps), weights, rtol=1e-4, atol=1e-6)
    assert (record.gradient_norms > limits).all()
    assert float(steps.optimizer.learning_rate) == pytest.approx(0.2)


def test_averages_follow_the_weights_and_stand_in_for_them_meanwhile():
    steps = made(averages=True)
    average, decay = flat(steps), 0.7
    for i in range(len(ORDER)):
        take(steps, order=ORDER[i : i + 1], ema_decay=decay)
        average = decay * average + (1 - decay) * flat(steps)
    own = flat(steps)
    with steps.swapped_averages():
        np.testing.assert_allclose(flat(steps), average, rtol=1e-4)
    np.testing.assert_array_equal(flat(steps), own)
    steps.adopt_averages()
    np.testing.assert_allclose(flat(steps), average, rtol=1e-4)


def test_the_weights_come_back_when_validation_fails():
    steps = made(averages=True)
    take(steps, ema_decay=0.9)
    own = flat(steps)
    with pytest.raises(KeyError, match="broken"), steps.swapped_averages():
        raise KeyError("broken")
    np.testing.assert_array_equal(flat(steps), own)


def test_a_sharpened_step_takes_the_gradient_of_the_worst_neighbour():
    steps, radius = made(sharpens=True), 0.3
    weights = flat(steps)
    take(steps, order=ORDER[:1], sam=radius)
    slope = gradient(weights, ORDER[0])
    sharp = gradient(weights + radius * slope / np.linalg.norm(slope), ORDER[0])
    np.testing.assert_allclose(flat(steps), weights - RATE * sharp, rtol=1e-4, atol=1e-6)


def test_momentum_is_that_of_each_step():
    steps = made(build_optimizer("sgd", RATE), cycles_momentum=True)
    weights, speed = flat(steps), np.zeros(6)
    momenta = np.array([0.95, 0.5, 0.0, 0.85, 0.9])
    take(steps, momentum=momenta)
    for rows, momentum in zip(ORDER, momenta, strict=True):
        speed = momentum * speed - RATE * gradient(weights, rows)
        weights = weights + speed
    np.testing.assert_allclose(flat(steps), weights, rtol=1e-4, atol=1e-6)
    assert steps.optimizer.momentum == 0.9


@pytest.mark.parametrize("name", ["adam", "nadam", "lion"])
def test_a_momentum_that_stays_what_it_is_changes_nothing(name):
    cycled, plain = made(build_optimizer(name, 0.01), cycles_momentum=True), made(build_optimizer(name, 0.01))
    take(cycled, rate=0.01, momentum=0.9)
    take(plain, rate=0.01)
    np.testing.assert_allclose(flat(cycled), flat(plain), rtol=1e-5)


def test_an_optimizer_without_momentum_cannot_cycle_it():
    with pytest.raises(ValueError, match=r"Expected an optimizer with a momentum\. Received: optimizer=RMSprop"):
        made(build_optimizer("rmsprop", RATE), cycles_momentum=True)


def test_a_strength_that_is_missing_is_named():
    with pytest.raises(ValueError, match=r"Expected the strength 'clip_norm'\. Received"):
        take(made(clips=True), other=1.0)


@pytest.mark.parametrize("name", ["adam", "nadam"])
def test_going_back_to_a_snapshot_repeats_every_loss(name):
    steps = made(build_optimizer(name, 0.01), averages=True)
    take(steps, rate=0.01, ema_decay=0.9)
    then = steps.snapshot()
    first, after = take(steps, rate=0.01, ema_decay=0.9), flat(steps)
    steps.restore(then)
    np.testing.assert_array_equal(take(steps, rate=0.01, ema_decay=0.9).losses, first.losses)
    np.testing.assert_array_equal(flat(steps), after)


@pytest.mark.parametrize("settings", [{}, {"clips": True}, {"sharpens": True}])
def test_a_batch_of_rows_of_weight_0_does_no_harm(settings):
    steps = made(**settings)
    before = flat(steps)
    strengths = {"clip_norm": 1.0, "sam": 0.1}
    record = take(steps, weight=tf.zeros(N_ROWS), **{n: strengths[n] for n in StepSettings(**settings).strength_names})
    assert record.losses.tolist() == record.gradient_norms.tolist() == [0.0] * len(ORDER)
    np.testing.assert_array_equal(flat(steps), before)


def test_what_is_to_be_done_after_a_step_is_done_after_each():
    count = tf.Variable(0.0)
    take(made(after_step=lambda rate, strengths: count.assign_add(rate * strengths["much"])), much=2.0)
    assert float(count) == pytest.approx(len(ORDER) * RATE * 2.0)


def test_losses_scaled_for_float16_give_the_same_step():
    scaled = made(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(RATE), initial_scale=1024.0), clips=True)
    plain = made(clips=True)
    first, second = (take(steps, clip_norm=0.5) for steps in (scaled, plain))
    np.testing.assert_allclose(first.gradient_norms, second.gradient_norms, rtol=1e-3)
    np.testing.assert_allclose(flat(scaled), flat(plain), rtol=1e-3)


def test_slices_end_after_about_half_a_second():
    assert next_slice_steps(16, 0.1) == 80
    assert next_slice_steps(80, 5.0) == 8
    assert next_slice_steps(1, 100.0) == 1
