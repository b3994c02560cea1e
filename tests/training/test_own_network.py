"""A network of the user's own is built and read again before anything is trained."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.architecture import describe  # noqa: E402  TensorFlow may be absent
from autorecipe.errors import UserError  # noqa: E402
from autorecipe.own_code import guarded  # noqa: E402
from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.training.own_network import check_own_network  # noqa: E402
from autorecipe.training.shape import Shape  # noqa: E402

SHAPE = Shape(n_numbers=3, with_missing=(), code_sizes=(), token_sizes=(), token_lengths=(), task="binary", n_outputs=1)


class Twice:
    """A value that no file can hold."""

    def __rmul__(self, other):
        return other + other


class Stretch(keras.layers.Layer):
    def __init__(self, times, **options):
        super().__init__(**options)
        self.times = times

    def call(self, inputs):
        return inputs * self.times


class Remembered(Stretch):
    def get_config(self):
        return {**keras.layers.Layer.get_config(self), "times": self.times}


def plain(inputs, n_outputs, width=4):
    return keras.layers.Dense(n_outputs)(keras.layers.Dense(width)(inputs))


def with_a_layer_of_its_own(inputs, n_outputs):
    return keras.layers.Dense(n_outputs)(Remembered(2.0)(inputs))


def with_a_forgetful_layer(inputs, n_outputs):
    return keras.layers.Dense(n_outputs)(Stretch(Twice())(inputs))


def with_a_lambda(inputs, n_outputs):
    return keras.layers.Dense(n_outputs)(keras.layers.Lambda(lambda x: 2 * x)(inputs))


def with_a_hidden_layer(inputs, n_outputs):
    class Hidden(keras.layers.Layer):
        def call(self, inputs):
            return inputs

    return keras.layers.Dense(n_outputs)(Hidden()(inputs))


def failing(inputs, n_outputs, width=4):
    return keras.layers.Dense(n_outputs)(inputs[:, :width], no_such_argument=1)


def too_many(inputs, n_outputs):
    return keras.layers.Dense(n_outputs + 1)(inputs)


def checked(build):
    known = describe(build)
    recipe = Recipe(
        family="custom", architecture=known.name, architecture_hash=known.source_hash, knobs=known.knobs, seed=1
    )
    check_own_network(recipe, SHAPE, guarded(build, known.name))


@pytest.mark.parametrize("build", [plain, with_a_layer_of_its_own])
def test_a_sound_network_passes(build):
    checked(build)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (with_a_forgetful_layer, "could not be read from its file again(.|\n)*get_config"),
        (with_a_lambda, "could not be read from its file again: .*Lambda"),
        (with_a_hidden_layer, "Could not locate class 'Hidden'"),
        (failing, r"failing with width=4 failed: (.|\n)*test_own_network\.py, line \d+"),
        (too_many, r"returned shape \(None, 2\) instead of \(None, 1\)"),
    ],
)
def test_a_network_that_cannot_be_exported_is_refused_at_once(build, message):
    with pytest.raises(UserError, match=message):
        checked(build)
