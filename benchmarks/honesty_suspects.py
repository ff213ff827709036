"""Are labels in doubt wrong? A share of the labels of several populations is replaced, and the suspects are counted.

For each population and share: how many rows are shown, the share of them that is wrong, what was said of it, and the
share of all wrong labels among them; beside it other bars, and what ``cleanlab`` finds in the same probabilities where
it is installed. Data lie in the folder that AUTOML_TEXT_DATA names.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.splitting import partition_rows
from automl_text.statistics.calibration import label_doubt
from automl_text.statistics.truth import Truth
from automl_text.verdict.suspects import _DOUBTED
from honesty_own import with_wrong_labels
from honesty_samples import (
    N_FOLDS,
    POPULATIONS,
    Fitter,
    drawn,
    predictions_of,
    read_population,
    take,
    use_bundled_encoder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.data.dataset import Dataset
    from automl_text.verdict.predictions import Predictions

BARS = (0.2, _DOUBTED, 0.5)


def suspected(
    fitters: Sequence[Fitter], rows: NDArray[np.int64], is_wrong: NDArray[np.bool_], seed: int
) -> Mapping[str, NDArray[np.float64]]:
    """Return of each bar and method: rows shown, share wrong, share said (NaN without), share of all wrong ones."""
    sample = take(fitters[0].data, rows)
    judged = [_out_of_fold(each, rows, sample, seed) for each in fitters]
    probabilities = np.mean([each.probabilities for each in judged], axis=0)
    doubt = label_doubt(probabilities[np.arange(len(rows)), sample.codes], sample.n_classes)
    seen = np.stack([each.predicted for each in judged])
    is_agreed = np.all(seen == seen[0], axis=0) & (seen[0] != sample.codes) & sample.measurable[sample.codes]
    found = {f"above {bar}": _worth(is_agreed & (doubt > bar), is_wrong, doubt) for bar in BARS}
    if (issues := _cleanlab_issues(sample.codes, probabilities)) is not None:
        n_shown = int((is_agreed & (doubt > _DOUBTED)).sum())
        found["cleanlab"] = _worth(np.isin(np.arange(len(rows)), issues), is_wrong)
        found["cleanlab, first"] = _worth(np.isin(np.arange(len(rows)), issues[:n_shown]), is_wrong)
    return found


def _out_of_fold(fitter: Fitter, rows: NDArray[np.int64], sample: Dataset, seed: int) -> Predictions:
    folds = partition_rows(sample.codes, sample.groups, n_folds=N_FOLDS, seed=seed).fold_of_row
    logits = np.empty((len(rows), sample.n_classes))
    for fold in range(N_FOLDS):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        asked: dict[str, Any] = {"key": f"{seed} {fold}", "seed": seed}
        logits[test] = fitter.scores(rows[train], sample.groups[train], rows[test], **asked)
    truth = Truth(codes=sample.codes, groups=sample.groups, measurable=sample.measurable, n_folds=N_FOLDS)
    return predictions_of(logits, truth)


def _worth(
    is_shown: NDArray[np.bool_], is_wrong: NDArray[np.bool_], doubt: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    n_right = (is_shown & is_wrong).sum()
    said = np.nan if doubt is None or not is_shown.any() else doubt[is_shown].mean()
    return np.array(
        [is_shown.sum(), n_right / max(is_shown.sum(), 1), said, n_right / max(is_wrong.sum(), 1)],
        dtype=np.float64,
    )


def _cleanlab_issues(codes: NDArray[np.int64], probabilities: NDArray[np.float64]) -> Any:  # an array of rows
    """Return the rows that cleanlab doubts, worst first; None where it is not installed."""
    try:
        found = importlib.import_module("cleanlab.filter")
    except ModuleNotFoundError:
        return None
    occurs, place = np.unique(codes, return_inverse=True)
    shares = probabilities[:, occurs] / probabilities[:, occurs].sum(axis=1, keepdims=True)
    return found.find_label_issues(place, shares, return_indices_ranked_by="normalized_margin", n_jobs=1)


def main() -> None:
    """Print one line for each population, share of wrong labels and bar."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--populations", nargs="*", default=[each.name for each in POPULATIONS])
    parser.add_argument("--families", nargs="*", default=["linear", "encoder"], help="that must agree")
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--shares", type=float, nargs="*", default=[0.0, 0.05, 0.1])
    parser.add_argument("--keep", type=Path, default=Path("honesty"), help="folder of sentence vectors")
    options = parser.parse_args()
    if "encoder" in options.families:
        use_bundled_encoder(options.keep)
    print(f"{'':>32}  {'shown':>5}  {'wrong':>5}  {'said':>5}  {'found':>5}")
    for population in (each for each in POPULATIONS if each.name in options.populations):
        clean = read_population(population, Path(os.environ["AUTOML_TEXT_DATA"]))
        fitters = [Fitter(family, clean, is_long=population.is_long) for family in options.families]
        for share in options.shares:
            codes = with_wrong_labels(clean.codes, clean.n_classes, share) if share else clean.codes
            for fitter in fitters:
                fitter.data = dataclasses.replace(clean, codes=codes)
            found = []
            for seed in range(options.samples):
                rows = drawn(population, clean, population.rows[0], seed)[0]
                is_wrong = codes[rows] != clean.codes[rows]
                found.append(suspected(fitters, rows, is_wrong, seed))
            for name in found[0]:
                shown, wrong, said, of_all = np.nanmean([each[name] for each in found], axis=0)
                worth = f"{shown:5.1f}  {wrong:5.2f}  {said:5.2f}  {of_all:5.2f}"
                print(f"{population.name:>8} {share:5.2f} {name:>16}  {worth}", flush=True)


if __name__ == "__main__":
    main()
