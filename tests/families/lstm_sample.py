"""Settings and rows that a small network learns from in a second."""

import numpy as np

from automl_text.families.contract import Sample
from automl_text.families.lstm.family import LstmSettings

WORDS = {"music": ["play", "jazz", "song"], "weather": ["rain", "snow", "sunny"], "time": ["clock", "hour"]}
SETTINGS = LstmSettings(
    embedding="learned",
    word_rate=0.0,
    embedding_size=16,
    units=8,
    n_directions=1,
    pooling="max_and_words",
    word_dropout=0.05,
    spatial_dropout=0.1,
    dropout=0.1,
    label_smoothing=0.05,
    learning_rate=0.02,
    batch_size=16,
    weight_average=0.5,
    n_seeds=2,
    imbalance="tempered",
    imbalance_strength=0.5,
    min_count=1,
    max_words=1000,
    length_percentile=100.0,
    max_tokens=50,
)


def texts_of(n_rows, *, seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice(list(WORDS), n_rows, p=[0.6, 0.25, 0.15])
    filler = ["please", "the", "my", "now", "can", "you"]
    texts = [" ".join([*rng.choice(filler, 3), rng.choice(WORDS[label])]) for label in labels]
    return texts, labels


def sample(**changes):
    texts, labels = texts_of(60, seed=0)
    fields = {
        "train_texts": texts,
        "train_codes": np.unique(labels, return_inverse=True)[1],
        "train_groups": np.arange(60),
        "test_texts": texts_of(40, seed=1)[0],
        "n_classes": 3,
        "key": "a",
    }
    return Sample(**fields | changes)
