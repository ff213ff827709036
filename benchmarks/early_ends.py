"""What dropping trials half-way would save, and what it would cost: finished searches, replayed with such a rule.

    python benchmarks/early_ends.py TRAIN [TRAIN ...] [--samples 30] [--rows 300]
        [--families logreg,linear,lightgbm] [--preset standard] [--jobs 1] [--z 1,1.64,2.33] [--runs FOLDER]
        [--json FILE]

Each sample of rows is searched as always. The rule then sees the journal's predictions one inner split after the other.
For each choice that a trial serves (every outer split, and the one over all rows) the incumbent is the best trial left,
by macro-F1 pooled over the rows seen. A trial is dropped once, for every choice, its difference to the incumbent plus
z standard errors is below 0; the default trial never is. Families with steps are judged at the step that the tool
would choose from the same rows. The choice over all rows is made from fits on whole training parts, which come last:
until then inner predictions stand for it. Fits of the learning curve are not counted.

Harm is macro-F1 without the rule minus macro-F1 with it: of the outer predictions, and of the final trials refitted,
on the rows of TRAIN not drawn and on TRAIN's twin ``_test.csv`` where there is one. CSV columns: text, category.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sklearn.metrics import f1_score

from automl_text.engine.halt import never
from automl_text.experiment.prepare import prepare
from automl_text.experiment.refit import RefitRequest, refit
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.run import run_search
from automl_text.experiment.searching import open_journal
from automl_text.tuning.nested import Trial, fits_or_reason
from automl_text.tuning.plan import derived_seed, needed_splits, outer_splits
from early_ends_rule import check, choices_of, dropped, in_order, standings
from silent import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from automl_text.data.dataset import Split
    from automl_text.tuning.plan import FamilySearch, SearchPlan

LEAST_ROWS = 5
"""Rows of each category in a sample."""


def read(path: Path) -> pd.DataFrame:
    """Return the texts and categories of a CSV file."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def draw(known: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    """Return ``n_rows`` rows, by category in proportion but at least `LEAST_ROWS` of each."""
    shuffled = known.sample(frac=1, random_state=seed)
    by_category = shuffled.groupby("category")["category"]
    place = by_category.cumcount()
    share = ((place + 0.5) / by_category.transform("size")).where(place >= LEAST_ROWS, 0.0)
    return shuffled.loc[share.sort_values(kind="stable").index[:n_rows]]


def tried_trials(request: SearchRequest) -> tuple[SearchPlan, list[tuple[FamilySearch, list[Trial]]]]:
    """Return the plan of a finished run, and all trials of each family with the fits in its journal."""
    prepared = prepare(request)
    plan, (partition,) = prepared.plan, prepared.plan.partitions
    with open_journal(Path(request.output or "") / "journal.jsonl", prepared) as journal:
        outcomes = journal.outcomes
    tried: list[tuple[FamilySearch, list[Trial]]] = []
    for planned in plan.families:
        family, trials = planned.family, []
        for number, params in enumerate(planned.trials):
            splits = needed_splits(family, 0, partition.n_folds)
            fits, reason = fits_or_reason(plan.maker, outcomes, family=family, params=params, splits=splits)
            if reason:
                raise ValueError(f"{family.name}, trial {number}: {reason}")
            trials.append(Trial(number=number, params=params, partition=partition, fits=fits))
        tried.append((planned, trials))
    return plan, tried


def held_out(plan: SearchPlan, planned: FamilySearch, judges: pd.DataFrame, number: int, steps: int) -> float:
    """Return the macro-F1 on ``judges`` of a trial refitted on all rows of the sample."""
    name = planned.family.name
    seed = derived_seed(plan.maker.run_seed, f"refit {name}")
    wanted = RefitRequest(family=name, params=planned.trials[number], steps=steps, temperature=1.0, seed=seed)
    predicted = refit(plan.dataset, wanted, never).predict(judges["text"].tolist())
    return float(f1_score(judges["category"], predicted, average="macro"))


def seconds_of(params: Trial, splits: Sequence[Split]) -> float:
    """Return the seconds that fits of a trial and their predictions took."""
    return sum(params.fits[split].fit_seconds + params.fits[split].predict_seconds for split in splits)


def replays(request: SearchRequest, judges: pd.DataFrame, all_z: Sequence[float]) -> Iterator[dict[str, Any]]:
    """Search, and yield the figures of each family and z."""
    evaluations = {each.family: each for each in run_search(request, Silent()).result.evaluations}
    plan, tried = tried_trials(request)
    truth = plan.truth
    for planned, trials in tried:
        repeat, final = choices_of(trials, truth)
        outer = truth.macro_f1(repeat.outer_predicted())
        check(evaluations[planned.family.name], repeat, final, outer)
        n_folds, stages = trials[0].partition.n_folds, standings(trials, truth)
        score = cache(partial(held_out, plan, planned, judges))
        for z in all_z:
            gone = dropped(stages, len(trials), z)
            saved = {
                number: [*in_order(n_folds)[n:], *outer_splits(0, n_folds)] for number, n in gone.items()
            }
            left, final_left = choices_of([params for params in trials if params.number not in gone], truth)
            yield {
                "family": planned.family.name,
                "z": z,
                "trials": len(trials),
                "trials_dropped": len(gone),
                "fits": sum(len(params.fits) for params in trials),
                "fits_saved": sum(map(len, saved.values())),
                "seconds": sum(seconds_of(params, list(params.fits)) for params in trials),
                "seconds_saved": sum(seconds_of(trials[number], splits) for number, splits in saved.items()),
                "outer_harm": outer - truth.macro_f1(left.outer_predicted()),
                "is_other_final": final != final_left,
                "held_out_harm": score(*final) - score(*final_left) if final != final_left else 0.0,
            }


def summary(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return means over samples and their standard errors by z and family; "all" adds up fits, averages harm."""
    table = pd.DataFrame(rows)
    keys = ["z", "family", "sample"]
    sums = ["fits", "fits_saved", "seconds", "seconds_saved"]
    harms = ["outer_harm", "held_out_harm"]
    together = table.assign(family="all").groupby(keys, as_index=False)
    everything = together[sums].sum().merge(together[harms].mean(), on=keys)
    joined = pd.concat([table, everything])
    joined["fits_share"] = joined["fits_saved"] / joined["fits"]
    joined["seconds_share"] = joined["seconds_saved"] / joined["seconds"]
    found = joined.groupby(["z", "family"])[["fits_share", "seconds", "seconds_share", *harms]].agg(
        ["mean", "sem"]
    )
    found.columns = ["_".join(pair) for pair in found.columns]
    return found.reset_index()


def main() -> None:
    """Draw, search, replay, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path, nargs="+")
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--families", default="logreg,linear,lightgbm")
    parser.add_argument("--preset", default="standard", choices=("quick", "standard"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--z", default="1,1.64,2.33", help="at 0 choices change: the replay can tell")
    parser.add_argument(
        "--runs", type=Path, help="where searches are kept, and not made again; default: nowhere"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    all_z = [float(z) for z in options.z.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.samples):
            train = options.train[number % len(options.train)]
            twin = train.with_name(train.name.replace("_train", "_test"))
            known, *more = (read(path) for path in dict.fromkeys((train, twin)) if path.is_file())
            drawn = draw(known, options.rows, seed=number)
            data = (options.runs or Path(folder)) / f"{train.stem}-{number}.csv"
            drawn.to_csv(data, index=False)
            request = SearchRequest(
                data=data,
                text=("text",),
                label="category",
                families=tuple(options.families.split(",")),
                preset=options.preset,
                references="none",
                seed=number,
                jobs=options.jobs,
                output=data.with_suffix(""),
                mode="resume",
            )
            found = replays(request, pd.concat([known.drop(drawn.index), *more]), all_z)
            rows += [{"sample": number, "file": train.stem, **row} for row in found]
            print(f"{number + 1} of {options.samples} samples", flush=True)
    means = summary(rows)
    print(means.to_string(index=False, float_format="%.4f"))
    if options.json:
        saved = {"means": json.loads(means.to_json(orient="records")), "samples": rows}
        options.json.write_text(json.dumps(saved, indent=1))


if __name__ == "__main__":
    main()
