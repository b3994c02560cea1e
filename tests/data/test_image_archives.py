"""Images inside archives."""

from __future__ import annotations

import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from image_samples import folder, names_of, png

from autorecipe.config import Config
from autorecipe.data.image_archives import open_archive
from autorecipe.data.images import origin_of, read_images
from autorecipe.errors import UserError

LEFT_BEHIND = ("__MACOSX/set/cat/._0.png", "set/.DS_Store", "set/cat/Thumbs.db")


def packed(tmp_path, name, *, inside=""):
    """Pack a folder of two classes, with an empty one and what systems leave behind."""
    root = folder(tmp_path / "unpacked", (*names_of("cat", "dog", below=inside), *LEFT_BEHIND, f"{inside}empty/"))
    path = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(root.rglob("*")):
                archive.write(file, file.relative_to(root))
    else:
        with tarfile.open(path, f"w:{name.rpartition('.tar')[2].lstrip('.')}") as archive:
            archive.add(root, arcname=".")
    return path


@pytest.mark.parametrize("name", ["set.zip", "set.tar", "set.tar.gz", "set.tar.bz2", "set.tar.xz"])
def test_an_archive_is_read_as_the_folder_it_was_made_of(tmp_path, name):
    path = packed(tmp_path, name, inside="set/")
    before = sorted(tmp_path.rglob("*"))
    table, unpacked = read_images(path, Config()), read_images(tmp_path / "unpacked", Config())
    assert origin_of(path) == "archive"
    assert table.frame.equals(unpacked.frame)
    assert table.frame["image"][0] == "set/cat/0.png"
    assert table.notes == unpacked.notes == ("folders without images are no classes: 'set/empty'",)
    assert table.fingerprint == unpacked.fingerprint
    assert (table.name, table.path) == (name, str(path))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["set.zip", "set.tar", "set.tar.gz"])
def test_files_are_read_from_several_threads_at_once(tmp_path, name):
    files, found = open_archive(packed(tmp_path, name))
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(files.load, found.images * 20))
    root = tmp_path / "unpacked"
    assert read == [(root / image).read_bytes() for image in found.images] * 20


def test_folders_that_an_archive_does_not_list_are_known_by_their_files(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for seed, name in enumerate(("a/1.png", "b/2.png", "c/notes.txt")):
            archive.writestr(name, png(seed))
    assert open_archive(path)[1].folders == ("a", "b", "c")


def test_links_in_a_tar_lead_to_their_files(tmp_path):
    root = folder(tmp_path / "unpacked", names_of("cat", "eel", n=2))
    (root / "dog").mkdir()
    for i in range(2):
        (root / f"dog/{i}.png").hardlink_to(root / f"cat/{i}.png")
    (root / "dog/2.png").symlink_to("../eel/0.png")
    (root / "dog/3.png").symlink_to("2.png")
    (root / "dog/gone.png").symlink_to("nowhere.png")
    (root / "dog/round.png").symlink_to("round.png")
    with tarfile.open(tmp_path / "set.tar", "w") as archive:
        archive.add(root, arcname="./set")
    table = read_images(tmp_path / "set.tar", Config())
    assert table.frame["label"].tolist() == ["cat"] * 2 + ["dog"] * 4 + ["eel"] * 2
    assert table.images.source.read(3) == (root / "cat/1.png").read_bytes()
    assert table.images.source.read(5) == (root / "eel/0.png").read_bytes()
    assert [name for name, _ in table.images.unreadable] == ["set/dog/gone.png", "set/dog/round.png"]


def test_the_slashes_of_windows_in_a_zip_part_folders(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("empty\\", b"")
        for seed, name in enumerate(names_of("a", "b")):
            archive.writestr(name.replace("/", "\\"), png(seed))
    table = read_images(path, Config())
    assert table.frame["image"].tolist() == list(names_of("a", "b"))
    assert table.images.source.read(4) == png(4)
    assert table.notes == ("folders without images are no classes: 'empty'",)


def test_names_in_a_tar_may_not_be_utf8(tmp_path):
    root = folder(tmp_path / "unpacked", names_of("cafe", "tea", n=1))
    with tarfile.open(tmp_path / "set.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        for name in names_of("cafe", "tea", n=1):
            archive.add(root / name, arcname=name.replace("cafe", "café"))
    table = read_images(tmp_path / "set.tar", Config())
    assert table.frame["label"].tolist() == ["caf\ufffd", "tea"]
    assert table.images.source.read(0) == (root / "cafe/0.png").read_bytes()


def test_a_zip_of_another_name_is_known_by_its_content(tmp_path):
    path = packed(tmp_path, "set.zip").rename(tmp_path / "set.download")
    assert origin_of(path) == "archive"


@pytest.mark.parametrize("name", ["set.zip", "set.tar.gz", "set.tar"])
def test_a_damaged_archive_is_refused(tmp_path, name):
    path = packed(tmp_path, name)
    path.write_bytes(path.read_bytes()[:100] + b"?" * 500)
    with pytest.raises(UserError, match=r"cannot read the archive(.|\n)*download or pack it again"):
        open_archive(path)


def test_a_locked_archive_is_refused(tmp_path):
    path = packed(tmp_path, "set.zip")
    raw = bytearray(path.read_bytes())
    at = raw.find(b"PK\x01\x02")
    while at >= 0:  # the flag of encryption of each entry in the directory
        raw[at + 8] |= 1
        at = raw.find(b"PK\x01\x02", at + 1)
    path.write_bytes(raw)
    with pytest.raises(UserError, match=r"locked by a password(.|\n)*unpack it"):
        open_archive(path)


def test_an_archive_without_images_names_the_tables_in_it(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rows.csv", "a,b\n1,2\n")
    with pytest.raises(
        UserError, match=r"there are no images here, but 'rows\.csv'(.|\n)*unpack it, and name rows\.csv"
    ):
        read_images(path, Config())
