"""The reference: the network of the question behind this project, as it was posted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from automl_text.families.contract import ABSENT_LOGIT, Scores
from automl_text.families.imbalance import class_weights
from automl_text.families.lstm.as_posted_training import ARCHITECTURE, PostedRows, train
from automl_text.families.lstm.model import LstmClassifier, network_logits
from automl_text.families.lstm.network import Sizes
from automl_text.families.lstm.vocabulary import PostedVocabulary
from automl_text.statistics.metrics import log_loss, macro_f1, softmax
from automl_text.statistics.pr_auc import keras_pr_auc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import RefitPlan, Sample
    from automl_text.families.lstm.vocabulary import TokenRows

_EPOCHS = 10
_N_WORDS, _EMBEDDING, _UNITS, _DROPOUT = 50_000, 100, 100, 0.2
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedSettings:
    """There is nothing to set: it is a reference."""


class _LstmAsPosted:
    """Embedding(50000, 100), SpatialDropout1D(0.2), LSTM(100, dropout=0.2, recurrent_dropout=0.2), Dense(softmax).

    Adam with Keras's defaults, categorical cross-entropy, batches of 10, 10 epochs, balanced class weights, padded
    to the longest text, or cut where that is very long. Embedding rows that no training text uses are left out:
    they are never read and never learn.
    """

    name = "lstm-as-posted"
    title = "LSTM as posted"
    simplicity = 60
    is_reference = True
    requires: tuple[str, ...] = ()
    runtime: Literal["light", "tensorflow"] = "light"
    reads_beside = False
    settings = PostedSettings

    def score(self, sample: Sample, settings: PostedSettings, *, seed: int) -> Scores:  # noqa: ARG002
        """Fit once and return the test rows' logits after each epoch."""
        started = time.perf_counter()
        present, codes = np.unique(sample.train_codes, return_inverse=True)
        vocabulary = PostedVocabulary.learn(sample.train_texts, max_words=_N_WORDS - 1, longest=_LONGEST)
        train_rows = vocabulary.encode(sample.train_texts)
        began = time.perf_counter()
        test_rows = vocabulary.encode(sample.test_texts)
        predicting = time.perf_counter() - began
        steps = tuple(range(1, _EPOCHS + 1))
        logits = np.full((_EPOCHS, len(sample.test_texts), sample.n_classes), ABSENT_LOGIT, np.float32)
        training: list[NDArray[np.float64]] = []
        for at, weights in enumerate(_epochs(vocabulary, train_rows, codes, seed=seed, n_epochs=_EPOCHS)):
            began = time.perf_counter()
            logits[at][:, present] = network_logits(ARCHITECTURE, weights, test_rows)
            predicting += (time.perf_counter() - began) / _EPOCHS
            if sample.with_training_curve:
                training.append(softmax(network_logits(ARCHITECTURE, weights, train_rows)))
        return Scores(
            steps=steps,
            logits=logits,
            training=_training_curves(training, codes) if training else {},
            notes=(f"Texts cut at {_LONGEST} tokens.",) if vocabulary.max_tokens == _LONGEST else (),
            n_parameters=sum(array.size for array in weights) + (_N_WORDS - vocabulary.size) * _EMBEDDING,
            fit_seconds=time.perf_counter() - started,
            predict_seconds=predicting,
        )

    def refit(self, plan: RefitPlan, settings: PostedSettings) -> LstmClassifier:  # noqa: ARG002
        """Return the network trained on all rows for ``plan.steps`` epochs."""
        classes, codes = np.unique(np.asarray(plan.labels, dtype=object), return_inverse=True)
        vocabulary = PostedVocabulary.learn(plan.texts, max_words=_N_WORDS - 1, longest=_LONGEST)
        rows = vocabulary.encode(plan.texts)
        *_, weights = _epochs(vocabulary, rows, codes, seed=plan.seed, n_epochs=plan.steps)
        return LstmClassifier(
            classes_=classes,
            vocabulary=vocabulary,
            architecture=ARCHITECTURE,
            networks=(tuple(weights),),
            temperature=plan.temperature,
        )


def _epochs(
    vocabulary: PostedVocabulary, rows: TokenRows, codes: NDArray[np.int64], *, seed: int, n_epochs: int
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the weights after each epoch; every class occurs in ``codes``."""
    shares = np.bincount(codes) / len(codes)
    sizes = Sizes(n_words=vocabulary.size, embedding=_EMBEDDING, units=_UNITS, n_classes=len(shares))
    posted = PostedRows(
        numbers=rows.numbers,
        targets=np.eye(len(shares), dtype=np.float32)[codes],
        row_weights=class_weights(shares, exponent=1.0)[codes].astype(np.float32),
    )
    return islice(train(sizes, posted, dropout=_DROPOUT, seed=seed), n_epochs)


def _training_curves(
    probabilities: Sequence[NDArray[np.float64]], codes: NDArray[np.int64]
) -> dict[str, tuple[float, ...]]:
    """Return the curves of the training rows; ``pr_auc`` as Keras's AUC(curve="PR") computes it."""
    everything = np.ones(probabilities[0].shape[1], dtype=np.bool_)
    return {
        "macro_f1": tuple(macro_f1(codes, each.argmax(axis=1), everything) for each in probabilities),
        "pr_auc": tuple(keras_pr_auc(codes, each) for each in probabilities),
        "loss": tuple(log_loss(codes, each) for each in probabilities),
    }


FAMILY = _LstmAsPosted()
