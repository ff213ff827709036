"""Writes docs/reference/licences.md: every locked package with the licence that its metadata names."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

LOCK = Path("requirements.lock")
PAGE = Path("docs/reference/licences.md")
HEADER = """# Licences of the packages that a run needs

From the metadata of the packages in `requirements.lock`, as installed; the project itself is Apache-2.0.

| package | version | licence |
|---|---|---|
"""


def licence_of(name: str) -> tuple[str, str]:
    """Return the version installed and the licence that the package's metadata names."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return "-", "not installed on this platform"
    classifiers = [
        line.split(" :: ")[-1] for line in found.get_all("Classifier", []) if line.startswith("License ::")
    ]
    named = (
        found.get("License-Expression") or "; ".join(classifiers) or found.get("License", "").split("\n")[0]
    )
    return found["Version"], named or "not named"


def main() -> None:
    """Write the page."""
    names = re.findall(r"^([\w.-]+)==", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = ["| {} | {} | {} |".format(name, *licence_of(name)) for name in sorted(set(names))]
    PAGE.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
