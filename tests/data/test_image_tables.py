"""Tables in which a column names image files."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from image_samples import folder, names_of

from autorecipe.config import Config
from autorecipe.data.images import read_images, with_images
from autorecipe.data.tables import from_frame, read_table
from autorecipe.errors import UserError
from autorecipe.intake import take_in

PATHS = [f"images/{i}.png" for i in range(8)]


@pytest.fixture
def root(tmp_path):
    return folder(tmp_path, tuple(PATHS))


def csv(root: Path, **columns) -> Path:
    path = root / "labels.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def test_paths_are_relative_to_the_table(root, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    path = csv(root, file=PATHS, label=list("abababab"))
    table = read_images(path, Config())
    assert table.frame.to_dict("list") == {"file": PATHS, "label": list("abababab")}
    assert (table.image_column, table.images.source.name(3)) == ("file", PATHS[3])
    assert table.images.source.read(3) == (root / PATHS[3]).read_bytes()


@pytest.mark.parametrize("write", [str, lambda p: f"./{p}", lambda p: p.replace("/", "\\"), lambda p: f" {p} "])
def test_paths_are_read_as_people_write_them(root, write):
    table = read_images(csv(root, file=[write(p) for p in PATHS], label=list("abababab")), Config())
    assert len(table.images.source) == 8


def test_absolute_paths_are_read(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    table = read_images(csv(elsewhere, file=[str(root / p) for p in PATHS], y=range(8)), Config())
    assert len(table.images.source) == 8


def test_a_table_in_memory_is_relative_to_the_current_folder(root, monkeypatch):
    monkeypatch.chdir(root)
    frame = pd.DataFrame({"file": [Path(p) for p in PATHS], "y": range(8)}).assign(file=lambda f: f["file"].map(str))
    table = with_images(from_frame(frame), Config())
    assert (table.image_column, len(table.images.source)) == ("file", 8)


def test_rows_without_a_readable_file_are_left_out_and_listed(root):
    (root / PATHS[2]).write_bytes(b"no image")
    paths = [*PATHS[:7], "images/none.png", "", "NA"]
    table = read_images(csv(root, file=paths, y=range(10)), Config())
    assert table.frame["y"].tolist() == ["0", "1", "3", "4", "5", "6"]
    assert table.images.unreadable == (
        (PATHS[2], "its content is no image"),
        ("images/none.png", "no such file"),
        ("row 9", "no file is named"),
        ("row 10", "no file is named"),
    )
    assert "left out 4 files that cannot be read, as 'images/2.png': its content is no image" in table.notes


def test_the_only_other_column_is_the_target_and_may_be_a_number(root):
    intake = take_in(str(csv(root, file=PATHS, age=[1.5, 2, 3, 4, 5, 6.5, 7, 8])), Config(test_share=0.0))
    assert (intake.schema.target, intake.schema.task, intake.schema.modality) == ("age", "regression", "image")
    assert intake.y.tolist() == [1.5, 2, 3, 4, 5, 6.5, 7, 8]


def test_other_columns_are_left_out_with_a_reason(root):
    columns = {"file": PATHS, "width": range(8), "label": list("abababab"), "who": list("ppqqrrss")}
    intake = take_in(str(csv(root, **columns)), Config(split_by_group="who", test_share=0.0))
    kinds = {column.name: (column.kind, column.role) for column in intake.schema.columns}
    assert kinds["file"] == ("image", "feature")
    assert kinds["label"][1], kinds["who"][1] == ("target", "group")
    assert kinds["width"][1] == "dropped"
    assert intake.schema.column("width").reason == "left out: what is learned from are the images"
    for fold in intake.split.folds:
        who = intake.frame["who"]
        assert not set(who[fold.train]) & set(who[fold.validation])


def test_what_is_left_out_beside_images_is_said(root):
    columns = {"file": PATHS, "rooms": range(8), "city": list("ppqqrrss"), "who": list("ppqqrrss"), "price": range(8)}
    path = str(csv(root, **columns))
    config = Config(target="price", split_by_group="who", test_share=0.0)
    said = "learned from the images of 'file' alone; left out: 'rooms', 'city'; --drop file learns from the table"
    assert take_in(path, config).data.notes == (said,)
    asked = dataclasses.replace(config, types=(("file", "image"),))
    assert take_in(path, asked).data.notes == (said,)
    table = take_in(path, dataclasses.replace(asked, drop=("file",)))
    assert [column.name for column in table.schema.features] == ["rooms", "city"]


def test_rows_are_named_as_the_table_counts_them(root):
    (root / PATHS[2]).write_bytes(b"no image")
    columns = {"file": PATHS, "y": [0.5, 1, 2, "", 4, 5, 6.5, 7], "weight": [1, 1, 1, 1, 1, 1, "", 1]}
    path, config = str(csv(root, **columns)), Config(target="y", test_share=0.0)
    assert take_in(path, config).row_numbers.tolist() == [1, 2, 5, 6, 7, 8]
    with pytest.raises(UserError, match="column 'weight' holds '' in row 7; expected a weight >= 0"):
        take_in(path, dataclasses.replace(config, weight="weight"))


def test_a_label_that_is_lost_with_its_images_is_named(root):
    for i in (2, 5):
        (root / PATHS[i]).write_bytes(b"no image")
    path = csv(root, file=PATHS, label=list("abcabcab"))
    assert read_images(path, Config()).notes[-1] == "no image of 'c' can be read: nothing is learned of what it is"
    assert len(read_images(csv(root, file=PATHS, label=range(8)), Config()).notes) == 1


def test_rows_of_a_test_are_counted_on(root):
    (root / PATHS[2]).write_bytes(b"no image")
    test = root / "test.csv"
    csv(root, file=PATHS[:4], y=range(4)).rename(test)
    path = str(csv(root, file=PATHS, y=range(8)))
    intake = take_in(path, Config(test_path=str(test), test_share=0.0))
    assert intake.row_numbers.tolist() == [1, 2, 4, 5, 6, 7, 8, 9, 10, 12]


def test_rows_without_a_target_lose_their_image_too(root):
    intake = take_in(str(csv(root, file=PATHS, label=["a", "b", "", "b", "a", "b", "a", "b"])), Config(test_share=0.0))
    assert [intake.images.source.name(row) for row in range(7)] == intake.frame["file"].tolist()
    assert PATHS[2] not in intake.frame["file"].tolist()


def test_a_column_of_images_none_of_which_is_there_is_refused_unless_it_is_left_out(root):
    path = csv(root, file=[f"gone/{i}.jpg" for i in range(8)], width=range(8), label=list("abababab"))
    with pytest.raises(UserError, match=r"none of the 8 files that column 'file' names is there(.|\n)*: --drop file"):
        with_images(read_table(path), Config(target="label"))
    assert with_images(read_table(path), Config(drop=("file",))).images is None
    assert with_images(read_table(path), Config(types=(("file", "text"),))).images is None


def test_a_table_of_features_may_hold_addresses_of_images(root):
    path = csv(root, file=[f"https://a.b/{i}.jpg" for i in range(8)], width=range(8), label=list("abababab"))
    assert with_images(read_table(path), Config()).images is None


@pytest.mark.parametrize("flag", ["drop", "ids", "weight", "split_by_group"])
def test_a_column_with_another_role_is_no_column_of_images(root, flag):
    path = csv(root, file=PATHS, width=range(8), label=list("abababab"))
    config = Config(**{flag: "file" if flag in ("weight", "split_by_group") else ("file",)})
    assert with_images(read_table(path), config).images is None


def test_a_column_of_images_may_be_asked_for(root):
    path = csv(root, first=["x.jpg"] * 8, second=PATHS, label=list("abababab"))
    config = Config(types=(("second", "image"),))
    assert read_images(path, config).image_column == "second"
    with pytest.raises(UserError, match="none of the 8 files that column 'first' names is there"):
        read_images(path, Config(types=(("first", "image"),)))
    with pytest.raises(UserError, match="2 columns of images were asked for: first, second; one is learned from"):
        read_images(path, Config(types=(("first", "image"), ("second", "image"))))


def test_the_images_cannot_be_the_target(root):
    path = str(csv(root, file=PATHS, label=list("abababab")))
    with pytest.raises(UserError, match="'file' names the images and cannot be the target"):
        take_in(path, Config(target="file", types=(("file", "image"),)))


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["image/0.png"] * 8, r"the first is 'image/0\.png'(.|\n)*write paths relative to .*: is it 'images/0\.png'"),
        (["images/00.png"] * 8, r"none of the 8 files that column 'file' names is there(.|\n)*did you mean '0\.png'"),
        (["gone/7.PNG"] * 8, r"there is no folder .*gone"),
        (["gone/x.png"] * 8, "there is no folder .*gone; paths are relative to"),
        (["https://a.b/x.png"] * 8, "column 'file' holds addresses(.|\n)*download the images"),
    ],
)
def test_paths_that_do_not_exist_are_refused_with_an_example(root, paths, message):
    path = csv(root, file=paths, label=list("abababab"))
    with pytest.raises(UserError, match=message):
        read_images(path, Config())


def test_names_without_an_ending_are_found_for_the_message(root):
    path = csv(root, id=[str(i) for i in range(8)], label=list("abababab"))
    with pytest.raises(UserError, match=r"the first is '0'(.|\n)*is it 'images/0\.png'"):
        read_images(path, Config(types=(("id", "image"),)))


def test_classes_of_images_may_be_many(tmp_path):
    root = folder(tmp_path, tuple(f"{i}.png" for i in range(240)))
    path = csv(root, file=[f"{i}.png" for i in range(240)], breed=[f"breed {i % 120}" for i in range(240)])
    schema = take_in(str(path), Config(test_share=0.0)).schema
    assert (schema.task, len(schema.classes), schema.class_dtype) == ("multiclass", 120, "str")


def test_a_table_without_images_is_refused_as_a_source_of_images(root):
    with pytest.raises(UserError, match=r"no column of the table names image files(.|\n)*--type COLUMN=image"):
        read_images(csv(root, a=range(8), b=range(8)), Config())


def test_a_plain_table_is_left_as_it_is(root):
    table = read_table(csv(root, name=list("abcdefgh"), y=range(8)))
    assert with_images(table, Config()) is table


def test_the_fingerprint_follows_the_pixels(root):
    path = csv(root, file=PATHS, label=list("abababab"))
    before = read_images(path, Config()).fingerprint
    assert read_images(path, Config()).fingerprint == before != read_table(path).fingerprint
    (root / PATHS[0]).write_bytes((root / PATHS[1]).read_bytes())
    assert read_images(path, Config()).fingerprint != before


def test_test_rows_of_another_table_come_last(root):
    other = folder(root / "late", names_of("more", n=4))
    test = csv(other, file=[f"more/{i}.png" for i in range(4)], label=list("abab"))
    path = csv(root, file=PATHS, label=list("abababab"))
    intake = take_in(str(path), Config(test_path=str(test), test_share=0.0))
    assert intake.split.test.tolist() == [8, 9, 10, 11]
    assert intake.images.parts == ("train",) * 8 + ("test",) * 4
    assert intake.images.source.take([9]).read(0) == (other / "more/1.png").read_bytes()
    assert len(intake.images.measured.width) == 12
    alone = take_in(str(path), dataclasses.replace(Config(), test_share=0.0))
    assert intake.data.fingerprint != alone.data.fingerprint


def test_test_rows_without_images_are_refused(root):
    path = csv(root, file=PATHS, label=list("abababab"))
    test = root / "test.csv"
    test.write_text("file,label,width\nx,a,1\ny,b,2\n")
    with pytest.raises(UserError, match=r"'test\.csv' names no images, as 'labels\.csv' does"):
        take_in(str(path), Config(test_path=str(test), test_share=0.0))
