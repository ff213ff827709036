"""One other tool on one pair of files: fit within a time, predict, and write what it reports of itself.

    PYTHON benchmarks/peers_fit.py flaml|mljar|autogluon|autointent|openautonlu TRAIN TEST SECONDS CORES OUT

Needs pandas and that tool alone, in whatever environment PYTHON is of. Exit code 3: the tool is not installed. Each is
asked for macro-F1 where it knows it, as its own manual shows for text.
"""

from __future__ import annotations

import json
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

NOT_INSTALLED = 3
Answer = tuple[list[str], float]  # predicted labels, and the score that the tool reports of what it chose


def flaml(train: pd.DataFrame, test: pd.DataFrame, seconds: float, cores: int) -> Answer:
    """FLAML on TF-IDF: its own text task fine-tunes transformers, which need a GPU."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import LabelEncoder

    words, labels = TfidfVectorizer(), LabelEncoder()  # it does not encode the labels of sparse rows itself
    automl = import_module("flaml").AutoML()
    automl.fit(
        words.fit_transform(train["text"]),
        labels.fit_transform(train["category"]),
        task="classification",
        metric="macro_f1",
        time_budget=seconds,
        n_jobs=cores,
        seed=0,
        verbose=0,
    )
    predicted = automl.predict(words.transform(test["text"]))
    return list(map(str, labels.inverse_transform(predicted))), 1 - float(automl.best_loss)


def mljar(train: pd.DataFrame, test: pd.DataFrame, seconds: float, cores: int) -> Answer:
    """Fit mljar-supervised, which makes TF-IDF columns of texts itself; its "f1" is micro for several categories."""
    with tempfile.TemporaryDirectory() as folder:
        automl = import_module("supervised").AutoML(
            results_path=f"{folder}/run",
            mode="Perform",
            eval_metric="f1",
            total_time_limit=int(seconds),
            n_jobs=cores,
            random_state=0,
            explain_level=0,
            verbose=0,
        )
        automl.fit(train[["text"]], train["category"])
        predicted = automl.predict(test[["text"]])
        reported = float(automl.get_leaderboard()["metric_value"].abs().max())
    return list(map(str, predicted)), reported


def autogluon(train: pd.DataFrame, test: pd.DataFrame, seconds: float, cores: int) -> Answer:
    """Fit AutoGluon, which makes word counts of texts itself; its usual preset would leave most of the time unused."""
    with tempfile.TemporaryDirectory() as folder:
        tool = import_module("autogluon.tabular")
        predictor = tool.TabularPredictor(label="category", eval_metric="f1_macro", path=folder, verbosity=0)
        columns = ["text", "category"]
        predictor.fit(train[columns], time_limit=seconds, presets="best_quality", num_cpus=cores)
        predicted = predictor.predict(test[["text"]])
        reported = float(predictor.leaderboard().iloc[0]["score_val"])
    return list(map(str, predicted)), reported


def autointent(train: pd.DataFrame, test: pd.DataFrame, seconds: float, cores: int) -> Answer:  # noqa: ARG001  (it knows no limit)
    """Fit AutoIntent's light preset on hashed words: its other embedders are on the Hugging Face hub or cost money."""
    tool = import_module("autointent")
    labels = sorted(set(train["category"]))
    rows = [
        {"utterance": text, "label": labels.index(label)}
        for text, label in zip(train["text"], train["category"], strict=True)
    ]
    pipeline = tool.Pipeline.from_preset("classic-light")
    pipeline.set_config(
        import_module("autointent.configs").HashingVectorizerEmbeddingConfig(n_features=2**14)
    )
    context = pipeline.fit(tool.Dataset.from_dict({"train": rows}))
    reported = context.optimization_info.dump_evaluation_results()["metrics"]["decision"]
    predicted = [labels[int(code)] for code in pipeline.predict(test["text"].tolist())]
    return predicted, float(max(reported))


def openautonlu(train: pd.DataFrame, test: pd.DataFrame, seconds: float, cores: int) -> Answer:  # noqa: ARG001  (it knows no limit)
    """Fit OpenAutoNLU, which fine-tunes an encoder of the Hugging Face hub; it reports no score of its own."""
    tool = import_module("open_autonlu.auto_classes")
    kinds = import_module("open_autonlu.methods.data_types")
    with tempfile.TemporaryDirectory() as folder:
        train.rename(columns={"category": "label"})[["text", "label"]].to_csv(
            f"{folder}/train.csv", index=False
        )
        pipeline = tool.TextClassificationTrainingPipeline(
            train_path=f"{folder}/train.csv", config_overrides={"language": "en"}
        )
        pipeline.train()
        pipeline.save(f"{folder}/model", kinds.SaveFormat.ONNX)
        answers = tool.TextClassificationInferenceManager(f"{folder}/model").predict(
            test["text"].tolist(), batch_size=32
        )
    return [str(each.most_probable.label) for each in answers], float("nan")


PEERS = {
    "flaml": (flaml, "flaml"),
    "mljar": (mljar, "supervised"),
    "autogluon": (autogluon, "autogluon"),
    "autointent": (autointent, "autointent"),
    "openautonlu": (openautonlu, "open_autonlu"),
}


def main(arguments: list[str]) -> int:
    """Fit, predict, and write JSON: the predicted labels and the score reported."""
    peer, train, test, seconds, cores, out = arguments
    fit, module = PEERS[peer]
    if find_spec(module) is None or find_spec("pandas") is None:
        return NOT_INSTALLED
    import pandas as pd

    files = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in (train, test)]
    answer: Any = fit(files[0], files[1], float(seconds), int(cores))
    Path(out).write_text(json.dumps({"predicted": answer[0], "reported": answer[1]}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
