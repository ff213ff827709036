"""From a request to a plan: data read and cut, families found, trials drawn. Nothing is fitted here."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from automl_text.data.columns import choose_columns
from automl_text.data.dataset import Partition, Split
from automl_text.data.dates import take_times
from automl_text.data.holdout import read_holdout, refuse_both, split_holdout
from automl_text.data.loading import load_dataset
from automl_text.data.splitting import partition_rows, split_rows, subsample
from automl_text.data.time_order import in_time_order
from automl_text.errors import InputError
from automl_text.experiment.encoder import with_encoders
from automl_text.families.encoder.place import encoders_in_use
from automl_text.families.registry import available, family_names, load_family
from automl_text.loop.baseline import take_baseline
from automl_text.loop.fixes import apply_fixes
from automl_text.results import SearchConfig
from automl_text.tables.reading import read_table
from automl_text.tuning.plan import (
    FamilySearch,
    SearchPlan,
    UnitMaker,
    derived_seed,
    with_few_costly,
    without_costly,
)
from automl_text.tuning.presets import (
    LARGE_FOLDS,
    PRESETS,
    TUNING_ROWS,
    Preset,
    for_size,
    is_large,
    with_capped_vocabulary,
)
from automl_text.tuning.space import load_space, read_space
from automl_text.tuning.trials import shared_trials

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.data.dates import Times
    from automl_text.data.holdout import HoldoutRows
    from automl_text.data.loading import Loaded
    from automl_text.experiment.request import SearchRequest
    from automl_text.families.contract import ModelFamily
    from automl_text.loop.baseline import Baseline
    from automl_text.loop.fixes import Fixed
    from automl_text.results import EncoderInfo, TimeOrder
    from automl_text.tables.table import Table
    from automl_text.tuning.params import SearchSpace

_REFERENCES = ("majority", "lstm-as-posted")

_ROPE = 0.01
"""Half-width of the region of practical equivalence: a hundredth of macro-F1 changes no decision."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """The rows as they are searched, and what a person knew beforehand."""

    source: Table | Path
    fixed: Fixed | None = None
    baseline: Baseline | None = None
    holdout: HoldoutRows | None = None
    times: Times | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """Everything a search needs before its first fit."""

    loaded: Loaded
    plan: SearchPlan
    config: SearchConfig
    given: Given


def prepare(request: SearchRequest, encoders: tuple[EncoderInfo, ...] = ()) -> Prepared:
    """Read the data, find the families and draw their trials; ``encoders`` are noted in the configuration.

    Raises
    ------
    InputError
        If the file, an option or a search-space file is wrong.
    """
    asked = _resolve_preset(request)
    spaces = _user_spaces(request)
    families = _families(request)
    given = _given(request)
    loaded = load_dataset(
        given.source,
        text=request.text,
        label=request.label,
        group=request.group,
        features=request.features,
        read_as=request.read_as,
        n_folds=asked.n_folds,
        rare=request.rare,
        min_rows=request.min_rows,
    )
    if given.holdout is not None:
        given.holdout.check(loaded.info)
    unused = spaces.keys() - {family.name for family in families}
    if unused:
        raise InputError(
            f"--search-space: this run does not try {', '.join(sorted(unused))}; name it with --families."
        )
    preset, protocol = for_size(asked, loaded.dataset.n_rows, keeps_trials=request.n_trials is not None)
    partitions: tuple[Partition, ...] = ()
    if given.times is not None:
        loaded, in_order = in_time_order(loaded, given.times, preset.n_folds)
        preset, partitions = dataclasses.replace(preset, n_repeats=1, with_curve=False), (in_order,)
    used = {
        family.name: with_encoders(spaces.get(family.name) or load_space(family.name)) for family in families
    }
    partitions = partitions or _partitions(loaded.dataset, preset, request.seed)
    searches = [(family, used[family.name]) for family in families]
    plan, said = _plan(request, preset, (loaded.dataset, partitions), searches)
    config = _config(request, preset, plan).model_copy(
        update={
            "protocol": protocol
            + _overruled(request, protocol)
            + _in_order(request, loaded.info.time, protocol)
            + said,
            "grouped_for_folds": asked.n_folds,
            "encoders": encoders,
        }
    )
    if given.fixed is not None:
        findings = (*loaded.info.findings, *given.fixed.findings)
        loaded = dataclasses.replace(loaded, info=loaded.info.model_copy(update={"findings": findings}))
    return Prepared(loaded=loaded, plan=plan, config=config, given=given)


def _given(request: SearchRequest) -> Given:
    """Return the rows with labels put right, and the column that is measured beside the families taken out."""
    asked = (request.fixes, request.baseline, request.split, request.test, request.time)
    if not any(asked):
        return Given(source=request.table or request.data)
    expected = (*request.text, *request.features, *filter(None, (request.label, request.group, request.time)))
    table = request.table or read_table(request.data, request.read_as, expected=expected)
    baseline, fixed, holdout, times = None, None, None, None
    refuse_both(request.split, request.test)
    if request.test is not None:
        holdout = read_holdout(request.test, request.read_as, request.text)
    if request.split is not None:
        table, holdout = split_holdout(table, request.split)
    if request.time is not None:
        table, times = take_times(table, request.time)
    if request.baseline is not None:
        table, baseline = take_baseline(table, request.baseline)
    if request.fixes is not None:
        columns = choose_columns(
            table, text=request.text, label=request.label, group=request.group, features=request.features
        )
        fixed = apply_fixes(table, columns, request.fixes)
        table = fixed.table
    return Given(source=table, fixed=fixed, baseline=baseline, holdout=holdout, times=times)


def _overruled(request: SearchRequest, protocol: tuple[str, ...]) -> tuple[str, ...]:
    """Return a sentence for the options that the rules for large data overrule."""
    given = {"--outer-folds": (request.n_folds, LARGE_FOLDS), "--repeats": (request.n_repeats, 1)}
    named = [f"{option} {n}" for option, (n, used) in given.items() if n is not None and n != used]
    verb = "does" if len(named) == 1 else "do"
    return (f"{' and '.join(named)} {verb} not apply to data of this size.",) if protocol and named else ()


def _in_order(request: SearchRequest, order: TimeOrder | None, protocol: tuple[str, ...]) -> tuple[str, ...]:
    """Return a sentence for each rule and option that rows in time order overrule."""
    if order is None:
        return ()
    said = []
    if (request.n_repeats or 1) > 1:
        said.append(f"--repeats {request.n_repeats} does not apply: there is one order in time.")
    if protocol:
        said.append(
            "In time order points are judged by the last block before the one that they are chosen for."
        )
    return tuple(said)


def _plan(
    request: SearchRequest,
    preset: Preset,
    rows: tuple[Dataset, tuple[Partition, ...]],
    families: list[tuple[ModelFamily, SearchSpace]],
) -> tuple[SearchPlan, tuple[str, ...]]:
    """Return the plan, and a sentence for each family of which less is tried than the preset says."""
    dataset, partitions = rows
    adapts = is_large(dataset.n_rows)
    samples = _samples(dataset, partitions, request.seed) if adapts else ()
    plan = SearchPlan(
        dataset=dataset,
        partitions=partitions,
        families=tuple(
            _family_search(family, with_capped_vocabulary(space) if adapts else space, preset, request.seed)
            for family, space in families
        ),
        maker=UnitMaker.of(dataset, partitions + samples, run_seed=request.seed),
        samples=samples,
        with_curve=preset.with_curve,
        drops_laggards=preset.drops_laggards,
        is_budgeted=request.time_budget is not None,
    )
    plan, said = with_few_costly(plan) if request.n_trials is None else (plan, ())
    unasked = set(_REFERENCES) - set(request.families) if request.references == "auto" else set()
    return without_costly(plan, unasked), said


def _resolve_preset(request: SearchRequest) -> Preset:
    """Return the preset with the request's own numbers in place."""
    preset = PRESETS[request.preset]
    if request.n_trials is not None:
        preset = dataclasses.replace(preset, n_trials={}, other_trials=request.n_trials)
    return dataclasses.replace(
        preset,
        n_folds=request.n_folds or preset.n_folds,
        n_repeats=request.n_repeats or preset.n_repeats,
    )


def _families(request: SearchRequest) -> list[ModelFamily]:
    """Return the families asked for, then the references, each once; a reference asked for by name is one too."""
    names = request.families or tuple(n for n in family_names() if n != "encoder" or encoders_in_use())
    chosen = [load_family(name) for name in dict.fromkeys(names)]
    if not request.families:
        chosen = [family for family in chosen if not family.is_reference]
    references = {"none": (), "majority": ("majority",)}.get(request.references, _REFERENCES)
    asked = {family.name for family in chosen}
    chosen += [load_family(name) for name in references if name not in asked]
    return sorted(chosen, key=lambda family: family.is_reference)


def _user_spaces(request: SearchRequest) -> dict[str, SearchSpace]:
    spaces: dict[str, SearchSpace] = {}
    for path in request.search_spaces:
        space = read_space(path)
        if space.family in spaces:
            raise InputError(
                f"{path}: a search space of {space.family!r} was given already; name one of them."
            )
        spaces[space.family] = space
    return spaces


def _partitions(dataset: Dataset, preset: Preset, seed: int) -> tuple[Partition, ...]:
    return tuple(
        partition_rows(
            dataset.codes,
            dataset.groups,
            n_folds=preset.n_folds,
            seed=derived_seed(seed, f"partition {repeat}"),
        )
        for repeat in range(preset.n_repeats)
    )


def _samples(dataset: Dataset, outer: tuple[Partition, ...], seed: int) -> tuple[Partition, ...]:
    """Draw the rows that are tuned on, of all rows and of the training rows of every outer split, and cut them."""
    if outer[0].first_judged is not None:
        return _samples_in_time(dataset, outer[0], seed)
    everything = [("all", np.arange(dataset.n_rows), outer[0].n_folds)]
    training = [
        (f"{repeat} {fold}", np.flatnonzero(partition.fold_of_row != fold), partition.n_folds)
        for repeat, partition in enumerate(outer)
        for fold in range(partition.n_folds)
    ]
    return tuple(
        partition_rows(
            dataset.codes,
            dataset.groups,
            n_folds=n_folds,
            seed=derived_seed(seed, f"inner partition {name}"),
            rows=_tuning_rows(dataset, rows, derived_seed(seed, f"tuning rows {name}")),
        )
        for name, rows, n_folds in everything + training
    )


def _samples_in_time(dataset: Dataset, order: Partition, seed: int) -> tuple[Partition, ...]:
    """Draw them of all rows and of what comes before each judged block; the last block of each judges."""
    samples = []
    for end in (order.n_folds, *order.judged_folds):
        split = Split(partition=0, train=tuple(range(end)), test=(end,))
        past = split_rows(split, [order], dataset.codes, dataset.groups, seed=0)[0]
        rows = _tuning_rows(dataset, past, derived_seed(seed, f"tuning rows before {end}"))
        fold_of_row = np.full(dataset.n_rows, -1, dtype=np.int64)
        fold_of_row[rows] = order.fold_of_row[rows] < order.fold_of_row[rows].max()
        samples.append(Partition(fold_of_row=fold_of_row, n_folds=2))
    return tuple(samples)


def _tuning_rows(dataset: Dataset, rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    return subsample(rows, dataset.codes, dataset.groups, fraction=TUNING_ROWS / len(rows), seed=seed)


def _family_search(family: ModelFamily, space: SearchSpace, preset: Preset, seed: int) -> FamilySearch:
    n_trials = 1 if family.is_reference else preset.trials_of(family.name)
    return FamilySearch(
        family=family,
        trials=shared_trials(space, n_trials, seed=derived_seed(seed, family.name)),
        space=space,
        why_unavailable=available(family),
    )


def _config(request: SearchRequest, preset: Preset, plan: SearchPlan) -> SearchConfig:
    return SearchConfig(
        data=str(request.data),
        preset=request.preset,
        seed=request.seed,
        families=tuple(each.family.name for each in plan.families if not each.family.is_reference),
        references=tuple(each.family.name for each in plan.families if each.family.is_reference),
        n_trials={each.family.name: len(each.trials) for each in plan.families},
        n_folds=preset.n_folds,
        n_repeats=preset.n_repeats,
        rope=_ROPE,
        rare=request.rare,
        min_rows=request.min_rows,
        show_text=request.show_text,
        baseline=request.baseline or "",
        split=request.split or "",
        time=request.time or "",
        search_spaces={each.family.name: each.space.sha256 for each in plan.families},
    )
