import sqlite3
from pathlib import Path

import numpy as np
import pytest

from automl_text.engine.unit import failure
from automl_text.errors import InputError

TOO_LARGE = 1 << 50  # a pebibyte


def error_of(act):
    """Return what ``act`` raises."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  (any)
        return error
    raise AssertionError("it raised nothing")


def become(error):
    outcome = failure("key", error)
    return outcome.status, outcome.is_final


def test_too_large_an_array_of_numpy_is_a_lack_of_memory():
    assert become(error_of(lambda: np.empty(TOO_LARGE, dtype=np.uint8))) == ("died", False)


def test_lightgbm_without_memory_is_a_lack_of_memory_and_its_other_errors_are_final():
    lightgbm = pytest.importorskip("lightgbm")
    assert become(lightgbm.basic.LightGBMError("std::bad_alloc")) == ("died", False)
    assert become(lightgbm.basic.LightGBMError("Check failed: num_data > 0")) == ("failed", True)


def test_an_encoder_without_memory_is_a_lack_of_memory_and_a_damaged_one_is_final():
    state = pytest.importorskip("onnxruntime.capi.onnxruntime_pybind11_state")
    assert become(state.RuntimeException("Exception during initialization: std::bad_alloc")) == (
        "died",
        False,
    )
    text = "BFCArena: Failed to allocate memory for requested buffer of size 1024"
    assert become(state.RuntimeException(text)) == ("died", False)
    assert become(state.RuntimeException("Non-zero status code returned")) == ("failed", True)


@pytest.mark.slow
def test_too_large_a_tensor_is_a_lack_of_memory():
    tensorflow = pytest.importorskip("tensorflow")
    error = error_of(lambda: tensorflow.zeros([TOO_LARGE], dtype=tensorflow.uint8))
    assert type(error).__name__ == "ResourceExhaustedError"
    assert become(error) == ("died", False)


@pytest.mark.parametrize(
    "act",
    [
        lambda: sqlite3.connect("/nowhere/vectors"),
        Path("/nowhere/vectors").read_bytes,
        lambda: __import__("nowhere"),
    ],
    ids=["database", "file", "library"],
)
def test_a_lack_of_disk_or_library_has_failed_and_is_tried_again(act):
    assert become(error_of(act)) == ("failed", False)


def test_what_a_person_can_put_right_is_tried_again():
    assert become(InputError("The encoder folder /e lacks model.onnx.")) == ("failed", False)


def test_a_class_of_the_same_name_from_elsewhere_says_nothing():
    class ResourceExhaustedError(Exception):
        pass

    assert become(ResourceExhaustedError("OOM")) == ("failed", True)
    assert become(RuntimeError("bad_alloc")) == ("failed", True)
    assert become(sqlite3.IntegrityError("twice")) == ("failed", True)


def test_threads_that_cannot_be_started_are_a_lack_of_memory():
    assert become(RuntimeError("can't start new thread")) == ("died", False)
