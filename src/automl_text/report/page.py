"""From a `RunResult` to one HTML page that needs nothing else: no network, no file, no script to be read."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from automl_text.report import formats
from automl_text.report.briefing import briefing, rows_words
from automl_text.report.elements import family_title
from automl_text.report.sections import Section, sections
from automl_text.report.sections.method import params_words
from automl_text.report.sections.verdict import relation
from automl_text.results import Insight
from automl_text.wording import BLOCK, counted, excerpt, mid_sentence, printable, short_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.results import RunResult


_OF_A_FAMILY = ("classes", "errors", "growth", "leaderboard", "learned", "method")
"""Sections of the report that say something of a single family."""


def render_html(result: RunResult) -> str:
    """Return the report as one HTML page; equal results give equal bytes."""
    first, *following = sections()
    return _page(result, first, following, title=briefing(result).title)


def render_family(result: RunResult, family: str) -> str:
    """Return a page on one family that was measured: how it did, where it errs, what was tried."""
    first = Section(name="family", title="The family", view=_family_view)
    following = [each for each in sections() if each.name in _OF_A_FAMILY]
    return _page(_seen_from(result, family), first, following, title=family_title(result, family))


def _page(result: RunResult, first: Section, following: Sequence[Section], *, title: str) -> str:
    """Return a page that begins with a section as its first screen."""
    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template("page.html.j2").render(
        title=title,
        sections=[
            {"name": each.name, "title": each.title, "view": view}
            for each in (first, *following)
            if (view := each.view(result)) is not None
        ],
        file_name=excerpt(result.dataset.file_name, 60),
        size=rows_words(result),
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
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("automl_text.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for words in (excerpt, short_label, formats.count, formats.short_probability, formats.finding_lines):
        environment.filters[words.__name__] = words
    return environment


def _finalize(value: object) -> object:
    """Write out invisible characters of every string that a template sets, forgotten ones too."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, kept=BLOCK)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _FamilyView:
    """The first screen of a family's page."""

    title: str
    standing: str
    facts: tuple[tuple[str, str], ...]
    settings: str
    """The params that its final trial holds."""
    notes: tuple[str, ...]


def _seen_from(result: RunResult, family: str) -> RunResult:
    """Return the result with ``family`` in the place of the recommended one; what is known of that one alone goes."""
    if family == result.recommended:
        return result
    features = tuple(each for each in result.insight.top_features if each.family == family)
    return result.model_copy(update={"recommended": family, "insight": Insight(top_features=features)})


def _family_view(result: RunResult) -> _FamilyView:
    """Return the first screen of the page on the family that ``result`` is seen from."""
    evaluation = next(each for each in result.evaluations if each.family == result.recommended)
    accuracy, final = evaluation.metric("accuracy"), evaluation.final
    timing = result.timing
    facts = (
        ("Macro-F1, as measured", formats.score(evaluation.macro_f1, 3)),
        (
            "Right, as measured",
            formats.MISSING if accuracy is None else f"{100 * accuracy.value:.0f} of 100 texts",
        ),
        ("Given", counted(len(evaluation.trials), "trial")),
        ("One fit", formats.seconds(timing.fit_seconds.get(evaluation.family))),
        ("1,000 texts", formats.seconds(timing.predict_seconds.get(evaluation.family) or None)),
        ("Numbers held", formats.count(evaluation.n_parameters)),
    )
    return _FamilyView(
        title=short_label(evaluation.title),
        standing=_standing(result),
        facts=facts,
        settings=(final and params_words(final)) or "as they come",
        notes=tuple(excerpt(note, 300) for note in evaluation.notes),
    )


def _standing(result: RunResult) -> str:
    recommended, family = result.verdict.recommended, result.recommended or ""
    if recommended == family:
        return "The recommended family of this run"
    pair = result.against(recommended, family) if recommended else None
    if pair is None or recommended is None:
        return "One of the families of this run, which recommends none"
    return (
        f"Against {mid_sentence(family_title(result, recommended))}, which is recommended: {relation(pair)}"
    )
