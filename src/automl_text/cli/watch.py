"""`automl-text watch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from automl_text.cli.options import DataMoved, Json, OnlySafe, RunDir
from automl_text.cli.say import note_if_slow, out, print_table, warn
from automl_text.wording import counted

if TYPE_CHECKING:
    from automl_text.results.after import ClassShare, WatchCheck, WatchReport

_SOMETHING_IS_OFF = 3


def watch(
    run_dir: RunDir,
    new: Annotated[Path, typer.Argument(metavar="NEW", help="A file of new texts; no labels are needed.")],
    data: DataMoved = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Same seed, same answer.")] = 0,
    json: Json = False,
    only_safe: OnlySafe = False,
) -> int:
    """Say whether new texts are such as the model was made for; exit code 3 where something is off."""
    from automl_text.bundle.load import LoadChecks, load_bundle
    from automl_text.loop.watch import watch as look

    model = load_bundle(run_dir, LoadChecks(only_safe=only_safe), warn=warn)
    with note_if_slow(f"looking at {new}"):
        found = look(run_dir, model, str(new), data=data, seed=seed)
    if json:
        typer.echo(found.model_dump_json(indent=1))
    else:
        _show(found, new)
    return _SOMETHING_IS_OFF if found.is_off else 0


def _show(found: WatchReport, new: Path) -> None:
    out(found.sentence)
    out()
    print_table(("looked at", ">training", ">now", ">p", ""), [_cells(each) for each in found.checks])
    out(f"One alarm level of {found.alarm_level:g} holds for all of them together.")
    out()
    rising = sorted(found.shares, key=lambda each: each.training - each.corrected)
    heads = ("category", ">training", ">predicted", ">now about", ">95 %")
    print_table(heads, [_share_cells(each) for each in rising])
    if found.macro_f1 is not None and found.interval is not None:
        low, high = found.interval
        out(
            f"Expected macro-F1 on these texts: about {found.macro_f1:.2f} ({low:.2f} to {high:.2f}), if nothing but "
            "the shares has changed."
        )
    if found.n_seen:
        out(f"{counted(found.n_seen, 'text')} left out: the model was trained on them.")
    if n_rest := found.n_rows - found.n_seen - found.n_compared:
        out(f"{counted(n_rest, 'text')} left out: empty, a repetition, or more than are compared.")
    if found.is_off:
        out("To be sure, label fifty of them and evaluate:")
        out(f"  automl-text next {found.run} {new} -n 50 --strategy random -o to_label.csv")


def _cells(check: WatchCheck) -> tuple[str, ...]:
    is_share = check.name != "length"
    before, after = (f"{value:.1%}" if is_share else f"{value:.1f}" for value in (check.before, check.after))
    if check.name == "classes":
        before, after = "", f"{check.after:.1%} moved"
    return (check.title, before, after, f"{check.p_value:.4f}", "off" if check.is_off else "")


def _share_cells(share: ClassShare) -> tuple[str, ...]:
    low, high = share.interval
    figures = (share.training, share.predicted, share.corrected)
    return (share.label, *(f"{figure:.0%}" for figure in figures), f"{low:.0%}-{high:.0%}")
