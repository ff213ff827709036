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
from automl_text.statistics.calibration import fit_temperature
from automl_text.statistics.learning_curve import CurveMeasurement
from automl_text.statistics.metrics import class_f1, confusion, macro_f1, softmax
from automl_text.statistics.truth import Truth
from automl_text.tuning.evidence import FamilyEvidence
from automl_text.verdict.automation import accuracy_of, advised_threshold, never_safe, threshold_rows
from automl_text.verdict.curves import curves_of
from automl_text.verdict.predictions import Predictions
from honesty_field import bootstrap, corrected_t, takahashi
from honesty_samples import (
    MULTIPLES,
    N_FOLDS,
    POPULATIONS,
    SPLITS,
    Fitter,
    partition_of,
    read_population,
    sampled,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from automl_text.results import Interval

ALPHA = 0.05
FEWEST_OF_CLASS = 30
"""A category is held against its interval where so many rows not drawn are of it."""
WORD = 0.05
UNSAFE = 0.1
MOST_BIAS = 0.01

Values = dict[str, float]


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
            reached = macro_f1(
                found[f"codes{multiple}"].astype(np.int64),
                found[f"pred{multiple}"].astype(np.int64),
                measurable,
            )
            gain, (low, high) = curves.gain(multiple)
            values[f"gain{multiple}_off"] = gain - (reached - truth)
            values[f"gain{multiple}_covered"] = float(low <= reached - truth <= high)
            values[f"level{multiple}_off"] = curves.macro_f1(multiple) - reached
            low, high = curves.interval(multiple, 0.9)
            values[f"level{multiple}_covered"] = float(low <= reached <= high)
    return values | _field(judged, found, truth) | _alone(judged, final, true_codes)


def _predictions(found: Mapping[str, Any]) -> Predictions:
    codes, groups = found["codes"], found["groups"]
    truth = Truth(codes=codes, groups=groups, measurable=found["measurable"], n_folds=N_FOLDS)
    logits = found["oof"].astype(np.float64)
    temperature = fit_temperature(logits, codes)
    evidence = FamilyEvidence(
        family="own", title="", simplicity=0, is_reference=False, status="done", curve=_sizes(found, truth)
    )
    return Predictions(
        evidence=evidence,
        truth=truth,
        n_rows=len(codes),
        logits=logits,
        temperature=temperature,
        probabilities=softmax(logits, temperature),
        predicted=logits.argmax(axis=1),
    )


def _sizes(found: Mapping[str, Any], truth: Truth) -> tuple[CurveMeasurement, ...]:
    """Return the learning curve's sizes as the search measures them."""
    n_classes, partition = len(truth.measurable), partition_of(found)
    by_size: dict[float, list[Any]] = defaultdict(list)
    for split, predicted in zip(SPLITS, found["pred"].astype(np.int64), strict=True):
        train, test = split_rows(split, (partition,), truth.codes, truth.groups, seed=_seed_of(found))
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


def _seed_of(found: Mapping[str, Any]) -> int:
    return int(found["seed"])


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


def _alone(judged: Predictions, final: NDArray[np.float64], true_codes: NDArray[np.int64]) -> Values:
    """Return how the promises about leaving texts to the model do."""
    curves = curves_of(judged)
    probabilities = softmax(final, judged.temperature)
    confidence, is_wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != true_codes
    rows = threshold_rows(judged)
    shares, errors = [], []
    for row in rows:
        decided = confidence >= row.threshold
        low, high = row.coverage_interval
        shares.append(low <= decided.mean() <= high)
        if row.error_interval is not None and decided.any():
            low, high = row.error_interval
            errors.append(low <= is_wrong[decided].mean() <= high)
    values = {"share_covered": float(np.mean(shares)), "error_covered": float(np.mean(errors))}
    if curves is not None:
        accuracy, (low, high) = accuracy_of(judged, judged.predicted, curves)
        values["accuracy_off"] = accuracy - float(1 - is_wrong.mean())
        values["accuracy_covered"] = float(low <= 1 - is_wrong.mean() <= high)
    advised = advised_threshold(rows)
    values["advised"] = float(advised is not None)
    if advised is not None and (confidence >= advised).any():
        values["word_kept"] = float(is_wrong[confidence >= advised].mean() <= WORD)
    return values | _safe(judged, probabilities, true_codes)


def _safe(judged: Predictions, probabilities: NDArray[np.float64], true_codes: NDArray[np.int64]) -> Values:
    """Return how many categories were called safe, and whether one of them is so at no confidence."""
    names = tuple(map(str, range(len(judged.truth.measurable))))
    called = [int(name) for name in names if name not in set(never_safe(judged, names))]
    confidence, predicted = probabilities.max(axis=1), probabilities.argmax(axis=1)
    is_wrong = predicted != true_codes

    def is_safe(code: int) -> bool:
        for row in (0.0, *(row.threshold for row in threshold_rows(judged))):
            decided = confidence >= row
            sides = [decided & (predicted == code), decided & (true_codes == code)]
            if all(side.any() and is_wrong[side].mean() <= UNSAFE for side in sides):
                return True
        return False

    return {"n_called_safe": float(len(called)), "called_safe_wrongly": float(not all(map(is_safe, called)))}


def summarise(samples: Sequence[Values]) -> Values:
    """Return means over the samples, with ``_error`` the mean's standard error and ``_abs`` the mean absolute value."""
    found: Values = {"n": float(len(samples))}
    for name in sorted({name for sample in samples for name in sample}):
        values = np.array([sample[name] for sample in samples if name in sample])
        found[name] = float(values.mean())
        found[f"{name}_spread"] = float(values.std())
        found[f"{name}_error"] = float(values.std() / np.sqrt(len(values)))
        found[f"{name}_abs"] = float(np.abs(values).mean())
    return found


def show(rows: Mapping[str, Values]) -> None:
    """Print the tables, one line for each population and size, and the worst of each column."""
    _print_table(
        "Expected macro-F1 of the final model, its 95 % interval, and published intervals (covers, score)",
        rows,
        {
            "n": lambda row: f"{row['n']:.0f}",
            "truth": lambda row: f"{row['truth']:.3f}",
            "measured": lambda row: f"{row['measured_off']:+.3f}",
            "bias": lambda row: f"{row['expected_off']:+.3f} ± {1.96 * row['expected_off_error']:.3f}",
            "spread": lambda row: f"{row['expected_off_spread']:.3f}",
            "covers": lambda row: f"{row['covered']:.3f}",
            "width": lambda row: f"{row['width']:.3f}",
            "score": lambda row: f"{row['interval_score']:.3f}",
            "Takahashi": lambda row: f"{row['takahashi_covered']:.2f} {row['takahashi_interval_score']:.3f}",
            "corrected t": lambda row: f"{row['t_covered']:.2f} {row['t_interval_score']:.3f}",
            "bootstrap": lambda row: f"{row['bootstrap_covered']:.2f} {row['bootstrap_interval_score']:.3f}",
        },
    )
    _print_table(
        "Forecasts: mean absolute error, and cover of the 90 % band",
        rows,
        {
            f"{what} {multiple}x": (lambda row, key=f"{what}{multiple}": _forecast(row, key))
            for multiple in MULTIPLES
            for what in ("level", "gain")
        },
    )
    _print_table(
        "Everything else: cover of the 95 % intervals, and whether words were kept",
        rows,
        {
            "category": lambda row: f"{row.get('class_covered', float('nan')):.3f}",
            "accuracy": lambda row: f"{row['accuracy_off']:+.3f} {row['accuracy_covered']:.3f}",
            "share": lambda row: f"{row['share_covered']:.3f}",
            "error": lambda row: f"{row['error_covered']:.3f}",
            "advised": lambda row: f"{row['advised']:.2f}",
            "kept": lambda row: f"{row['word_kept']:.3f}" if "word_kept" in row else "-",
            "safe": lambda row: f"{row['called_safe_wrongly']:.2f}" if "called_safe_wrongly" in row else "-",
        },
    )
    pooled = np.average(
        [row["covered"] for row in rows.values()], weights=[row["n"] for row in rows.values()]
    )
    worst = max(rows, key=lambda name: abs(rows[name]["expected_off"]))
    least = min(rows, key=lambda name: rows[name]["covered"])
    print(f"\nAll together the interval covers {pooled:.3f}; least on {least}: {rows[least]['covered']:.3f}.")
    print(f"The bias is largest on {worst}: {rows[worst]['expected_off']:+.3f}.")


def _forecast(row: Values, key: str) -> str:
    return f"{row[f'{key}_off_abs']:.3f} {row[f'{key}_covered']:.2f}" if f"{key}_off" in row else "-"


def _print_table(title: str, rows: Mapping[str, Values], columns: Mapping[str, Any]) -> None:
    cells = [
        ["", *columns],
        *([name, *(cell(row) for cell in columns.values())] for name, row in rows.items()),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{title}\n")
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def is_honest(rows: Mapping[str, Values]) -> bool:
    """Return whether no row contradicts what is promised, its own error allowed: the gate of a release."""
    return all(
        abs(row["expected_off"]) - 1.96 * row["expected_off_error"] <= MOST_BIAS
        and row["covered"] + 1.96 * np.sqrt(ALPHA * (1 - ALPHA) / row["n"]) >= 1 - ALPHA
        for row in rows.values()
    )


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--populations", nargs="*", default=[each.name for each in POPULATIONS])
    parser.add_argument("--families", nargs="*", default=["linear"])
    parser.add_argument(
        "--samples", type=int, nargs=2, default=(100, 60), help="of the larger and the smaller size"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("honesty"), help="folder of fitted samples")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--show", type=Path, nargs="*", default=[], help="print what such JSON files hold, and fit nothing"
    )
    return parser.parse_args()


def main() -> None:
    """Draw, fit, judge, print; end with 1 where a promise is broken."""
    options = parse()
    if options.show:
        show(
            {
                name: row
                for path in options.show
                for name, row in json.loads(path.read_text(encoding="utf-8")).items()
            }
        )
        return
    folder = Path(os.environ["AUTOML_TEXT_DATA"])
    rows: dict[str, Values] = {}
    for population in (each for each in POPULATIONS if each.name in options.populations):
        data = read_population(population, folder)
        for family in options.families:
            fitter = Fitter(family, data, is_long=population.is_long)
            for n_rows, n_samples in zip(population.rows, options.samples, strict=True):
                seeds = range(options.seed, options.seed + n_samples)
                judged = [
                    judge_sample(
                        {
                            **sampled(population, fitter, n_rows=n_rows, seed=seed, folder=options.keep),
                            "seed": seed,
                        }
                    )
                    for seed in seeds
                ]
                rows[f"{population.name} {n_rows} {family}"] = summarise(judged)
                print(
                    f"{population.name} {n_rows} {family}: {n_samples} samples", file=sys.stderr, flush=True
                )
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    sys.exit(0 if is_honest(rows) else 1)


if __name__ == "__main__":
    main()
