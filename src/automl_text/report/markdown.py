"""From a `RunResult` to Markdown for a pull request: the verdict, the leaderboard, the categories, the findings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.report.page import size_words
from automl_text.report.sections import categories, data, leaderboard, verdict
from automl_text.wording import excerpt

if TYPE_CHECKING:
    from automl_text.report.sections.categories import CategoriesView
    from automl_text.report.sections.data import HealthView
    from automl_text.report.sections.leaderboard import LeaderboardView, Line
    from automl_text.report.sections.verdict import VerdictView
    from automl_text.results import RunResult

_INTERPRETED = re.compile(
    r"""
      \\(?=[!-/:-@\[-`{-~]|$)          # would escape what follows, or what the template puts behind
    | [`\[|~$]                         # code, link, cell, strike, formula
    | (?<!\s)\*|\*(?!\s)              # emphasis, but not a times sign between blanks
    | (?<![^\W_])_|_(?![^\W_])        # emphasis, but not inside a word
    | <(?=[^\s\d=]|\S*@)             # tag, comment, link
    | &(?=\#?\w+;)                    # entity
    | @(?=\w)                         # mention, address
    | :(?=//)|:(?=[\w+-]+:)           # link, emoji
    | (?<=www)\.                      # link
    | (?<!\w)[\#!](?=\d)              # number of an issue, of a merge request
    | (?<=\s)\#(?=\#*$)               # end of a heading
    | ^[>\#]                          # quotation, heading
    | ^[-+](?=\s|$)|^-(?=-)|^=(?==*$)  # list, line
    """,
    re.VERBOSE,
)
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
"""Not every renderer lets a backslash take these for text; Python-Markdown would set the tag."""

_NUMBERED = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
_MOST_CATEGORIES = 25


def render_markdown(result: RunResult) -> str:
    """Return the report as Markdown that GitHub and GitLab set; equal results give equal text."""
    blocks = [
        *_verdict(result, verdict.view(result)),
        *_leaderboard(leaderboard.view(result)),
        *_categories(categories.view(result)),
        *_findings(data.view(result)),
    ]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """Return ``text`` on one line such that Markdown shows it as it is, with no escape that it does not need."""
    line = _INTERPRETED.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), excerpt(text, 500))
    return _NUMBERED.sub(r"\1\\", line)


def _verdict(result: RunResult, view: VerdictView) -> list[str]:
    file_name = result.dataset.file_name
    title = f"{view.title} for {file_name}"
    size = escaped(f"{file_name}: {size_words(result)}")
    blocks = [f"## {escaped(title)}", escaped(view.headline), size]
    if view.figure:
        blocks.append(
            f"**{view.figure}** {view.figure_title} ({escaped(view.interval)}); {escaped(view.chance)}."
        )
    blocks.append(f"{escaped(view.confidence)}.")
    for title, lines in (
        ("Why", view.reasons),
        ("What would change it", view.would_change),
        ("What next", view.next_steps),
        ("More to know", view.more),
    ):
        if lines:
            blocks.append("\n".join([f"**{title}**", "", *(f"- {escaped(line)}" for line in lines)]))
    if view.command:
        blocks.append(_code(view.command))
    return blocks


def _code(text: str) -> str:
    """Return a fenced block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _leaderboard(view: LeaderboardView) -> list[str]:
    head = ("Rank", "Family", "Macro-F1", "Expected", "95 % interval", "Imbalance", "Fit", "Predict 1,000")
    rows = [_leaderboard_row(line) for line in (*view.lines, view.procedure)]
    return ["### Leaderboard", escaped(view.lede), _table(head, rows)]


def _leaderboard_row(line: Line) -> tuple[str, ...]:
    title = f"**{escaped(line.title)}**" if line.is_lead else escaped(line.title)
    badges = "".join(f" ({escaped(badge)})" for badge in line.badges if badge != "recommended")
    reason = f": {escaped(line.reason)}" if line.reason else ""
    return (
        line.rank, f"{title}{badges}{reason}", line.macro_f1, line.expected, line.interval, escaped(line.strategy),
        line.fit, line.predict,
    )  # fmt: skip


def _categories(view: CategoriesView | None) -> list[str]:
    if view is None:
        return []
    head = ("Category", "Rows", *(escaped(family) for family in view.families))
    rows = [
        (f"{escaped(line.label)}{_note(line.note)}", line.support, *(score.text for score in line.scores))
        for line in view.lines[:_MOST_CATEGORIES]
    ]
    left_out = len(view.lines) - _MOST_CATEGORIES
    tail = (
        [f"{formats.counted(left_out, 'further category', 'further categories')} not shown."]
        if left_out > 0
        else []
    )
    return ["### F1 per category, hardest first", escaped(view.lede), _table(head, rows), *tail]


def _note(note: str) -> str:
    return f" ({escaped(note)})" if note else ""


def _findings(view: HealthView) -> list[str]:
    if not view.findings:
        return []
    lines = [
        f"- **{each.severity}** {escaped(each.code)}: {escaped(each.message).rstrip('.')}. "
        f"{escaped(each.remedy).rstrip('.')}.{f' Lines {each.lines}.' if each.lines else ''}"
        for each in view.findings
    ]
    return ["### Data", "\n".join(lines)]


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
