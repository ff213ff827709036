"""The commands and what `automl-text` says when it is called alone."""

from __future__ import annotations

from typing import Annotated

import typer

from automl_text import __version__
from automl_text.cli.compare import compare
from automl_text.cli.evaluate import evaluate
from automl_text.cli.explain import explain
from automl_text.cli.export import export
from automl_text.cli.families import families
from automl_text.cli.inspect import inspect
from automl_text.cli.next import next_to_label
from automl_text.cli.optuna import optuna
from automl_text.cli.predict import predict
from automl_text.cli.report import leaderboard, report
from automl_text.cli.search import search
from automl_text.cli.serve import serve
from automl_text.cli.suspects import suspects
from automl_text.cli.watch import watch
from automl_text.cli.whatif import whatif

_WELCOME = """\
automl-text finds the best classifier for your labelled texts and says how good it will really be.

Start with a table that has a column of texts and a column of categories:

  automl-text inspect data.csv                      what would stand in the way
  automl-text search data.csv                       find, measure and save the best model
  automl-text predict reports/data new.csv          use it

Every command explains itself: automl-text search --help
"""

app = typer.Typer(
    rich_markup_mode=None,  # plain help: quicker by half, and nothing in it is taken for markup
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"automl-text {__version__}")
        raise typer.Exit


@app.callback(epilog="Example:  automl-text search tickets.csv --preset quick")
def start(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find the best classifier for a few hundred labelled texts, and say honestly how good it is."""
    if context.invoked_subcommand is None:
        typer.echo(_WELCOME, nl=False)


def _register() -> None:
    commands = (
        (inspect, "automl-text inspect tickets.csv"),
        (search, "automl-text search tickets.csv --label category --preset quick"),
        (leaderboard, "automl-text leaderboard reports/tickets --json"),
        (report, "automl-text report reports/tickets --open"),
        (predict, "automl-text predict reports/tickets new.csv -o predicted.csv"),
        (evaluate, "automl-text evaluate reports/tickets labelled.csv"),
        (explain, "automl-text explain reports/tickets 'where is my parcel'"),
        (export, "automl-text export reports/tickets --family logreg -o logreg.pkl"),
        (serve, "automl-text serve reports/tickets --port 8000"),
        (suspects, "automl-text suspects reports/tickets -o review.csv"),
        (compare, "automl-text compare reports/tickets reports/tickets-fixed"),
        (next_to_label, "automl-text next reports/tickets unlabelled.csv -n 50 -o to_label.csv"),
        (whatif, "automl-text whatif reports/tickets --merge invoice,refund"),
        (watch, "automl-text watch reports/tickets this_week.csv"),
        (optuna, "automl-text optuna reports/tickets -o study.log"),
        (families, "automl-text families"),
    )
    for command, example in commands:
        name = example.split()[1]
        whole = (command.__doc__ or "").partition("\n")[0]  # typer would cut it
        app.command(name, short_help=whole, epilog=f"Example:  {example}")(command)


_register()
