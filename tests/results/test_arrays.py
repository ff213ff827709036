"""An npz file is believed only where its headers fit its bytes."""

import io
import random
import zipfile

import numpy as np
import pytest

from automl_text.results.arrays import read_arrays


def packed(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def with_member(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", content)
    return buffer.getvalue()


def member(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_arrays_come_back_as_they_were():
    given = {"a": np.arange(6).reshape(2, 3), "b": np.array(2.5), "c": np.array([], dtype=np.float32)}
    found = read_arrays(packed(**given))
    assert found.keys() == given.keys()
    for name, array in given.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_a_header_that_promises_terabytes_is_refused_before_any_memory_is_taken():
    small = member(np.arange(10, dtype=np.float64))
    lying = small.replace(b"(10,), ", b"(500000000000,), ".ljust(7))[: len(small) + 11]
    with pytest.raises(ValueError, match="header"):
        read_arrays(with_member(lying))


def test_objects_are_refused():
    with pytest.raises(ValueError, match="objects"):
        read_arrays(with_member(member(np.array([{}], dtype=object))))


def test_damaged_files_are_refused_and_nothing_else_is_raised():
    whole = packed(a=np.arange(50), b=np.ones(3))
    luck = random.Random(0)  # noqa: S311
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(luck.randint(1, 8)):
            damaged[luck.randrange(len(damaged))] = luck.randrange(256)
        try:
            read_arrays(bytes(damaged[: luck.randint(0, len(damaged))] if luck.random() < 0.5 else damaged))
        except ValueError:
            continue
