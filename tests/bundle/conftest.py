"""A small linear model as the search would export it, and files around it."""

import shutil
from functools import cache
from pathlib import Path

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from automl_text.bundle.write import ModelSource, write_bundle
from automl_text.results import ThresholdRow
from automl_text.results.model import Promise

TEXTS = [
    f"{word} number {i}"
    for i in range(8)
    for word in ("invoice refund money", "screen broken crash", "hello thanks bye")
]
LABELS = ["billing", "bug", "chat"] * 8


@cache
def fitted() -> Pipeline:
    """A pipeline of scikit-learn's own classes, fitted on 24 rows of 3 categories."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression(C=100)).fit(TEXTS, LABELS)


def source(**changes: object) -> ModelSource:
    fields = {
        "family": "logreg",
        "title": "Logistic regression",
        "parameters": {"C": 100.0},
        "texts": TEXTS,
        "text_columns": ("text",),
        "label_column": "category",
        "data_file_name": "train.csv",
        "data_sha256": "ab" * 32,
        "promise": Promise(
            macro_f1=0.8,
            expected_macro_f1=0.82,
            interval=(0.7, 0.9),
            thresholds=(
                ThresholdRow(
                    threshold=0.5,
                    coverage=0.9,
                    coverage_interval=(0.8, 0.95),
                    error=0.1,
                    error_interval=(0.05, 0.2),
                    n_decided=20,
                ),
            ),
        ),
    }
    return ModelSource(**{**fields, **changes})


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a model that nobody may change."""
    folder = tmp_path_factory.mktemp("exported")
    write_bundle(folder / "best_model.pkl", fitted(), source())
    return folder


@pytest.fixture
def model(exported: Path, tmp_path: Path) -> Path:
    """Path of an exported model with its manifest."""
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    return tmp_path / "best_model.pkl"
