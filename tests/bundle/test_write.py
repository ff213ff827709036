"""What is written beside a model: the packages that it needs, pinned, and a manifest that fits it."""

import hashlib
import importlib.metadata
import json
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from automl_text.bundle.write import _normal, _pickle_bytes, _pins, pack
from automl_text.results.model import Manifest, TextHashes, manifest_path

from .conftest import LABELS, TEXTS, fitted, source

WORDS = st.text(alphabet="abcXYZ123._-", min_size=1, max_size=12).filter(lambda name: name.strip("._-"))


@settings(max_examples=15, deadline=None)
@given(WORDS)
def test_names_of_packages_have_one_spelling(name):
    assert _normal(name) == _normal(name.upper()) == _normal(name.replace("_", "-").replace(".", "_"))
    assert _normal(_normal(name)) == _normal(name)


def test_a_local_build_is_pinned_by_what_can_be_had_and_what_is_no_package_not_at_all():
    assert _pins({"torch": "2.1.0+cpu", "numpy": "2.3.1", "mine": ""}) == ("torch==2.1.0", "numpy==2.3.1")


def test_equal_models_are_equal_bytes_whoever_fitted_them():
    again = make_pipeline(TfidfVectorizer(), LogisticRegression(C=100)).fit(TEXTS, LABELS)
    assert _pickle_bytes(again) == _pickle_bytes(fitted())


def test_the_manifest_fits_the_file_and_is_written_before_it():
    packed = pack("mine.pkl", fitted(), source())
    assert list(packed.files) == ["mine.requirements.txt", "mine.json", "mine.pkl"]
    manifest = Manifest.model_validate_json(packed.files["mine.json"])
    assert manifest.sha256 == packed.info.sha256 == hashlib.sha256(packed.files["mine.pkl"]).hexdigest()
    assert manifest.labels == ("billing", "bug", "chat")
    assert json.loads(packed.files["mine.json"])["format"] == 2


def test_everything_that_a_pickle_names_is_pinned_at_what_is_installed():
    lines = pack("mine.pkl", fitted(), source()).files["mine.requirements.txt"].decode().split()
    wanted = {"joblib", "numpy", "scikit-learn"}
    assert {line.partition("==")[0] for line in lines} == wanted
    assert all(f"{name}=={importlib.metadata.version(name)}" in lines for name in wanted)


def test_what_is_imported_late_is_pinned_too():
    pins = pack("mine.pkl", fitted(), source(imported_late=("lightgbm",))).info.requirements
    assert f"lightgbm=={importlib.metadata.version('lightgbm')}" in pins


def test_another_form_is_written_by_whoever_knows_it():
    packed = pack("mine.skops", fitted(), source(), encode=lambda _: b"as told")
    assert packed.files["mine.skops"] == b"as told"
    assert manifest_path(Path("a/mine.skops")) == Path("a/mine.json")


def test_the_model_in_the_file_answers_as_the_one_that_was_packed(tmp_path):
    (tmp_path / "m.pkl").write_bytes(pack("m.pkl", fitted(), source()).files["m.pkl"])
    again = joblib.load(tmp_path / "m.pkl")
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted().predict_proba(TEXTS))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=8), max_size=6), st.text(max_size=8))
def test_a_text_is_recognised_as_one_of_training_however_it_is_spaced_and_cased(texts, other):
    digests = TextHashes.of(texts, salt="ab")
    assert all(digests.recognise([f"  {text.replace(' ', '   ')} " for text in texts]))
    assert TextHashes.of([*texts, *texts], salt="ab") == digests
    if digests.recognise([other]) == [True]:
        assert TextHashes.of([*texts, other], salt="ab") == digests


@pytest.mark.parametrize("salt", ["", "ab" * 40])
def test_another_salt_gives_other_digests(salt):
    assert TextHashes.of(["a text"], salt=salt).digests != TextHashes.of(["a text"], salt="x").digests
