import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_text.data.dataset import Dataset
from automl_text.data.splitting import partition_rows
from automl_text.tuning.fitting import FitWork
from automl_text.tuning.params import ChoiceParam, IntParam, SearchSpace
from automl_text.tuning.plan import FamilySearch, SearchPlan, UnitMaker
from automl_text.tuning.search import search_families

sys.path.append(str(Path(__file__).parent))

from planted import PLANTED, find_planted

from inline_executor import InlineExecutor

SPACE = SearchSpace(
    family="planted",
    distributions={
        "place": IntParam(low=0, high=1, default=0),
        "imbalance": ChoiceParam(choices=("none", "balanced"), default="none"),
    },
    fixed={"breaks": False},
)


def dataset_of(texts, labels, groups=None):
    classes, codes = np.unique(np.array(labels, dtype=object), return_inverse=True)
    rows = np.arange(len(texts))
    return Dataset(
        texts=tuple(texts),
        codes=codes.astype(np.int64),
        classes=tuple(classes),
        groups=rows if groups is None else np.asarray(groups),
        lines=rows + 2,
        sha256="0" * 64,
    )


def words_of(n_rows, n_classes, seed):
    """Texts of two words: a meaningless one, and one that names the class nine times out of ten."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(n_classes, size=n_rows)
    shown = np.where(rng.random(n_rows) < 0.9, codes, rng.integers(n_classes, size=n_rows))
    texts = [f"noise{rng.integers(5)} word{word}" for word in shown]
    return texts, [f"class {code}" for code in codes]


@pytest.fixture
def make_dataset():
    return dataset_of


@pytest.fixture
def dataset():
    return dataset_of(*words_of(120, 3, seed=0))


@pytest.fixture
def make_plan():
    def make(dataset, trials, *, family=PLANTED, n_folds=4, n_repeats=1, with_curve=False):  # noqa: PLR0913
        partitions = tuple(
            partition_rows(dataset.codes, dataset.groups, n_folds=n_folds, seed=repeat)
            for repeat in range(n_repeats)
        )
        return SearchPlan(
            dataset=dataset,
            partitions=partitions,
            families=(FamilySearch(family=family, trials=tuple(trials), space=SPACE),),
            maker=UnitMaker.of(dataset, partitions, run_seed=0),
            with_curve=with_curve,
        )

    return make


@pytest.fixture
def make_sampled_plan(make_plan):
    """A plan in which every choice looks at rows of its own, as on large data: half of those it may see."""

    def make(dataset, trials, **options):
        plan = make_plan(dataset, trials, **options)
        places = [np.arange(dataset.n_rows)] + [
            np.flatnonzero(outer.fold_of_row != fold)
            for outer in plan.partitions
            for fold in range(outer.n_folds)
        ]
        samples = tuple(
            partition_rows(dataset.codes, dataset.groups, n_folds=3, seed=seed, rows=rows[::2])
            for seed, rows in enumerate(places, start=90)
        )
        maker = UnitMaker.of(dataset, plan.partitions + samples, run_seed=0)
        return replace(plan, samples=samples, maker=maker)

    return make


@pytest.fixture
def search():
    """Search in this process; returns the evidence and every unit that was run."""

    def run_search(plan):
        executor = InlineExecutor(
            FitWork(
                dataset=plan.dataset,
                partitions=plan.all_partitions,
                n_repeats=len(plan.partitions),
                find_family=find_planted,
            )
        )
        ran = []

        def run(units, purpose):  # noqa: ARG001
            ran.extend(units)
            return {outcome.key: outcome for outcome in executor.run(units)}

        return search_families(plan, run), ran

    return run_search
