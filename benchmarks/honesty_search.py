"""A search's promises as a whole: samples of one large file are searched, and held against the rest.

Prints, for each family and for the whole procedure, how often the 95 % interval covers what the model reaches on
the rows not drawn, with its binomial error, the bias of both figures, the mean width, and the interval score beside
that of the best constant width; how often pairs called better or worse are so; what the recommendation costs; and
with --curve the learning curves' forecasts against models fitted on more rows of the pool.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from honesty_pool import Setup, read_pool
from honesty_trial import ROPE, run_trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from honesty_full import Figure
    from honesty_trial import Trial

ALPHA = 0.05
WIDTHS = np.linspace(0.01, 0.4, 391)


def interval_score(truth: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """Return the mean interval score, lower is better (Gneiting & Raftery 2007, equation 43)."""
    missed = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return float(np.mean(high - low + 2 / ALPHA * missed))


def about_figures(figures: Sequence[Figure]) -> dict[str, float]:
    """Return coverage, biases, width and interval scores of one family's promises."""
    truth, expected, measured = (
        np.array([getattr(each, name) for each in figures]) for name in ("truth", "expected", "macro_f1")
    )
    low, high = np.array([each.interval for each in figures]).T
    coverage = float(np.mean((low <= truth) & (truth <= high)))
    constant = min(interval_score(truth, expected - width / 2, expected + width / 2) for width in WIDTHS)
    return {
        "n": len(figures),
        "truth": float(truth.mean()),
        "bias_measured": float(np.mean(measured - truth)),
        "bias_expected": float(np.mean(expected - truth)),
        "spread": float(np.std(expected - truth)),
        "coverage": coverage,
        "coverage_error": float(1.96 * np.sqrt(coverage * (1 - coverage) / len(figures))),
        "width": float(np.mean(high - low)),
        "interval_score": interval_score(truth, low, high),
        "best_constant_width": constant,
    }


def about_pairs(trials: Sequence[Trial]) -> dict[str, float]:
    """Return how often each verdict was given, and how often it was right.

    Better and worse are right if the true difference has their sign, equivalent if it lies within the region
    of practical equivalence.
    """
    pairs = [pair for trial in trials for pair in trial.pairs]
    ordered = [pair for pair in pairs if pair.verdict in ("better", "worse")]
    equal = [pair for pair in pairs if pair.verdict == "equivalent"]
    return {
        "n": len(pairs),
        "better_or_worse": len(ordered),
        "right": _share([pair.truth * pair.difference > 0 for pair in ordered]),
        "equivalent": len(equal),
        "equivalent_right": _share([abs(pair.truth) <= ROPE for pair in equal]),
    }


def _share(claims: Sequence[bool]) -> float:
    return float(np.mean(claims)) if claims else float("nan")


def about_curves(trials: Sequence[Trial]) -> list[dict[str, float]]:
    """Return level error, band coverage and error of the gain of doubling, by multiple of the rows."""
    by_multiple = defaultdict(list)
    for curve in (curve for trial in trials for curve in trial.curves):
        for params, before in zip(curve, (curve[0], *curve), strict=False):
            gain = (params.expected - before.expected) - (params.truth - before.truth)
            by_multiple[params.multiple].append((params, gain))
    return [
        {
            "multiple": multiple,
            "n": len(found),
            "level_error": float(np.mean([abs(params.expected - params.truth) for params, _ in found])),
            "level_bias": float(np.mean([params.expected - params.truth for params, _ in found])),
            "band_coverage": _share([params.low <= params.truth <= params.high for params, _ in found]),
            "gain_error": float(np.mean([abs(gain) for _, gain in found])),
        }
        for multiple, found in sorted(by_multiple.items())
    ]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def summarise(trials: Sequence[Trial]) -> dict[str, Any]:  # a JSON object
    """Return every figure of the benchmark."""
    by_name = defaultdict(list)
    for figure in (figure for trial in trials for figure in trial.figures):
        by_name[figure.name].append(figure)
    return {
        "figures": {name: about_figures(figures) for name, figures in by_name.items()},
        "pairs": about_pairs(trials),
        "mean_shortfall": _mean([trial.shortfall for trial in trials if trial.shortfall is not None]),
        "curves": about_curves(trials),
        "plain_split": _mean([trial.plain for trial in trials if trial.plain is not None]),
        "false_signals": sum(map(bool, (trial.has_signal for trial in trials))),
    }


def show(summary: dict[str, Any]) -> None:
    """Print the tables."""
    if not summary["figures"]:
        print(f"Shuffled labels were taken for a signal {summary['false_signals']} times.")
        return
    print(
        f"{'':12}{'n':>5}{'truth':>8}{'bias of':>10}{'bias of':>10}{'':>9}{'95 % interval':>15}{'':>8}{'interval':>10}"
        f"{'best con-':>11}"
    )
    print(
        f"{'':12}{'':>5}{'':>8}{'measured':>10}{'expected':>10}{'spread':>9}{'covers':>15}{'width':>8}{'score':>10}"
        f"{'stant width':>13}"
    )
    for name, row in summary["figures"].items():
        covers = f"{row['coverage']:.3f} ± {row['coverage_error']:.3f}"
        print(
            f"{name:12}{row['n']:5}{row['truth']:8.3f}{row['bias_measured']:+10.4f}{row['bias_expected']:+10.4f}"
            f"{row['spread']:9.4f}{covers:>15}{row['width']:8.3f}{row['interval_score']:10.4f}"
            f"{row['best_constant_width']:11.4f}"
        )
    pairs = summary["pairs"]
    if pairs["n"]:
        print(
            f"\nOf {pairs['n']} pairs {pairs['better_or_worse']} were called better or worse, "
            f"{pairs['right']:.3f} of them rightly, and {pairs['equivalent']} equivalent, "
            f"{pairs['equivalent_right']:.3f} of them rightly."
        )
        print(f"Mean shortfall of the recommendation: {summary['mean_shortfall']:.4f}")
    if summary["plain_split"] is not None:
        print(f"A plain split of rows would report {summary['plain_split']:.3f}")
    for row in summary["curves"]:
        print(
            f"At {row['multiple']} x the rows (n = {row['n']}): level off by {row['level_error']:.4f} "
            f"(bias {row['level_bias']:+.4f}), gain since the size before by {row['gain_error']:.4f}, "
            f"90 % band covers {row['band_coverage']:.3f}"
        )


class Trials:
    """Runs samples one by one; sent once to each process, where the pool is read once."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.pool = read_pool(setup)

    def __call__(self, seed: int) -> Trial:
        """Return the trial of one seed."""
        return run_trial(self.pool, self.setup, seed)


_RUN: list[Trials] = []


def _start(setup: Setup) -> None:
    _RUN.append(Trials(setup))


def _one(seed: int) -> Trial:
    return _RUN[0](seed)


def run_trials(setup: Setup, seeds: Sequence[int], n_jobs: int) -> Iterator[Trial]:
    """Yield the trials in the order of ``seeds``, over processes where more than one is asked for."""
    if n_jobs == 1:
        yield from map(Trials(setup), seeds)
        return
    with get_context("spawn").Pool(n_jobs, _start, (setup,)) as processes:
        yield from processes.imap(_one, seeds)


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pool", type=Path, help="CSV: text in the first column, label in the last")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--classes", type=int, default=0, help="categories of the pool that are used; 0: all")
    parser.add_argument("--families", help="default: logreg,linear; with --full those of the search")
    parser.add_argument("--trials", type=int, default=2, help="trials of each family")
    parser.add_argument("--flip", type=float, default=0.0, help="share of labels replaced by another one")
    parser.add_argument("--double", action="store_true", help="each row of a sample stands in it twice")
    parser.add_argument("--curve", action="store_true", help="also fit on 2, 4 and 8 times the rows")
    parser.add_argument("--shuffle", action="store_true", help="count false signals in shuffled labels")
    parser.add_argument(
        "--full", type=int, default=0, metavar="N", help="run the whole quick search on N samples"
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> None:
    """Draw, search, judge, print."""
    options = parse()
    families = options.families or ("" if options.full else "logreg,linear")
    setup = Setup(
        pool=options.pool,
        n_rows=options.rows,
        n_classes=options.classes,
        families=tuple(families.split(",")) if families else (),
        n_trials=options.trials,
        flip=options.flip,
        is_doubled=options.double,
        with_curve=options.curve,
        is_shuffled=options.shuffle,
        is_full=options.full > 0,
    )
    seeds = [options.seed + number for number in range(options.full or options.samples)]
    trials = []
    for trial in run_trials(setup, seeds, options.jobs):
        trials.append(trial)
        if len(trials) % 20 == 0:
            print(f"{len(trials)} of {len(seeds)} samples", flush=True)
    summary = summarise(trials)
    show(summary)
    if options.json:
        saved = {
            "setup": {**asdict(setup), "pool": setup.pool.name},
            "seeds": seeds,
            **summary,
            "trials": [asdict(trial) for trial in trials],
        }
        options.json.write_text(json.dumps(saved, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
