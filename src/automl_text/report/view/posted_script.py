"""The one line to change in the script that was posted: a Keras LSTM with class weights and a PR-AUC."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from automl_text.results import Evaluation, Scalar

METRIC_LINE = 'print(f1_score(y_test.argmax(axis=1), model.predict(X_test).argmax(axis=1), average="macro"))'
LINEAR_LINE = (
    "model = make_pipeline(TfidfVectorizer(sublinear_tf=True), "
    'LogisticRegression(C=10, class_weight="balanced", max_iter=1000)).fit(texts_train, labels_train)'
)

_IMBALANCE_LINES = {
    "none": "model.fit(X_train, y_train, batch_size=10, epochs=10)  # without class_weight",
    "balanced": "n = np.bincount(y); class_weight = {c: n.mean() / n_rows for c, n_rows in enumerate(n)}",
    "tempered": "n = np.bincount(y); class_weight = {c: (n.mean() / n_rows) ** 0.5 for c, n_rows in enumerate(n)}",
    "oversampling": "X_train, y_train = RandomOverSampler(random_state=0).fit_resample(X_train, y_train)",
    "logit_adjustment": "y_pred = (np.log(model.predict(X_test)) - 0.5 * np.log(np.bincount(y))).argmax(axis=1)",
    "focal": 'model.compile(loss=keras.losses.CategoricalFocalCrossentropy(gamma=2.0), optimizer="adam")',
}


def imbalance_line(strategy: str) -> str:
    """Return the line that treats unequal categories as ``strategy`` does."""
    for name, line in _IMBALANCE_LINES.items():
        if name in strategy:
            return line
    return _IMBALANCE_LINES["balanced"]


def network_line(tuned: Evaluation | None) -> str:
    """Return the layers that replace the posted LSTM layer, with the tuned network's sizes where there is one."""
    params: dict[str, Scalar] = {}
    if tuned is not None:
        params = next((trial.params for trial in tuned.trials if trial.number == tuned.final_trial), {})
    units, dropout = params.get("units", 48), params.get("dropout", 0.5)
    layer = f"LSTM({units}, return_sequences=True)"
    if params.get("n_directions", 2) == 2:  # noqa: PLR2004  (both directions)
        layer = f"Bidirectional({layer})"
    pooling = "GlobalAveragePooling1D()" if params.get("pooling") == "mean" else "GlobalMaxPooling1D()"
    return f"model.add({layer}); model.add({pooling}); model.add(Dropout({dropout:.2g}))"
