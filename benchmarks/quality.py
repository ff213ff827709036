"""How good is what a search exports? Search on TRAIN, score every family's exported model on TEST.

    python benchmarks/quality.py TRAIN TEST [TRAIN TEST]... [--preset standard] [--seeds 0,1,2] [--json FILE]

Beside the families stand fixed references without any search, fitted and scored in the same run. The shortfall is the
best family's held-out macro-F1 minus the recommended model's.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from automl_text.experiment.export import export_family
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search
from silent import Silent

if TYPE_CHECKING:
    from automl_text.results import Evaluation


def fixed_references() -> dict[str, Any]:
    """Return hand-picked settings from before this project, unfitted."""
    words = TfidfVectorizer()
    pieces = make_union(
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    balanced = {"class_weight": "balanced"}
    return {
        "words, logistic regression C=10": make_pipeline(
            words, LogisticRegression(C=10, max_iter=2000, **balanced)
        ),
        "words + characters, logistic regression C=30": make_pipeline(
            pieces, LogisticRegression(C=30, max_iter=2000, **balanced)
        ),
        "words + characters, LinearSVC C=.3": make_pipeline(pieces, LinearSVC(C=0.3, **balanced)),
        "words + characters, ridge alpha=1": make_pipeline(pieces, RidgeClassifier(alpha=1, **balanced)),
    }


def macro_f1(labels: pd.Series, predicted: Any, categories: list[str]) -> float:
    """Return macro-F1 over the categories that a promise is about; rows of others count as errors for these."""
    return float(f1_score(labels, predicted, average="macro", labels=categories, zero_division=0))


def score_search(
    train: Path, test: pd.DataFrame, options: argparse.Namespace, seed: int
) -> list[dict[str, Any]]:
    """Search once and return a row for each family."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        request = SearchRequest(
            data=train,
            text=("text",),
            label="category",
            preset=options.preset,
            families=tuple(options.families.split(",")) if options.families else (),
            references="none",
            encoders=tuple(options.encoder),
            seed=seed,
            output=Path(folder) / "run",
        )
        result = run_search(request, Silent()).result
        seconds = time.perf_counter() - started
        judged = [each.label for each in result.dataset.classes if each.is_measurable]
        rows = []
        for evaluation in result.evaluations:
            if evaluation.final_trial is not None:
                estimator = export_family(Path(folder) / "run", evaluation.family, train).estimator
                held_out = macro_f1(test["category"], estimator.predict(test["text"].tolist()), judged)
                rows.append(_row(train, seed, evaluation, held_out))
    best = max(row["held_out"] for row in rows)
    for row in rows:
        row["is_recommended"] = row["family"] == result.recommended
        row["shortfall"] = best - row["held_out"]
        row["search_seconds"] = seconds
    return rows


def _row(train: Path, seed: int, evaluation: Evaluation, held_out: float) -> dict[str, Any]:
    low, high = evaluation.interval or (float("nan"), float("nan"))
    return {
        "file": train.stem,
        "seed": seed,
        "family": evaluation.family,
        "measured": evaluation.macro_f1,
        "expected": evaluation.expected_macro_f1,
        "low": low,
        "high": high,
        "held_out": held_out,
        "is_inside": low <= held_out <= high,
    }


def main() -> None:
    """Print one table of families, one of references, and the shortfall."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="TRAIN TEST")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--families")
    parser.add_argument("--encoder", action="append", default=[])
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if len(options.files) % 2:
        parser.error("give the files in pairs: TRAIN TEST")
    rows, references = [], []
    for train, test_path in zip(options.files[::2], options.files[1::2], strict=True):
        test, known = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (test_path, train))
        for name, estimator in fixed_references().items():
            predicted = estimator.fit(known["text"], known["category"]).predict(test["text"])
            sizes = known["category"].value_counts()
            score = macro_f1(test["category"], predicted, sizes[sizes > 1].index.tolist())
            references.append({"reference": name, "held_out": score})
        for seed in map(int, options.seeds.split(",")):
            found = score_search(train, test, options, seed)
            print(pd.DataFrame(found).to_string(index=False, float_format="%.3f"), flush=True)
            rows += found
    report(rows, references)
    if options.json:
        options.json.write_text(json.dumps({"families": rows, "references": references}, indent=1))


def report(rows: list[dict[str, Any]], references: list[dict[str, Any]]) -> None:
    """Print means over files and seeds."""
    families = pd.DataFrame(rows).assign(difference=lambda table: table["expected"] - table["held_out"])
    columns = ["measured", "expected", "held_out", "difference", "is_inside", "search_seconds"]
    print("\nMeans over files and seeds")
    print(families.groupby("family")[columns].mean().sort_values("held_out").to_string(float_format="%.3f"))
    print(pd.DataFrame(references).groupby("reference")["held_out"].mean().to_string(float_format="%.3f"))
    chosen = families[families["is_recommended"]]
    print(f"shortfall of the recommended model against the best family: {chosen['shortfall'].mean():.4f}")


if __name__ == "__main__":
    main()
