from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest
import sklearn

from automl_text.families.openmp import _EXPECTED, _renamed_library, load_openmp


def test_a_library_takes_a_shorter_name_in_place():
    content = b"\x7fELF..\0libgomp-abc.so.1.0.0\0libgomp-abc.so.1.0.0-other\0"
    renamed = _renamed_library(content, old="libgomp-abc.so.1.0.0", new=_EXPECTED)
    assert len(renamed) == len(content)
    assert renamed == b"\x7fELF..\0libgomp.so.1" + b"\0" * 9 + b"libgomp-abc.so.1.0.0-other\0"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems name the library otherwise")
def test_the_copy_in_scikit_learn_loads_under_the_expected_name(tmp_path: Path):
    shipped = next((Path(sklearn.__file__).parent.parent / "scikit_learn.libs").glob("libgomp-*"), None)
    if shipped is None:
        pytest.skip("this scikit-learn uses the system's library")
    renamed = tmp_path / _EXPECTED
    renamed.write_bytes(_renamed_library(shipped.read_bytes(), old=shipped.name, new=_EXPECTED))
    assert ctypes.CDLL(str(renamed)).omp_get_max_threads() >= 1


def test_the_library_is_there_when_lightgbm_asks():
    assert load_openmp() == ""
