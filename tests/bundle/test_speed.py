"""What an exported model costs: measured in a process of its own, or not claimed."""

import pytest

from automl_text.bundle.speed import measure_speed
from automl_text.bundle.write import pack
from automl_text.errors import RunError

from .conftest import TEXTS, fitted, source


def test_a_model_is_measured_cold_and_warm():
    packed = pack("best_model.pkl", fitted(), source())
    speed = measure_speed(packed.files, packed.info.file_name, TEXTS)
    assert speed.n_texts == len(TEXTS)
    assert 0 < speed.cold_seconds < 120
    assert speed.texts_per_second > len(TEXTS) / 120
    assert 20 < speed.megabytes < 4000


def test_a_file_that_is_no_model_is_not_measured():
    with pytest.raises(RunError, match=r"InputError: .*x\.pkl: is not a model"):
        measure_speed({"x.pkl": b"no model"}, "x.pkl", ["a text"])


def test_nobody_who_has_interrupted_waits_for_a_figure():
    packed = pack("best_model.pkl", fitted(), source())
    with pytest.raises(RunError, match="somebody waited for the end"):
        measure_speed(packed.files, packed.info.file_name, TEXTS, halt=lambda: "now")
