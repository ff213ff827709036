"""`automl-text explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.options import DataMoved, OnlySafe, RunDir
from automl_text.cli.say import note, out, warn
from automl_text.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from automl_text.families.contract import Estimator
    from automl_text.loop.reasons import TrainingTexts


def explain(
    run_dir: RunDir,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="One text, in quotes.")],
    features: Annotated[
        list[str] | None,
        typer.Option(
            "--features",
            metavar="COL=CELL",
            help="A cell beside the text; once for each that the model reads.",
        ),
    ] = None,
    data: DataMoved = None,
    only_safe: OnlySafe = False,
) -> None:
    """Say what the model makes of one text, and which of its words decided."""
    from automl_text.bundle.load import LoadChecks, load_bundle
    from automl_text.loop.reasons import explain as explained

    bundle = load_bundle(run_dir, LoadChecks(only_safe=only_safe), warn=warn)
    estimator = bundle.estimator
    row = bundle.rows("--features", [text], _cells(features or ()))
    found = explained(estimator, row, near(run_dir, estimator, data))
    out(f"{found.prediction}  {found.confidence:.2f}")
    out(f"  then {found.second}  {found.second_confidence:.2f}")
    out(
        "because of  "
        + (", ".join(found.words) or "no single word: without any of them it would say the same")
    )
    for each in found.nearest:
        out(f"  like line {each.line} ({each.label}, {each.similarity:.2f}): {each.text}")


def _cells(typed: Sequence[str]) -> dict[str, list[str]]:
    """Return the cells in ``channel=web``.

    Raises
    ------
    InputError
        If one has no name.
    """
    pairs = [each.partition("=") for each in typed]
    for (name, equals, _), each in zip(pairs, typed, strict=True):
        if not (name and equals):
            raise InputError(f"--features {each!r}: name the column. Write --features channel=web.")
    return {name.strip(): [cell] for name, _, cell in pairs}


def near(run_dir: Path, estimator: Estimator, data: Path | None) -> TrainingTexts | None:
    """Return the training texts where they decide; a data file that is not at hand is no reason to explain nothing."""
    from automl_text.loop.reasons import neighbourhood

    if not run_dir.is_dir():
        return None
    try:
        return neighbourhood(run_dir, estimator, data)
    except InputError as error:
        if data is not None:
            raise
        note(f"the nearest training texts are not shown: {error}")
        return None
