"""Keeps what several fits in one process share, up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """The most recently used values by key; the oldest go when all together exceed ``max_bytes``.

    The last value asked for always stays, however large. It is a memory, never a source of results: a value
    must depend on its key alone.
    """

    def __init__(self, *, max_bytes: int, size: Callable[[Value], int]) -> None:
        self._max_bytes = max_bytes
        self._size = size
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value under ``key``, made now where it is not remembered."""
        if key not in self._values:
            self._values[key] = make()
        self._values.move_to_end(key)
        self._forget()
        return self._values[key]

    def __len__(self) -> int:
        return len(self._values)

    def _forget(self) -> None:
        """Drop the oldest values; sizes are asked anew, for a value may have grown since it was made."""
        used = sum(map(self._size, self._values.values()))
        while used > self._max_bytes and len(self._values) > 1:
            _, oldest = self._values.popitem(last=False)
            used -= self._size(oldest)
