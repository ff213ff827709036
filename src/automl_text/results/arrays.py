"""Arrays in an npz file, read only after a look at what each claims to be: no pickles, no header that lies."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_BYTES = 2**32
"""Of all arrays of a file, unpacked: a network of 50,000 words has a hundredth of it."""
_SUFFIX = ".npy"


def read_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of an npz file by name.

    Raises
    ------
    ValueError
        If it is no zip archive of arrays, holds objects, or an array whose header does not fit its bytes; if all
        of them together exceed 4 GiB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > _MOST_BYTES:
                raise ValueError("it unpacks to more than 4 GiB")
            return {member.filename.removesuffix(_SUFFIX): _array(archive.read(member)) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ValueError(f"it is no archive of arrays ({error})") from error


def _array(content: bytes) -> NDArray[Any]:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read_header is None:
        raise ValueError(f"an array has format {version}")
    shape, _, dtype = read_header(stream)
    if dtype.hasobject:
        raise ValueError("an array holds objects")
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError("an array's header does not fit its bytes")
    stream.seek(0)
    return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))
