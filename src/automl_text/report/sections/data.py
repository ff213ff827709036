"""Data health: what was read, what stands in the way, and the rows whose label may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl_text.report import formats
from automl_text.results import FEW_GROUPS
from automl_text.wording import counted, excerpt, listed, short_label

if TYPE_CHECKING:
    from automl_text.results import ClassInfo, DatasetInfo, Finding, RunResult, Signal, Suspect


SECTION = 70, "Data health"

_REASONS = {"families_agree": "good families agree", "contradiction": "same text, other label"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClassBar:
    """Rows of one category as a bar."""

    label: str
    n_rows: str
    width: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _DataView:
    """The section on the data."""

    lede: str
    facts: tuple[tuple[str, str], ...]
    bars: tuple[_ClassBar, ...]
    bars_title: str
    few_at: str
    """Where `FEW_GROUPS` rows end on the bars."""
    findings: tuple[Finding, ...]
    fixed: str
    """What corrections of an earlier review brought; empty without any."""
    suspects: tuple[Suspect, ...]
    reasons: dict[str, str]
    """Why a label is suspect, in words."""


def view(result: RunResult) -> _DataView:
    """Return the section on the data."""
    dataset = result.dataset
    most = max((each.n_rows for each in dataset.classes), default=1)
    return _DataView(
        lede=_lede(dataset, result.signal),
        facts=_facts(result),
        bars=tuple(_bar(each, most) for each in sorted(dataset.classes, key=lambda each: -each.n_rows)),
        bars_title=_bars_title(dataset),
        few_at=f"{100 * min(1.0, FEW_GROUPS / most):.2f}%",
        findings=dataset.findings,
        fixed=excerpt(result.fixes.sentence, 400) if result.fixes else "",
        suspects=result.insight.suspects,
        reasons=_REASONS,
    )


def _lede(dataset: DatasetInfo, signal: Signal | None) -> str:
    size = f"{counted(dataset.n_rows, 'text')} in {formats.classes(len(dataset.classes))}"
    worst = sum(finding.severity != "note" for finding in dataset.findings)
    found = (
        f"{counted(worst, 'finding needs', 'findings need')} a look" if worst else "nothing stands in the way"
    )
    learnt = {None: "", True: "; there is something to learn", False: "; nothing to learn was found"}
    return f"{size}{learnt[signal.has_signal if signal else None]}; {found}."


def _facts(result: RunResult) -> tuple[tuple[str, str], ...]:
    dataset = result.dataset
    low, quarter, median, upper, high = (formats.count(n) for n in dataset.words_per_text)
    facts = [
        ("File", f"{excerpt(dataset.file_name, 80)}, {dataset.encoding}"),
        ("Columns", _columns(dataset)),
        ("Rows", f"{formats.count(dataset.n_rows)} used, {formats.count(dataset.n_left_out)} left out"),
        ("Independent groups", f"{formats.count(dataset.n_groups)} (rows that repeat each other count once)"),
        ("Words per text", f"{median} in the middle, half of them {quarter} to {upper}, all {low} to {high}"),
        (
            "Repeated rows",
            f"{formats.percent(dataset.duplicate_share)} repeat another row, exactly or nearly",
        ),
    ]
    if result.signal is not None:
        facts.append(("Signal", _signal_fact(result.signal)))
    if result.repeated_macro_f1 is not None:
        often = f"as often as these do: macro-F1 {formats.score(result.repeated_macro_f1)}"
        facts.append(("If new texts repeat old ones", often))
    return tuple(facts)


def _columns(dataset: DatasetInfo) -> str:
    texts = listed(tuple(short_label(name) for name in dataset.text_columns))
    found = f"text {texts}, label {short_label(dataset.label_column)}"
    group = f"; group: {short_label(dataset.group_column)}" if dataset.group_column else ""
    return f"{excerpt(dataset.column_choice) or found}{group}"


def _signal_fact(signal: Signal) -> str:
    return (
        f"a cheap linear model reaches macro-F1 {formats.score(signal.macro_f1)}; with shuffled labels "
        f"{formats.score(signal.shuffled_mean)} on average and at most {formats.score(signal.shuffled_high)} in 19 "
        f"of 20 shuffles (p = {signal.p_value:.3f}, {counted(signal.n_permutations, 'shuffle')})"
    )


def _bars_title(dataset: DatasetInfo) -> str:
    sizes = [each.n_rows for each in dataset.classes]
    few = sum(each.n_groups < FEW_GROUPS for each in dataset.classes)
    largest, smallest = max(sizes, default=0), min(sizes, default=0)
    title = f"From {counted(smallest, 'row')} to {formats.count(largest)} per category"
    if few:
        return f"{title}: {formats.classes(few)} with fewer than {FEW_GROUPS} different texts"
    return f"{title}: every category has at least {FEW_GROUPS} different texts"


def _bar(info: ClassInfo, most: int) -> _ClassBar:
    few = "too few to stand on" if info.n_groups < FEW_GROUPS else ""
    return _ClassBar(
        label=short_label(info.label),
        n_rows=formats.count(info.n_rows),
        width=f"{100 * info.n_rows / most:.2f}%",
        note=few if info.is_measurable else "cannot be measured",
    )
