"""Naive Bayes as a family of automl-text."""

from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from automl_text.families.contract import Scores, spread


@dataclass(frozen=True, kw_only=True)
class Settings:
    alpha: float
    word_ngram_max: int


class NaiveBayes:
    name = "bayes"
    title = "Naive Bayes"
    simplicity = 10  # as simple as logistic regression: preferred to what is more involved
    is_reference = False
    requires = ()
    runtime = "light"
    settings = Settings

    def score(self, sample, settings, *, seed):
        model = fitted(sample.train_texts, sample.train_codes, settings)
        logits = model.predict_log_proba(sample.test_texts)
        return Scores(steps=(0,), logits=spread(logits, model.classes_, sample.n_classes)[np.newaxis])

    def refit(self, plan, settings):
        model = fitted(plan.texts, np.asarray(plan.labels, dtype=object), settings)
        bayes = model[-1]  # probabilities are softmax(logits / temperature)
        bayes.feature_log_prob_ = bayes.feature_log_prob_ / plan.temperature
        bayes.class_log_prior_ = bayes.class_log_prior_ / plan.temperature
        return model


def fitted(texts, labels, settings):
    words = CountVectorizer(ngram_range=(1, settings.word_ngram_max))
    return make_pipeline(words, MultinomialNB(alpha=settings.alpha)).fit(texts, labels)
