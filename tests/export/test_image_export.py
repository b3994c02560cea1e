"""From networks on pixels to files that take encoded images without AutoRecipe, and back."""

from __future__ import annotations

import base64
import io
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from autorecipe.data.schema import Column, Schema
from autorecipe.preprocessing.image_spec import ImageSpec, PixelScale

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
from autorecipe import final_images  # noqa: E402  TensorFlow may be absent
from autorecipe.export import prover  # noqa: E402
from autorecipe.export.exact import exact_float32  # noqa: E402
from autorecipe.export.image_documents import (  # noqa: E402
    FILES_CALL,
    PIXELS_CALL,
    image_readme,
    image_request,
    image_signature,
)
from autorecipe.export.mutate_images import MUTATIONS, mutate_files, small_copies  # noqa: E402
from autorecipe.export.parity import Cases, compare, prove_parity  # noqa: E402
from autorecipe.export.serving import compile_serving, serve_rows, serving_speed  # noqa: E402
from autorecipe.export.serving_images import (  # noqa: E402
    build_image_serving_model,
    compile_pixels,
    image_signatures,
    image_spec_of,
    read_files,
    serve_pixels,
    served_files,
)
from autorecipe.export.write import Papers, write_export  # noqa: E402
from autorecipe.layers.decode_images import DecodeImages  # noqa: E402

SPEC = ImageSpec(height=12, width=16, channels=3, fit="crop")
CLASSES = ("ape", "bée", "cat fish")
SCHEMA = Schema(
    columns=(Column(name="image", kind="image", wire="string"),),
    target="label",
    task="multiclass",
    task_reason="",
    classes=CLASSES,
)
N_FILES = 6


def photo(seed, size=(40, 30)):
    """Smooth random colours: what JPEG was made for."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype="uint8")
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def encoded(image, kind="JPEG"):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def files(n=N_FILES):
    made = np.empty(n, dtype=object)
    made[:] = [encoded(photo(i), "PNG" if i % 2 else "JPEG") for i in range(n)]
    return made


def member(n_outputs=3, *, seed=0):
    inputs = {"pixels": keras.Input(SPEC.shape, dtype="uint8", name="pixels")}
    start = keras.initializers.GlorotUniform(seed=seed)
    x = keras.layers.Rescaling(1 / 255)(inputs["pixels"])
    x = keras.layers.Conv2D(4, 3, 2, activation="relu", kernel_initializer=start)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    activation = "softmax" if n_outputs > 1 else None
    outputs = keras.layers.Dense(n_outputs, activation, kernel_initializer=start)(x)
    return keras.Model(inputs, outputs, name="member")


@pytest.fixture(scope="module")
def members():
    return [member(seed=1), member(seed=2)]


@pytest.fixture(scope="module")
def model(members):
    return build_image_serving_model(spec=SPEC, schema=SCHEMA, members=members, weights=(0.75, 0.25))


@pytest.fixture(scope="module")
def compiled(model):
    return compile_serving(model)


@pytest.fixture(scope="module")
def answer(model, compiled):
    """What the model says of files."""
    return lambda sent: serve_rows(model, {"image": sent}, compiled=compiled)


@pytest.fixture(scope="module")
def pixels():
    return DecodeImages(*SPEC.shape, SPEC.fit)(tf.constant(list(files()))).numpy()


@pytest.fixture(scope="module")
def exported(model, compiled, tmp_path_factory):
    directory = tmp_path_factory.mktemp("run") / "export"
    papers = Papers(signature=image_signature(SPEC, SCHEMA), request=image_request(files(2)), readme="")
    write_export(model, papers, image_signatures(model, compiled=compiled), directory=directory)
    return directory


@pytest.fixture(scope="module")
def signatures(exported):
    return tf.saved_model.load(str(exported / "saved_model" / "1")).signatures


def test_files_get_the_weighted_mean_of_what_the_members_say_of_their_pixels(answer, members, pixels):
    expected = sum(w * m.predict({"pixels": pixels}, verbose=0) for w, m in zip((0.75, 0.25), members, strict=True))
    served = answer(files())
    np.testing.assert_allclose(served["probabilities"], expected, rtol=1e-5)
    assert served["label"].tolist() == [CLASSES[i] for i in expected.argmax(axis=1)]


def test_rows_of_decoded_pixels_are_answered_as_their_files(model, answer, pixels):
    rows = np.array([4, 1, 2])
    of_pixels, of_files = serve_pixels(model, pixels, rows), answer(files()[rows])
    np.testing.assert_allclose(of_pixels["probabilities"], of_files["probabilities"], atol=1e-6)
    assert of_pixels["label"].tolist() == of_files["label"].tolist()


def test_a_model_knows_the_size_that_it_was_built_for(model):
    assert image_spec_of(model) == SPEC


def test_a_number_is_the_prediction_of_a_regression(pixels):
    schema = replace(SCHEMA, task="regression", classes=())
    own = member(1)
    model = build_image_serving_model(spec=SPEC, schema=schema, members=[own], weights=(1.0,))
    expected = own.predict({"pixels": pixels}, verbose=0)[:, 0]
    np.testing.assert_allclose(serve_rows(model, {"image": files()})["prediction"], expected, rtol=1e-5)
    np.testing.assert_allclose(serve_pixels(model, pixels, np.arange(6))["prediction"], expected, rtol=1e-5)
    assert set(compile_pixels(model)({"pixels": tf.constant(pixels)})) == {"prediction"}


def test_the_saved_model_answers_to_files_by_two_names_and_to_pixels_of_any_size(answer, signatures):
    expected = answer(files())["probabilities"]
    for name in ("serving_default", "serving_bytes"):
        served = signatures[name](image=tf.constant(list(files())))
        np.testing.assert_allclose(served["probabilities"], expected, atol=1e-6)
    whole = tf.constant(np.stack([np.asarray(photo(i)) for i in (1, 3, 5)]))  # those that are PNG lost nothing
    np.testing.assert_allclose(signatures["serving_pixels"](pixels=whole)["probabilities"], expected[1::2], atol=1e-6)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 4])
def test_pixels_of_one_to_four_channels_are_answered(signatures, n_channels):
    images = tf.zeros((2, 9, 31, n_channels), tf.uint8)
    assert signatures["serving_pixels"](pixels=images)["probabilities"].shape == (2, 3)


def test_the_keras_file_holds_the_same_model(answer, exported):
    again = serve_rows(keras.models.load_model(exported / "model.keras"), {"image": files()})
    np.testing.assert_array_equal(again["probabilities"], answer(files())["probabilities"])


def test_the_signature_names_what_goes_in_and_the_classes(exported, signatures):
    said = json.loads((exported / "signature.json").read_text(encoding="utf-8"))
    assert said["inputs"]["image"]["name"] == "image"
    assert said["classes"] == list(CLASSES)
    for name, expected in said["signatures"].items():
        spec = signatures[name].structured_input_signature[1][expected["name"]]
        shape = [-1 if size is None else size for size in spec.shape]
        assert (spec.dtype.name, shape) == (expected["dtype"], expected["shape"])


@pytest.mark.parametrize("code", [FILES_CALL, PIXELS_CALL], ids=["files", "pixels"])
def test_the_calls_of_the_readme_run_as_they_stand(exported, signatures, monkeypatch, capsys, code):
    loaded = type("Loaded", (), {"signatures": signatures})
    monkeypatch.setattr(tf.saved_model, "load", lambda path: loaded if (exported / path).is_dir() else None)
    monkeypatch.chdir(exported)
    exec(code, {})
    assert "probabilities" in capsys.readouterr().out


def test_files_travel_to_the_proof_as_text_and_back(answer, exported, tmp_path, monkeypatch, capsys):
    odd = mutate_files(files(), n=len(MUTATIONS))
    sent = np.concatenate([files(), odd])
    cases = Cases(inputs={"image": sent}, outputs=answer(sent), n_mutated=len(odd))

    class Here:
        """Runs the script of the fresh process in this one."""

        def serve(self, inputs, *, saved_model, timeout_s):
            written = {name: [{"b64": base64.b64encode(cell).decode()} for cell in v] for name, v in inputs.items()}
            (tmp_path / "cases.json").write_text(json.dumps(written))
            task = {"saved_model": str(saved_model), "cases": str(tmp_path / "cases.json")}
            task["outputs"] = str(tmp_path / "outputs.npz")
            monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(task) + "\n"))
            monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")  # as the script sets it
            prover.main()
            with np.load(tmp_path / "outputs.npz") as archive:
                return dict(archive)

    proved = prove_parity(Here(), cases, saved_model=exported / "saved_model" / "1")
    assert proved.passed, proved.cause
    assert (proved.n_rows, proved.n_mutated) == (N_FILES, len(MUTATIONS))


def test_a_decoder_that_forgets_to_turn_images_is_noticed(answer):
    sideways = mutate_files(files(), n=3)[2:]
    with Image.open(io.BytesIO(sideways[0])) as image:
        upright = encoded(image.convert("RGB"))  # the same pixels, without the tag that asks for turning
    forgot = np.empty(1, dtype=object)
    forgot[0] = upright
    cases = Cases(inputs={"image": sideways}, outputs=answer(sideways), n_mutated=1)
    assert "differs" in compare(cases, answer(forgot))[2]


def test_every_mutation_is_a_file_that_the_decoder_reads(answer):
    odd = mutate_files(files(1), n=len(MUTATIONS))
    assert np.isfinite(answer(odd)["probabilities"]).all()
    sizes = [Image.open(io.BytesIO(file)).size for file in odd]
    assert (1, 1) in sizes
    assert max(max(size) for size in sizes) == 2000
    assert {Image.open(io.BytesIO(file)).mode for file in odd} >= {"L", "RGB", "RGBA", "P", "CMYK", "I;16"}


def test_large_files_become_small_in_a_request():
    random = np.random.default_rng(0).integers(0, 256, (600, 900, 3), dtype="uint8")
    given = np.empty(2, dtype=object)
    given[:] = [encoded(Image.fromarray(random), "PNG"), encoded(photo(1))]
    small = small_copies(given)
    assert Image.open(io.BytesIO(small[0])).size == (256, 171)
    assert small[1] == given[1]


class Source:
    """The files above, over and over."""

    def __init__(self, n):
        self.n, self.made = n, files()

    def __len__(self):
        return self.n

    def read(self, row):
        return self.made[row % N_FILES]


def test_files_are_read_from_their_source_as_bytes():
    assert read_files(Source(6), [5, 0])["image"].tolist() == [files()[5], files()[0]]


@pytest.mark.parametrize(
    ("n_rows", "mean_bytes", "image_s", "expected"),
    [(60, 1_000, 0.001, 60), (5_000, 1_000, 0.001, 100), (5_000, 2**24, 0.001, 4), (5_000, 1_000, 0.5, 20)],
    ids=["all of few", "some of many", "fewer large ones", "fewer of a slow model"],
)
def test_the_proof_serves_files_that_are_spread_over_the_rows(monkeypatch, n_rows, mean_bytes, image_s, expected):
    monkeypatch.setattr(final_images, "_seconds_each", lambda compiled, given: image_s)
    measured = SimpleNamespace(n_bytes=np.full(2 * n_rows, mean_bytes))
    intake = SimpleNamespace(images=SimpleNamespace(source=Source(2 * n_rows), measured=measured))
    places, proved = final_images.files_proved(None, intake, np.arange(n_rows, 2 * n_rows))
    assert len(places) == len(proved["image"]) == expected
    assert (places[0], places[-1]) == (0, n_rows - 1)
    assert np.ptp(np.diff(places)) <= 1


def test_products_are_exact_inside_and_as_before_outside():
    enabled = tf.config.experimental.tensor_float_32_execution_enabled
    before = enabled()
    with exact_float32():
        assert not enabled()
    assert enabled() == before


def test_speed_is_that_of_files(model, compiled):
    rate, one_ms = serving_speed(compiled, {"image": files()}, batch_rows=served_files(model))
    assert rate > 0 < one_ms


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        (None, "alike in size, from 0 to 255 |"),
        (PixelScale(kind="whole", top=255), "alike in size, from 0 to 255 |"),
        (PixelScale(kind="float", top=1), "from 0 to 255 (the arrays that were learned from: times 255) |"),
        (PixelScale(kind="float", top=255), "from 0 to 255 (the arrays that were learned from: rounded) |"),
        (PixelScale(kind="whole", top=65_535), "from 0 to 255 (the arrays that were learned from: value // 256) |"),
    ],
)
def test_the_readme_says_which_numbers_are_pixels(scale, said):
    assert said in image_readme(SPEC, SCHEMA, scale=scale)


def test_the_readme_says_what_an_unreadable_file_does():
    assert "One file that cannot be read fails its whole call" in image_readme(SPEC, SCHEMA)
