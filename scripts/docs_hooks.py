"""Called by mkdocs: lists the pages of docs/decisions on their index, so that no list of them can go stale."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_PLACE = "<!-- pages -->"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:  # a mkdocs page, installed for docs alone
    """Return the page with a list of its neighbours where it asks for one."""
    if _PLACE not in markdown:
        return markdown
    folder = Path(page.file.abs_src_path).parent
    pages = sorted(path for path in folder.glob("*.md") if path.name != "index.md")
    return markdown.replace(_PLACE, "\n".join(f"- [{_title(path)}]({path.name})" for path in pages))


def _title(path: Path) -> str:
    heading = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return heading.group(1) if heading else path.stem
