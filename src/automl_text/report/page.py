"""From a `RunResult` to one HTML page that needs nothing else: no network, no file, no script to be read."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from automl_text.report.text import visible
from automl_text.report.view.page import page_view

if TYPE_CHECKING:
    from automl_text.results import RunResult


def render_html(result: RunResult) -> str:
    """Return the report as one HTML page; equal results give equal bytes."""
    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template("page.html.j2").render(
        page=page_view(result),
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
        return visible(value)
    return value
