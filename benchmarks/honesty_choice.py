"""Which rule of choice costs least, and how often another partition would say something else.

Samples of large labelled files are cross-validated by several families at their default params on several partitions.
Each rule picks a family by what one partition says; the rows not drawn say what the pick cost, and the other partitions
whether it would have been picked again. Samples are kept in ``--keep`` and fitted once. Data lie in the folder that
AUTOML_TEXT_DATA names.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from automl_text.data.splitting import partition_rows
from automl_text.families.registry import load_family
from automl_text.statistics.comparison import compare, pair_verdict
from automl_text.statistics.metrics import macro_f1
from automl_text.statistics.recommendation import Candidate, recommend
from automl_text.statistics.truth import Truth
from automl_text.tuning.plan import derived_seed
from honesty_samples import (
    N_FOLDS,
    OWN_POPULATIONS,
    POPULATIONS,
    Fitter,
    drawn,
    read_population,
    take,
    use_bundled_encoder,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from automl_text.statistics.comparison import Posterior
    from honesty_samples import Population

ROPE = 0.01
N_PARTITIONS = 3
RULES = ("the rule", "first", "level", "shortfall", "simplest")
"""`recommend`; the first of the leaderboard; the simplest that measures within .01 of it; the simplest whose expected
shortfall is at most .01; the simplest of all."""


def cross_validated(
    population: Population, fitters: Mapping[str, Fitter], *, n_rows: int, seed: int, folder: Path
) -> Mapping[str, Any]:  # arrays of several types
    """Return what each family says of a sample, on each partition, and of the rows left."""
    path = folder / f"choice.{population.name}.{n_rows}.{'-'.join(fitters)}.{seed}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **_fit(population, fitters, n_rows, seed))
    with np.load(path) as stored:
        return dict(stored)


def _fit(population: Population, fitters: Mapping[str, Fitter], n_rows: int, seed: int) -> dict[str, Any]:
    data = next(iter(fitters.values())).data
    rows, groups, rest = drawn(population, data, n_rows, seed)
    sample = take(data, rows, groups)
    found: dict[str, Any] = {
        "codes": sample.codes,
        "groups": sample.groups,
        "measurable": sample.measurable,
        "rest_codes": data.codes[rest].astype(np.int16),
    }
    for family, fitter in fitters.items():
        predicted = np.empty((N_PARTITIONS, n_rows), dtype=np.int16)
        for number in range(N_PARTITIONS):
            folds = partition_rows(
                sample.codes,
                sample.groups,
                n_folds=N_FOLDS,
                seed=derived_seed(seed, f"partition {number}" if number else "partition"),
            ).fold_of_row
            for fold in range(N_FOLDS):
                train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
                key = f"{population.name} {n_rows} {seed} {number} {fold}"
                logits = fitter.scores(rows[train], sample.groups[train], rows[test], key=key, seed=seed)
                predicted[number, test] = logits.argmax(axis=1)
        final = fitter.scores(rows, sample.groups, rest, key=f"{population.name} {n_rows} {seed}", seed=seed)
        found |= {f"oof.{family}": predicted, f"final.{family}": final.argmax(axis=1).astype(np.int16)}
    return found


def judge_choice(found: Mapping[str, Any], families: Sequence[str]) -> dict[str, Any]:
    """Return for each rule what it picks on each partition, and of every pair of families what was said and is true."""
    truth = Truth(
        codes=found["codes"], groups=found["groups"], measurable=found["measurable"], n_folds=N_FOLDS
    )
    rest = found["rest_codes"].astype(np.int64)
    real = {
        family: macro_f1(rest, found[f"final.{family}"].astype(np.int64), truth.measurable)
        for family in families
    }
    picks: dict[str, list[str]] = {rule: [] for rule in RULES}
    words, pairs = [], []
    for number in range(N_PARTITIONS):
        said = {family: found[f"oof.{family}"][number].astype(np.int64) for family in families}
        for rule, pick in picks_of(truth, said).items():
            picks[rule].append(pick)
        words.append(_word(truth, said, picks["the rule"][-1]))
        for a, b in combinations(families, 2):
            posterior = compare(truth, said[a], said[b])
            pairs.append((pair_verdict(posterior, ROPE), posterior.mean, real[a] - real[b]))
    return {"real": real, "picks": picks, "words": words, "pairs": pairs}


def picks_of(truth: Truth, said: Mapping[str, Any]) -> dict[str, str]:
    """Return the family that each rule picks."""
    candidates = [
        Candidate(family=family, simplicity=load_family(family).simplicity, predicted=predicted)
        for family, predicted in said.items()
    ]
    measured = {family: truth.macro_f1(predicted) for family, predicted in said.items()}
    simple = sorted(candidates, key=lambda each: each.simplicity)
    best = max(simple, key=lambda each: measured[each.family])
    behind = {each.family: _behind(truth, best, each) for each in simple}
    return {
        "the rule": recommend(candidates, truth, ROPE).family,
        "first": best.family,
        "level": next(name for name, posterior in behind.items() if posterior.mean <= ROPE),
        "shortfall": next(name for name, posterior in behind.items() if posterior.expected_gain() <= ROPE),
        "simplest": simple[0].family,
    }


def _behind(truth: Truth, best: Candidate, other: Candidate) -> Posterior:
    return compare(truth, best.predicted, other.predicted)


def _word(truth: Truth, said: Mapping[str, Any], family: str) -> str:
    """Return how sure the verdict would be of a family, as `automl_text.verdict.words` has it."""
    chances = [
        compare(truth, said[family], predicted) for rival, predicted in said.items() if rival != family
    ]
    if all(pair_verdict(each, ROPE) in ("better", "equivalent") for each in chances):
        return "clear"
    return "leaning" if all(1 - each.probabilities(ROPE)[0] >= 0.8 for each in chances) else "undecided"  # noqa: PLR2004


def summarise(judged: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return for each rule its mean cost and how often it flips, how often words flip, and how far pairs were right."""
    found: dict[str, Any] = {"n": len(judged)}
    for rule in RULES:
        lost = [
            max(each["real"].values()) - each["real"][pick] for each in judged for pick in each["picks"][rule]
        ]
        same = [
            pick == first
            for each in judged
            for pick, first in zip(each["picks"][rule], each["picks"]["first"], strict=True)
        ]
        found[rule] = {
            "cost": float(np.mean(lost)),
            "over_3_points": float(np.mean(np.array(lost) > 3 * ROPE)),
            "takes_first": float(np.mean(same)),
            "flips": _flips([each["picks"][rule] for each in judged]),
        }
    pairs = [pair for each in judged for pair in each["pairs"] if pair[0] in ("better", "worse")]
    return found | {
        "words": {
            word: float(np.mean([word == each["words"][0] for each in judged]))
            for word in ("clear", "leaning", "undecided")
        },
        "words_flip": _flips([each["words"] for each in judged]),
        "n_better_or_worse": len(pairs),
        "right": float(np.mean([said * real > 0 for _, said, real in pairs])) if pairs else None,
    }


def _flips(said: Sequence[Sequence[str]]) -> float:
    """Return the share of pairs of partitions that say two things."""
    return float(np.mean([a != b for each in said for a, b in combinations(each, 2)]))


def show(rows: Mapping[str, dict[str, Any]]) -> None:
    """Print a table for each population."""
    for name, row in rows.items():
        print(f"\n{name}, {row['n']} samples, {N_PARTITIONS} partitions of each")
        print(f"{'':>10}  {'cost':>6}  {'> .03':>6}  {'first':>6}  {'flips':>6}")
        for rule in RULES:
            of_rule = row[rule]
            cells = (of_rule[key] for key in ("cost", "over_3_points", "takes_first", "flips"))
            print(f"{rule:>10}  " + "  ".join(f"{cell:6.3f}" for cell in cells))
        shares = ", ".join(f"{word} {share:.2f}" for word, share in row["words"].items())
        print(f"words: {shares}; another partition says another word in {row['words_flip']:.2f}")
        right = "" if row["right"] is None else f", right in {row['right']:.3f}"
        print(f"pairs called better or worse: {row['n_better_or_worse']}{right}")


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--populations", nargs="*", default=[each.name for each in POPULATIONS])
    parser.add_argument("--families", nargs="*", default=["logreg", "linear", "encoder"])
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--keep", type=Path, default=Path("honesty"), help="folder of fitted samples")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> None:
    """Draw, fit, judge, print."""
    options = parse()
    if "encoder" in options.families:
        use_bundled_encoder(options.keep)
    rows: dict[str, dict[str, Any]] = {}
    for population in (each for each in (*POPULATIONS, *OWN_POPULATIONS) if each.name in options.populations):
        data = read_population(population, Path(os.environ["AUTOML_TEXT_DATA"]))
        fitters = {name: Fitter(name, data, is_long=population.is_long) for name in options.families}
        n_rows = population.rows[0]
        judged = []
        for seed in range(options.samples):
            found = cross_validated(population, fitters, n_rows=n_rows, seed=seed, folder=options.keep)
            judged.append(judge_choice(found, options.families))
        rows[f"{population.name} {n_rows}"] = summarise(judged)
        print(f"{population.name}: {options.samples} samples", file=sys.stderr, flush=True)
    show(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
