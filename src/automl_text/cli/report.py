"""`automl-text report`."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from automl_text.cli.options import Open, one_of
from automl_text.cli.say import out
from automl_text.errors import InputError

FORMATS = ("html", "md")


def report(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Folder of a finished run.")],
    format: Annotated[str, typer.Option("--format", metavar="html|md", help="A page, or Markdown.")] = "html",  # noqa: A002
    open: Open = False,  # noqa: A002
) -> None:
    """Write the report of a run again, from its result.json alone."""
    from automl_text.results.result import read_result

    kind = one_of("--format", format, FORMATS)
    result = read_result(run_dir)
    if kind == "md":
        from automl_text.report.markdown import render_markdown

        content = render_markdown(result)
    else:
        from automl_text.report.page import render_html

        content = render_html(result)
    path = run_dir / f"report.{kind}"
    try:
        path.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}). Copy the run to a folder of yours."
        ) from error
    out(str(path))
    if open:
        webbrowser.open(path.absolute().as_uri())
