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
Params = dict[str, Any]  # parameter name to value
Rows = tuple[list[str], Any]  # texts, and labels as codes


def tfidf(params: Params) -> Any:
    """Return the vectorizer of a trial: words, characters or both, sparse and float32."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    shared = {
        "sublinear_tf": params["sublinear"],
        "min_df": params["min_df"],
        "max_features": params["max_features"] or None,
        "dtype": np.float32,
    }
    token = r"(?u)\b\w+\b" if params["one_letter_words"] else r"(?u)\b\w\w+\b"
    words = TfidfVectorizer(ngram_range=(1, params["word_ngram_max"]), token_pattern=token, **shared)
    analyzer = "char" if params["pieces"] == "characters_across" else "char_wb"
    sizes = (params["char_ngram_min"], params["char_ngram_max"])
    characters = TfidfVectorizer(analyzer=analyzer, ngram_range=sizes, **shared)
    if params["pieces"] == "both":
        return make_union(words, characters)
    return words if params["pieces"] == "words" else characters


def classifier(family: str, params: Params) -> Any:
    """Return the classifier of a trial."""
    from sklearn.linear_model import LogisticRegression, RidgeClassifier
    from sklearn.svm import LinearSVC

    if family == "logreg":
        return LogisticRegression(C=params["C"], max_iter=1000)
    return (
        LinearSVC(C=params["C"]) if params["classifier"] == "svm" else RidgeClassifier(alpha=1 / params["C"])
    )


def weights(codes: Any, params: Params) -> Any:
    """Return the weight of each row."""
    shares = np.bincount(codes) / len(codes)
    exponent = {"balanced": 1.0, "tempered": params["imbalance_strength"]}.get(params["imbalance"], 0.0)
    raw = np.divide(1, shares, where=shares > 0, out=np.zeros(len(shares)))[codes] ** exponent
    return raw / raw.mean()


def oversampled(texts: list[str], codes: Any, params: Params) -> Rows:
    """Return the rows, with copies where the trial asks for random oversampling."""
    if params["imbalance"] != "oversample":
        return texts, codes
    from imblearn.over_sampling import RandomOverSampler

    rows, codes = RandomOverSampler(random_state=0).fit_resample(np.arange(len(codes))[:, None], codes)
    return [texts[row] for row in rows[:, 0]], codes


def adjusted(scores: Any, codes: Any, present: Any, params: Params) -> Any:
    """Return the classes of the highest scores, after logit adjustment where the trial asks for it."""
    if params["imbalance"] == "logit_adjustment":
        shares = np.bincount(codes)[present] / len(codes)
        scores = scores - params["imbalance_strength"] * np.log(shares)
    return present[scores.argmax(axis=1)]


def fit_linear(family: str, params: Params, train: Rows, test: list[str]) -> Any:
    """Fit a pipeline and predict."""
    from sklearn.pipeline import Pipeline

    texts, codes = oversampled(*train, params)
    pipeline = Pipeline([("features", tfidf(params)), ("classifier", classifier(family, params))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline.fit(texts, codes, classifier__sample_weight=weights(codes, params))
    if params["imbalance"] != "logit_adjustment":
        return pipeline.predict(test)
    scores = pipeline.predict_log_proba(test)
    return adjusted(scores, train[1], pipeline.classes_, params)


def held_back(codes: Any) -> tuple[Any, Any]:
    """Return nine tenths of the rows to learn from and a tenth to stop by, of categories that are learned from."""
    order = np.random.default_rng(0).permutation(len(codes))
    n_back = len(codes) // 10
    learn, back = order[n_back:], order[:n_back]
    return learn, back[np.isin(codes[back], codes[learn])]


def fit_lightgbm(family: str, params: Params, train: Rows, test: list[str]) -> Any:  # noqa: ARG001
    """Fit boosted trees with early stopping and predict."""
    import lightgbm
    from sklearn.decomposition import TruncatedSVD
    from sklearn.pipeline import make_pipeline, make_union

    learn, back = held_back(train[1])
    texts, codes = oversampled([train[0][row] for row in learn], train[1][learn], params)
    features = tfidf(params)
    matrix = features.fit_transform(texts)
    if params["n_svd"]:
        n_svd = min(params["n_svd"], *(size - 1 for size in matrix.shape))
        union = make_union("passthrough", TruncatedSVD(n_svd, random_state=0))
        features, matrix = make_pipeline(features, union), union.fit_transform(matrix)
    model = lightgbm.LGBMClassifier(
        n_estimators=params["rounds"],
        learning_rate=params["learning_rate"],
        num_leaves=params["num_leaves"],
        min_child_samples=params["min_data_in_leaf"],
        min_data_in_bin=params["min_data_in_bin"],
        max_bin=params["max_bin"],
        colsample_bytree=params["feature_fraction"],
        reg_lambda=params["lambda_l2"],
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
    model.fit(matrix, codes, sample_weight=weights(codes, params), **stopping)
    scores = np.log(np.maximum(model.predict_proba(features.transform(test)), 1e-12))
    return adjusted(scores, train[1], model.classes_, params)


def network(params: Params, n_words: int, n_classes: int) -> Any:
    """Return a compiled Keras model of a trial."""
    import keras
    from keras import layers, ops

    numbers = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding(n_words, params["embedding_size"], mask_zero=True)(numbers)
    embedded = layers.SpatialDropout1D(params["spatial_dropout"])(embedded)
    lstm = layers.LSTM(params["units"], return_sequences=params["pooling"] != "last")
    states = (layers.Bidirectional(lstm) if params["n_directions"] == 2 else lstm)(embedded)  # noqa: PLR2004
    if params["pooling"] == "mean":
        states = layers.GlobalAveragePooling1D()(states)
    elif params["pooling"] != "last":
        both = [states, embedded] if params["pooling"] == "max_and_words" else [states]
        behind = ops.expand_dims(ops.cast(ops.equal(numbers, 0), "float32"), -1) * 1e9
        states = ops.concatenate([ops.max(each - behind, axis=1) for each in both], axis=-1)
    outputs = layers.Dense(n_classes)(layers.Dropout(params["dropout"])(states))
    model = keras.Model(numbers, outputs)
    smoothing = {"from_logits": True, "label_smoothing": params["label_smoothing"]}
    loss = keras.losses.CategoricalCrossentropy(**smoothing)
    if params["imbalance"] == "focal":
        loss = keras.losses.CategoricalFocalCrossentropy(gamma=params["imbalance_strength"], **smoothing)
    model.compile(keras.optimizers.Adam(params["learning_rate"], clipnorm=1.0), loss)
    return model


def fit_lstm(family: str, params: Params, train: Rows, test: list[str]) -> Any:  # noqa: ARG001
    """Fit each seed's network with early stopping and predict by their mean."""
    import keras

    texts, codes = train
    present, codes = np.unique(codes, return_inverse=True)
    words = [WORD.findall(text.lower()) for text in texts]
    known = [
        word for word, _ in Counter(word for row in words for word in row).most_common(params["max_words"])
    ]
    number = {word: index for index, word in enumerate(known, start=2)}
    lengths = np.percentile([len(row) for row in words], params["length_percentile"])
    longest = max(1, min(params["max_tokens"], int(np.ceil(lengths))))

    def encoded(rows: list[list[str]]) -> Any:
        numbers = [[number.get(word, 1) for word in row[:longest]] or [1] for row in rows]
        return keras.utils.pad_sequences(numbers, padding="post")

    learn, back = held_back(codes)
    inputs, targets = encoded(words), np.eye(len(present), dtype="float32")[codes]
    shown = encoded([WORD.findall(text.lower()) for text in test])
    scores = np.zeros((len(test), len(present)))
    for seed in range(params["n_seeds"]):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        model = network(params, len(known) + 2, len(present))
        model.fit(
            inputs[learn],
            targets[learn],
            sample_weight=weights(codes, params)[learn],
            validation_data=(inputs[back], targets[back]),
            batch_size=params["batch_size"],
            epochs=20,
            verbose=0,
            callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)],
        )
        scores += model.predict_on_batch(shown)
    return present[adjusted(scores, codes, np.arange(len(present)), params)]


FITS = {"logreg": fit_linear, "linear": fit_linear, "lightgbm": fit_lightgbm, "lstm": fit_lstm}


def predicted_by(family: str, params: Params, train: Rows, test: list[str]) -> Any:
    """Return the predicted codes of one fit; where only one category is left to learn, that one."""
    if len(set(train[1])) == 1:
        return np.full(len(test), train[1][0])
    return FITS[family](family, params, train, test)


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
                fit["params"],
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
