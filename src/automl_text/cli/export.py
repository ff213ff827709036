"""`automl-text export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from automl_text.cli.options import DataMoved, RunDir, one_of
from automl_text.cli.output import OverwriteOutput, refuse_loss
from automl_text.cli.say import out
from automl_text.errors import InputError, RunError
from automl_text.wording import listed

_FORMATS = ("pickle", "skops", "npz")


def export(
    run_dir: RunDir,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Model file to write.")],
    family: Annotated[
        str | None, typer.Option(metavar="NAME", help="A family of the run; the recommended one.")
    ] = None,
    data: DataMoved = None,
    format: Annotated[  # noqa: A002
        str, typer.Option(metavar="pickle|skops|npz", help="skops and npz run no code when they are loaded.")
    ] = "pickle",
    with_encoder: Annotated[
        bool, typer.Option("--with-encoder", help="Put the sentence encoder inside the model.")
    ] = False,
    model_card: Annotated[bool, typer.Option("--model-card", help="Write a model card beside it.")] = False,
    overwrite: OverwriteOutput = False,
) -> None:
    """Refit a family's best trial on all rows and write the model; nothing is tuned again."""
    from automl_text.bundle.formats import encoder_for
    from automl_text.bundle.write import write_bundle
    from automl_text.data.beside import reads_frame
    from automl_text.experiment.export import export_family

    encode = encoder_for(one_of("--format", format, _FORMATS))
    data = data or _recorded_data(run_dir)
    beside = (".json", ".requirements.txt", *([".md"] if model_card else []))
    refuse_loss(
        [output, *(output.with_suffix(suffix) for suffix in beside)], read=[data], overwrite=overwrite
    )
    estimator, source = export_family(run_dir, family, data, with_encoder=with_encoder)
    info = write_bundle(output, estimator, source, encode=encode)
    out(f"model   {output}")
    out(f"sha256  {info.sha256}")
    if reads_frame(estimator):
        columns = [*source.text_columns, *(each.name for each in source.features)]
        out(f"reads   {listed(columns, len(columns))}, as a DataFrame: too much for a script of plain code")
    if model_card:
        out(f"card    {_write_card(output)}")


def _write_card(model: Path) -> Path:
    from automl_text.files import write_whole
    from automl_text.report.model_card import model_card
    from automl_text.results.model import read_manifest

    manifest = read_manifest(model)
    if manifest is None:
        raise RunError(f"{model}: its manifest has just gone; export it again.")
    card = model.with_suffix(".md")
    write_whole(card, model_card(manifest))
    return card


def _recorded_data(run_dir: Path) -> Path:
    """Return the file that the run was made of, as it was named from here or from a folder above the run."""
    from automl_text.results.result import read_result

    recorded = Path(read_result(run_dir).config.data)
    places = [recorded, *(folder / recorded for folder in run_dir.resolve().parents)]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise InputError(
            f"{run_dir}: its data file {recorded} is found neither from here nor from the run's folder. "
            "Name it with --data FILE."
        )
    return found
