"""How this room makes a `Finding`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl_text.data.refusal import counted, printable
from automl_text.results import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from automl_text.results import Severity

_MAX_LINES = 20
_MAX_NAMES = 5
_MAX_LENGTH = 60


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


def quoted(names: Sequence[str]) -> str:
    """Return up to five names in quotes, each cut to 60 characters, and the number of the others."""
    shown = [
        repr(name if len(name) <= _MAX_LENGTH else name[:_MAX_LENGTH] + "…") for name in names[:_MAX_NAMES]
    ]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def rows_are(n: int) -> str:
    """Return ``1 row is`` or ``12 rows are``."""
    return f"{counted(n, 'row')} {'is' if n == 1 else 'are'}"


def rows_have(n: int) -> str:
    """Return ``1 row has`` or ``12 rows have``."""
    return f"{counted(n, 'row')} {'has' if n == 1 else 'have'}"
