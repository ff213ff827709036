"""A search that never ran: families whose errors are placed by hand."""

import dataclasses

import numpy as np
import pytest

from automl_text.data.dataset import Dataset, Partition
from automl_text.results import ClassInfo, DatasetInfo, Signal, TrialRecord
from automl_text.statistics.learning_curve import CurveMeasurement
from automl_text.tuning.evidence import FamilyEvidence, SearchEvidence
from automl_text.verdict.judge import JudgeOptions, judge

SIZES = (60, 40, 30, 20, 10)
N_FOLDS = 5


def make_dataset(sizes=SIZES):
    codes = np.repeat(np.arange(len(sizes)), sizes)
    n_rows = len(codes)
    return Dataset(
        texts=tuple(f"text number {row}" for row in range(n_rows)),
        codes=codes,
        classes=tuple(f"category {code}" for code in range(len(sizes))),
        groups=np.arange(n_rows),
        lines=np.arange(n_rows) + 2,
        sha256="0" * 64,
    )


def make_info(data):
    return DatasetInfo(
        file_name="data.csv",
        sha256=data.sha256,
        encoding="utf-8",
        separator=",",
        text_columns=("text",),
        label_column="label",
        group_column=None,
        column_choice="by name",
        n_rows=data.n_rows,
        n_groups=len(np.unique(data.groups)),
        n_left_out=0,
        classes=tuple(
            ClassInfo(label=label, n_rows=1, n_groups=1, is_measurable=bool(data.measurable[code]))
            for code, label in enumerate(data.classes)
        ),
        words_per_text=(1, 1, 1, 1, 1),
        duplicate_share=0.0,
        findings=(),
    )


def make_predicted(data, error_rate, seed):
    generator = np.random.default_rng(seed)
    wrong = (data.codes + generator.integers(1, data.n_classes, data.n_rows)) % data.n_classes
    predicted = np.where(generator.random(data.n_rows) < error_rate, wrong, data.codes)
    return np.where(data.measurable[predicted], predicted, 0)


def make_logits(data, predicted, seed):
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(data.n_rows, data.n_classes))
    logits[np.arange(data.n_rows), predicted] = logits.max(axis=1) + generator.random(data.n_rows) * 4
    return logits.astype(np.float32)


def make_size(data, n_train, macro_f1):
    """Return one measured size of a learning curve, whose splits take an even share of every category."""
    trained = np.maximum(np.round(data.rows_of_class * n_train / data.n_rows), 1).astype(int)
    return CurveMeasurement(
        n_train=n_train, macro_f1=macro_f1, trained=trained[np.newaxis], judged=data.rows_of_class[np.newaxis]
    )


def make_family(data, name, *, error_rate, simplicity=0, n_repeats=1, **changes):
    seed = changes.pop("seed", simplicity)
    predicted = [make_predicted(data, error_rate, seed + 100 * repeat) for repeat in range(n_repeats)]
    logits = np.stack([make_logits(data, each, seed) for each in predicted])
    folds = np.arange(data.n_rows) % N_FOLDS
    inner = np.stack([[np.where(folds == fold, -1, each) for fold in range(N_FOLDS)] for each in predicted])
    sizes = [share * data.n_rows for share in (0.1, 0.2, 0.4, 0.6, 0.8)]
    family = FamilyEvidence(
        family=name,
        title=name.title(),
        simplicity=simplicity,
        is_reference=False,
        status="done",
        trials=(TrialRecord(number=0, params={}, steps=0, inner_score=0.8, inner_scores=(), status="done"),),
        outer_logits=logits,
        inner_predicted=inner,
        final_params={},
        final_predicted=predicted[0],
        default_predicted=make_predicted(data, error_rate + 0.05, seed + 1),
        curve=tuple(
            make_size(data, size, macro_f1=1 - error_rate * (size / sizes[-1]) ** -0.4) for size in sizes
        ),
        by_strategy={"none": make_predicted(data, error_rate + 0.1, seed + 2), "balanced": predicted[0]},
        strategy="balanced",
    )
    return dataclasses.replace(family, **changes)


def make_evidence(data, *families, n_repeats=1):
    partition = Partition(fold_of_row=np.arange(data.n_rows) % N_FOLDS, n_folds=N_FOLDS)
    return SearchEvidence(dataset=data, partitions=(partition,) * n_repeats, families=families)


def make_signal(*, has_signal=True):
    return Signal(
        macro_f1=0.5 if has_signal else 0.1,
        shuffled_mean=0.1,
        shuffled_high=0.15,
        p_value=0.005 if has_signal else 0.4,
        n_permutations=199,
        has_signal=has_signal,
    )


@pytest.fixture
def data():
    return make_dataset()


@pytest.fixture
def judged(data):
    """Judge families given as (name, error rate, simplicity)."""

    def run(*families, signal=None, **options):
        made = [
            make_family(data, name, error_rate=rate, simplicity=place, seed=place)
            for name, rate, place in families
        ]
        return judge(
            make_evidence(data, *made),
            dataset_info=make_info(data),
            signal=signal,
            options=JudgeOptions(seed=0, **options),
        )

    return run


@pytest.fixture
def build():
    """The makers above, for tests that need one of their own."""
    return {
        "dataset": make_dataset,
        "info": make_info,
        "family": make_family,
        "evidence": make_evidence,
        "signal": make_signal,
        "size": make_size,
    }
