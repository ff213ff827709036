"""How many short texts a second `automl-text predict` reads, judges and writes on one core with a linear model."""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from automl_text.bundle.load import load_bundle
from automl_text.bundle.predict import predict_file
from automl_text.bundle.write import ModelSource, write_bundle

N_ALONE = 20_000


def pipelines() -> dict[str, Pipeline]:
    """Return the features that the linear families choose among, each before a logistic regression."""
    shared = {"dtype": np.float32, "sublinear_tf": True}
    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", **shared)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared)
    both = FeatureUnion([("words", words), ("characters", characters)])
    kinds = {"words": words, "characters": characters, "both": both}
    return {name: make_pipeline(kind, LogisticRegression(C=30)) for name, kind in kinds.items()}


def measure(pipeline: Pipeline, training: pd.DataFrame, texts: list[str], folder: Path) -> dict[str, float]:
    """Return texts a second of CPU time: through a file, and by the pipeline's own predict_proba."""
    pipeline.fit(training["text"], training["category"])
    source = ModelSource(
        family="logreg",
        title="",
        parameters={},
        texts=list(training["text"]),
        text_columns=("text",),
        label_column="category",
        data_file_name="",
        data_sha256="0",
    )
    write_bundle(folder / "model.pkl", pipeline, source)
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("id", "text"), *enumerate(texts)])
    loaded = load_bundle(folder / "model.pkl")
    started = time.process_time()
    predict_file(loaded, str(folder / "texts.csv"), str(folder / "predicted.csv"))
    through_file = len(texts) / (time.process_time() - started)
    started = time.process_time()
    pipeline.predict_proba(texts[:N_ALONE])
    alone = min(N_ALONE, len(texts)) / (time.process_time() - started)
    return {"predict_file": round(through_file), "predict_proba_alone": round(alone)}


def main() -> None:
    """Print one row for each kind of features."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    folder = Path(os.environ["AUTOML_TEXT_DATA"]) / "hwu18"
    files = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in sorted(folder.glob("*.csv"))]
    known = sorted({text for file in files for text in file["text"]})
    texts = random.Random(0).choices(known, k=options.rows)  # noqa: S311  (no secret)
    training = pd.read_csv(folder / "hwu18_0_train.csv", dtype=str, keep_default_na=False)
    print(
        f"{options.rows} texts, {np.mean([len(text.split()) for text in texts]):.1f} words each, texts a second:"
    )
    results = {}
    for name, pipeline in pipelines().items():
        with tempfile.TemporaryDirectory() as work:
            results[name] = measure(pipeline, training, texts, Path(work))
        print(f"{name:12} {results[name]}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
