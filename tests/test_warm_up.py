"""TensorFlow is imported in silence, but never at the cost of a word of ours."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from contextlib import contextmanager, redirect_stderr

import pytest

from autorecipe import warm_up

LEAVING = """
import sys, threading
from autorecipe.warm_up import THREAD, leave
never = threading.Event()
if sys.argv[1] == "importing":
    threading.Thread(target=never.wait, name=THREAD).start()
print("said", end="")
leave(2)
print(" and stayed", end="")
"""

LEAVING_WITH_TENSORFLOW = """
import atexit, sys, types
from autorecipe.warm_up import leave

class Large:
    def __del__(self):
        print("taken apart")

kept = Large()
atexit.register(print, "tidied up")
if sys.argv[1] == "imported":
    sys.modules["tensorflow"] = types.ModuleType("tensorflow")
leave(2)
"""


def leaving(state, script=LEAVING):
    command = [sys.executable, "-c", script, state]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60)
    return done.returncode, done.stdout


@contextmanager
def stderr_on_2():
    """Standard error as it is outside of tests; a fixture would lose it to pytest between setup and call."""
    with open(2, "w", encoding="utf-8", closefd=False) as stream, redirect_stderr(stream):
        yield stream


def test_native_noise_is_kept_away_and_errors_of_ours_are_not(capfd):
    with stderr_on_2() as stream:
        with warm_up._silent_stderr():
            os.write(2, b"noise of a library\n")
            print("an error of ours", file=sys.stderr)
        assert sys.stderr is stream
        os.write(2, b"after\n")
    assert capfd.readouterr().err == "an error of ours\nafter\n"


def test_native_noise_is_shown_when_the_import_fails(capfd):
    def fail():
        with warm_up._silent_stderr():
            os.write(2, b"why it is broken\n")
            raise ImportError("broken")

    with stderr_on_2(), pytest.raises(ImportError, match="broken"):
        fail()
    assert capfd.readouterr().err == "why it is broken\n"


def test_who_took_standard_error_meanwhile_keeps_it(capfd):
    with stderr_on_2():
        quiet = warm_up._silent_stderr()
        quiet.__enter__()
        with redirect_stderr(io.StringIO()) as other:
            quiet.__exit__(None, None, None)
            assert sys.stderr is other
        print("late", file=sys.stderr)
    assert capfd.readouterr().err == "late\n"


def test_a_stream_in_memory_stays_where_it_is():
    before = sys.stderr
    with warm_up._silent_stderr():
        assert sys.stderr is before


def test_a_command_that_ends_early_does_not_wait_for_the_import():
    assert leaving("importing") == (2, "said")


def test_a_command_that_ends_in_time_ends_in_order():
    assert leaving("ready") == (0, "said and stayed")


def test_the_import_is_awaited(monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(warm_up, "import_keras", done.set)
    warm_up.WarmUp().join()
    assert done.is_set()


def test_a_process_with_tensorflow_tidies_up_and_is_not_taken_apart():
    assert leaving("imported", LEAVING_WITH_TENSORFLOW) == (2, "tidied up\n")
    assert leaving("not imported", LEAVING_WITH_TENSORFLOW) == (0, "tidied up\ntaken apart\n")
