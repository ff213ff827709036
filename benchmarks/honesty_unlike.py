"""Whether texts of unknown categories are marked: a fifth of the categories is held back from samples.

For each population and family: the share marked of new texts of categories that the model knows (one in twenty, it
says), and of those that it does not, by its confidence, and by its largest logit. Data lie in the folder that
AUTOML_TEXT_DATA names.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import roc_auc_score

from automl_text.data.splitting import partition_rows
from automl_text.statistics.metrics import softmax
from automl_text.statistics.truth import Truth
from automl_text.verdict.automation import unlike_below
from honesty_samples import (
    N_FOLDS,
    POPULATIONS,
    Fitter,
    predictions_of,
    read_population,
    take,
    use_bundled_encoder,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from automl_text.verdict.predictions import Predictions

MOST_KNOWN, MOST_UNKNOWN = 1500, 800
HELD_BACK = 0.2


def marked(fitter: Fitter, n_rows: int, seed: int) -> NDArray[np.float64]:
    """Return the shares marked of known and unknown, and the area under the curve.

    Shape (2, 3): by the confidence, and by the largest logit.
    """
    data, generator = fitter.data, np.random.default_rng(seed)
    n_classes = data.n_classes
    held_back = generator.choice(n_classes, max(1, round(HELD_BACK * n_classes)), replace=False)
    is_unknown = np.isin(data.codes, held_back)
    known, unknown = (generator.permutation(np.flatnonzero(each)) for each in (~is_unknown, is_unknown))
    n_rows = min(n_rows, len(known) // 2)
    rows, known, unknown = known[:n_rows], known[n_rows:][:MOST_KNOWN], unknown[:MOST_UNKNOWN]
    sample = take(data, rows)
    folds = partition_rows(sample.codes, sample.groups, n_folds=N_FOLDS, seed=seed).fold_of_row
    logits = np.empty((n_rows, n_classes))
    for fold in range(N_FOLDS):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        logits[test] = fitter.scores(
            rows[train], sample.groups[train], rows[test], key=f"{seed} {fold}", seed=seed
        )
    new = fitter.scores(rows, sample.groups, np.concatenate([known, unknown]), key=f"{seed}", seed=seed)
    own = _predictions(logits, sample.codes, sample.groups)
    is_new_unknown = np.arange(len(new)) >= len(known)
    found = []
    for held_out, scores in (
        (own.probabilities.max(axis=1), softmax(new.astype(np.float64), own.temperature).max(axis=1)),
        (logits.max(axis=1), new.max(axis=1)),
    ):
        is_marked = scores < unlike_below(own, held_out)
        found.append(
            [
                is_marked[~is_new_unknown].mean(),
                is_marked[is_new_unknown].mean(),
                roc_auc_score(is_new_unknown, -scores),
            ]
        )
    return np.array(found)


def _predictions(
    logits: NDArray[np.float64], codes: NDArray[np.int64], groups: NDArray[np.int64]
) -> Predictions:
    measurable = np.ones(logits.shape[1], dtype=bool)
    return predictions_of(logits, Truth(codes=codes, groups=groups, measurable=measurable, n_folds=N_FOLDS))


def main() -> None:
    """Print one line for each population, family and score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--populations", nargs="*", default=[each.name for each in POPULATIONS])
    parser.add_argument("--families", nargs="*", default=["linear", "encoder"])
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--keep", type=Path, default=Path("honesty"), help="folder of sentence vectors")
    options = parser.parse_args()
    if "encoder" in options.families:
        use_bundled_encoder(options.keep)
    print(f"{'':>24}  {'known':>6}  {'unknown':>7}  {'area':>6}")
    for population in (each for each in POPULATIONS if each.name in options.populations):
        data = read_population(population, Path(os.environ["AUTOML_TEXT_DATA"]))
        for family in options.families:
            fitter = Fitter(family, data, is_long=population.is_long)
            found = [marked(fitter, population.rows[0], seed) for seed in range(options.samples)]
            for score, (like, unlike, area) in zip(
                ("confidence", "logit"), np.mean(found, axis=0), strict=True
            ):
                print(
                    f"{population.name:>7} {family:>7} {score:>10}  {like:6.3f}  {unlike:7.3f}  {area:6.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
