"""Each convolutional family alone: it memorises images, comes back from files as it was, and costs what it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import get_args

import numpy as np
import pytest

from autorecipe.change import with_edits
from autorecipe.choices import Activation, FamilyName, Normalization, Pooling
from autorecipe.data.folds import Fold
from autorecipe.errors import UserError
from autorecipe.families import FAMILIES, family_named
from autorecipe.families.family import DataSize
from autorecipe.families.images import CELL_WORK
from autorecipe.recipe import Recipe

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
from small_images import SIDE, bars, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.training.build import build_network  # noqa: E402
from autorecipe.training.first_weights import reinitialize  # noqa: E402
from autorecipe.training.graph import TrainingGraph, strengths  # noqa: E402
from autorecipe.training.loop import Rows  # noqa: E402
from autorecipe.training.shape import Shape  # noqa: E402
from autorecipe.training.trunks import TRUNKS  # noqa: E402

NAMES = tuple(family.name for family in FAMILIES if family.modality == "image" and family.name != "pretrained")
RESIDUAL = ("residual_convnet", "wide_residual", "inverted_residual")
N_ROWS, N_STEPS, RATE = 32, 60, 0.1
TINY = {"width": 8, "depth": 2, "batch_size": N_ROWS, "n_blocks": 1}
# SGD memorises as Adam does here, and is traced in three quarters of the time
BARE = {"dropout": 0.0, "weight_decay": 0.0, "label_smoothing": 0.0, "optimizer": "sgd"}
MEMORISED = 0.05  # of ln 2
NO_COLUMNS = {"n_numbers": 0, "with_missing": (), "code_sizes": (), "token_sizes": (), "token_lengths": ()}
each = pytest.mark.parametrize("name", NAMES)


# one family for each kind of block: compiling the steps of all ten would take a minute
LEARNING = ("convnet", "residual_convnet", "inverted_residual", "dense_convnet", "inception_convnet", "fast_convnet")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A network as it starts, 32 images, and what it says of them."""

    graph: TrainingGraph
    rows: Rows
    first: np.ndarray


def default_recipe(name: FamilyName, image=(SIDE, SIDE, 1)) -> Recipe:
    size = DataSize(n_train=80, n_features=1, n_numbers=0, task="binary", n_classes=2, image=image)
    return with_edits(Recipe(family=name), family_named(name).defaults(size))


def tiny_recipe(name: FamilyName, **edits) -> Recipe:
    """A family's own defaults, at a size that trains in no time."""
    return replace(default_recipe(name), **{**TINY, **edits})


def shape_for(image: tuple[int, ...]) -> Shape:
    return Shape(**NO_COLUMNS, task="multiclass", n_outputs=3, image=image)


def call(network, pixels: np.ndarray) -> np.ndarray:
    return np.asarray(network({"pixels": pixels}, training=False))


@cache
def prepared(name: FamilyName) -> Prepared:
    data = bars()
    split = replace(data.split, folds=(Fold(train=np.arange(N_ROWS), validation=np.arange(N_ROWS, 2 * N_ROWS)),))
    recipe = tiny_recipe(name, **BARE)
    graph, rows, _ = small_trainer(replace(data, split=split)).prepare(recipe, 0)
    return Prepared(graph=graph, rows=rows, first=np.asarray(graph.network(rows.x, training=False)))


@cache
def losses_of(name: FamilyName) -> np.ndarray:
    """The losses of a network that is shown the 32 images again and again."""
    start, recipe = prepared(name), tiny_recipe(name, **BARE)
    graph, rows = start.graph, start.rows
    batches, rates = np.tile(np.arange(N_ROWS, dtype="int32"), (N_STEPS, 1)), np.full(N_STEPS, RATE, "float32")
    taken = graph.steps.take(rows.x, rows.y, rows.weight, batches=batches, rates=rates, strengths=strengths(recipe))
    return np.asarray(taken.losses)


def work_of(network: keras.Model) -> float:
    """Multiplications of the convolutions, and what each number that they return costs."""
    total = 0.0
    for layer in network.layers:
        if type(layer).__name__ in ("Conv2D", "WhiteningConv2D", "DepthwiseConv2D"):
            n_cells, kernel = np.prod(layer.output.shape[1:]), layer.kernel.shape
            fields = kernel[:2] if isinstance(layer, keras.layers.DepthwiseConv2D) else kernel[:3]
            total += n_cells * (np.prod(fields) + CELL_WORK)
        elif type(layer).__name__ == "SqueezeExcitation":
            total += 2 * np.prod(layer.squeeze.shape)
        elif isinstance(layer, keras.layers.Concatenate) or getattr(layer, "strides", None) == (1, 1):
            total += CELL_WORK * np.prod(layer.output.shape[1:])  # joined, or the pooling of a branch
    return float(total)


def test_every_convolutional_family_has_a_trunk():
    assert set(NAMES) <= set(TRUNKS)
    assert len(NAMES) == 10


@pytest.mark.parametrize("name", LEARNING)
def test_a_family_memorises_32_images(name):
    losses = losses_of(name)
    assert np.isfinite(losses).all()
    assert losses[0] > 0.3
    assert losses[-1] < MEMORISED * np.log(2)


@each
def test_a_family_starts_at_the_prior(name):
    assert family_named(name).starts_at_prior
    done = prepared(name)
    prior = float(np.mean(done.rows.y.numpy()))
    assert done.first == pytest.approx(np.full_like(done.first, np.log(prior / (1 - prior))), abs=0.35)


@each
def test_a_family_comes_back_from_a_file_as_it_was(name, tmp_path):
    done = prepared(name)
    pixels = done.rows.x["pixels"].numpy()
    before = call(done.graph.network, pixels)
    done.graph.network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(call(loaded, pixels), before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["fast_convnet", "inverted_residual"])
def test_a_family_is_exported_as_it_is(name, tmp_path):
    done = prepared(name)
    network, pixels = done.graph.network, done.rows.x["pixels"].numpy()
    module = tf.Module()
    module.network = network
    specs = [{"pixels": tf.TensorSpec([None, SIDE, SIDE, 1], "uint8")}]
    module.serve = tf.function(lambda x: network(x, training=False), input_signature=specs)
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    served = loaded.serve({"pixels": tf.constant(pixels)})
    np.testing.assert_allclose(served.numpy(), call(network, pixels), rtol=1e-4, atol=1e-5)


@each
def test_a_family_says_what_a_pass_costs(name):
    network, recipe = prepared(name).graph.network, tiny_recipe(name, **BARE)
    assert family_named(name).work(recipe, (SIDE, SIDE, 1)) == pytest.approx(work_of(network), rel=1e-6)


@pytest.mark.parametrize("name", ["convnet", "residual_convnet", "dilated_convnet", "fast_convnet"])
@pytest.mark.parametrize("image", [(64, 50, 3), (3, 2, 1)])
def test_images_of_any_size_are_borne_and_their_cost_is_said(name, image):
    recipe = replace(default_recipe(name, image), width=8)
    network = build_network(recipe, shape_for(image))
    assert family_named(name).work(recipe, image) == pytest.approx(work_of(network), rel=1e-6)
    outputs = call(network, np.zeros((2, *image), "uint8"))
    assert outputs.shape == (2, 3)
    assert outputs.dtype == np.float32
    assert np.isfinite(outputs).all()
    assert network.get_layer("head").bias.shape == (3,)


@pytest.mark.parametrize("name", ["separable_convnet", "inverted_residual", "fast_convnet"])
def test_the_seed_of_a_recipe_draws_all_random_weights_again(name):
    shape, recipe = shape_for((SIDE, SIDE, 3)), tiny_recipe(name, width=32)  # wide enough for random channels
    network = build_network(recipe, shape)
    drawn = [w for w in network.weights if w.name in ("kernel", "squeeze", "excite")]
    reinitialize(network, recipe, shape)
    first = [w.numpy() for w in drawn]
    reinitialize(network, replace(recipe, seed=recipe.seed + 50), shape)
    others = [w.numpy() for w in drawn]
    assert all(not np.allclose(a, b) for a, b in zip(first, others, strict=True))
    for weight in drawn:
        weight.assign(weight + 1.0)
    reinitialize(network, recipe, shape)
    for weight, before in zip(drawn, first, strict=True):
        np.testing.assert_array_equal(weight.numpy(), before)


@pytest.mark.parametrize("activation", get_args(Activation))
def test_every_activation_builds(activation):
    assert_builds("convnet", activation=activation)


@pytest.mark.parametrize("name", ["residual_convnet", "inverted_residual"])
def test_a_residual_net_bears_units_that_take_the_largest_of_two(name):
    assert_builds(name, activation="maxout")


def assert_builds(name: FamilyName, *, activation: Activation) -> None:
    network = build_network(tiny_recipe(name, activation=activation), shape_for((SIDE, SIDE, 1)))
    assert np.isfinite(call(network, np.full((2, SIDE, SIDE, 1), 99, "uint8"))).all()


def test_a_slope_of_prelu_is_one_for_each_channel():
    network = build_network(tiny_recipe("convnet", activation="prelu"), shape_for((SIDE, SIDE, 1)))
    assert network.get_layer("activation_1_1").alpha.shape == (1, 1, 8)


@pytest.mark.parametrize("name", ["convnet", "fast_convnet"])
@pytest.mark.parametrize("normalization", [n for n in get_args(Normalization) if n != "weight"])
def test_every_normalization_stands_behind_every_convolution(name, normalization):
    network = build_network(tiny_recipe(name, normalization=normalization), shape_for((SIDE, SIDE, 1)))
    found = [layer for layer in network.layers if layer.name.startswith("normalize_")]
    assert len(found) == (0 if normalization == "none" else 2)
    assert (network.get_layer("conv_1_1").bias is not None) == (normalization == "none")


def test_weight_normalization_is_refused_with_what_to_do():
    with pytest.raises(UserError, match="weight normalization is for dense layers"):
        build_network(tiny_recipe("convnet", normalization="weight"), shape_for((SIDE, SIDE, 1)))


@pytest.mark.parametrize("pooling", get_args(Pooling))
@pytest.mark.parametrize("name", [n for n in NAMES if "pooling" not in family_named(n).ignores])
def test_a_family_that_reads_the_pooling_pools_so(name, pooling):
    network = build_network(tiny_recipe(name, pooling=pooling), shape_for((SIDE, SIDE, 1)))
    expected = {"max": "MaxPooling2D", "average": "AveragePooling2D", "fractional": "FractionalMaxPooling2D"}[pooling]
    assert type(network.get_layer("pool_1")).__name__ == expected


@pytest.mark.parametrize("name", RESIDUAL)
def test_stochastic_depth_rises_with_the_blocks(name):
    recipe = tiny_recipe(name, stochastic_depth=0.4, n_blocks=2)
    layers = [x for x in build_network(recipe, shape_for((SIDE, SIDE, 1))).layers if hasattr(x, "recipe_field")]
    rates = [float(x.rate.numpy()) for x in layers if x.recipe_field == "stochastic_depth"]
    assert rates == sorted(rates)
    assert rates[-1] == pytest.approx(0.4)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in RESIDUAL])
def test_families_without_ways_around_say_that_they_ignore_stochastic_depth(name):
    assert "stochastic_depth" in family_named(name).ignores


@pytest.mark.parametrize("name", ["vgg", "fast_convnet"])
def test_dropout_stands_in_front_of_the_head(name):
    network = build_network(tiny_recipe(name, dropout=0.3), shape_for((SIDE, SIDE, 1)))
    assert network.get_layer("head").input is network.get_layer("dropout").output


@each
def test_decay_shrinks_kernels_and_nothing_else(name):
    graph = prepared(name).graph
    assert {kernel.name for kernel in graph.kernels} == {"kernel"}
    assert all(kernel.path.split("/")[-2] != "whiten" for kernel in graph.kernels)
