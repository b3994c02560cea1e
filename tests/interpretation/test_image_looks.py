from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
sys.path.append(str(Path(__file__).parents[1] / "training"))
from small_images import bars, net_for, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.data.image_source import ImageMeasurements, ReadImages  # noqa: E402
from autorecipe.ensemble.members import Member  # noqa: E402
from autorecipe.interpretation import images  # noqa: E402
from autorecipe.interpretation.image_network import ImageNetwork, NotShown  # noqa: E402
from autorecipe.interpretation.image_plane import on_plane  # noqa: E402
from autorecipe.layers.normalize_images import NormalizeImages  # noqa: E402
from autorecipe.testing import make_run  # noqa: E402

TITLES = ["Confusion matrix", "Most confident mistakes", "Grad-CAM", "Embeddings", "First layer", "Saliency"]
CLASSES = {"multiclass": ("lying", "standing", "none"), "binary": ("lying", "standing"), "regression": ()}


class Clock:
    """Has so many seconds left, whatever happens."""

    def __init__(self, left_s: float, *, interrupted: bool = False) -> None:
        self._left_s, self._interrupted = left_s, interrupted

    def interrupted(self) -> bool:
        return self._interrupted

    def left_s(self) -> float:
        return self._left_s


def intake_of(data):
    n = len(data.y)
    measured = {f.name: np.ones(n) for f in dataclasses.fields(ImageMeasurements)}
    source = SimpleNamespace(name=lambda row: f"image {row}", take=lambda rows: None)
    return SimpleNamespace(images=ReadImages(source=source, measured=ImageMeasurements(**measured)))


def looked_at(task, folder, monkeypatch, *, clock=None):
    """Interpret a small net that was trained for an epoch or two; some labels that it held out are wrong."""
    data = bars(task)
    if task != "regression":
        data.y[80:110:4] = (data.y[80:110:4] + 1) % len(CLASSES[task])
    trainer = small_trainer(data)
    recipe = net_for(task, epochs=2)
    fit = trainer.fit(recipe, 0)
    monkeypatch.setattr(images, "chosen_members", lambda run: (Member(recipe=recipe, fit=fit, share=1.0),))
    run = make_run(task=task)
    run = dataclasses.replace(run, schema=dataclasses.replace(run.schema, classes=CLASSES[task]))
    return images.interpret_images(run, intake_of(data), trainer, clock or Clock(60.0), pictures=folder)


def place_network(*, side=8):
    """A net whose second class is the brightness of the image, its first nothing."""
    inputs = keras.Input((side, side, 1), dtype="uint8", name="pixels")
    x = NormalizeImages(name="normalize")(inputs)
    x = keras.layers.Conv2D(2, 1, use_bias=False, kernel_initializer="ones", name="conv")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    head = keras.layers.Dense(2, name="head")
    network = keras.Model({"pixels": inputs}, head(x))
    head.set_weights([np.array([[0.0, 1.0], [0.0, 1.0]], "float32"), np.zeros(2, "float32")])
    return ImageNetwork(network)


def corner(side=8):
    pixels = np.zeros((1, side, side, 1), np.uint8)
    pixels[0, :2, :3] = 200
    return pixels


@pytest.mark.parametrize("task", ["multiclass", "binary"])
def test_every_picture_of_a_convolutional_net_is_drawn(task, tmp_path, monkeypatch):
    known = looked_at(task, tmp_path / "pictures", monkeypatch)
    look = known.images
    assert look.skipped == ()
    assert [title for title, _ in look.pictures] == TITLES
    for _, path in look.pictures:
        with Image.open(tmp_path / path) as picture:
            assert picture.format == "PNG"
            assert len(picture.convert("RGB").getcolors(100_000)) > 2
    assert known.n_rows == 30
    assert look.n_wrong == sum(c.n for c in look.confusions) > 0
    assert len(look.mistakes) == min(look.n_wrong, images.N_MISTAKES)
    assert 0 < look.centre_share < 1
    assert 0 < look.n_activations <= 30


def test_a_regression_is_drawn_without_confused_classes(tmp_path, monkeypatch):
    look = looked_at("regression", tmp_path / "pictures", monkeypatch).images
    assert look.skipped == (("Confusion matrix", "the target is a number"),)
    assert [title for title, _ in look.pictures] == TITLES[1:]
    assert look.confusions == ()
    assert all(m.probability is None for m in look.mistakes)


@pytest.mark.parametrize("clock", [Clock(0.0), Clock(60.0, interrupted=True)])
def test_without_time_nothing_is_drawn_and_the_reason_is_given(clock, tmp_path, monkeypatch):
    look = looked_at("binary", tmp_path / "pictures", monkeypatch, clock=clock).images
    assert look.pictures == ()
    assert look.skipped == tuple((title, "no time was left") for title in TITLES)
    assert not (tmp_path / "pictures").exists()
    assert look.n_wrong == sum(c.n for c in look.confusions)


def test_a_picture_that_fails_is_named_and_the_others_are_drawn(tmp_path, monkeypatch):
    def fails(self, pixels):
        raise RuntimeError("no kernel")

    monkeypatch.setattr(ImageNetwork, "first_maps", fails)
    look = looked_at("binary", tmp_path / "pictures", monkeypatch).images
    assert look.skipped == (("First layer", "RuntimeError: no kernel"),)


def test_the_class_activation_lies_where_the_class_is():
    found = place_network().activation(corner(), np.array([1]))[0]
    assert found.shape == (8, 8)
    assert (found[:2, :3] == 1.0).all()
    assert found.sum() == pytest.approx(6.0)


def test_nothing_speaks_for_a_class_that_no_pixel_moves():
    assert place_network().activation(corner(), np.array([0])).sum() == 0
    assert place_network().saliency(corner(), np.array([0]), seed=0).sum() == 0


def test_every_pixel_of_a_mean_is_as_salient():
    found = place_network().saliency(corner(), np.array([1]), seed=0)
    assert found.shape == (1, 8, 8)
    assert found == pytest.approx(1.0)


def test_the_first_maps_are_those_of_the_first_convolution():
    maps = place_network().first_maps(corner())
    assert maps.shape == (1, 8, 8, 2)
    assert maps[0, ..., 0] == pytest.approx(corner()[0, ..., 0] / 255.0)


def test_a_net_without_maps_says_so():
    inputs = keras.Input((8, 8, 1), dtype="uint8", name="pixels")
    x = keras.layers.Flatten()(NormalizeImages(name="normalize")(inputs))
    network = ImageNetwork(keras.Model({"pixels": inputs}, keras.layers.Dense(2, name="head")(x)))
    with pytest.raises(NotShown, match="no map of features"):
        network.activation(corner(), np.array([1]))
    with pytest.raises(NotShown, match="no convolution"):
        network.first_maps(corner())


@pytest.mark.parametrize("pooled", [False, True])
def test_a_pretrained_backbone_is_looked_into(pooled):
    from autorecipe.layers.backbone_input import BackboneInput
    from autorecipe.layers.pretrained_backbone import PretrainedBackbone

    keras.utils.set_random_seed(0)  # some kernels leave nothing that speaks for any class
    given = keras.Input((12, 12, 3))
    maps = keras.layers.Conv2D(4, 3, strides=2, name="first")(given)
    inner = keras.Model(given, keras.layers.GlobalAveragePooling2D()(maps) if pooled else maps)
    pixels = keras.Input((8, 8, 1), dtype="uint8", name="pixels")
    x = BackboneInput(12, 12, 3, name="backbone_input")(NormalizeImages(name="normalize")(pixels))
    x = PretrainedBackbone(inner, name="backbone")(x)
    x = x if pooled else keras.layers.GlobalAveragePooling2D()(x)
    network = ImageNetwork(keras.Model({"pixels": pixels}, keras.layers.Dense(3, name="head")(x)))
    assert network.first_maps(corner()).shape == (1, 5, 5, 4)
    assert network.embeddings(network.embedder(), corner()).shape == (1, 4)
    assert network.saliency(corner(), np.array([2]), seed=0).shape == (1, 8, 8)
    found = [network.activation(corner(), np.array([code])) for code in range(3)]
    assert all(maps.shape == (1, 5, 5) for maps in found)
    assert max(maps.max() for maps in found) == 1.0
    assert network.map_layer.name == ("first" if pooled else "backbone")


def test_even_activation_has_a_quarter_in_the_centre():
    assert images.centre_share(np.ones((3, 4, 4)), (16, 16)) == pytest.approx(0.25)
    assert images.centre_share(np.zeros((3, 4, 4)), (16, 16)) is None


@pytest.mark.parametrize("left_s", [0.0, 600.0])
def test_groups_that_lie_apart_lie_apart_on_the_plane(left_s):
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(size=(20, 6)), rng.normal(size=(20, 6)) + 20.0])
    plane = on_plane(values, left_s=left_s, seed=0)
    points = plane.points
    assert plane.method == ("t-SNE" if left_s else "two principal components")
    assert points.shape == (40, 2)
    apart = np.linalg.norm(points[:20].mean(axis=0) - points[20:].mean(axis=0))
    assert apart > 2 * points[:20].std()
