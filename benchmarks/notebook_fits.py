"""What a competent user writes in a notebook for the fits of `notebook.py`: scikit-learn, LightGBM and Keras alone.

Neither this package nor anything shared between fits. Word dropout and weight averages are left out of the networks:
Keras has no layer for the one, and early stopping does not go with the other.

    python benchmarks/notebook_fits.py JOBS      # JSON that notebook.py writes; prints seconds and predictions
"""

from __future__ import annotations

import json
import re
import sys
import time
import warnings
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

WORD = re.compile(r"\w+(?:'\w+)*")
Point = dict[str, Any]  # parameter name to value
Rows = tuple[list[str], Any]  # texts, and labels as codes


def tfidf(point: Point) -> Any:
    """Return the vectorizer of a point: words, characters or both, sparse and float32."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    shared = {
        "sublinear_tf": point["sublinear"],
        "min_df": point["min_df"],
        "max_features": point["max_features"] or None,
        "dtype": np.float32,
    }
    token = r"(?u)\b\w+\b" if point["one_letter_words"] else r"(?u)\b\w\w+\b"
    words = TfidfVectorizer(ngram_range=(1, point["word_ngram_max"]), token_pattern=token, **shared)
    analyzer = "char" if point["pieces"] == "characters_across" else "char_wb"
    sizes = (point["char_ngram_min"], point["char_ngram_max"])
    characters = TfidfVectorizer(analyzer=analyzer, ngram_range=sizes, **shared)
    if point["pieces"] == "both":
        return make_union(words, characters)
    return words if point["pieces"] == "words" else characters


def classifier(family: str, point: Point) -> Any:
    """Return the classifier of a point."""
    from sklearn.linear_model import LogisticRegression, RidgeClassifier
    from sklearn.svm import LinearSVC

    if family == "logreg":
        return LogisticRegression(C=point["C"], max_iter=1000)
    return LinearSVC(C=point["C"]) if point["classifier"] == "svm" else RidgeClassifier(alpha=1 / point["C"])


def weights(codes: Any, point: Point) -> Any:
    """Return the weight of each row."""
    shares = np.bincount(codes) / len(codes)
    exponent = {"balanced": 1.0, "tempered": point["imbalance_strength"]}.get(point["imbalance"], 0.0)
    raw = np.divide(1, shares, where=shares > 0, out=np.zeros(len(shares)))[codes] ** exponent
    return raw / raw.mean()


def oversampled(texts: list[str], codes: Any, point: Point) -> Rows:
    """Return the rows, with copies where the point asks for random oversampling."""
    if point["imbalance"] != "oversample":
        return texts, codes
    from imblearn.over_sampling import RandomOverSampler

    rows, codes = RandomOverSampler(random_state=0).fit_resample(np.arange(len(codes))[:, None], codes)
    return [texts[row] for row in rows[:, 0]], codes


def adjusted(scores: Any, codes: Any, present: Any, point: Point) -> Any:
    """Return the classes of the highest scores, after logit adjustment where the point asks for it."""
    if point["imbalance"] == "logit_adjustment":
        shares = np.bincount(codes)[present] / len(codes)
        scores = scores - point["imbalance_strength"] * np.log(shares)
    return present[scores.argmax(axis=1)]


def fit_linear(family: str, point: Point, train: Rows, test: list[str]) -> Any:
    """Fit a pipeline and predict."""
    from sklearn.pipeline import Pipeline

    texts, codes = oversampled(*train, point)
    pipeline = Pipeline([("features", tfidf(point)), ("classifier", classifier(family, point))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline.fit(texts, codes, classifier__sample_weight=weights(codes, point))
    if point["imbalance"] != "logit_adjustment":
        return pipeline.predict(test)
    scores = pipeline.predict_log_proba(test)
    return adjusted(scores, train[1], pipeline.classes_, point)


def held_back(codes: Any) -> tuple[Any, Any]:
    """Return nine tenths of the rows to learn from and a tenth to stop by, of categories that are learned from."""
    order = np.random.default_rng(0).permutation(len(codes))
    n_back = len(codes) // 10
    learn, back = order[n_back:], order[:n_back]
    return learn, back[np.isin(codes[back], codes[learn])]


def fit_lightgbm(family: str, point: Point, train: Rows, test: list[str]) -> Any:  # noqa: ARG001
    """Fit boosted trees with early stopping and predict."""
    import lightgbm
    from sklearn.decomposition import TruncatedSVD
    from sklearn.pipeline import make_pipeline, make_union

    learn, back = held_back(train[1])
    texts, codes = oversampled([train[0][row] for row in learn], train[1][learn], point)
    features = tfidf(point)
    matrix = features.fit_transform(texts)
    if point["n_svd"]:
        n_svd = min(point["n_svd"], *(size - 1 for size in matrix.shape))
        union = make_union("passthrough", TruncatedSVD(n_svd, random_state=0))
        features, matrix = make_pipeline(features, union), union.fit_transform(matrix)
    model = lightgbm.LGBMClassifier(
        n_estimators=point["rounds"],
        learning_rate=point["learning_rate"],
        num_leaves=point["num_leaves"],
        min_child_samples=point["min_data_in_leaf"],
        min_data_in_bin=point["min_data_in_bin"],
        max_bin=point["max_bin"],
        colsample_bytree=point["feature_fraction"],
        reg_lambda=point["lambda_l2"],
        n_jobs=1,
        verbosity=-1,
    )
    stopping = {}
    if len(back):
        validation = features.transform([train[0][row] for row in back])
        stopping = {
            "eval_set": [(validation, train[1][back])],
            "callbacks": [lightgbm.early_stopping(10, verbose=False)],
        }
    model.fit(matrix, codes, sample_weight=weights(codes, point), **stopping)
    scores = np.log(np.maximum(model.predict_proba(features.transform(test)), 1e-12))
    return adjusted(scores, train[1], model.classes_, point)


def network(point: Point, n_words: int, n_classes: int) -> Any:
    """Return a compiled Keras model of a point."""
    import keras
    from keras import layers, ops

    numbers = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding(n_words, point["embedding_size"], mask_zero=True)(numbers)
    embedded = layers.SpatialDropout1D(point["spatial_dropout"])(embedded)
    lstm = layers.LSTM(point["units"], return_sequences=point["pooling"] != "last")
    states = (layers.Bidirectional(lstm) if point["n_directions"] == 2 else lstm)(embedded)  # noqa: PLR2004
    if point["pooling"] == "mean":
        states = layers.GlobalAveragePooling1D()(states)
    elif point["pooling"] != "last":
        both = [states, embedded] if point["pooling"] == "max_and_words" else [states]
        behind = ops.expand_dims(ops.cast(ops.equal(numbers, 0), "float32"), -1) * 1e9
        states = ops.concatenate([ops.max(each - behind, axis=1) for each in both], axis=-1)
    outputs = layers.Dense(n_classes)(layers.Dropout(point["dropout"])(states))
    model = keras.Model(numbers, outputs)
    smoothing = {"from_logits": True, "label_smoothing": point["label_smoothing"]}
    loss = keras.losses.CategoricalCrossentropy(**smoothing)
    if point["imbalance"] == "focal":
        loss = keras.losses.CategoricalFocalCrossentropy(gamma=point["imbalance_strength"], **smoothing)
    model.compile(keras.optimizers.Adam(point["learning_rate"], clipnorm=1.0), loss)
    return model


def fit_lstm(family: str, point: Point, train: Rows, test: list[str]) -> Any:  # noqa: ARG001
    """Fit each seed's network with early stopping and predict by their mean."""
    import keras

    texts, codes = train
    present, codes = np.unique(codes, return_inverse=True)
    words = [WORD.findall(text.lower()) for text in texts]
    known = [
        word for word, _ in Counter(word for row in words for word in row).most_common(point["max_words"])
    ]
    number = {word: index for index, word in enumerate(known, start=2)}
    lengths = np.percentile([len(row) for row in words], point["length_percentile"])
    longest = max(1, min(point["max_tokens"], int(np.ceil(lengths))))

    def encoded(rows: list[list[str]]) -> Any:
        numbers = [[number.get(word, 1) for word in row[:longest]] or [1] for row in rows]
        return keras.utils.pad_sequences(numbers, padding="post")

    learn, back = held_back(codes)
    inputs, targets = encoded(words), np.eye(len(present), dtype="float32")[codes]
    shown = encoded([WORD.findall(text.lower()) for text in test])
    scores = np.zeros((len(test), len(present)))
    for seed in range(point["n_seeds"]):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        model = network(point, len(known) + 2, len(present))
        model.fit(
            inputs[learn],
            targets[learn],
            sample_weight=weights(codes, point)[learn],
            validation_data=(inputs[back], targets[back]),
            batch_size=point["batch_size"],
            epochs=20,
            verbose=0,
            callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)],
        )
        scores += model.predict_on_batch(shown)
    return present[adjusted(scores, codes, np.arange(len(present)), point)]


FITS = {"logreg": fit_linear, "linear": fit_linear, "lightgbm": fit_lightgbm, "lstm": fit_lstm}


def predicted_by(family: str, point: Point, train: Rows, test: list[str]) -> Any:
    """Return the predicted codes of one fit; where only one category is left to learn, that one."""
    if len(set(train[1])) == 1:
        return np.full(len(test), train[1][0])
    return FITS[family](family, point, train, test)


def load(family: str) -> None:
    """Import what fits of ``family`` need."""
    for module in ("sklearn.pipeline", *{"lightgbm": ["lightgbm"], "lstm": ["keras"]}.get(family, [])):
        import_module(module)


def notebook(jobs_file: Path) -> None:
    """Fit all units of ``jobs_file``, family by family, and print seconds (to load, to fit) and predictions."""
    from joblib import Parallel, delayed

    jobs = json.loads(jobs_file.read_text())
    texts, codes = jobs["texts"], np.array(jobs["codes"])
    results = {}
    for family, fits in jobs["fits"].items():
        began = time.perf_counter()
        parallel = Parallel(n_jobs=jobs["n_jobs"])
        parallel(delayed(load)(family) for _ in range(jobs["n_jobs"]))
        loaded = time.perf_counter()
        predicted = parallel(
            delayed(predicted_by)(
                family,
                fit["point"],
                ([texts[row] for row in fit["train"]], codes[fit["train"]]),
                [texts[row] for row in fit["test"]],
            )
            for fit in fits
        )
        results[family] = {
            "load_seconds": loaded - began,
            "fit_seconds": time.perf_counter() - loaded,
            "predicted": [each.tolist() for each in predicted],
        }
    print(json.dumps(results))


if __name__ == "__main__":
    notebook(Path(sys.argv[1]))
