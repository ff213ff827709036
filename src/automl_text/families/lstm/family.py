"""The LSTM family: word vectors, one or two LSTM directions, pooling; trained and applied in NumPy."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from automl_text.families.contract import Scores, spread
from automl_text.families.imbalance import class_weights
from automl_text.families.lstm.model import LstmClassifier, network_logits
from automl_text.families.lstm.network import Architecture, Pooling, Sizes
from automl_text.families.lstm.training import Recipe, TrainingRows, train
from automl_text.families.lstm.vocabulary import Vocabulary
from automl_text.families.lstm.word_vectors import WordVectors, encoded
from automl_text.statistics.metrics import log_loss, macro_f1, softmax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from automl_text.families.contract import RefitPlan, Sample
    from automl_text.families.lstm.vocabulary import TokenRows

_STEPS = (1, 2, 3, 4, 6, 8, 10, 12, 14)
"""Epochs after which the networks are looked at."""
_SEED_STRIDE = 1_000_003

_Imbalance = Literal["none", "balanced", "tempered", "logit_adjustment", "focal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmSettings:
    """One trial of the search space."""

    embedding: Literal["learned", "pretrained"]
    """Where word vectors come from: from the training rows, or from the run's sentence encoders."""
    word_rate: float
    """Learning rate of pretrained vectors, as a share of ``learning_rate``; 0 leaves them as they are."""
    embedding_size: int
    """Length of a learned word vector; a pretrained one is as long as its encoders make it."""
    units: int
    """Length of an LSTM state in one direction."""
    n_directions: Literal[1, 2]
    pooling: Pooling
    """How the states of a text become one row; ``max_and_words`` adds the maximum over the word vectors."""
    word_dropout: float
    """In [0, 1): share of words made unknown."""
    spatial_dropout: float
    """In [0, 1): share of word-vector columns dropped for a whole text."""
    dropout: float
    """In [0, 1): share of pooled features dropped."""
    label_smoothing: float
    learning_rate: float
    batch_size: int
    weight_average: float
    """In [0, 1): decay, by epoch, of a running average of the weights; 0 for none."""
    n_seeds: int
    """Networks trained from different seeds, whose logits are averaged."""
    imbalance: _Imbalance
    imbalance_strength: float
    """Exponent a of the weights n**-a (tempered), factor of the log shares (Menon et al. 2021, eq. 10), or the focal
    loss's exponent (Lin et al. 2017); the others do not read it."""
    min_count: int
    """Rarer words are unknown."""
    max_words: int
    length_percentile: float
    """In (0, 100]."""
    max_tokens: int
    """Texts are cut at this percentile of the training rows' lengths, and at ``max_tokens`` at the latest."""

    @property
    def architecture(self) -> Architecture:
        """What the kind of the weights follows from."""
        return Architecture(n_directions=self.n_directions, pooling=self.pooling)

    @property
    def recipe(self) -> Recipe:
        """How a network is trained at this trial."""
        return Recipe(
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            word_dropout=self.word_dropout,
            spatial_dropout=self.spatial_dropout,
            dropout=self.dropout,
            label_smoothing=self.label_smoothing,
            focus=self.imbalance_strength if self.imbalance == "focal" else 0.0,
            weight_average=self.weight_average,
            word_rate=self.word_rate if self.embedding == "pretrained" else 1.0,
        )

    def vocabulary(self, texts: Sequence[str]) -> Vocabulary:
        """Return the words and the length that training texts ask for."""
        return Vocabulary.learn(
            texts,
            min_count=self.min_count,
            max_words=self.max_words,
            length_percentile=self.length_percentile,
            max_tokens=self.max_tokens,
        )

    def training_rows(self, tokens: TokenRows, codes: NDArray[np.int64]) -> TrainingRows:
        """Return rows with the weights and the logit shift of the imbalance strategy; every class occurs."""
        shares = np.bincount(codes) / len(codes)
        exponent = {"balanced": 1.0, "tempered": self.imbalance_strength}.get(self.imbalance, 0.0)
        weights = class_weights(shares, exponent=exponent)
        factor = self.imbalance_strength if self.imbalance == "logit_adjustment" else 0.0
        shift = factor * np.log(shares)
        return TrainingRows(
            tokens=tokens,
            codes=codes,
            row_weights=weights[codes].astype(np.float32),
            logit_shift=shift.astype(np.float32),
        )


class _Lstm:
    """A small LSTM over words: learned from the training rows alone, or known to a sentence encoder before."""

    name = "lstm"
    title = "LSTM"
    simplicity = 40
    is_reference = False
    requires: tuple[str, ...] = ()
    runtime: Literal["light", "tensorflow"] = "light"
    reads_beside = False
    settings = LstmSettings

    def score(self, sample: Sample, settings: LstmSettings, *, seed: int) -> Scores:
        """Fit once and return the test rows' logits after each number of epochs in `_STEPS`."""
        started = time.perf_counter()
        present, codes = np.unique(sample.train_codes, return_inverse=True)
        fit = _Fit.of(settings, sample.train_texts, codes)
        test = np.zeros((len(_STEPS), len(sample.test_texts), len(present)), np.float32)
        train_too = np.zeros((len(_STEPS), len(codes) * sample.with_training_curve, len(present)), np.float32)
        predicting = -time.perf_counter()
        test_rows, unseen = encoded(sample.test_texts, fit.vocabulary, fit.vectors)
        predicting += time.perf_counter()
        for network in fit.networks(seed=seed, steps=_STEPS):
            at = _STEPS.index(network.step)
            began = time.perf_counter()
            test[at] += network.logits(test_rows, unseen) / settings.n_seeds
            predicting += (time.perf_counter() - began) / len(_STEPS)
            if sample.with_training_curve:
                train_too[at] += network.logits(fit.rows.tokens) / settings.n_seeds
        return Scores(
            steps=_STEPS,
            logits=spread(test, present, sample.n_classes),
            training=_training_curves(train_too, codes) if sample.with_training_curve else {},
            notes=fit.notes,
            n_parameters=settings.n_seeds * sum(array.size for array in network.weights),
            fit_seconds=time.perf_counter() - started,
            predict_seconds=predicting,
        )

    def refit(self, plan: RefitPlan, settings: LstmSettings) -> LstmClassifier:
        """Return networks trained on all rows for ``plan.steps`` epochs."""
        classes, codes = np.unique(np.asarray(plan.labels, dtype=object), return_inverse=True)
        fit = _Fit.of(settings, plan.texts, codes)
        fitted = fit.networks(seed=plan.seed, steps=(plan.steps,))
        return LstmClassifier(
            classes_=classes,
            vocabulary=fit.vocabulary,
            architecture=settings.architecture,
            networks=tuple(tuple(network.weights) for network in fitted),
            temperature=plan.temperature,
            vectors=fit.vectors,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Network:
    """One network after some epochs."""

    architecture: Architecture
    step: int
    weights: list[NDArray[np.float32]]

    def logits(self, rows: TokenRows, unseen: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        return network_logits(self.architecture, self.weights, rows, unseen)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fit:
    """What training begins with."""

    settings: LstmSettings
    vocabulary: Vocabulary
    vectors: WordVectors | None
    rows: TrainingRows

    @classmethod
    def of(cls, settings: LstmSettings, texts: Sequence[str], codes: NDArray[np.int64]) -> _Fit:
        vocabulary = settings.vocabulary(texts)
        vectors = WordVectors.learn(vocabulary.words) if settings.embedding == "pretrained" else None
        rows = settings.training_rows(vocabulary.encode(texts), codes)
        if vectors is not None:
            rows = replace(rows, words=vectors.table(vocabulary.words))
        return cls(settings=settings, vocabulary=vocabulary, vectors=vectors, rows=rows)

    @property
    def notes(self) -> tuple[str, ...]:
        longest = self.settings.max_tokens
        return (f"Texts cut at {longest} tokens.",) if self.vocabulary.max_tokens == longest else ()

    def networks(self, *, seed: int, steps: Sequence[int]) -> Iterator[_Network]:
        """Yield each seed's network at each of ``steps`` epochs (ascending), step by step."""
        sizes = Sizes(
            n_words=self.vocabulary.size,
            embedding=self.settings.embedding_size if self.rows.words is None else self.rows.words.shape[1],
            units=self.settings.units,
            n_classes=len(self.rows.logit_shift),
        )
        architecture = self.settings.architecture
        seeds = [(seed + member * _SEED_STRIDE) % 2**31 for member in range(self.settings.n_seeds)]
        epochs = train(architecture, sizes, self.rows, self.settings.recipe, seeds=seeds)
        for epoch, members in enumerate(islice(epochs, steps[-1]), start=1):
            if epoch in steps:
                yield from (_Network(architecture=architecture, step=epoch, weights=each) for each in members)


def _training_curves(logits: NDArray[np.float32], codes: NDArray[np.int64]) -> dict[str, tuple[float, ...]]:
    """Return macro-F1 and log loss of the training rows by step; ``logits`` as (n_steps, n_rows, n_classes)."""
    everything = np.ones(logits.shape[2], dtype=np.bool_)
    return {
        "macro_f1": tuple(macro_f1(codes, each.argmax(axis=1), everything) for each in logits),
        "loss": tuple(log_loss(codes, softmax(each)) for each in logits),
    }


FAMILY = _Lstm()
