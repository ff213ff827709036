"""How good is what a search exports? Search on 500 rows, score every family's exported model on rows it never saw.

    python benchmarks/quality.py TRAIN TEST [TRAIN TEST]... [--preset standard] [--seeds 0,1,2] [--json FILE]
    python benchmarks/quality.py --pool clinc25 --pool r8 --samples 10 --rows 500 --data FOLDER [--json FILE]

Of a pool, a labelled file of thousands, ``--samples`` seeded samples of ``--rows`` are searched, each judged on up to
3,000 of the other rows. Beside the families stand fixed rows without any search, fitted and scored on the same samples.
Two shortfalls of the recommended model: against the best family of its run, and against the fixed row that is best in
the mean over a population's samples, paired by sample.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC

from automl_text.bundle.load import load_bundle
from automl_text.experiment.encoder import encoders_at
from automl_text.experiment.export import export_family
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search
from automl_text.families.encoder.place import encoders_in_use, open_encoders, share_vectors
from silent import Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from automl_text.results import Evaluation

MOST_JUDGES = 3000
C_OF_VECTORS, C_OF_WORDS = 30.0, 0.3
"""Settings of the fixed rows, from before this project."""

_UNKNOWN = (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One search: a file to learn from, and rows that judge it."""

    population: str
    name: str
    train: Path
    test: pd.DataFrame


def cases(options: argparse.Namespace, folder: Path) -> Iterator[Case]:
    """Yield the pairs of files, then the samples of the pools, which are written into ``folder``."""
    for train, test in zip(options.files[::2], options.files[1::2], strict=True):
        yield Case(population=train.stem.partition("_")[0], name=train.stem, train=train, test=_read(test))
    for name in options.pool:
        pool = _read(options.data / name / f"{name}_pool.csv")
        for number in range(options.first_sample, options.first_sample + options.samples):
            drawn = pool.sample(frac=1, random_state=number)
            train = folder / f"{name}_{number}.csv"
            drawn[: options.rows].to_csv(train, index=False)
            test = drawn[options.rows : options.rows + MOST_JUDGES]
            yield Case(population=name, name=train.stem, train=train, test=test)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def fixed_rows(case: Case, judged: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what hand-picked settings reach on a case, alone and with each encoder in use."""
    known = _read(case.train)
    labels, texts, asked = known["category"].to_numpy(), known["text"].tolist(), case.test["text"].tolist()

    def scored(name: str, predicted: Any) -> dict[str, Any]:
        held_out = macro_f1(case.test["category"], predicted, judged)
        return {"population": case.population, "file": case.name, "row": name, "held_out": held_out}

    tfidf = make_union(
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    words, words_asked = tfidf.fit_transform(texts).tocsr(), tfidf.transform(asked).tocsr()
    machine = LinearSVC(C=C_OF_WORDS, class_weight="balanced").fit(words, labels)
    yield scored("TF-IDF, LinearSVC", machine.predict(words_asked))
    for encoder, place in zip(open_encoders(encoders_in_use()), encoders_in_use(), strict=True):
        vectors, vectors_asked = encoder.vectors(texts), encoder.vectors(asked)
        yield scored(f"{place.name}, logistic regression", logistic(vectors, labels, vectors_asked))
        for scale in (1, 2):
            beside, beside_asked = (
                hstack([left, csr_matrix(right * np.float32(scale))], format="csr")
                for left, right in ((words, vectors), (words_asked, vectors_asked))
            )
            yield scored(f"{place.name} x{scale} beside TF-IDF", logistic(beside, labels, beside_asked))


def logistic(known: Any, labels: Any, asked: Any) -> Any:  # csr matrices and arrays
    """Return the labels that logistic regression predicts, fitted in the space of its rows (n_rows dimensions)."""
    known = known.astype(np.float64)  # in single precision alike texts leave negative eigenvalues
    products, across = known @ known.T, asked @ known.T
    if not isinstance(products, np.ndarray):
        products, across = products.toarray(), across.toarray()
    lower = np.linalg.cholesky(products + 1e-6 * np.eye(len(products)))
    model = LogisticRegression(C=C_OF_VECTORS, class_weight="balanced", max_iter=2000, tol=1e-6)
    return model.fit(lower, labels).predict(
        solve_triangular(lower, across.astype(np.float64).T, lower=True).T
    )


def macro_f1(labels: pd.Series, predicted: Any, categories: list[str]) -> float:
    """Return macro-F1 over the categories that a promise is about; rows of others count as errors for these."""
    return float(f1_score(labels, predicted, average="macro", labels=categories, zero_division=0))


def score_search(
    case: Case, options: argparse.Namespace, seed: int, keep_vectors: Callable[[], None]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Search once; return a row for each family, and the categories that are judged."""
    with tempfile.TemporaryDirectory() as folder:
        started, run = time.perf_counter(), Path(folder) / "run"
        request = SearchRequest(
            data=case.train,
            text=("text",),
            label="category",
            preset=options.preset,
            families=tuple(options.families.split(",")) if options.families else (),
            references="none",
            encoders=tuple(options.encoder),
            seed=seed,
            jobs=options.jobs,
            output=run,
        )
        result = run_search(request, Silent()).result
        seconds = time.perf_counter() - started
        judged = [each.label for each in result.dataset.classes if each.is_measurable]
        rows = []
        for evaluation in result.evaluations:
            if evaluation.final_trial is not None:
                is_recommended = evaluation.family == result.recommended
                exported = (
                    load_bundle(run).estimator
                    if is_recommended
                    else export_family(run, evaluation.family, case.train)[0]
                )
                keep_vectors()
                held_out = macro_f1(
                    case.test["category"], exported.predict(case.test["text"].tolist()), judged
                )
                about_run = {
                    "is_recommended": is_recommended,
                    "procedure_expected": result.procedure.expected_macro_f1,
                    "procedure_low": (result.procedure.interval or _UNKNOWN)[0],
                    "procedure_high": (result.procedure.interval or _UNKNOWN)[1],
                    "n_train": result.dataset.n_rows,
                    "search_seconds": seconds,
                }
                rows.append(_row(case, seed, evaluation, held_out) | about_run)
    best = max(row["held_out"] for row in rows)
    return [row | {"shortfall": best - row["held_out"]} for row in rows], judged


def _row(case: Case, seed: int, evaluation: Evaluation, held_out: float) -> dict[str, Any]:
    low, high = evaluation.interval or _UNKNOWN
    final = next(each for each in evaluation.trials if each.number == evaluation.final_trial)
    return {
        "population": case.population,
        "file": case.name,
        "seed": seed,
        "family": evaluation.family,
        "trial": evaluation.final_trial,
        "params": dict(final.params),
        "measured": evaluation.macro_f1,
        "expected": evaluation.expected_macro_f1,
        "low": low,
        "high": high,
        "held_out": held_out,
        "is_inside": low <= held_out <= high,
    }


def main() -> None:
    """Print one table of families, one of fixed rows, and the shortfalls."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="TRAIN TEST")
    parser.add_argument("--pool", action="append", default=[], metavar="NAME")
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--first-sample", type=int, default=0, help="its seed; the others count on from it")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--data", type=Path, default=os.environ.get("AUTOML_TEXT_DATA", "."))
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--families")
    parser.add_argument("--encoder", action="append", default=[])
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if len(options.files) % 2 or not (options.files or options.pool):
        parser.error("give files in pairs, TRAIN TEST, or a --pool")
    rows: list[dict[str, Any]] = []
    fixed: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory() as temporary,
        encoders_at(options.encoder, print, families=options.families.split(",") if options.families else ()),
    ):
        folder = Path(temporary)

        def keep_vectors() -> None:
            """Have this process, which a search leaves as it was, read texts that it encoded for other samples."""
            share_vectors(folder / "vectors.sqlite")

        for case in cases(options, folder):
            for seed in map(int, options.seeds.split(",")):
                found, judged = score_search(case, options, seed, keep_vectors)
                shown = pd.DataFrame(found).drop(columns=["params", "population", "seed", "n_train"])
                print(shown.to_string(index=False, float_format="%.3f"), flush=True)
                rows += found
            keep_vectors()
            fixed += fixed_rows(case, judged)
            if options.json:
                options.json.write_text(json.dumps({"families": rows, "fixed": fixed}, indent=1))
    report(pd.DataFrame(rows), pd.DataFrame(fixed))


def report(families: pd.DataFrame, fixed: pd.DataFrame) -> None:
    """Print means over samples and seeds, and what the recommended models fall short by."""
    families = families.assign(difference=families["expected"] - families["held_out"])
    columns = ["measured", "expected", "held_out", "difference", "is_inside", "search_seconds"]
    print("\nMeans over files and seeds")
    means = families.groupby(["population", "family"])[columns].mean()
    print(means.to_string(float_format="%.3f"))
    print(fixed.pivot_table("held_out", "row", "population").to_string(float_format="%.3f"))
    chosen = families[families["is_recommended"]]
    print(f"shortfall of the recommended model against the best family: {chosen['shortfall'].mean():.4f}")
    for population, of_one in fixed.groupby("population"):
        by_row = of_one.pivot_table("held_out", "file", "row")
        recommended = chosen[chosen["population"] == population].groupby("file")["held_out"].mean()
        best = str(by_row.mean().idxmax())
        for name in dict.fromkeys((best, "TF-IDF, LinearSVC")):
            short = by_row[name] - recommended
            kind = "the best fixed row" if name == best else "the fixed row"
            print(
                f"{population}: shortfall against {kind}, {name}: {short.mean():+.4f}, "
                f"standard error {short.std() / len(short) ** 0.5:.4f}, {len(short)} samples"
            )


if __name__ == "__main__":
    main()
