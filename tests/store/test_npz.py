from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autorecipe.errors import UserError
from autorecipe.store.arrays import read_arrays, write_arrays

ARRAYS = hnp.arrays(
    dtype=st.sampled_from([np.dtype("float32"), np.dtype("int64"), np.dtype("bool"), np.dtype("U5")]),
    shape=hnp.array_shapes(min_dims=0, min_side=0),
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["file", "w0", "allow_pickle", "test"]), ARRAYS))
def test_arrays_of_any_name_shape_and_type_come_back(tmp_path, arrays):
    write_arrays(tmp_path / "a.npz", arrays)
    back = read_arrays(tmp_path / "a.npz")
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


def test_objects_are_not_pickled(tmp_path):
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "a.npz", {"a": np.array([object()])})
    assert not (tmp_path / "a.npz").exists()


def test_objects_are_not_unpickled(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.array([{"b": 1}], dtype=object))
    with pytest.raises(UserError, match="cannot read arrays"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 half a zip", pickle.dumps([1])])
def test_a_damaged_file_is_a_user_error(tmp_path, data):
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(UserError, match="missing or damaged"):
        read_arrays(tmp_path / "a.npz")


def test_a_plain_array_file_is_a_user_error(tmp_path):
    with open(tmp_path / "a.npz", "wb") as file:
        np.save(file, np.arange(3))
    with pytest.raises(UserError, match="missing or damaged"):
        read_arrays(tmp_path / "a.npz")


def test_a_missing_file_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="missing or damaged"):
        read_arrays(tmp_path / "a.npz")
