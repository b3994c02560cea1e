"""A finished run of images answers files, folders, archives, tables of paths and arrays."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import zipfile

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from autorecipe import AutoRecipe, after, api
from autorecipe.cli import cli
from autorecipe.cli_output import write_predictions
from autorecipe.data.image_files import EncodedImages, FolderFiles
from autorecipe.data.schema import Column, Schema
from autorecipe.errors import UserError
from autorecipe.image_predictions import predict_images, unlike_notes
from autorecipe.preprocessing.image_spec import ImageSpec, PixelScale
from autorecipe.testing import make_run
from autorecipe.testing.runs import with_images

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.export.serving_images import build_image_serving_model  # noqa: E402  TensorFlow may be absent

SPEC = ImageSpec(height=8, width=8, channels=3)
CLASSES = ("blue sky", "grün", "red")
COLOURS = {"red": (200, 30, 20), "grün": (20, 190, 40), "blue sky": (30, 20, 210)}
SCHEMA = Schema(
    columns=(
        Column(name="image", kind="image", wire="string"),
        Column(name="label", kind="categorical", wire="string", role="target"),
    ),
    target="label",
    task="multiclass",
    task_reason="",
    classes=CLASSES,
)


def colour_network():
    """A member that knows: the class whose channel is the strongest, in the order blue, green, red."""
    inputs = {"pixels": keras.Input(SPEC.shape, dtype="uint8", name="pixels")}
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 25)(inputs["pixels"]))
    head = keras.layers.Dense(3, "softmax", use_bias=False, name="head")
    outputs = head(x)
    head.set_weights([np.eye(3, dtype="float32")[::-1]])
    return keras.Model(inputs, outputs, name="member")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The directory and the run of a model that tells colours."""
    directory = tmp_path_factory.mktemp("runs") / "colours-1"
    (directory / "export" / "saved_model").mkdir(parents=True)
    return directory, dataclasses.replace(make_run(task="multiclass"), schema=SCHEMA)


@pytest.fixture(scope="module")
def model(finished):
    """The run as an estimator, its model in memory as if it had been read from its file."""
    directory, run = finished
    made = AutoRecipe(verbose=0)
    made._keep(run, directory)
    network = build_image_serving_model(spec=SPEC, schema=SCHEMA, members=[colour_network()], weights=(1.0,))
    made._served().__dict__["keras_model"] = network
    return made


@pytest.fixture
def serve_once(finished, model, monkeypatch):
    """Commands find the run, and its model loaded."""
    served = model._served()
    monkeypatch.setattr(after, "served_model", lambda directory, run: served)
    monkeypatch.setattr("autorecipe.finished.load_run", lambda path: finished[1])


def encoded(name, kind="JPEG", size=(20, 14)):
    buffer = io.BytesIO()
    Image.new("RGB", size, COLOURS[name]).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Two images of each colour in a folder of its own."""
    for name in COLOURS:
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i, kind in enumerate(("JPEG", "PNG")):
            (tmp_path / "photos" / name / f"{i}.{kind.lower()}").write_bytes(encoded(name, kind))
    return tmp_path / "photos"


def command(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_a_folder_becomes_a_table_of_files_with_a_probability_for_each_class(serve_once, folder, tmp_path):
    out = tmp_path / "out.csv"
    result = command("predict", "runs/x", folder, "-o", out)
    assert (result.exit_code, result.stderr) == (0, f"autorecipe: wrote 6 predictions to {out}\n")
    found = pd.read_csv(out)
    assert list(found.columns) == ["file", "prediction", *(f"probability_{name}" for name in CLASSES)]
    assert found["file"].tolist() == [f"{name}/{file}" for name in sorted(COLOURS) for file in ("0.jpeg", "1.png")]
    assert found["prediction"].tolist() == [name for name in sorted(COLOURS) for _ in range(2)]
    np.testing.assert_allclose(found.iloc[:, 2:].sum(axis=1), 1, atol=1e-5)


def test_one_file_is_answered_by_its_class_and_probability(serve_once, folder):
    result = command("predict", "runs/x", folder / "grün" / "1.png")
    label, probability = result.stdout.rsplit(maxsplit=1)
    assert (label, result.exit_code) == ("grün", 0)
    assert float(probability) > 0.9


def test_one_file_is_a_row_where_a_table_is_asked_for(serve_once, folder):
    result = command("predict", "runs/x", folder / "grün" / "1.png", "--json")
    assert json.loads(result.stdout)["prediction"] == "grün"


def test_unreadable_files_get_an_empty_row_and_are_listed(serve_once, folder, tmp_path):
    (folder / "red" / "0.jpeg").write_bytes(encoded("red", size=(200, 140))[:-200])
    (folder / "red" / "0b.tiff").write_bytes(b"no image at all")
    out = tmp_path / "out.csv"
    result = command("predict", "runs/x", folder, "-o", out)
    assert result.exit_code == 1
    assert "2 of 7 images could not be read; their rows are empty, and the exit code is 1" in result.stderr
    assert "red/0.jpeg: image file is truncated" in result.stderr
    assert "red/0b.tiff: its content is no image" in result.stderr
    found = pd.read_csv(out).set_index("file")
    assert found.loc[["red/0.jpeg", "red/0b.tiff"]].isna().all(axis=None)
    assert found["prediction"].tolist()[:4] == ["blue sky", "blue sky", "grün", "grün"]
    assert found.loc["red/1.png", "prediction"] == "red"


@pytest.mark.parametrize("content", [b"\xff\xd8\xff broken", b""])
def test_nothing_but_unreadable_files_is_bad_input(serve_once, tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    for place in (tmp_path, tmp_path / "a.jpg"):
        result = command("predict", "runs/x", place)
        assert result.exit_code == 2
        assert "the file cannot be read: 'a.jpg'" in result.stderr
        assert "fix: fetch them again where they are damaged" in result.stderr


def test_a_folder_without_images_to_predict_needs_no_classes(serve_once, tmp_path):
    result = command("predict", "runs/x", tmp_path)
    assert result.exit_code == 2
    assert "there are no images here" in result.stderr
    assert "fix: name an image, a folder of images, or a table with their paths" in result.stderr


def test_an_archive_is_predicted_where_it_is(serve_once, finished, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
        archive.writestr("__MACOSX/red/._1.png", b"rubbish")
    found = api.predict_file(str(finished[0]), str(tmp_path / "photos.zip"))
    assert found["prediction"].tolist() == sorted(COLOURS)


def test_a_table_of_paths_is_predicted_in_its_order(serve_once, finished, folder):
    table = folder.parent / "new.csv"
    table.write_text("when,photo\n1,photos/red/1.png\n2,photos/missing.png\n3,photos/grün/0.jpeg\n", encoding="utf-8")
    found = api.predict_file(str(finished[0]), str(table))
    assert found["file"].tolist() == ["photos/red/1.png", "photos/missing.png", "photos/grün/0.jpeg"]
    assert found["prediction"].tolist()[::2] == ["red", "grün"]
    assert found.attrs["unreadable"] == (("photos/missing.png", "no such file"),)


def test_the_ids_of_a_table_stand_before_its_files(serve_once, finished, folder, monkeypatch):
    ids = Column(name="who", kind="id", wire="string", role="id")
    schema = dataclasses.replace(SCHEMA, columns=(*SCHEMA.columns, ids))
    monkeypatch.setattr("autorecipe.finished.load_run", lambda path: dataclasses.replace(finished[1], schema=schema))
    served = after.served_model(None, None)
    monkeypatch.setattr(served, "run", dataclasses.replace(served.run, schema=schema))
    table = folder.parent / "new.csv"
    table.write_text("photo,who\nphotos/red/1.png,Ann\nphotos/grün/1.png,Bob\n", encoding="utf-8")
    found = api.predict_file(str(finished[0]), str(table))
    assert list(found.columns[:3]) == ["who", "file", "prediction"]
    assert found["who"].tolist() == ["Ann", "Bob"]


def test_a_table_without_paths_is_bad_input(serve_once, finished, tmp_path):
    (tmp_path / "new.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="no column names image files; the run learned from 'image'"):
        api.predict_file(str(finished[0]), str(tmp_path / "new.csv"))


def test_a_folder_of_classes_is_scored(serve_once, finished, folder):
    found = api.evaluate_file(str(finished[0]), str(folder))
    assert found.n_rows == 6
    assert next(s.value for s in found.scores if s.metric == "accuracy") == 1.0


def test_scoring_leaves_out_what_cannot_be_read_and_says_so(serve_once, finished, folder):
    (folder / "red" / "0.jpeg").write_bytes(encoded("red", size=(200, 140))[:-200])
    found = api.evaluate_file(str(finished[0]), str(folder))
    assert found.n_rows == 5
    assert any("left out 1 image that cannot be read: 'red/0.jpeg'" in note for note in found.notes)


def test_a_table_of_paths_is_scored_by_its_column(serve_once, finished, folder):
    table = folder.parent / "known.csv"
    table.write_text("image,label\nphotos/red/1.png,red\nphotos/grün/1.png,red\n", encoding="utf-8")
    found = api.evaluate_file(str(finished[0]), str(table))
    assert next(s.value for s in found.scores if s.metric == "accuracy") == 0.5


def test_a_folder_of_one_class_is_scored(serve_once, finished, folder):
    for name in ("grün", "blue sky"):
        (folder / name).rename(folder.parent / name)
    found = api.evaluate_file(str(finished[0]), str(folder))
    assert (found.n_rows, next(s.value for s in found.scores if s.metric == "accuracy")) == (2, 1.0)


def test_an_empty_path_is_said_to_name_no_file(serve_once, finished, folder):
    table = folder.parent / "new.csv"
    table.write_text("photo,n\nphotos/red/1.png,1\n,2\n", encoding="utf-8")
    found = api.predict_file(str(finished[0]), str(table))
    assert found.attrs["unreadable"] == (("", "no file is named"),)


def test_names_that_are_not_utf8_can_be_written(serve_once, model, folder, tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    (folder / "red" / name).write_bytes(encoded("red", "PNG"))
    out = tmp_path / "out.csv"
    assert command("predict", "runs/x", folder, "-o", out).exit_code == 0
    found = pd.read_csv(out).set_index("file")
    assert found.loc["red/caf\ufffd.png", "prediction"] == "red"
    assert model.predict([str(folder / "red" / name)]).tolist() == ["red"]


def test_a_class_that_was_not_learned_is_bad_input(serve_once, finished, folder):
    (folder / "red").rename(folder / "pink")
    with pytest.raises(UserError, match=r"the model knows no class 'pink', as folders here .* 'grün', 'red'"):
        api.evaluate_file(str(finished[0]), str(folder))


@pytest.mark.parametrize(("kind", "top"), [("uint8", 1), ("float32", 1 / 255), ("uint16", 257)])
def test_arrays_are_answered_as_their_files(model, kind, top):
    images = np.stack([np.full((14, 20, 3), COLOURS[name]) for name in CLASSES])
    assert model.predict((images * top).astype(kind)).tolist() == list(CLASSES)
    files = np.array([encoded(name, "PNG") for name in CLASSES], dtype=object)
    expected = model._served().compiled({"image": __import__("tensorflow").constant(list(files))})
    np.testing.assert_allclose(model.predict_proba(images.astype("uint8")), expected["probabilities"], atol=1e-6)


def test_arrays_are_read_by_the_scale_of_the_run(model, monkeypatch):
    served = model._served()
    data = dataclasses.replace(served.run.data, pixel_scale=PixelScale(kind="float", top=255))
    monkeypatch.setattr(served, "run", dataclasses.replace(served.run, data=data))
    monkeypatch.setattr(model, "_run", served.run)
    images = np.stack([np.full((14, 20, 3), COLOURS[name], "float32") for name in CLASSES])
    assert model.predict(images).tolist() == list(CLASSES)
    dim = model.predict_proba(images / 255)
    np.testing.assert_allclose(dim, model.predict_proba(np.rint(images / 255)))
    with pytest.raises(UserError, match="pixels of uint8 from 0 to 255; the images learned from were floats"):
        model.predict(images.astype("uint8"))


def test_grey_arrays_without_channels_are_answered(model):
    assert model.predict(np.zeros((2, 5, 7), "uint8")).shape == (2,)


@pytest.mark.parametrize("make", [list, tuple, np.array, pd.Series], ids=["list", "tuple", "array", "series"])
def test_paths_are_answered_in_their_order(model, folder, make):
    paths = [str(folder / "red" / "1.png"), str(folder / "blue sky" / "0.jpeg")]
    assert model.predict(make(paths)).tolist() == ["red", "blue sky"]
    assert model.score(make(paths), ["red", "red"]) == 0.5


@pytest.mark.parametrize("shape", [(14, 20, 3), (14, 20, 1), (14, 20)])
def test_one_image_as_an_array_is_no_batch(model, shape):
    with pytest.raises(UserError, match=r"fix: X\[None\] makes a batch of"):
        model.predict(np.zeros(shape, "uint8"))
    with pytest.raises(UserError, match=r"fix: X\[None\] makes a batch of"):
        model.predict(Image.new("RGB" if len(shape) == 3 else "L", (20, 14)))


def test_a_folder_of_classes_is_scored_without_labels_beside(model, folder):
    (folder / "red" / "0.jpeg").write_bytes(encoded("grün"))
    assert model.score(folder) == pytest.approx(5 / 6)
    with pytest.raises(UserError, match="weights of rows need their y"):
        model.score(folder, sample_weight=[1.0] * 6)


class FaultySource:
    """Images whose reading has a fault that is not the files'."""

    def __len__(self):
        return 3

    def name(self, row):
        return str(row)

    def read(self, row):
        return len(row)


def test_an_error_of_the_program_is_not_taken_for_an_unreadable_image(serve_once, finished):
    with pytest.raises(TypeError, match="has no len"):
        unlike_notes(FaultySource(), with_images(finished[1], side=64))
    with pytest.raises(TypeError, match="has no len"):
        predict_images(after.served_model(None, None), FaultySource())


def test_images_unlike_those_learned_from_are_said_to_be_so(serve_once, finished, folder, tmp_path):
    served, run = after.served_model(None, None), with_images(finished[1], side=64)
    source = EncodedImages(files=FolderFiles(root=folder), names=("red/0.jpeg",))
    assert unlike_notes(source, with_images(finished[1], side=20)) == ()
    (note,) = unlike_notes(source, run)
    assert note.startswith("these images have 20 pixels on their longer side, and the model sees them at 64")
    Image.new("L", (64, 64)).save(tmp_path / "grey.png")
    served.run, kept = dataclasses.replace(served.run, profile=run.profile), served.run
    try:
        result = command("predict", "runs/x", tmp_path / "grey.png")
    finally:
        served.run = kept
    assert "these images are grey, and the run learned from images in colour" in result.stderr


def test_a_folder_is_answered_in_the_order_of_its_names(model, folder):
    assert model.predict(folder).tolist() == [name for name in sorted(COLOURS) for _ in range(2)]


def test_an_array_of_labels_takes_every_image(model, folder):
    (folder / "red" / "0.jpeg").write_bytes(b"")
    with pytest.raises(UserError, match=r"1 of 6 images cannot be read: 'red/0\.jpeg'"):
        model.predict(folder)


def test_images_and_labels_are_scored(model):
    images = np.stack([np.full((9, 9, 3), COLOURS[name], "uint8") for name in CLASSES])
    found = model.evaluate(images, ["blue sky", "grün", "grün"])
    assert next(s.value for s in found.scores if s.metric == "accuracy") == pytest.approx(2 / 3)


def test_the_final_model_takes_the_bytes_of_files(model):
    (given,) = model.model_.inputs
    assert (given.dtype, given.shape) == ("string", (None,))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"prediction": [12.3456789]}, "12.3457\n"),
        ({"prediction": [12.3456789], "lower": [10.0], "upper": [14.5]}, "12.3457  10 to 14.5\n"),
        ({"prediction": [7], "probability_3": [0.25], "probability_7": [0.75]}, "7  0.750\n"),
        ({"prediction": ["no"], "probability_no": [0.4], "probability_yes": [0.6]}, "no  0.400\n"),
        ({"prediction": [True], "probability_false": [0.1], "probability_true": [0.9]}, "True  0.900\n"),
    ],
)
def test_the_answer_to_one_file_is_one_line(capsys, columns, said):
    frame = pd.DataFrame({"file": ["a.jpg"], **columns})
    frame.attrs["is_one_file"] = True
    write_predictions(frame, None, as_json=False)
    assert capsys.readouterr().out == said


def test_a_served_model_is_compiled_once(model):
    assert model._served().compiled is model._served().compiled
