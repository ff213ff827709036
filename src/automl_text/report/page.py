"""From a `RunResult` to one HTML page that needs nothing else: no network, no file, no script to be read."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from automl_text.report import formats
from automl_text.report.sections import sections
from automl_text.wording import BLOCK, excerpt, printable

if TYPE_CHECKING:
    from automl_text.results import RunResult


def render_html(result: RunResult) -> str:
    """Return the report as one HTML page; equal results give equal bytes."""
    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template("page.html.j2").render(
        sections=[{"name": each.name, "title": each.title, "view": each.view(result)} for each in sections()],
        file_name=excerpt(result.dataset.file_name, 60),
        size=size_words(result),
        version=excerpt(result.versions.get("automl-text", ""), 40),
        style=Markup(_asset("report.css")),  # noqa: S704  (ours)
        script=Markup(script),  # noqa: S704  (ours)
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
    )  # fmt: skip


def notebook_html(result: RunResult, *, height: int = 820) -> str:
    """Return the report for a notebook's cell: a frame of its own that nothing of the notebook can reach.

    Parameters
    ----------
    result : RunResult
    height : int
        Of the frame, in CSS pixels.
    """
    page = Markup.escape(render_html(result))
    return (
        f'<iframe title="automl-text report" sandbox="allow-scripts" style="width:100%;height:{height}px;border:0" '
        f'srcdoc="{page}"></iframe>'
    )


def size_words(result: RunResult) -> str:
    """Return ``500 texts, 18 categories``."""
    dataset = result.dataset
    return f"{formats.counted(dataset.n_rows, 'text')}, {formats.categories(len(dataset.classes))}"


def _asset(name: str) -> str:
    return (files("automl_text.report") / "templates" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("automl_text.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(value: object) -> object:
    """Write out invisible characters of every string that a template sets, forgotten ones too."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, kept=BLOCK)
    return value
