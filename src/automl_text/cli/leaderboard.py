"""`automl-text leaderboard`."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from automl_text.cli.say import console
from automl_text.cli.summary import leaderboard_view


def leaderboard(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Folder of a finished run.")],
    json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Print the families of a run in order, with their intervals."""
    from automl_text.results.result import read_result

    result = read_result(run_dir)
    if json:
        rows = [row.model_dump(mode="json") for row in result.leaderboard]
        typer.echo(json_module.dumps(rows, indent=1, ensure_ascii=False))
    else:
        console().print(leaderboard_view(result.leaderboard))
