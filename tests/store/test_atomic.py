from __future__ import annotations

import os

import msgspec
import pytest

from autorecipe.errors import UserError
from autorecipe.store.atomic import write_bytes_atomic, write_json_atomic, write_text_atomic


def test_what_is_written_is_all_that_is_there(tmp_path):
    write_bytes_atomic(tmp_path / "new" / "a.bin", b"\x00\xff")
    assert (tmp_path / "new" / "a.bin").read_bytes() == b"\x00\xff"
    assert os.listdir(tmp_path / "new") == ["a.bin"]


def test_a_write_that_dies_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_text_atomic(path, "old")

    def die(source, destination):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_directory_that_cannot_be_written_is_a_user_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write(.|\n)*--out DIR"):
        write_bytes_atomic(tmp_path / "file" / "a.txt", b"")


def test_a_full_disk_is_a_user_error(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left on device"):
        write_bytes_atomic(tmp_path / "a.bin", b"1")
    assert os.listdir(tmp_path) == []


def test_json_for_programs_has_null_for_what_is_not_finite(tmp_path):
    write_json_atomic(tmp_path / "a.json", {"ü": [1.5, float("nan")]})
    assert msgspec.json.decode((tmp_path / "a.json").read_bytes()) == {"ü": [1.5, None]}
