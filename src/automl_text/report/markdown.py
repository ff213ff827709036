"""From a `RunResult` to Markdown for a pull request: the verdict, the leaderboard, the categories, the findings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from automl_text.report.briefing import briefing, rows_words
from automl_text.report.formats import finding_lines
from automl_text.report.sections import classes, leaderboard
from automl_text.wording import counted, excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.report.sections.leaderboard import Line
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
_MOST_CLASSES = 25
_MOST_REASONS = 3


def render_markdown(result: RunResult) -> str:
    """Return the report as Markdown that GitHub and GitLab set; equal results give equal text."""
    parts = (_briefing, _leaderboard, _classes, _findings)
    return "\n\n".join(block for render in parts for block in render(result)) + "\n"


def escaped(text: str) -> str:
    """Return ``text`` on one line such that Markdown shows it as it is, with no escape that it does not need."""
    line = _INTERPRETED.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), excerpt(text, 500))
    return _NUMBERED.sub(r"\1\\", line)


def _briefing(result: RunResult) -> list[str]:
    brief, file_name = briefing(result), result.dataset.file_name
    blocks = [
        f"## {escaped(f'{brief.title} for {file_name}')}",
        f"{escaped(brief.certainty)}. {escaped(f'{file_name}: {rows_words(result)}')}.",
        "\n".join(f"- {escaped(sentence)}" for sentence in brief.sentences),
    ]
    blocks += [f"{escaped(each.purpose)}:\n\n{_code(each.line)}" for each in brief.commands]
    for title, lines in (
        ("Why", result.verdict.reasons[:_MOST_REASONS]),
        ("What next", result.verdict.next_steps[:_MOST_REASONS] if brief.family else ()),
    ):
        if lines:
            blocks.append("\n".join([f"**{title}**", "", *(f"- {escaped(line)}" for line in lines)]))
    return blocks


def _code(text: str) -> str:
    """Return a fenced block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _leaderboard(result: RunResult) -> list[str]:
    shown = leaderboard.view(result)
    against = f"Against {shown.lead}" if shown.lead else ""
    head = ("Rank", "Family", "Macro-F1, measured", against, "Given", "Imbalance", "One fit", "1,000 texts")
    rows = [_leaderboard_row(line) for line in shown.lines]
    keep = [i for i, name in enumerate(head) if name]
    lines = [tuple(row[i] for i in keep) for row in rows]
    return [
        "### Leaderboard",
        escaped(shown.lede),
        _table(tuple(escaped(head[i]) for i in keep), lines),
        *([escaped(shown.procedure)] if shown.procedure else []),
    ]


def _leaderboard_row(line: Line) -> tuple[str, ...]:
    title = f"**{escaped(line.title)}**" if line.is_lead else escaped(line.title)
    badges = "".join(f" ({escaped(badge)})" for badge in line.badges if badge != "recommended")
    reason = f": {escaped(line.reason)}" if line.reason else ""
    against = f"{line.difference}, {line.relation}" if line.relation else line.difference
    return (
        line.rank, f"{title}{badges}{reason}", line.macro_f1, escaped(against), line.given, escaped(line.strategy),
        line.fit, line.predict,
    )  # fmt: skip


def _classes(result: RunResult) -> list[str]:
    shown = classes.view(result)
    if not shown.lines:
        return []
    rows = [
        (f"{escaped(line.label)}{f' ({escaped(line.note)})' if line.note else ''}", line.n_rows, line.score)
        for line in shown.lines[:_MOST_CLASSES]
    ]
    left_out = len(shown.lines) - _MOST_CLASSES
    tail = (
        [f"{counted(left_out, 'further category', 'further categories')} not shown."] if left_out > 0 else []
    )
    table = _table(("Category", "Rows", "F1"), rows)
    return ["### F1 per category, hardest first", escaped(shown.lede), table, *tail]


def _findings(result: RunResult) -> list[str]:
    lines = [
        f"- **{each.severity}** {escaped(each.code)}: {escaped(each.message).rstrip('.')}. "
        f"{escaped(each.remedy).rstrip('.')}.{f' Lines {finding_lines(each)}.' if each.lines else ''}"
        for each in result.dataset.findings
    ]
    return ["### Data", "\n".join(lines)] if lines else []


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
