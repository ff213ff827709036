"""TF-IDF and boosted trees, with settings that small data needs."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from automl_text.families.beside import fitted_beside, with_beside
from automl_text.families.contract import Scores, label_codes, spread, training_macro_f1
from automl_text.families.imbalance import Balance, ImbalanceSettings, balance
from automl_text.families.memory import Memory
from automl_text.families.openmp import load_openmp
from automl_text.families.tfidf import TfidfSettings, fitted_vectorizer, sample_features, tfidf_settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from automl_text.families.contract import Estimator, RefitPlan, Sample
    from automl_text.families.counts import Matrix

_LOOKS = (0.04, 0.08, 0.15, 0.25, 0.35, 0.5, 0.65, 0.8, 1.0)
"""Shares of the rounds after which the test rows are predicted."""


_ROWS_WIN = ((0.05, 0.15), (0.12, 0.3))
"""Rows are summed faster than columns where fewer features than the first are present in a row, and at least the second
are drawn for a tree; shares of all (docs/decisions/0007)."""

_BINS_BESIDE = 32
"""Of a column beside the text: a number is cut where it helps, a piece of text is there or not."""

_BINARY = 2
"""Categories for which LightGBM keeps one tree a round, not one for each."""

_datasets: Memory[Any] = Memory(
    max_bytes=2**28, size=lambda dataset: dataset.num_data() * dataset.num_feature()
)
"""LightGBM's Datasets: the bins of the training rows, a byte or less a cell. 20 ms of a fit's 350 on 300 rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightgbmSettings(TfidfSettings, ImbalanceSettings):
    """Features, imbalance strategy, and LightGBM's parameters under its own names."""

    n_svd: int
    """Columns of a truncated SVD of the features, beside them; 0 for none."""
    rounds: int
    """Most boosting rounds; the number used is chosen by inner scores among about nine."""
    learning_rate: float
    """Constant, so a model of few rounds is the beginning of one of many."""
    num_leaves: int
    min_data_in_leaf: int
    min_data_in_bin: int
    max_bin: int
    """LightGBM's own defaults (31, 20, 3, 255) leave trees that are only roots on some hundred rows."""
    feature_fraction: float
    """In (0, 1]."""
    lambda_l2: float


class _Lightgbm:
    """Gradient boosting on sparse features."""

    name = "lightgbm"
    title = "LightGBM"
    simplicity = 30
    is_reference = False
    reads_beside = True
    requires: tuple[str, ...] = ("lightgbm",)
    runtime: Literal["light", "tensorflow"] = "light"
    settings = LightgbmSettings

    def why_unavailable(self) -> str:
        """Return why the library cannot be loaded; empty when it can."""
        return load_openmp()

    def score(self, sample: Sample, settings: LightgbmSettings, *, seed: int) -> Scores:
        """Fit once, and predict the test rows after several numbers of rounds."""
        started = time.perf_counter()
        steps = _looks(settings.rounds)
        present, codes = np.unique(sample.train_codes, return_inverse=True)
        tfidf = tfidf_settings_of(settings)
        features = with_beside(sample_features(sample, tfidf), sample)
        if len(present) == 1:
            alone = np.zeros((len(steps), len(sample.test_texts), 1))
            return Scores(steps=steps, logits=spread(alone, present, sample.n_classes), notes=features.notes)
        columns = _columns(features.train, settings, seed=seed)
        train = columns.fit_transform(features.train)
        asked = balance(codes, sample.train_groups, settings, seed=seed)
        parameters = {
            **_parameters(settings, train, seed),
            **_bins(settings, features.train.shape[1], features.n_beside, train.shape[1]),
            "num_iterations": steps[-1],
        }
        key = None if settings.n_svd else (sample.key, tfidf, settings.max_bin, settings.min_data_in_bin)
        rows = (
            _dataset(train, parameters)
            if key is None
            else _datasets.get(key, lambda: _dataset(train, parameters))
        )
        booster = _boosted(rows, codes, asked, parameters)
        fitted = time.perf_counter()
        logits = _staged_logits(booster, columns.transform(features.test), steps)
        predicted = time.perf_counter()
        n_splits, n_trees = int(booster.feature_importance().sum()), booster.num_trees()
        curve = _staged_logits(booster, train, steps) if sample.with_training_curve else ()
        return Scores(
            steps=steps,
            logits=spread(logits, present, sample.n_classes),
            training={"macro_f1": tuple(training_macro_f1(codes, each) for each in curve)}
            if len(curve)
            else {},
            notes=(*features.notes, *_root_notes(n_splits / n_trees)),
            n_parameters=3 * n_splits + n_trees,
            fit_seconds=fitted - started,
            predict_seconds=predicted - fitted + features.seconds_per_text * len(sample.test_texts),
        )

    def refit(self, plan: RefitPlan, settings: LightgbmSettings) -> Estimator:
        """Return a pipeline of scikit-learn's features and an LGBMClassifier, fitted on all rows.

        The temperature divides the outputs of the leaves, so the classifier's own predict_proba is calibrated.

        Raises
        ------
        InputError
            If all rows carry the same label.
        """
        load_openmp()
        from lightgbm import LGBMClassifier
        from sklearn.pipeline import Pipeline

        _, codes = label_codes(plan)
        of_text = fitted_vectorizer(plan.texts, tfidf_settings_of(settings))
        vectorizer, features = fitted_beside(*of_text, plan)
        columns = _columns(features, settings, seed=plan.seed)
        asked = balance(codes, plan.groups, settings, seed=plan.seed)
        labels = np.asarray(plan.labels, dtype=object)
        rounds = plan.steps or settings.rounds
        train = columns.fit_transform(features)
        bins = _bins(settings, features.shape[1], features.shape[1] - of_text[1].shape[1], train.shape[1])
        model = LGBMClassifier(n_estimators=rounds, **_parameters(settings, train, plan.seed), **bins)
        model.fit(train, labels, sample_weight=asked.weights)
        _add_offset(model.booster_, asked)
        _cool(model.booster_, plan.temperature)
        steps = [("features", vectorizer), ("columns", columns), ("classifier", model)]
        estimator: Estimator = Pipeline(steps if settings.n_svd else [steps[0], steps[2]])
        return estimator


def _looks(rounds: int) -> tuple[int, ...]:
    """Return the numbers of rounds after which the test rows are predicted, the last being ``rounds``."""
    return tuple(sorted({max(1, round(share * rounds)) for share in _LOOKS}))


def _staged_logits(booster: Any, features: Matrix, steps: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the logits after each number of rounds, shape (n_steps, n_rows, n_classes).

    Each tree is asked once: what the trees between two steps say is added up.
    """
    between = [
        booster.predict(features, raw_score=True, start_iteration=start, num_iteration=end - start)
        for start, end in pairwise((0, *steps))
    ]
    raw = np.cumsum(between, axis=0)
    return raw if raw.ndim > _BINARY else raw[..., np.newaxis] * np.array([-0.5, 0.5])


def _leaves_per_tree(booster: Any) -> NDArray[np.int64]:
    """Return the number of leaves of every tree; 1 for a tree that found no split."""
    found = re.findall(r"^num_leaves=(\d+)$", booster.model_to_string(), flags=re.MULTILINE)
    return np.array(found, dtype=np.int64)


def _columns(features: Matrix, settings: LightgbmSettings, *, seed: int) -> Any:  # a scikit-learn transformer
    """Return what turns TF-IDF into the columns of the trees: nothing, or a truncated SVD beside it."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.pipeline import FeatureUnion

    n_svd = min(settings.n_svd, *(size - 1 for size in features.shape))
    svd = [("svd", TruncatedSVD(n_svd, random_state=seed))] if n_svd > 0 else []
    return FeatureUnion([("tfidf", "passthrough"), *svd])


def _parameters(settings: LightgbmSettings, features: Matrix, seed: int) -> dict[str, Any]:
    """Return LightGBM's parameters under the names that LGBMClassifier gives them, which lightgbm.train knows too.

    One thread and a fixed order of additions, so that equal seeds give equal trees. Bins are kept dense, and summed
    by rows or by columns, whichever is faster: the trees are the same. Nothing that bins depend on differs between
    trials on the same features, so that they share them.
    """
    present, drawn = features.nnz / (features.shape[0] * features.shape[1]), settings.feature_fraction
    by_rows = any(present < at_most and drawn >= at_least for at_most, at_least in _ROWS_WIN)
    return {
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.num_leaves,
        "min_child_samples": settings.min_data_in_leaf,
        "min_data_in_bin": settings.min_data_in_bin,
        "max_bin": settings.max_bin,
        "colsample_bytree": settings.feature_fraction,
        "reg_lambda": settings.lambda_l2,
        "random_state": seed,
        "data_random_seed": 1,
        "feature_pre_filter": False,
        "n_jobs": 1,
        "deterministic": True,
        "is_enable_sparse": False,
        "force_row_wise": by_rows,
        "force_col_wise": not by_rows,
        "verbosity": -1,
    }


def _bins(settings: LightgbmSettings, n_features: int, n_beside: int, n_columns: int) -> dict[str, list[int]]:
    """Return LightGBM's bins of each column where some stand beside the text: of the text, beside it, of an SVD."""
    if not n_beside:
        return {}
    bins = [settings.max_bin] * n_columns
    bins[n_features - n_beside : n_features] = [max(settings.max_bin, _BINS_BESIDE)] * n_beside
    return {"max_bin_by_feature": bins}


def _dataset(features: Matrix, parameters: Mapping[str, Any]) -> Any:  # a lightgbm.Dataset
    """Return the binned rows, which fits that differ in labels, weights and trees can share."""
    load_openmp()
    import lightgbm

    labels_to_come = np.zeros(features.shape[0])
    return lightgbm.Dataset(features, labels_to_come, params=dict(parameters)).construct()


def _boosted(rows: Any, codes: NDArray[np.int64], asked: Balance, parameters: Mapping[str, Any]) -> Any:
    """Return a Booster fitted as LGBMClassifier does it, without its way through a text of all trees (.3 s)."""
    import lightgbm

    n_classes = len(asked.offset)
    objective = (
        {"objective": "binary"}
        if n_classes == _BINARY
        else {"objective": "multiclass", "num_class": n_classes}
    )
    # By field: set_weight takes weights that are all 1 for none, and leaves those of the last fit in place.
    rows.set_field("label", codes.astype(np.float32))
    rows.set_field("weight", asked.weights.astype(np.float32))
    booster = lightgbm.train({**parameters, **objective}, rows, keep_training_booster=True)
    _add_offset(booster, asked)
    return booster


def _add_offset(booster: Any, asked: Balance) -> None:
    """Move the strategy's offset on the logits into the first trees, one per category, or one for two."""
    if asked.offset.any():
        per_tree = asked.offset if len(asked.offset) > _BINARY else np.diff(asked.offset)
        _change_leaves(booster, lambda tree, value: value + per_tree[tree], len(per_tree))


def _cool(booster: Any, temperature: float) -> None:
    """Divide every logit by ``temperature``."""
    if temperature != 1:
        _change_leaves(booster, lambda _, value: value / temperature, booster.num_trees())


def _change_leaves(booster: Any, new: Callable[[int, float], float], n_trees: int) -> None:
    """Set each leaf of the first ``n_trees`` trees to ``new(tree, value)``; two categories share one tree."""
    for tree, n_leaves in enumerate(_leaves_per_tree(booster)[:n_trees]):
        for leaf in range(n_leaves):
            booster.set_leaf_output(tree, leaf, new(tree, booster.get_leaf_output(tree, leaf)))


def _root_notes(splits_per_tree: float) -> tuple[str, ...]:
    """Say where trees are only roots."""
    if splits_per_tree == 0:
        return (
            "No tree found a split: every text gets the shares of the categories. Lower min_data_in_leaf.",
        )
    if splits_per_tree < 0.5:  # noqa: PLR2004  (then at least half of them)
        return ("Most trees found no split. Lower min_data_in_leaf.",)
    return ()


FAMILY = _Lightgbm()
