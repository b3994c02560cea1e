from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autorecipe.errors import UserError
from autorecipe.store.lock import LOCK_NAME, RunLock, is_held

HOLD = """
import pathlib, sys
from autorecipe.store.lock import RunLock
lock = RunLock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_process(tmp_path):
    """A process that holds the lock of tmp_path."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_directory_is_held_by_one_process_at_a_time(tmp_path, other_process):
    assert is_held(tmp_path)
    with pytest.raises(UserError, match=f"process {other_process.pid}"):
        RunLock(tmp_path)


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path, other_process):
    other_process.kill()
    other_process.wait()
    assert not is_held(tmp_path)
    lock = RunLock(tmp_path)
    assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"
    lock.release()


def test_a_second_run_in_this_process_is_refused(tmp_path):
    lock = RunLock(tmp_path)
    with pytest.raises(UserError, match="another process is working"):
        RunLock(tmp_path)
    lock.release()


def test_a_released_lock_is_free_however_often_it_is_released(tmp_path):
    lock = RunLock(tmp_path)
    lock.release()
    lock.release()
    assert not is_held(tmp_path)
    RunLock(tmp_path).release()


def test_a_directory_without_a_lock_is_free(tmp_path):
    assert not is_held(tmp_path)


def test_a_directory_that_is_not_there_cannot_be_locked(tmp_path):
    with pytest.raises(UserError, match="cannot write"):
        RunLock(tmp_path / "none")
