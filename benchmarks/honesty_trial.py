"""One sample of a large labelled pool: searched like a user's file, then held against all rows not drawn."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import KFold

from automl_text.data.splitting import partition_rows
from automl_text.engine.unit import Outcome
from automl_text.families.contract import RefitPlan
from automl_text.families.registry import load_family
from automl_text.statistics.comparison import compare, pair_verdict
from automl_text.statistics.permutation import signal
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.plan import FamilySearch, SearchPlan, UnitMaker, derived_seed
from automl_text.tuning.search import search_families
from automl_text.tuning.space import load_space, settings_of
from automl_text.tuning.trials import shared_trials
from automl_text.verdict.curves import NO_CURVE, curves_of, learning_curve
from automl_text.verdict.predictions import predictions_of
from automl_text.verdict.procedure import procedure_of, recommendation_of
from honesty_full import Figure, full_figure
from honesty_pool import N_FOLDS, Setup, score_on, take

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.engine.unit import Unit
    from automl_text.families.contract import Estimator
    from automl_text.tuning.evidence import FamilyEvidence, SearchEvidence
    from automl_text.tuning.plan import Purpose

ROPE = 0.01
MULTIPLES = (1, 2, 4, 8)
FEWEST_JUDGES = 500
"""A training size of the curve is left out where fewer rows than this would remain to judge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What was said of two families, and their true difference."""

    verdict: str
    difference: float
    truth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Macro-F1 promised at a multiple of the rows, with its band, and reached."""

    multiple: int
    expected: float
    low: float
    high: float
    truth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """All that one sample shows.

    Attributes
    ----------
    plain : float or None
        Macro-F1 by a split that knows of no repeated rows; of doubled samples.
    has_signal : bool or None
        Whether shuffled labels were said to be worth a search; must not be.
    """

    figures: tuple[Figure, ...]
    pairs: tuple[Pair, ...] = ()
    shortfall: float | None = None
    curves: tuple[tuple[Forecast, ...], ...] = field(default=())
    plain: float | None = None
    has_signal: bool | None = None


def run_trial(pool: Dataset, setup: Setup, seed: int) -> Trial:
    """Draw a sample of whole groups, search it, and judge what was promised by the rows left."""
    generator = np.random.default_rng([seed, setup.n_rows])
    rank = generator.permutation(int(pool.groups.max()) + 1)
    order = np.argsort(rank[pool.groups], kind="stable")
    sample, rest = take(pool, order[: setup.n_rows]), take(pool, order[setup.n_rows :])
    if setup.is_full:
        return Trial(figures=(full_figure(sample, rest, setup.families, seed),))
    if setup.is_shuffled:
        codes = generator.permutation(sample.codes)
        found = signal(sample.texts, codes, np.arange(setup.n_rows), sample.measurable, seed=seed)
        return Trial(figures=(), has_signal=found.has_signal)
    if setup.is_doubled:
        sample = take(sample, np.repeat(np.arange(setup.n_rows), 2))
    evidence = _search(sample, setup, seed)
    finals = {each.family: each for each in evidence.families}
    truths = {
        name: score_on(_refit(sample, final, seed), rest, sample.measurable) for name, final in finals.items()
    }
    trial = _judge(evidence, truths)
    if setup.is_doubled:
        trial = dataclasses.replace(trial, plain=_plain(sample, evidence.families[0], seed))
    if not setup.with_curve:
        return trial
    return dataclasses.replace(trial, curves=_curves(evidence, (pool, order, setup.n_rows), truths, seed))


def _search(sample: Dataset, setup: Setup, seed: int) -> SearchEvidence:
    partition = partition_rows(
        sample.codes, sample.groups, n_folds=N_FOLDS, seed=derived_seed(seed, "partition")
    )
    families = []
    for name in setup.families:
        space = load_space(name)
        trials = shared_trials(space, setup.n_trials, seed=derived_seed(seed, name))
        families.append(FamilySearch(family=load_family(name), trials=trials, space=space))
    plan = SearchPlan(
        dataset=sample,
        partitions=(partition,),
        families=tuple(families),
        maker=UnitMaker.of(sample, (partition,), run_seed=seed),
    )
    work = FitWork(dataset=sample, partitions=plan.all_partitions, n_repeats=len(plan.partitions))

    def run(units: Sequence[Unit], purpose: Purpose) -> Mapping[str, Outcome]:  # noqa: ARG001
        ordered = sorted(units, key=lambda unit: str(unit.split))  # features are kept for one split at a time
        return {unit.key: Outcome(key=unit.key, status="done", scores=work(unit)) for unit in ordered}

    return search_families(plan, run)


def _refit(sample: Dataset, final: FamilyEvidence, seed: int) -> Estimator:
    family = load_family(final.family)
    labels = [sample.classes[code] for code in sample.codes]
    plan = RefitPlan(
        texts=sample.texts, labels=labels, groups=sample.groups, seed=seed, steps=final.final_steps
    )
    return family.refit(plan, settings_of(family, final.final_params or {}))


def _plain(sample: Dataset, final: FamilyEvidence, seed: int) -> float:
    """Return what cross-validation would report that deals rows, not groups."""
    splits = KFold(N_FOLDS, shuffle=True, random_state=seed).split(sample.codes)
    scores = [
        score_on(_refit(take(sample, train), final, seed), take(sample, test), sample.measurable)
        for train, test in splits
    ]
    return float(np.mean(scores))


def _judge(evidence: SearchEvidence, truths: Mapping[str, float]) -> Trial:
    judged = predictions_of(evidence)
    figures = []
    for each in judged:
        curves = curves_of(each)
        if curves is None:
            raise ValueError(NO_CURVE)
        figures.append(
            Figure(
                name=each.family,
                macro_f1=each.macro_f1,
                expected=curves.macro_f1(),
                interval=curves.interval(),
                truth=truths[each.family],
            )
        )
    recommended = recommendation_of(judged, evidence.truth, ROPE)
    if recommended is None:
        raise ValueError("no family finished")
    whole = procedure_of(evidence, judged, recommended.family, ROPE)
    if whole.macro_f1 is None or whole.expected_macro_f1 is None or whole.interval is None:
        raise ValueError(whole.interval_reason)
    figures.append(
        Figure(
            name="procedure",
            macro_f1=whole.macro_f1,
            expected=whole.expected_macro_f1,
            interval=whole.interval,
            truth=truths[recommended.family],
        )
    )
    pairs = []
    for a, b in combinations(judged, 2):
        posterior = compare(a.truth, a.predicted, b.predicted)
        pairs.append(
            Pair(
                verdict=pair_verdict(posterior, ROPE),
                difference=posterior.mean,
                truth=truths[a.family] - truths[b.family],
            )
        )
    shortfall = max(truths.values()) - truths[recommended.family]
    return Trial(figures=tuple(figures), pairs=tuple(pairs), shortfall=shortfall)


def _curves(
    evidence: SearchEvidence,
    drawn: tuple[Dataset, NDArray[np.int64], int],
    truths: Mapping[str, float],
    seed: int,
) -> tuple[tuple[Forecast, ...], ...]:
    pool, order, n_rows = drawn
    finals = {each.family: each for each in evidence.families}
    curves = []
    for judged in predictions_of(evidence):
        record = learning_curve(judged, curves_of(judged))
        if record is None:
            raise ValueError(f"{judged.family} has no learning curve")
        trials = []
        for multiple, promised in zip(MULTIPLES, record.forecast, strict=True):
            n_train = multiple * n_rows
            if n_train + FEWEST_JUDGES > pool.n_rows:
                continue
            truth = truths[judged.family]
            if multiple > 1:
                model = _refit(take(pool, order[:n_train]), finals[judged.family], seed)
                truth = score_on(model, take(pool, order[n_train:]), evidence.dataset.measurable)
            trials.append(
                Forecast(
                    multiple=multiple,
                    expected=promised.macro_f1,
                    low=promised.low,
                    high=promised.high,
                    truth=truth,
                )
            )
        curves.append(tuple(trials))
    return tuple(curves)
