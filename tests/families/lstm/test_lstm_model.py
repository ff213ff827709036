import pickle

import numpy as np
import pytest

from automl_text.errors import InputError
from automl_text.families.lstm.model import LstmClassifier
from automl_text.families.lstm.network import Architecture, Sizes, initial_weights
from automl_text.families.lstm.vocabulary import PostedVocabulary, Vocabulary

TEXTS = ["play some jazz", "will it rain", "", "never heard of", "play it again and again and again"]


def classifier(vocabulary=None, *, n_networks=2):
    vocabulary = vocabulary or Vocabulary(words=("play", "rain", "jazz", "it"), max_tokens=4)
    architecture = Architecture(n_directions=2, pooling="max")
    sizes = Sizes(n_words=vocabulary.size, embedding=8, units=5, n_classes=3)
    seeds = range(n_networks)
    return LstmClassifier(
        classes_=np.array(["NA", "b", "日"], dtype=object),
        vocabulary=vocabulary,
        architecture=architecture,
        networks=tuple(
            tuple(4 * array for array in initial_weights(architecture, sizes, np.random.default_rng(seed)))
            for seed in seeds
        ),
        temperature=0.7,
    )


def test_probabilities_sum_to_one_and_predict_is_their_maximum():
    model = classifier()
    shares = model.predict_proba(TEXTS)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert model.predict(TEXTS).tolist() == [model.classes_[row.argmax()] for row in shares]


def test_logits_of_several_networks_are_averaged():
    model = classifier()
    alone = [classifier(n_networks=1)]
    alone.append(LstmClassifier(**{**vars(model), "networks": model.networks[1:]}))
    expected = np.mean([each.decision_function(TEXTS) for each in alone], axis=0)
    np.testing.assert_allclose(model.decision_function(TEXTS), expected, atol=1e-6)


def test_temperature_divides_the_logits():
    model = classifier()
    odds = np.log(model.predict_proba(TEXTS))
    logits = model.decision_function(TEXTS) / 0.7
    np.testing.assert_allclose(odds - odds[:, :1], logits - logits[:, :1], atol=1e-5)


def test_a_single_string_is_refused():
    with pytest.raises(InputError, match=r"given one string; write predict\(\[text\]\)"):
        classifier().predict("play some jazz")


def test_no_texts_give_no_rows():
    assert classifier().predict_proba([]).shape == (0, 3)
    assert classifier().predict([]).shape == (0,)


@pytest.mark.parametrize(
    "vocabulary",
    [Vocabulary(words=("play", "日本"), max_tokens=9), PostedVocabulary(words=("play", "it"), max_tokens=3)],
    ids=lambda each: type(each).__name__,
)
def test_pickle_and_npz_give_equal_probabilities(vocabulary, tmp_path):
    model = classifier(vocabulary)
    model.to_npz(tmp_path / "model")
    for copy in (pickle.loads(pickle.dumps(model)), LstmClassifier.from_npz(tmp_path / "model")):
        np.testing.assert_array_equal(copy.predict_proba(TEXTS), model.predict_proba(TEXTS))
        assert copy.classes_.tolist() == model.classes_.tolist()


def test_the_pickle_is_little_larger_than_the_weights():
    model = classifier()
    model.predict(TEXTS)
    n_bytes = sum(array.nbytes for network in model.networks for array in network)
    assert len(pickle.dumps(model)) < n_bytes + 4000


def test_a_file_of_another_format_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, about=np.array('{"format": 99}'))
    with pytest.raises(
        InputError, match=r"model\.npz: format 99, but this version reads formats up to 2\. Install"
    ):
        LstmClassifier.from_npz(path)


def test_a_keras_model_without_keras_says_what_brings_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("automl_text.families.lstm.model.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"needs Keras: pip install 'automl-text\[keras\]'"):
        classifier().keras_model()


def test_plain_keras_gives_the_same_probabilities():
    model = classifier()
    numbers = model.vocabulary.encode(TEXTS).numbers
    plain = np.asarray(model.keras_model()(numbers))
    np.testing.assert_allclose(plain, model.predict_proba(TEXTS), atol=1e-5)
