"""How much faster than ``keras.Model.fit`` the LSTM is trained, and whether it learns as much.

One architecture, batch size and number of epochs; one process, one core. Keras gets what speeds it up: padding is not
masked, its traced function is kept over the fits (weights and optimizer are set back), and the better of
steps_per_execution 1 and 16 counts. The median of the fits is compared, of which the first holds the tracing;
the first alone is compared as well. Macro-F1 is that of the test file, over the same seeds.

    AUTOML_TEXT_DATA=… python benchmarks/lstm_speed.py [--json FILE] [--epochs 25] [--fits 5]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median, stdev
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd

from automl_text.families.lstm.model import network_logits
from automl_text.families.lstm.network import Architecture, Sizes, initial_weights
from automl_text.families.lstm.training import Recipe, TrainingRows, train
from automl_text.families.lstm.vocabulary import TokenRows, Vocabulary
from automl_text.statistics.metrics import macro_f1

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ARCHITECTURE = Architecture(n_directions=2, pooling="max")
RECIPE = Recipe(
    learning_rate=0.01,
    batch_size=32,
    word_dropout=0.0,
    spatial_dropout=0.3,
    dropout=0.5,
    label_smoothing=0.0,
    focus=0.0,
    weight_average=0.0,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Training and test rows of one pair of files."""

    sizes: Sizes
    rows: TrainingRows
    test_rows: TokenRows
    test_codes: NDArray[np.int64]

    @classmethod
    def read(cls, folder: Path) -> Task:
        """Return the task of ``hwu18_0``."""
        train_part, test_fold = (pd.read_csv(folder / f"hwu18_0_{part}.csv") for part in ("train", "test"))
        classes, codes = np.unique(train_part["category"], return_inverse=True)
        vocabulary = Vocabulary.learn(
            train_part["text"].tolist(), min_count=1, max_words=20_000, length_percentile=100, max_tokens=250
        )
        return cls(
            sizes=Sizes(n_words=vocabulary.size, embedding=128, units=64, n_classes=len(classes)),
            rows=TrainingRows(
                tokens=vocabulary.encode(train_part["text"].tolist()),
                codes=codes,
                row_weights=np.ones(len(codes), dtype=np.float32),
                logit_shift=np.zeros(len(classes), dtype=np.float32),
            ),
            test_rows=vocabulary.encode(test_fold["text"].tolist()),
            test_codes=np.searchsorted(classes, test_fold["category"]),
        )

    def macro_f1(self, logits: NDArray[np.floating]) -> float:
        """Return macro-F1 on the test rows."""
        return macro_f1(self.test_codes, logits.argmax(axis=1), np.ones(self.sizes.n_classes, dtype=bool))


@dataclass(kw_only=True)
class Contestant:
    """One way to train, and what its fits took and reached."""

    name: str
    fit: Callable[[int], Callable[[], NDArray[np.floating]]]
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def run(self, task: Task, seed: int) -> None:
        """Fit once; predicting is not timed."""
        wall, cpu = time.perf_counter(), time.process_time()
        predict = self.fit(seed)
        self.seconds.append(time.perf_counter() - wall)
        self.cpu_seconds.append(time.process_time() - cpu)
        self.scores.append(task.macro_f1(predict()))


def ours(task: Task, epochs: int) -> Callable[[int], Callable[[], NDArray[np.floating]]]:
    """Return our fit."""

    def fit(seed: int) -> Callable[[], NDArray[np.floating]]:
        trained = train(ARCHITECTURE, task.sizes, task.rows, RECIPE, seeds=[seed])
        for _ in range(epochs):
            (weights,) = next(trained)
        return lambda: network_logits(ARCHITECTURE, weights, task.test_rows)

    return fit


def with_keras(
    task: Task, epochs: int, steps_per_execution: int
) -> Callable[[int], Callable[[], NDArray[np.floating]]]:
    """Return a fit by ``keras.Model.fit``; the model is built and traced in the first one."""
    kept: list[Any] = []  # Keras models have no types
    targets = np.eye(task.sizes.n_classes, dtype=np.float32)[task.rows.codes]

    def fit(seed: int) -> Callable[[], NDArray[np.floating]]:
        keras.utils.set_random_seed(seed)
        if not kept:
            kept.append(keras_network(task.sizes))
            adam = keras.optimizers.Adam(RECIPE.learning_rate, clipnorm=1.0)
            loss = "categorical_crossentropy"
            kept[0].compile(optimizer=adam, loss=loss, steps_per_execution=steps_per_execution)
        model = kept[0]
        model.set_weights(initial_weights(ARCHITECTURE, task.sizes, np.random.default_rng(seed)))
        for variable in model.optimizer.variables:
            if variable.path.rpartition("/")[2] != "learning_rate":
                variable.assign(np.zeros(variable.shape))
        numbers = task.rows.tokens.numbers
        model.fit(numbers, targets, epochs=epochs, batch_size=RECIPE.batch_size, verbose=0)
        return lambda: model.predict(pad_to(task.test_rows.numbers, numbers.shape[1]), verbose=0)

    return fit


def pad_to(numbers: NDArray[np.int32], length: int) -> NDArray[np.int32]:
    """Return rows of exactly ``length`` numbers."""
    return np.pad(numbers, [(0, 0), (0, length)])[:, :length]


def keras_network(sizes: Sizes) -> Any:  # a keras.Model
    """Return the network of standard layers that a competent user would write."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Embedding(sizes.n_words, sizes.embedding),
            layers.SpatialDropout1D(RECIPE.spatial_dropout),
            layers.Bidirectional(layers.LSTM(sizes.units, return_sequences=True)),
            layers.GlobalMaxPooling1D(),
            layers.Dropout(RECIPE.dropout),
            layers.Dense(sizes.n_classes, activation="softmax"),
        ]
    )
    model.build((None, None))
    return model


def summary(contestants: list[Contestant]) -> dict[str, Any]:
    """Return what the table shows; ratios are of the better Keras to ours."""
    own, *keras = contestants
    rows = [
        {
            "name": each.name,
            "first_seconds": each.seconds[0],
            "median_seconds": median(each.seconds),
            "median_cpu_seconds": median(each.cpu_seconds),
            "macro_f1": mean(each.scores),
            "macro_f1_sd": stdev(each.scores),
        }
        for each in contestants
    ]
    return {
        "rows": rows,
        "ratio": min(median(each.seconds) for each in keras) / median(own.seconds),
        "ratio_single_fit": min(each.seconds[0] for each in keras) / own.seconds[0],
        "ratio_cpu": min(median(each.cpu_seconds) for each in keras) / median(own.cpu_seconds),
        "ratio_cpu_single_fit": min(each.cpu_seconds[0] for each in keras) / own.cpu_seconds[0],
    }


def main() -> None:
    """Run all contestants in turn, seed by seed, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--fits", type=int, default=5, help="at least 2")
    arguments = parser.parse_args()
    folder = os.environ.get("AUTOML_TEXT_DATA")
    if folder is None:
        sys.exit("AUTOML_TEXT_DATA is not set: it names the folder that holds hwu18/hwu18_0_train.csv.")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    task = Task.read(Path(folder) / "hwu18")
    contestants = [Contestant(name="in NumPy", fit=ours(task, arguments.epochs))]
    contestants += [
        Contestant(name=f"keras fit, {n} steps an execution", fit=with_keras(task, arguments.epochs, n))
        for n in (1, 16)
    ]
    for seed in range(arguments.fits):
        for contestant in contestants:
            contestant.run(task, seed)
            print(
                f"fit {seed + 1}: {contestant.name} {contestant.cpu_seconds[-1]:.2f} s CPU", file=sys.stderr
            )
    result = summary(contestants)
    print(f"{'':34}{'first s':>9}{'median s':>10}{'CPU s':>8}{'macro-F1':>10}{'sd':>7}")
    for row in result["rows"]:
        times = f"{row['first_seconds']:9.2f}{row['median_seconds']:10.2f}{row['median_cpu_seconds']:8.2f}"
        print(f"{row['name']:34}{times}{row['macro_f1']:10.3f}{row['macro_f1_sd']:7.3f}")
    print(f"Keras / ours: {result['ratio']:.2f}, a single fit {result['ratio_single_fit']:.2f}", end="")
    print(f" (CPU: {result['ratio_cpu']:.2f} and {result['ratio_cpu_single_fit']:.2f})")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
