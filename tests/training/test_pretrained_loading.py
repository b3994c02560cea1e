"""Where a backbone's weights come from, and which numbers it takes for black and white."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import io
import re
from urllib.error import URLError

import numpy as np
import pytest

import autorecipe
from autorecipe import backbones
from autorecipe.backbones import BACKBONES, backbone_named, choose_file
from autorecipe.errors import UserError

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from tiny_backbone import SIDE, saved, tiny_backbone  # noqa: E402  TensorFlow may be absent

from autorecipe.layers import BackboneInput, PretrainedBackbone  # noqa: E402
from autorecipe.training import download as downloading  # noqa: E402
from autorecipe.training.backbone_range import in_range, input_range, photo_like, read_range  # noqa: E402
from autorecipe.training.backbones import (  # noqa: E402
    NoWeights,
    backbone_model,
    ensure_weights,
    load_backbone,
    ready_backbone,
    without_classifier,
)

SMALL = backbone_named("mobilenet_v3_small")
IMAGE = (SIDE, SIDE, 3)


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture(scope="module")
def small_model() -> keras.Model:
    return backbone_model(SMALL.constructor, 96)


class Served(io.BytesIO):
    """A file of the network's; it notes what was asked for."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.asked: list[tuple[str, float]] = []

    def open(self, url: str, *, timeout: float) -> Served:
        self.asked.append((url, timeout))
        return self


def fails(*args, **kwargs):
    raise URLError("Name or service not known\nsecond line")


def parts_and_files(tmp_path) -> list[str]:
    return [path.name for path in (tmp_path / "keras").rglob("*") if path.is_file()]


def test_a_download_that_fails_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(downloading, "urlopen", fails)
    reason = ensure_weights(SMALL.name, may_download=True)
    assert reason.startswith("its weights cannot be downloaded (URLError: ")
    assert "\n" not in reason


def test_an_error_of_the_program_is_not_taken_for_a_failed_download(monkeypatch):
    monkeypatch.setattr(downloading, "urlopen", lambda url: None)  # takes no timeout
    with pytest.raises(TypeError, match="timeout"):
        ensure_weights(SMALL.name, may_download=True)


def test_offline_nothing_is_downloaded(monkeypatch):
    monkeypatch.setattr(downloading, "urlopen", fails)
    assert re.search(
        r"not in .*keras/models, and nothing may be downloaded", ensure_weights(SMALL.name, may_download=False)
    )


@pytest.mark.parametrize("name", ["md5", "sha256"])
def test_a_download_comes_from_keras_and_is_checked(monkeypatch, tmp_path, capsys, name):
    content = b"weights" * 100_000
    digest = hashlib.new(name, content, usedforsecurity=False).hexdigest()
    small = dataclasses.replace(SMALL, digest=digest)
    served = Served(content)
    monkeypatch.setattr(downloading, "urlopen", served.open)
    monkeypatch.setattr(backbones, "BACKBONES", (small,))
    assert ensure_weights(SMALL.name, may_download=True) == ""
    url = f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/{SMALL.file_name}"
    assert served.asked == [(url, downloading.SILENCE_S)]
    assert parts_and_files(tmp_path) == [SMALL.file_name]
    assert (tmp_path / "keras" / "models" / SMALL.file_name).read_bytes() == content
    assert capsys.readouterr().out == ""
    assert ensure_weights(SMALL.name, may_download=False) == ""
    assert len(served.asked) == 1


def test_a_file_that_is_not_the_one_that_was_meant_is_not_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(downloading, "urlopen", Served(b"a login page").open)
    assert "is not the file that was meant" in ensure_weights(SMALL.name, may_download=True)
    assert parts_and_files(tmp_path) == []


def test_a_download_ends_with_the_time_and_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(downloading, "urlopen", Served(bytes(10 * downloading.BLOCK_BYTES)).open)
    left = iter([False, False, True])
    reason = ready_backbone(
        SMALL.name, np.zeros((2, *IMAGE), "uint8"), may_download=True, should_stop=lambda: next(left)
    ).missing
    assert "there was time for 0.5 MB of them" in reason
    assert parts_and_files(tmp_path) == []


def test_what_the_records_say_of_the_files_is_what_keras_says():
    modules = {"mobilenet_v3": "small_224_1.0_float", "efficientnet_v2": "b0", "convnext": "convnext_tiny"}
    known = {b.folder: b for b in reversed(BACKBONES)}
    for folder, weights in modules.items():
        module = importlib.import_module(f"keras.src.applications.{folder}")
        assert known[folder].digest == module.WEIGHTS_HASHES[weights][1]
        base = getattr(module, "BASE_WEIGHTS_PATH", None) or module.BASE_WEIGHT_PATH
        assert known[folder].url == base + known[folder].file_name
    large = importlib.import_module("keras.src.applications.mobilenet_v3").WEIGHTS_HASHES["large_224_1.0_float"][1]
    assert backbone_named("mobilenet_v3_large").digest == large


def test_a_known_backbone_gets_the_weights_in_kerass_cache_or_those_of_a_file(monkeypatch, tmp_path):
    asked = []

    def constructor(**settings):
        asked.append(settings)
        model = tiny_backbone()
        model.set_weights([np.zeros_like(w) for w in model.get_weights()])
        return model

    monkeypatch.setattr(keras.applications, "MobileNetV3Small", constructor)
    folder, trained = tmp_path / "keras" / "models", tiny_backbone()
    folder.mkdir(parents=True)
    trained.save_weights(tmp_path / "own.weights.h5")
    trained.save(folder / SMALL.file_name)  # in the older format of the files that Keras downloads
    for backbone in (f"{SMALL.name}:{tmp_path / 'own.weights.h5'}", SMALL.name):
        loaded = load_backbone(backbone, (90, 64, 3))
        assert (loaded.image, loaded.lowest, loaded.highest) == ((96, 96, 3), 0.0, 255.0)
        assert asked[-1] == {"include_top": False, "weights": None, "input_shape": (96, 96, 3)}
        for a, b in zip(loaded.model.weights, trained.weights, strict=True):
            np.testing.assert_array_equal(a, b)


def test_weights_of_another_network_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(keras.applications, "MobileNetV3Small", lambda **settings: tiny_backbone())
    keras.Sequential([keras.Input(IMAGE), keras.layers.Conv2D(2, 3)]).save_weights(
        tmp_path / "mobilenet_v3_small.weights.h5"
    )
    backbone = str(choose_file(str(tmp_path / "mobilenet_v3_small.weights.h5")))
    with pytest.raises(NoWeights, match="does not hold the weights of MobileNetV3-Small"):
        load_backbone(backbone, IMAGE)


def test_a_known_backbone_scales_pixels_itself_and_once(small_model):
    low, high, reading = input_range(small_model, (96, 96, 3))
    assert (low, high) == (SMALL.lowest, SMALL.highest)
    assert "rescaling" in reading


def test_blocks_of_a_known_backbone_are_those_of_its_paper(small_model):
    layer = PretrainedBackbone(small_model, 2, block_pattern=SMALL.block_pattern)
    assert layer.n_blocks == 1 + 11 + 1  # the stem, the blocks, and the convolution behind them
    trained = {v.path.split("/")[-2] for v in layer.trainable_variables}
    assert "conv_1" in trained
    assert {name.split("_")[2] for name in trained - {"conv_1"}} == {"10"}
    assert not [name for name in trained if "bn" in name]
    assert small_model.output_shape[-1] == SMALL.n_features


@pytest.mark.parametrize(("highest", "found"), [(255.0, (0.0, 255.0)), (1.0, (0.0, 1.0))])
def test_a_batch_normalization_tells_the_range_of_a_backbone(highest, found):
    low, high, reading = input_range(tiny_backbone(highest=highest), IMAGE)
    assert (low, high) == found
    assert "'norm_0' remembers images" in reading


@pytest.mark.parametrize(("factor", "found"), [(1 / 255, (0.0, 255.0)), (1.0, (0.0, 1.0))])
def test_a_rescaling_in_front_tells_the_range_of_a_backbone(factor, found):
    model = tiny_backbone(rescales=factor)
    assert input_range(model, IMAGE)[:2] == found


def test_a_backbone_that_tells_nothing_gets_0_to_1():
    model = keras.Sequential([keras.Input(IMAGE), keras.layers.Conv2D(4, 3)])
    assert input_range(model, IMAGE) == (0.0, 1.0, "it has nothing that tells the range: 0 to 1 is taken")


def test_images_that_were_rescaled_twice_are_seen_by_their_spread():
    model, photos = tiny_backbone(highest=255.0), photo_like(IMAGE, seed=5)
    right, twice = read_range(model, in_range(photos, (0.0, 255.0))), read_range(model, photos)
    assert right.is_right
    assert 0.5 < right.ratio < 2
    assert not twice.is_right
    assert twice.ratio < 0.02


def test_a_run_says_that_images_do_not_have_the_backbones_range(tmp_path):
    backbone = str(choose_file(saved(tiny_backbone(highest=255.0, rescales=1 / 255), tmp_path / "own.keras")))
    photos = (photo_like(IMAGE, seed=5) * 255).astype("uint8")
    assert len(ready_backbone(backbone, photos, may_download=False).notes) == 1
    dark = (photos // 255).astype("uint8")
    notes = ready_backbone(backbone, dark, may_download=False).notes
    assert re.search("rescaled twice, or not at all", notes[1])


def test_photos_made_up_have_the_statistics_of_imagenet():
    photos = photo_like((64, 48, 3))
    assert photos.shape[1:] == (64, 48, 3)
    np.testing.assert_allclose(photos.mean(axis=(0, 1, 2)), (0.485, 0.456, 0.406), atol=0.02)
    np.testing.assert_allclose(photos.std(axis=(0, 1, 2)), (0.229, 0.224, 0.225), atol=0.03)


def test_the_classifier_on_top_of_a_model_is_left_out(tmp_path):
    model = tiny_backbone(with_classifier=True)
    loaded = load_backbone(saved(model, tmp_path / "classifier.keras"), (30, 30, 3))
    assert (loaded.model.output_shape, loaded.image) == ((None, 16), IMAGE)
    split = keras.Sequential([keras.Input((8,)), keras.layers.Dense(5), keras.layers.Dense(3), keras.layers.Softmax()])
    assert without_classifier(split).output_shape == (None, 5)


def test_features_that_a_dense_layer_gives_are_kept():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(5, activation="relu")])
    assert without_classifier(model) is model


def test_a_model_without_sides_takes_the_images_as_they_are(tmp_path):
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(4, 3)])
    assert load_backbone(saved(model, tmp_path / "any.keras"), (40, 30, 3)).image == (40, 30, 1)


def test_a_model_that_takes_no_images_is_refused(tmp_path):
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(5)])
    path = saved(model, tmp_path / "table.keras")
    with pytest.raises(UserError, match=r"'table.keras' is no backbone: it takes \(None, 8\)"):
        load_backbone(path, IMAGE)
    assert "is no backbone" in ready_backbone(path, np.zeros((2, *IMAGE), "uint8"), may_download=True).missing


def test_a_file_that_is_no_model_is_what_is_missing(tmp_path):
    path = tmp_path / "broken.keras"
    path.write_bytes(b"not a model")
    missing = ready_backbone(str(path), np.zeros((2, *IMAGE), "uint8"), may_download=True).missing
    assert "is no model that Keras can load" in missing
    assert "\n" not in missing


def test_grey_becomes_three_channels_and_colours_their_brightness():
    grey = np.full((1, 4, 4, 1), 0.25, "float32")
    np.testing.assert_allclose(BackboneInput(4, 4, 3, lowest=-1.0, highest=1.0)(grey), np.full((1, 4, 4, 3), -0.5))
    red = np.zeros((1, 4, 4, 3), "float32")
    red[..., 0] = 1.0
    np.testing.assert_allclose(BackboneInput(4, 4, 1)(red), np.full((1, 4, 4, 1), 0.299 * 255), rtol=1e-6)


def test_a_normalization_is_taken_back():
    images = np.random.default_rng(0).uniform(size=(2, 4, 4, 3)).astype("float32")
    layer = BackboneInput(4, 4, 3, lowest=0.0, highest=1.0)
    layer.build(images.shape)
    mean, std = np.array([0.4, 0.5, 0.3], "float32"), np.array([0.2, 0.1, 0.3], "float32")
    layer.mean.assign(mean)
    layer.std.assign(std)
    np.testing.assert_allclose(layer((images - mean) / std), images, atol=1e-6)


def test_images_that_become_smaller_are_averaged():
    stripes = np.tile(np.array([0.0, 1.0], "float32"), (1, 8, 4))[..., None]
    found = np.asarray(BackboneInput(4, 4, 1, lowest=0.0, highest=1.0)(stripes))
    assert found.min() > 0.3
    assert found.max() < 0.7


def test_a_backbone_computes_alike_in_training_and_inference():
    layer = PretrainedBackbone(tiny_backbone(), 1)
    photos = photo_like(IMAGE)
    np.testing.assert_array_equal(layer(photos, training=True), layer(photos, training=False))


def test_the_check_of_a_users_network_notices_images_that_are_rescaled_twice():
    backbone = tiny_backbone(highest=255.0, rescales=1 / 255)
    backbone.trainable = False
    before = keras.layers.Rescaling(1 / 255)
    after = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential([keras.Input(IMAGE), before, backbone, *after])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    photos = np.concatenate([photo_like(IMAGE, seed=seed) for seed in range(4)]) * 255
    y = (photos.mean(axis=(1, 2, 3)) > np.median(photos.mean(axis=(1, 2, 3)))).astype("int64")
    report = autorecipe.check(model, photos, y, epochs=1, time_limit_s=600.0)
    found = [f.message for f in report.findings if f.code == "T005"]
    assert len(found) == 1, str(report)
    assert "The inputs are tiny behind the network's own Rescaling" in found[0]
