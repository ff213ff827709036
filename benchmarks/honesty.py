"""Do the numbers hold? Samples of several populations are fitted, and every promise is held against the rows not drawn.

One row for each population and size: the expected macro-F1 and its interval beside what the field publishes, the
forecasts, the intervals of categories, accuracy, the share decided and its error, and whether an advised threshold
keeps its word. Samples are kept in ``--keep`` and fitted once. Data lie in the folder that AUTOML_TEXT_DATA names.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.splitting import split_rows
from automl_text.statistics.influence import standard_error
from automl_text.statistics.interval import wilson
from automl_text.statistics.learning_curve import CurveMeasurement
from automl_text.statistics.metrics import class_f1, confusion, macro_f1
from automl_text.statistics.truth import Truth
from automl_text.verdict.curves import curves_of
from honesty_field import bootstrap, conservative_z, corrected_t, halved, takahashi
from honesty_samples import (
    MULTIPLES,
    N_FOLDS,
    OWN_POPULATIONS,
    POPULATIONS,
    SPLITS,
    Fitter,
    partition_of,
    predictions_of,
    read_population,
    sampled,
    use_bundled_encoder,
)
from honesty_tables import Values, show, summarise
from honesty_use import evaluated, left_alone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.results import Interval
    from automl_text.statistics.learning_curve import ClassCurves
    from automl_text.verdict.predictions import Predictions

ALPHA = 0.05
FEWEST_OF_CLASS = 30
"""A category is held against its interval where so many rows not drawn are of it."""
MOST_BIAS = 0.01


def interval_score(truth: float, interval: Interval) -> float:
    """Return the interval score, lower is better (Gneiting & Raftery 2007, equation 43)."""
    low, high = interval
    return high - low + 2 / ALPHA * (max(low - truth, 0.0) + max(truth - high, 0.0))


def judge_sample(found: Mapping[str, Any]) -> Values:
    """Return what was promised of one sample beside what came of it; a figure that does not apply is left out."""
    judged = _predictions(found)
    curves = curves_of(judged)
    if curves is None:
        raise ValueError("a sample without a learning curve")
    true_codes, final = found["rest_codes"].astype(np.int64), found["final"].astype(np.float64)
    measurable = judged.truth.measurable
    truth = macro_f1(true_codes, final.argmax(axis=1), measurable)
    values = {
        "truth": truth,
        "measured_off": judged.macro_f1 - truth,
        "expected_off": curves.macro_f1() - truth,
        **_held("", truth, curves.interval()),
    }
    of_classes = class_f1(confusion(true_codes, final.argmax(axis=1), len(measurable)))[measurable]
    is_many = np.bincount(true_codes, minlength=len(measurable))[measurable] >= FEWEST_OF_CLASS
    held = [low <= f1 <= high for f1, (low, high) in zip(of_classes, curves.class_intervals(), strict=True)]
    if is_many.any():
        values["class_covered"] = float(np.mean(np.array(held)[is_many]))
    for multiple in MULTIPLES:
        if f"pred{multiple}" in found:
            values |= _forecast_of(found, curves, measurable, multiple)
    used = left_alone(judged, final, true_codes) | evaluated(judged, curves, found)
    return values | _field(judged, found, truth) | used


def _forecast_of(
    found: Mapping[str, Any], curves: ClassCurves, measurable: NDArray[np.bool_], multiple: int
) -> Values:
    """Return how level and gain at a multiple of the rows were told; both models are judged on the same rows."""
    codes, then = (found[f"{name}{multiple}"].astype(np.int64) for name in ("codes", "pred"))
    now = found["final"][-len(codes) :].astype(np.float64).argmax(axis=1)
    truth = Truth(codes=codes, groups=np.arange(len(codes)), measurable=measurable, n_folds=N_FOLDS)
    reached, influence = truth.macro_f1(then), truth.influence(then)
    gained = reached - truth.macro_f1(now)
    gain, (low, high) = curves.gain(multiple)
    level, (least, most) = curves.macro_f1(multiple), curves.interval(multiple, 0.9)
    return {
        f"gain{multiple}_true": gained,
        f"gain{multiple}_off": gain - gained,
        f"gain{multiple}_covered": float(low <= gained <= high),
        f"gain{multiple}_judges": standard_error(influence - truth.influence(now)) ** 2,
        f"level{multiple}_off": level - reached,
        f"level{multiple}_covered": float(least <= reached <= most),
        f"level{multiple}_judges": standard_error(influence) ** 2,
    }


def _predictions(found: Mapping[str, Any]) -> Predictions:
    codes, groups = found["codes"], found["groups"]
    truth = Truth(codes=codes, groups=groups, measurable=found["measurable"], n_folds=N_FOLDS)
    return predictions_of(found["oof"].astype(np.float64), truth, curve=_sizes(found, truth))


def _sizes(found: Mapping[str, Any], truth: Truth) -> tuple[CurveMeasurement, ...]:
    """Return the learning curve's sizes as the search measures them."""
    n_classes, partition = len(truth.measurable), partition_of(found)
    by_size: dict[float, list[Any]] = defaultdict(list)
    for split, predicted in zip(SPLITS, found["pred"].astype(np.int64), strict=True):
        train, test = split_rows(split, (partition,), truth.codes, truth.groups, seed=found["seed"])
        pairs = np.unique(np.stack([truth.codes[train], truth.groups[train]]), axis=1)
        by_size[len(split.train) * split.fraction].append(
            (
                len(train),
                np.bincount(pairs[0], minlength=n_classes),
                np.bincount(truth.codes[test], minlength=n_classes),
                confusion(truth.codes[test], predicted[test], n_classes),
            )
        )
    return tuple(
        CurveMeasurement(
            n_train=float(np.mean([n for n, *_ in parts])),
            macro_f1=float(class_f1(sum(matrix for *_, matrix in parts))[truth.measurable].mean()),
            trained=np.stack([trained for _, trained, *_ in parts]),
            judged=np.stack([judged for _, _, judged, _ in parts]),
        )
        for _, parts in sorted(by_size.items())
    )


def _held(name: str, truth: float, interval: Interval) -> Values:
    low, high = interval
    return {
        f"{name}covered": float(low <= truth <= high),
        f"{name}width": high - low,
        f"{name}interval_score": interval_score(truth, interval),
    }


def _field(judged: Predictions, found: Mapping[str, Any], truth: float) -> Values:
    """Return how published intervals do on the same predictions; over the classes that are measurable."""
    of_measurable = np.flatnonzero(judged.truth.measurable)
    rows = np.isin(judged.truth.codes, of_measurable)
    place = np.zeros(len(judged.truth.measurable), dtype=np.int64)
    place[of_measurable] = np.arange(len(of_measurable))
    codes = place[judged.truth.codes[rows]]
    predicted = place[
        np.where(np.isin(judged.predicted, of_measurable), judged.predicted, of_measurable[0])[rows]
    ]
    folds = found["part"][rows]
    by_fold = []
    for fold in range(N_FOLDS):
        here = folds == fold
        occurs = np.isin(np.arange(len(of_measurable)), codes[here])
        by_fold.append(macro_f1(codes[here], predicted[here], occurs))
    n = len(of_measurable)
    return {
        **_held("takahashi_", truth, takahashi(confusion(codes, predicted, n))),
        **_held("t_", truth, corrected_t(np.array(by_fold))),
        **_held("bootstrap_", truth, bootstrap(codes, predicted, n, seed=0)),
    }


def of_searches(paths: Sequence[Path]) -> dict[str, Values]:
    """Return a row for each population of whole searches that ``benchmarks/quality.py`` has judged."""
    by_name: dict[str, list[Values]] = defaultdict(list)
    for path in paths:
        for row in json.loads(path.read_text(encoding="utf-8"))["families"]:
            if row["is_recommended"]:
                truth, low, high = row["held_out"], row["procedure_low"], row["procedure_high"]
                by_name[f"{row['population']} {row['n_train']} search"].append(
                    {
                        "truth": truth,
                        "measured_off": row["measured"] - truth,
                        "expected_off": row["procedure_expected"] - truth,
                        **_held("", truth, (low, high)),
                    }
                )
    return {name: summarise(samples) for name, samples in by_name.items()}


def is_honest(rows: Mapping[str, Values]) -> bool:
    """Return whether nothing contradicts what is promised: the gate of a release.

    No row's bias is beyond what is allowed by more than its own error, and of each population and family, both sizes
    together, the 95 % interval of the share covered (Wilson 1927) reaches what is promised.
    """
    covered: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for name, row in rows.items():
        population, _, family = name.split()
        covered[population, family].append((row["n"], row["covered"]))
    return all(
        abs(row["expected_off"]) - 1.96 * row["expected_off_error"] <= MOST_BIAS for row in rows.values()
    ) and all(
        wilson(sum(n * share for n, share in each) / n_all, n_all)[1] >= 1 - ALPHA
        for each in covered.values()
        if (n_all := sum(n for n, _ in each))
    )


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--populations",
        nargs="*",
        default=[each.name for each in POPULATIONS],
        metavar="NAME",
        help="of " + ", ".join(each.name for each in (*POPULATIONS, *OWN_POPULATIONS)),
    )
    parser.add_argument("--families", nargs="*", default=["linear"])
    parser.add_argument(
        "--samples", type=int, nargs=2, default=(100, 60), help="of the larger and the smaller size"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("honesty"), help="folder of fitted samples")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--conservative", type=int, default=0, metavar="N", help="conservative z for N samples: 315 fits each"
    )
    parser.add_argument("--searches", type=Path, nargs="*", default=[], help="what quality.py --json wrote")
    parser.add_argument(
        "--show", type=Path, nargs="*", default=[], help="JSON files to print, in place of fits"
    )
    return parser.parse_args()


def judged_rows(options: argparse.Namespace) -> dict[str, Values]:
    """Draw, fit and judge; one row for each population, size and family."""
    rows: dict[str, Values] = {}
    for population in (each for each in (*POPULATIONS, *OWN_POPULATIONS) if each.name in options.populations):
        data = read_population(population, Path(os.environ["AUTOML_TEXT_DATA"]))
        for family in options.families:
            fitter = Fitter(family, data, is_long=population.is_long)
            for n_rows, n_samples in zip(population.rows, options.samples, strict=False):
                judged = []
                for seed in range(options.seed, options.seed + n_samples):
                    asked: dict[str, Any] = {"n_rows": n_rows, "seed": seed, "folder": options.keep}
                    judged.append(judge_sample(sampled(population, fitter, **asked)))
                    if seed < options.conservative:
                        interval = conservative_z(*halved(population, fitter, **asked))
                        judged[-1] |= _held("z_", judged[-1]["truth"], interval)
                if judged:
                    rows[f"{population.name} {n_rows} {family}"] = summarise(judged)
                print(
                    f"{population.name} {n_rows} {family}: {n_samples} samples", file=sys.stderr, flush=True
                )
    return rows


def main() -> None:
    """Draw, fit, judge, print; end with 1 where a promise is broken."""
    options = parse()
    if "encoder" in options.families:
        use_bundled_encoder(options.keep)
    rows: dict[str, Values] = {}
    for path in options.show:
        rows |= json.loads(path.read_text(encoding="utf-8"))
    rows |= ({} if options.show else judged_rows(options)) | of_searches(options.searches)
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    sys.exit(0 if is_honest(rows) else 1)


if __name__ == "__main__":
    main()
