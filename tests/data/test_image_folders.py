"""What folders say of the images in them."""

from __future__ import annotations

import unicodedata

import pytest
from image_samples import folder, names_of, png

from autorecipe.data.image_folders import sort_images
from autorecipe.data.image_listing import list_folder
from autorecipe.errors import UserError


def read(root):
    return sort_images(list_folder(root), where=str(root))


def test_a_folder_is_a_class(tmp_path):
    found = read(folder(tmp_path, names_of("cat", "dog", n=2)))
    assert found.names == ("cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png")
    assert (found.labels, found.parts, found.notes) == (("cat", "cat", "dog", "dog"), (), ())


def test_class_names_may_have_spaces_and_letters_of_any_script(tmp_path):
    found = read(folder(tmp_path, names_of("tabby cat", "größe", "犬", n=1)))
    assert sorted(set(found.labels)) == ["größe", "tabby cat", "犬"]


def test_a_name_is_the_same_class_however_its_accents_are_written(tmp_path):
    train, test = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    found = read(folder(tmp_path, (f"train/{train}/a.png", "train/tea/b.png", f"test/{test}/c.png")))
    assert set(found.labels) == {"café", "tea"}


def test_folders_that_hold_everything_are_looked_through(tmp_path):
    found = read(folder(tmp_path, names_of("cat", "dog", n=1, below="data/images/")))
    assert found.names == ("data/images/cat/0.png", "data/images/dog/0.png")
    assert found.labels == ("cat", "dog")


def test_deeper_folders_belong_to_their_class_and_that_is_said(tmp_path):
    found = read(folder(tmp_path, ("cat/a.png", "cat/persian/b.png", "dog/x/y/c.png")))
    assert found.labels == ("cat", "cat", "dog")
    assert found.notes == ("in folders inside a class: 2 images; the class is the first folder",)


def test_train_validation_and_test_folders_are_parts_in_this_order(tmp_path):
    names = [*names_of("a", "b", n=1, below="test/"), *names_of("a", "b", n=1, below="Train/")]
    found = read(folder(tmp_path, (*names, *names_of("a", "b", n=1, below="val/"))))
    assert found.parts == ("train", "train", "validation", "validation", "test", "test")
    assert found.names[0] == "Train/a/0.png"
    assert found.labels == ("a", "b") * 3


def test_a_class_may_be_called_train(tmp_path):
    found = read(folder(tmp_path, names_of("bus", "car", "train", n=1)))
    assert (found.labels, found.parts) == (("bus", "car", "train"), ())


def test_a_lone_train_folder_is_no_part(tmp_path):
    found = read(folder(tmp_path, names_of("cat", "dog", n=1, below="train/")))
    assert (found.labels, found.parts) == (("cat", "dog"), ())


def test_a_test_folder_without_classes_is_left_out(tmp_path):
    found = read(folder(tmp_path, (*names_of("a", "b", n=1, below="train/"), "test/1.png", "test/2.png")))
    assert (found.labels, found.parts) == (("a", "b"), ())
    assert found.notes == ("left out the test folder (2 images): no folder says what they are",)


def test_what_systems_and_tools_leave_behind_is_never_a_class(tmp_path):
    left = (".hidden/a.png", ".ipynb_checkpoints/b.png", "__MACOSX/cat/c.png", "@eaDir/d.png", "cat/._0.png")
    others = {"Thumbs.db": b"x", "cat/desktop.ini": b"x", "cat/.DS_Store": b"x"}
    folder(tmp_path, left)
    folder(tmp_path, others)
    found = read(folder(tmp_path, names_of("cat", "dog", n=1)))
    assert (found.names, found.notes) == (("cat/0.png", "dog/0.png"), ())


def test_the_pictures_of_a_run_are_no_data(tmp_path):
    folder(tmp_path, {"runs/data-1/run.json": b"{}", "runs/data-1/pictures/a.png": png()})
    found = read(folder(tmp_path, names_of("cat", "dog", n=1)))
    assert set(found.labels) == {"cat", "dog"}


def test_an_empty_class_is_said(tmp_path):
    found = read(folder(tmp_path, (*names_of("cat", "dog"), "bird/", "fish/notes/")))
    assert found.notes == ("folders without images are no classes: 'bird', 'fish'",)


def test_a_few_images_outside_every_class_are_left_out_and_named(tmp_path):
    found = read(folder(tmp_path, (*names_of("cat", "dog", n=20), "logo.png")))
    assert len(found.names) == 40
    assert found.notes == ("left out, in no class: 1 image, 'logo.png'",)


def test_many_images_outside_every_class_are_refused(tmp_path):
    folder(tmp_path, (*names_of("cat", "dog", n=2), "a.png", "b.png"))
    with pytest.raises(UserError, match=r"2 of 6 images lie beside the folders of classes, not in one, as 'a\.png'"):
        read(tmp_path)


def test_images_are_known_by_their_content_where_the_suffix_says_nothing(tmp_path):
    found = read(folder(tmp_path, {"a/1": png(), "a/2.download": png(1), "b/3.JPG": png(2), "b/notes.txt": b"hello"}))
    assert found.names == ("a/1", "a/2.download", "b/3.JPG")
    assert found.notes == ("1 file is no image: 'b/notes.txt'",)


def test_links_to_folders_are_followed_once(tmp_path):
    root = folder(tmp_path / "set", names_of("cat", n=1))
    folder(tmp_path / "elsewhere", ("1.png",))
    (root / "dog").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (root / "cat" / "round").symlink_to(root, target_is_directory=True)
    assert read(root).names == ("cat/0.png", "dog/1.png")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((), "there are no images here, and no other files(.|\n)*FOLDER/CLASS/IMAGE; or give a CSV"),
        ({"a.txt": b"x", "b.txt": b"y"}, "there are no images here, only 2 other files"),
        ({"x/t.csv": b"a,b\n1,2"}, r"there are no images here, but 'x/t\.csv'(.|\n)*fix: name one file: .*x/t\.csv"),
        (("1.png", "2.png"), r"2 images, but no folders of classes, as '1\.png'(.|\n)*folder of its own"),
        (("cat/1.png", "cat/2.png"), "all 2 images are of one class, 'cat'(.|\n)*two classes at least"),
        (("cat/a/1.png", "cat/2.png"), "all 2 images are of one class, 'cat'"),
        (("train/1.png", "test/2.png"), "no folders of classes, as 'train/1.png'"),
        (
            (*names_of("train", "test", below="rose/"), *names_of("Train", "val", below="lily/")),
            r"parts of the data lie inside the classes: 'lily/Train', 'lily/val', 'rose/test'(.|\n)*FOLDER/train/CLASS",
        ),
        (("cat/1.png", "null/2.png"), "a class folder is called 'null'(.|\n)*give it another name"),
        (
            (*names_of("a", "b", below="train/"), *names_of("a", below="test/"), "extra/a/1.png"),
            "there is 'extra': a class, or a part of the data",
        ),
        (
            (*names_of("cats", "dogs", below="train/"), *names_of("cat", "dogs", below="test/")),
            "the test folder has a class 'cat' that the train folder has not(.|\n)*is it 'cats'",
        ),
    ],
    ids=["empty", "texts", "table", "flat", "one class", "nested", "flat parts", "inside", "null", "extra", "unknown"],
)
def test_what_cannot_be_learned_from_is_refused(tmp_path, files, message):
    folder(tmp_path, files)
    with pytest.raises(UserError, match=message):
        read(tmp_path)
