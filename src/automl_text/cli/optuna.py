"""`automl-text optuna`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from automl_text.cli.options import RunDir
from automl_text.cli.output import OverwriteOutput, refuse_loss
from automl_text.cli.say import out


def optuna(
    run_dir: RunDir,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Optuna journal to write.")],
    overwrite: OverwriteOutput = False,
) -> None:
    """Write a run's trials as Optuna studies, one per family, for optuna.load_study and optuna-dashboard."""
    from automl_text.files import write_whole
    from automl_text.results.result import read_result
    from automl_text.tuning.studies import optuna_journal

    refuse_loss([output], read=[run_dir], overwrite=overwrite)
    write_whole(output, optuna_journal(read_result(run_dir)))
    out(f"Studies by family in {output}. Look at them with: optuna-dashboard {output}")
