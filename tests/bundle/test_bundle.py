"""A model in memory says what it is, takes what it reads and no less, and puts in one line why it cannot be asked."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from automl_text.bundle.bundle import Bundle
from automl_text.bundle.load import load_bundle
from automl_text.errors import InputError, RunError
from automl_text.results import FeatureColumn
from automl_text.results.model import Promise

from .conftest import LABELS, TEXTS, fitted, source

CHANNEL = FeatureColumn(name="channel", kind="category", n_values=2, n_missing=0)
AMOUNT = FeatureColumn(name="amount", kind="number", n_values=9, n_missing=0)


def bundle_of(estimator, manifest=None):
    return Bundle(estimator=estimator, manifest=manifest, path=Path("m.pkl"), sha256="0" * 64)


def raising(error):
    def predict_proba(_):
        raise error

    return SimpleNamespace(classes_=["a", "b"], predict_proba=predict_proba)


@pytest.fixture
def with_features(exported):
    """A model that reads two columns beside the text, as far as its manifest goes."""
    manifest = load_bundle(exported).manifest
    return bundle_of(fitted(), manifest.model_copy(update={"features": (CHANNEL, AMOUNT)}))


def test_the_labels_are_words_in_the_order_of_the_probabilities():
    model = bundle_of(SimpleNamespace(classes_=np.array([10, 2])))
    assert model.labels == ["10", "2"]
    whole = bundle_of(fitted())
    assert [whole.labels[i] for i in whole.probabilities(TEXTS).argmax(axis=1)] == LABELS


def test_without_a_manifest_nothing_is_promised_and_no_column_is_known():
    model = bundle_of(fitted())
    assert (model.promise, model.text_columns, model.features) == (Promise(), (), ())


def test_with_a_manifest_it_says_what_that_says(exported):
    model = load_bundle(exported)
    assert (model.promise, model.text_columns) == (source().promise, ("text",))


def test_a_model_that_reads_columns_needs_the_manifest_that_says_how():
    model = bundle_of(SimpleNamespace(feature_names_in_=["text", "channel"], classes_=["a"]))
    with pytest.raises(InputError, match=r"its manifest, which says how, is missing. Copy its \.json"):
        model.rows("new.csv", ["x"], {"channel": ["web"]})


def test_a_model_of_texts_alone_is_given_texts_whatever_stands_beside_them():
    assert bundle_of(fitted()).rows("new.csv", ["x"], {"channel": ["web"]}) == ["x"]


def test_the_cells_beside_a_text_are_taken_by_name_and_as_in_training(with_features):
    cells = {"amount": ["1.5", ""], "unused": ["-", "-"], "channel": ["web", " mail "]}
    rows = with_features.rows("new.csv", ["one", "two"], cells)
    assert list(rows.columns) == ["text", "channel", "amount"]
    assert rows["channel"].tolist() == ["web", "mail"]
    assert rows["amount"].tolist() == pytest.approx([1.5, float("nan")], nan_ok=True)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"amount": ["1"], "chanel": ["web"]}, r"no column 'channel', which .* Did you mean 'chanel'\?"),
        ({"place": ["x"]}, r"no columns 'channel' and 'amount', which .* It has place\."),
    ],
)
def test_a_column_that_the_file_lacks_is_named_with_the_nearest(with_features, cells, said):
    with pytest.raises(InputError, match=rf"new\.csv: there (is|are) {said}"):
        with_features.rows("new.csv", ["one"], cells)


@pytest.mark.parametrize("error", [KeyError("x"), AttributeError("y"), ValueError("z")])
def test_what_libraries_raise_becomes_one_line_with_its_kind_and_its_cause(error):
    with pytest.raises(
        InputError, match=rf"m\.pkl: cannot label a text \({type(error).__name__}\)"
    ) as caught:
        bundle_of(raising(error)).probabilities(["x"])
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [MemoryError(), InputError("no encoder"), RunError("gone")])
def test_what_says_itself_what_to_do_passes_as_it_is(error):
    with pytest.raises(type(error)) as caught:
        bundle_of(raising(error)).probabilities(["x"])
    assert caught.value is error
