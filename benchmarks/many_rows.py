"""Linear fits on many rows: our solver against scikit-learn's, the dual against the primal, and what features take.

    python benchmarks/many_rows.py POOL [POOL ...] [--rows 20000] [--c 30] [--only svm]

Rows are mixed from the pools as in growth.py. Two solvers minimise the same loss on the same features, in turn in this
process: of logistic regression on sentence vectors beside TF-IDF, and of a support vector machine on TF-IDF alone.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from growth import grown


def peak() -> float:
    """Return the highest resident memory of this process so far, in GiB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def between_solvers(tfidf: Any, codes: np.ndarray) -> None:
    """Print the seconds of CPU of a support vector machine in the dual and the primal, and how many labels differ."""
    from sklearn.svm import LinearSVC

    predicted, took = [], []
    for dual in (True, False):
        began = time.process_time()
        predicted.append(LinearSVC(C=0.3, dual=dual, random_state=0).fit(tfidf, codes).predict(tfidf))
        took.append(time.process_time() - began)
    differ = int((predicted[0] != predicted[1]).sum())
    print(
        f"SVM, {tfidf.shape[0]:,} x {tfidf.shape[1]:,}: "
        f"dual {took[0]:.1f} s of CPU, primal {took[1]:.1f} s; {differ} labels differ",
        flush=True,
    )


def main() -> None:
    """Print memory, the seconds of CPU of both solvers, and how many labels differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pool", type=Path, nargs="+", help="CSV files with the columns text and category")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--c", type=float, default=30.0, help="of logistic regression")
    parser.add_argument("--only", choices=["svm"])
    options = parser.parse_args()
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    from automl_text.experiment.encoder import encoders_at
    from automl_text.families.contract import Sample
    from automl_text.families.newton import multinomial
    from automl_text.families.registry import load_family
    from automl_text.families.side_by_side import SideBySide
    from automl_text.families.tfidf import sample_features, tfidf_settings_of
    from automl_text.tuning.presets import with_capped_vocabulary
    from automl_text.tuning.space import load_space, settings_of

    pool = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in options.pool])
    data = grown(pool, options.rows, seed=0)
    codes = np.unique(data["category"], return_inverse=True)[1]
    family, texts = load_family("encoder"), data["text"].tolist()
    settings = settings_of(family, with_capped_vocabulary(load_space("encoder")).default_params)
    sample = Sample(
        train_texts=texts,
        train_codes=codes,
        train_groups=np.arange(len(texts)),
        test_texts=texts[:1],
        n_classes=int(codes.max()) + 1,
        key="many rows",
    )
    before = peak()
    tfidf = sample_features(sample, tfidf_settings_of(settings)).train
    n_numbers = SideBySide.of(tfidf).n_numbers / len(texts)
    print(f"TF-IDF of {len(texts):,} texts: {n_numbers:.0f} numbers a row, {peak() - before:.2f} GiB more")
    between_solvers(tfidf, codes)
    if options.only == "svm":
        return
    with encoders_at((), print, families=("encoder",)):
        features = family.features_of(sample, settings)[0].train  # type: ignore[attr-defined]  # of its own
    began = time.process_time()
    coef, intercept, _ = multinomial(
        features, codes, np.ones(len(codes)), C=options.c, tolerance=1e-5, max_iterations=200
    )
    took = time.process_time() - began
    one = hstack([csr_matrix(each) for each in features.matrices], format="csr")
    between = time.process_time()
    theirs = LogisticRegression(C=options.c, solver="newton-cg", tol=1e-5, max_iter=200).fit(one, codes)
    ended = time.process_time()
    differ = int(((features @ coef.T + intercept).argmax(axis=1) != theirs.predict(one)).sum())
    print(f"ours {took:.1f} s of CPU, scikit-learn {ended - between:.1f} s; {differ} labels differ")


if __name__ == "__main__":
    main()
