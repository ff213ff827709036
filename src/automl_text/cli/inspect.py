"""`automl-text inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.options import Label, Text, names_in, spelt_out
from automl_text.cli.say import note_if_slow, out, print_table
from automl_text.files import ReadAs
from automl_text.wording import counted

if TYPE_CHECKING:
    from automl_text.results import DatasetInfo, Finding, Signal


@spelt_out
def inspect(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="CSV, TSV, JSON, Parquet or Excel with labelled texts.")
    ],
    *,
    text: Text = None,
    label: Label = None,
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="COL", help="Column whose rows stay on one side of a split."),
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            "--features", metavar="a,b", help="Columns beside the text, such as a channel or an amount."
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option("--time", metavar="COL", help="Column of dates, to learn from the past alone."),
    ] = None,
    read_as: ReadAs,
) -> None:
    """Say what would stand in the way of a good model, before any search."""
    from automl_text.experiment.inspect import inspect_data

    with note_if_slow(f"reading {data}, and looking for what stands in the way"):
        found = inspect_data(
            data,
            text=tuple(text or ()),
            label=label,
            group=group,
            features=names_in("--features", "no column", "channel,amount", features),
            time=time,
            read_as=read_as,
        )
    _show_data(found.info)
    if found.candidates:
        out(f"Could be added beside the text: --features {','.join(found.candidates)}")
    for finding in found.info.findings:
        _show_finding(finding)
    _show_signal(found.signal)
    if found.signal.has_signal and not found.info.findings:
        out("Nothing stands in the way.")


def _show_data(info: DatasetInfo) -> None:
    out(f"{info.file_name}: {counted(info.n_rows, 'row')} in {len(info.classes)} categories, {info.encoding}")
    out(info.column_choice)
    if info.time:
        out(info.time.sentences)
    least, lower, median, upper, most = info.words_per_text
    out(f"Words per text: {least} to {most}, median {median}, half of them {lower} to {upper}")
    rows = sorted(info.classes, key=lambda each: -each.n_rows)
    print_table(
        ("category", ">rows", ">different texts"),
        [(each.label, f"{each.n_rows:,}", f"{each.n_groups:,}") for each in rows],
    )
    out()


def _show_signal(signal: Signal) -> None:
    answer = "There is something to learn" if signal.has_signal else "Nothing can be learned"
    out(
        f"{answer}: a quick linear model reaches macro-F1 {signal.macro_f1:.3f}, and {signal.shuffled_mean:.3f} "
        f"on average with the labels shuffled ({signal.n_permutations} times, p = {signal.p_value:.3f})."
    )


def _show_finding(finding: Finding) -> None:
    where = f" ({counted(finding.n_lines, 'line')}: {finding.first_lines})" if finding.lines else ""
    out(f"{finding.severity} [{finding.code}] {finding.message}{where}")
    out(f"    {finding.remedy}")
