"""How this room makes a `Finding`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.results import Finding
from automl_text.wording import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from automl_text.results import Severity

_MAX_LINES = 20


def finding(
    code: str, severity: Severity, message: str, remedy: str, lines: Iterable[int] | None = None
) -> Finding:
    """Return a finding that names at most 20 lines and counts them all.

    Parameters
    ----------
    code : str
        Stable, for scripts.
    severity : "error", "warning" or "note"
    message, remedy : str
        One line each; anything unprintable from the data is escaped.
    lines : iterable of int, optional
        Lines of the file, from 1.
    """
    numbers = sorted(int(line) for line in lines) if lines is not None else []
    return Finding(
        code=code,
        severity=severity,
        message=printable(message),
        remedy=printable(remedy),
        lines=tuple(numbers[:_MAX_LINES]),
        n_lines=len(numbers),
    )


def rows_are(n: int) -> str:
    """Return ``1 row is`` or ``12 rows are``."""
    return f"{counted(n, 'row')} {'is' if n == 1 else 'are'}"


def rows_have(n: int) -> str:
    """Return ``1 row has`` or ``12 rows have``."""
    return f"{counted(n, 'row')} {'has' if n == 1 else 'have'}"
