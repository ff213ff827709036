"""How often `watch` raises an alarm where nothing has changed, and where everything has.

Run it with AUTOML_TEXT_DATA set: ``python benchmarks/watch.py hwu18 --draws 40 --against r8``.
"""

from __future__ import annotations

import argparse
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from automl_text.loop.watch import FEWEST_TEXTS, alarms_of
from label_next import read_pool

if TYPE_CHECKING:
    from automl_text.loop.out_of_fold import OutOfFold

N_TRAIN, N_NEW, N_FOLDS = 500, 300, 5


def rows_of(codes: Any, luck: np.random.Generator) -> OutOfFold:
    """Return as much of a run's rows as `watch` looks at."""
    folds = luck.permutation(np.arange(len(codes)) % N_FOLDS)[None, :]
    groups = np.arange(len(codes))
    return cast("OutOfFold", SimpleNamespace(codes=codes, groups=groups, folds=folds, n_folds=N_FOLDS))


def main() -> None:
    """Print the share of draws with an alarm, and which check raised it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool")
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--new", type=int, default=N_NEW)
    parser.add_argument("--against", default="")
    arguments = parser.parse_args()
    assert arguments.new >= FEWEST_TEXTS  # noqa: S101  (a slip of whoever runs it)
    texts, labels = read_pool(arguments.pool)
    others = read_pool(arguments.against)[0] if arguments.against else texts
    n_alarms, raised = 0, dict.fromkeys(("unknown_words", "confidence", "length", "unlike", "classes"), 0)
    for draw in range(arguments.draws):
        luck = np.random.default_rng(draw)
        order = luck.permutation(len(texts))
        train = order[:N_TRAIN]
        if arguments.against:
            new = [others[i] for i in luck.permutation(len(others))[: arguments.new]]
        else:
            new = [texts[i] for i in order[N_TRAIN : N_TRAIN + arguments.new]]
        codes = np.unique(labels[train], return_inverse=True)[1]
        checks = alarms_of([texts[i] for i in train], rows_of(codes, luck), new, luck)
        n_alarms += any(check.is_off for check in checks)
        for check in checks:
            raised[check.name] += check.is_off
    what = f"{arguments.pool} against {arguments.against or 'itself'}"
    print(f"{what}: {n_alarms} alarms in {arguments.draws} draws of {arguments.new} texts; {raised}")


if __name__ == "__main__":
    main()
