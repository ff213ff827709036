"""The OpenMP library that LightGBM's wheel expects of the system, and a slim system lacks.

scikit-learn ships the same library under a name of its own (libgomp-<hash>.so.1.0.0), which the loader does not take
for ``libgomp.so.1``. A copy that carries the expected name is loaded before LightGBM asks for it. On macOS and
Windows the wheel is complete, or names another library, and nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
from functools import cache
from pathlib import Path

_EXPECTED = "libgomp.so.1"


@cache
def load_openmp() -> str:
    """Make ``libgomp.so.1`` available to this process; return why that failed, or an empty string.

    Call it before LightGBM is imported, also where a pickle that holds LightGBM is loaded.
    """
    if not sys.platform.startswith("linux") or _loads(_EXPECTED):
        return ""
    bundled = _copy_of_scikit_learn()
    if bundled is None:
        return f"LightGBM needs the system library {_EXPECTED}: apt-get install libgomp1 (or your system's package)."
    with tempfile.TemporaryDirectory(prefix="automl-text-") as folder:
        renamed = Path(folder) / _EXPECTED
        renamed.write_bytes(_renamed_library(bundled.read_bytes(), old=bundled.name, new=_EXPECTED))
        if _loads(str(renamed)):  # stays mapped after its file is gone
            return ""
    return f"LightGBM needs the system library {_EXPECTED}, and the copy in scikit-learn could not be loaded."


def _renamed_library(content: bytes, *, old: str, new: str) -> bytes:
    """Return a shared library whose own name (its SONAME) is ``new``, which must not be longer than ``old``.

    The loader matches a wanted library with a loaded one by this name. It is a text that ends in a zero byte, so
    a shorter one may be written over it.
    """
    before = old.encode() + b"\0"
    after = new.encode() + b"\0"
    return content.replace(before, after.ljust(len(before), b"\0"))


def _copy_of_scikit_learn() -> Path | None:
    """Return scikit-learn's copy of the library."""
    import sklearn

    folder = Path(sklearn.__file__).parent.parent / "scikit_learn.libs"
    return next(iter(sorted(folder.glob("libgomp-*.so*"))), None)


def _loads(name: str) -> bool:
    """Say whether the loader finds the library; what it loads stays for everything loaded later."""
    try:
        ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True
