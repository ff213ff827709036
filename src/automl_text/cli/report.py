"""`automl-text report` and `automl-text leaderboard`: what is shown of a finished run."""

from __future__ import annotations

import json as json_module
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.options import Open, RunDir, one_of
from automl_text.cli.say import console, out
from automl_text.errors import InputError, nearest
from automl_text.files import write_whole

if TYPE_CHECKING:
    from automl_text.results import RunResult

_FORMATS = ("html", "md", "json")


def report(
    run_dir: RunDir,
    format: Annotated[  # noqa: A002
        str,
        typer.Option(
            "--format", metavar="html|md|json", help="A page, Markdown, or the first screen as data."
        ),
    ] = "html",
    family: Annotated[
        str | None, typer.Option("--family", metavar="NAME", help="A page on this family alone.")
    ] = None,
    open: Open = False,  # noqa: A002
) -> None:
    """Write the report of a run again, from its result.json alone."""
    from automl_text.results.result import read_result

    kind = one_of("--format", format, _FORMATS)
    result = read_result(run_dir)
    content = _rendered(result, kind) if family is None else _family_page(result, family, kind)
    path = run_dir / (f"report.{kind}" if family is None else "family.html")
    write_whole(path, content)
    out(str(path))
    if open:
        webbrowser.open(path.absolute().as_uri())


def leaderboard(
    run_dir: RunDir, json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False
) -> None:
    """Print the families of a run in order, each against the recommended one."""
    from automl_text.cli.summary import Leaderboard
    from automl_text.results.result import read_result

    result = read_result(run_dir)
    if json:
        given = {family: cost.model_dump() for family, cost in result.timing.given.items()}
        rows = [{**row.model_dump(mode="json"), "given": given.get(row.family)} for row in result.leaderboard]
        typer.echo(json_module.dumps(rows, indent=1, ensure_ascii=False))
    else:
        console().print(Leaderboard(result, has_details=True))


def _rendered(result: RunResult, kind: str) -> str:
    if kind == "md":
        from automl_text.report.markdown import render_markdown

        return render_markdown(result)
    if kind == "json":
        from automl_text.report.briefing import facts

        return json_module.dumps(facts(result), indent=1, ensure_ascii=False) + "\n"
    from automl_text.report.page import render_html

    return render_html(result)


def _family_page(result: RunResult, family: str, kind: str) -> str:
    from automl_text.report.page import render_family

    known = [row.family for row in result.leaderboard if row.macro_f1 is not None]
    if family not in known:
        raise InputError(
            f"--family {family!r}: this run measured no such family.{nearest(family, known)} Known: {', '.join(known)}."
        )
    if kind != "html":
        raise InputError(f"--family makes a page: leave --format {kind} out.")
    return render_family(result, family)
