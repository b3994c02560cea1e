"""Folders of images as tables."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pandas as pd
import pytest
from image_samples import encoded, exif, folder, names_of, picture, png
from PIL import Image

from autorecipe.checks.image_rows import image_rows
from autorecipe.config import Config
from autorecipe.data.images import origin_of, read_images
from autorecipe.data.near_duplicates import near_duplicates
from autorecipe.errors import UserError
from autorecipe.intake import as_table, take_in

HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 40


@pytest.fixture
def root(tmp_path):
    return folder(tmp_path / "pets", names_of("cat", "tabby dog"))


def test_a_folder_becomes_a_table_of_images_and_labels(root):
    table = read_images(root, Config())
    assert table.frame["image"].tolist() == [*names_of("cat", "tabby dog")]
    assert table.frame["label"].tolist() == ["cat"] * 3 + ["tabby dog"] * 3
    assert isinstance(table.frame["label"].dtype, pd.CategoricalDtype)
    assert (table.name, table.path, table.image_column, table.notes) == ("pets", str(root), "image", ())
    assert table.images.source.read(4) == (root / "tabby dog/1.png").read_bytes()
    assert len(table.images.measured.width) == 6


def test_the_current_folder_has_a_name(root, monkeypatch):
    monkeypatch.chdir(root)
    assert read_images(".", Config()).name == "pets"


@pytest.mark.parametrize(
    ("content", "name", "origin"),
    [
        (png(), "a.png", "image"),
        (encoded(picture(), "JPEG"), "upload", "image"),
        (b"broken", "a.jpg", "image"),
        (b"", "a.jpg", "image"),
        (b"a,b\n1,2\n", "a.csv", "table"),
        (b"\x93NUMPY", "a.npy", "arrays"),
        (b"", "a.csv", "table"),
    ],
)
def test_what_a_path_leads_to_is_told_by_its_content(tmp_path, content, name, origin):
    (tmp_path / name).write_bytes(content)
    assert origin_of(tmp_path / name) == origin


def test_what_is_not_there_is_left_to_the_reader_of_tables(tmp_path):
    assert origin_of(tmp_path / "none.zip") == "table"


def test_an_excel_file_is_a_table(tmp_path):
    pd.DataFrame({"a": [1, 2]}).to_excel(tmp_path / "a.xlsx")
    assert origin_of(tmp_path / "a.xlsx") == "table"


def test_one_image_is_nothing_to_learn_from(root):
    with pytest.raises(UserError, match=r"'0\.png' is one image(.|\n)*autorecipe predict RUN"):
        take_in(str(root / "cat/0.png"), Config())


def test_unreadable_files_are_left_out_and_listed(root):
    whole = encoded(picture(), "JPEG", quality=100)
    folder(root, {"cat/cut.jpg": whole[: len(whole) - 300], "cat/empty.png": b""})
    table = read_images(root, Config())
    assert [name for name, _ in table.images.unreadable] == ["cat/cut.jpg", "cat/empty.png"]
    assert len(table.frame) == len(table.images.source) == len(table.images.measured.width) == 6
    assert table.notes[0].startswith("left out 2 files that cannot be read, as 'cat/cut.jpg': ")


def test_nothing_readable_is_refused_with_the_first_reason(tmp_path):
    folder(tmp_path, {"a/1.jpg": b"x", "b/2.jpg": b"y"})
    with pytest.raises(
        UserError, match=r"2 of 2 images cannot be read, and none can be; 'a/1\.jpg': its content is no"
    ):
        read_images(tmp_path, Config())


def test_a_class_without_a_readable_image_is_refused_by_name(root):
    folder(root, names_of("tabby dog", n=80))
    folder(root, {"owl/1.jpg": b"x", "owl/2.jpg": b"y"})
    with pytest.raises(
        UserError, match=r"2 of 85 images cannot be read, among them all of class 'owl'; 'owl/1\.jpg': its content is"
    ):
        read_images(root, Config())


def test_names_that_are_not_utf8_are_read_as_they_are_and_shown_with_a_mark(root):
    (root / "cat" / os.fsdecode(b"\xff.png")).write_bytes(png(77))
    (root / os.fsdecode(b"caf\xe9")).mkdir()
    (root / os.fsdecode(b"caf\xe9") / "0.png").write_bytes(png(78))
    (root / "cat" / os.fsdecode(b"\xfe.jpg")).write_bytes(b"broken")
    intake = take_in(str(root), Config(test_share=0.0))
    assert intake.schema.classes == ("caf\ufffd", "cat", "tabby dog")
    assert intake.frame["image"][0] == "caf\ufffd/0.png"
    place = intake.frame["image"].tolist().index("cat/\ufffd.png")
    assert intake.images.source.read(place) == png(77)
    assert intake.images.unreadable == (("cat/\ufffd.jpg", "its content is no image"),)
    assert intake.frame.to_csv().encode("utf-8")


def test_classes_whose_names_cannot_be_told_apart_are_refused(root):
    for name in (b"caf\xe9", b"caf\xe8"):
        folder(root / os.fsdecode(name), ("0.png",))
    with pytest.raises(UserError, match="the names of 2 class folders are not UTF-8, and cannot be told apart"):
        read_images(root, Config())


def test_heic_files_name_the_extra_that_reads_them(root):
    folder(root, {"cat/1.heic": HEIC, "cat/2.heic": HEIC})
    notes = read_images(root, Config()).notes
    assert notes[1] == "of them 2 of HEIC; HEIC is read by the extra `heic`: pip install 'autorecipe[heic]'"
    with pytest.raises(UserError, match=r"fix: HEIC is read by the extra `heic`: pip install 'autorecipe\[heic\]'"):
        read_images(folder(root.parent / "phone", {"a/1.heic": HEIC, "b/2.heic": HEIC}), Config())


def test_what_is_done_to_files_is_said(root):
    deep = Image.fromarray(np.full((9, 9), 40_000, np.uint16))
    folder(root, {"cat/a.tif": encoded(picture(70), "TIFF"), "cat/b.tif": encoded(picture(71), "TIFF")})
    folder(root, {"cat/c.gif": encoded(picture(72), "GIF", save_all=True, append_images=[picture(73)])})
    table = read_images(folder(root, {"cat/d.png": encoded(deep)}), Config())
    assert table.notes == (
        "turned into PNG for the networks' decoder, which does not take them as they are: 2 TIFF, 1 animated GIF",
        "1 image of 16 bits and more a channel: the upper 8 bits are kept",
    )
    assert table.images.source.read(3).startswith(b"\x89PNG")


def test_bursts_are_said(root):
    shot = {f"cat/{i}.jpg": encoded(picture(i), "JPEG", exif=exif(taken="2024:01:01 10:00:00")) for i in range(3)}
    notes = read_images(folder(root, shot), Config()).notes
    assert notes[0].startswith("3 photos were taken within seconds, in 1 burst: where a burst shows one thing, a CSV")


def test_the_fingerprint_follows_names_and_pixels_not_the_encoding(root):
    first = read_images(root, Config()).fingerprint
    image = Image.open(root / "cat/0.png")
    image.save(root / "cat/0.png", compress_level=9)
    assert read_images(root, Config()).fingerprint == first
    (root / "cat/0.png").rename(root / "cat/9.png")
    renamed = read_images(root, Config()).fingerprint
    (root / "cat/9.png").write_bytes(png(99))
    assert len({first, renamed, read_images(root, Config()).fingerprint}) == 3


def test_folders_are_classes_even_where_their_names_are_numbers(tmp_path):
    table = read_images(folder(tmp_path, names_of(*(str(i) for i in range(120)), n=2)), Config())
    intake = take_in(table, Config(test_share=0.0))
    assert (intake.schema.task, len(intake.schema.classes)) == ("multiclass", 120)


def test_folders_may_be_numbers_to_predict(tmp_path):
    intake = take_in(str(folder(tmp_path, names_of("20", "31", "45"))), Config(task="regression", test_share=0.0))
    assert intake.y.tolist() == [20.0] * 3 + [31.0] * 3 + [45.0] * 3


def test_a_column_of_images_is_the_only_feature(root):
    intake = take_in(str(root), Config(test_share=0.0))
    (feature,) = intake.schema.features
    assert (feature.name, feature.kind, feature.wire) == ("image", "image", "string")
    assert (intake.schema.target, intake.schema.modality, intake.schema.classes) == (
        "label",
        "image",
        ("cat", "tabby dog"),
    )
    assert intake.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert intake.images.source.name(5) == intake.frame["image"][5]


def split_folder(root, *, n=6, parts=("train", "val", "test")):
    return folder(root, tuple(name for part in parts for name in names_of("a", "b", n=n, below=f"{part}/")))


def test_train_validation_and_test_folders_are_the_split(tmp_path):
    intake = take_in(str(split_folder(tmp_path)), Config())
    (fold,) = intake.split.folds
    assert intake.split.scheme == "holdout"
    assert fold.train.tolist() == list(range(12))
    assert fold.validation.tolist() == list(range(12, 24))
    assert intake.split.test.tolist() == list(range(24, 36))
    assert intake.split.reason == "validated on the images given for it"
    assert all(name.startswith("test/") for name in intake.frame["image"][24:])
    assert sorted(np.concatenate([fold.validation for fold in intake.split.bag])) == list(range(24))


@pytest.mark.parametrize("share", [0.15, 0.25])
def test_a_share_that_is_asked_for_shares_all_images_out_anew(tmp_path, share):
    intake = take_in(str(split_folder(tmp_path, n=10)), Config(test_share=share))
    assert any(f"--test {share:g} shares the images out anew" in note for note in intake.data.notes)
    assert not any(intake.images.parts)


def test_near_duplicates_are_looked_for_once(tmp_path, monkeypatch):
    asked = []
    look = near_duplicates
    monkeypatch.setattr(
        "autorecipe.data.near_duplicates.near_duplicates", lambda measured: asked.append(1) or look(measured)
    )
    config = Config()
    image_rows(take_in(str(folder(tmp_path, names_of("a", "b", n=20))), config), config)
    assert len(asked) == 1


def test_without_a_validation_folder_rows_are_drawn_from_the_training_folder(tmp_path):
    intake = take_in(str(split_folder(tmp_path, parts=("train", "test"))), Config())
    assert intake.split.scheme == "folds"
    assert intake.split.test.tolist() == list(range(12, 24))
    assert intake.split.non_test.tolist() == list(range(12))


def test_without_a_test_folder_it_is_drawn_from_the_training_folder(tmp_path):
    intake = take_in(str(split_folder(tmp_path, n=20, parts=("train", "val"))), Config())
    (fold,) = intake.split.folds
    assert fold.validation.tolist() == list(range(40, 80))
    assert len(intake.split.test) == 6
    assert set(intake.split.test) | set(fold.train) == set(range(40))


def test_another_share_splits_anew_and_says_so(tmp_path):
    intake = take_in(str(split_folder(tmp_path)), Config(test_share=0.25))
    assert len(intake.split.test) == 9
    assert intake.images.parts == ()
    assert "its own parts are left aside: --test 0.25 shares the images out anew" in intake.data.notes


def test_a_test_folder_beside_is_the_test(root, tmp_path):
    test = folder(tmp_path / "late", {name: png(50 + i) for i, name in enumerate(names_of("cat", "tabby dog", n=2))})
    intake = take_in(str(root), Config(test_path=str(test), test_share=0.0))
    assert intake.split.test.tolist() == [6, 7, 8, 9]
    assert intake.schema.classes == ("cat", "tabby dog")
    assert intake.images.source.read(7) == (test / "cat/1.png").read_bytes()


def test_a_test_folder_may_hold_one_class(root, tmp_path):
    test = folder(tmp_path / "late", ("x/cat/persian/0.png", "x/cat/persian/1.png"))
    intake = take_in(str(root), Config(test_path=str(test), test_share=0.0))
    assert intake.split.test.tolist() == [6, 7]
    assert intake.frame["label"][6:].tolist() == ["cat", "cat"]


def test_two_tests_are_refused(tmp_path):
    config = Config(test_path=str(split_folder(tmp_path / "more", parts=("x", "y"))), test_share=0.0)
    with pytest.raises(UserError, match="has a part to test on, and --test names another"):
        as_table(str(split_folder(tmp_path / "pets")), config)


def test_a_class_that_only_the_test_has_is_refused(root, tmp_path):
    test = folder(tmp_path / "late", names_of("cat", "lion", n=2))
    with pytest.raises(
        UserError,
        match=r"the test images are of a class 'lion' that 'pets' has not(.|\n)*the classes are cat, tabby dog",
    ):
        take_in(str(root), Config(test_path=str(test), test_share=0.0))


def test_validation_images_and_a_split_by_time_exclude_each_other(tmp_path):
    table = read_images(split_folder(tmp_path), Config())
    table = dataclasses.replace(table, frame=table.frame.assign(day=range(36)))
    with pytest.raises(UserError, match="validation images were given, and a split by time would draw others"):
        take_in(table, Config(split_by_time="day"))


def test_near_duplicates_stay_on_one_side_of_every_split(tmp_path):
    files = {}
    for label, first in (("a", 0), ("b", 100)):
        for i in range(20):
            image = picture(first + i, width=64, height=64)
            files[f"{label}/{i}.png"] = encoded(image)
            files[f"{label}/{i}_copy.jpg"] = encoded(image.resize((50, 50)), "JPEG", quality=80)
    intake = take_in(str(folder(tmp_path, files)), Config())
    stem = intake.frame["image"].str.replace(r"(_copy)?\.\w+$", "", regex=True)
    assert len(intake.split.test) >= 10
    assert not set(stem[intake.split.test]) & set(stem[intake.split.non_test])
    for fold in (*intake.split.folds, *intake.split.bag, *intake.split.fresh):
        assert not set(stem[fold.train]) & set(stem[fold.validation])
    assert "80 images stay beside their copies and near copies" in intake.split.reason


def test_the_test_is_not_drawn_from_what_validates(tmp_path):
    root = split_folder(tmp_path, n=20, parts=("train", "val"))
    for i in range(20):  # copies of all validation images of one class
        (root / f"train/a/copy{i}.png").write_bytes((root / f"val/a/{i}.png").read_bytes())
    intake = take_in(str(root), Config())
    names = intake.frame["image"]
    assert len(intake.split.test) > 0
    assert not any("copy" in name for name in names[intake.split.test])


def test_real_scans_of_mixed_formats_and_modes(test_data):
    path = test_data / "images" / "brain_tumor_mri.tar"
    if not path.exists():
        pytest.skip("AUTORECIPE_TEST_DATA has no images/brain_tumor_mri.tar")
    intake = take_in(str(path), Config())
    measured = intake.images.measured
    assert (len(intake.frame), intake.schema.classes, intake.images.unreadable) == (253, ("no", "yes"), ())
    assert set(measured.file_format) == {"JPEG", "PNG"}
    assert {"L", "RGB", "RGBA", "P"} <= set(measured.mode)
    clusters = near_duplicates(measured)
    assert clusters.max() + 1 < len(np.unique(measured.pixel_hash)) < 253  # it holds copies, and near copies
    for cluster in range(clusters.max() + 1):
        assert len(set(intake.y[clusters == cluster])) == 1
