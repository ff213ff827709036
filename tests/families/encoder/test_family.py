from __future__ import annotations

import gc
import io
import re
import shutil
import weakref
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pytest
from pandas import DataFrame
from tiny_encoder import place_of, write_tiny_encoder

from automl_text.errors import InputError
from automl_text.families.contract import RefitPlan
from automl_text.families.encoder import bundled
from automl_text.families.encoder.family import embed_encoders
from automl_text.families.encoder.features import SentenceFeatures
from automl_text.families.encoder.folder import folder_digest
from automl_text.families.encoder.place import (
    FOLDER_VARIABLE,
    USE_VARIABLE,
    SentenceEncoder,
    open_encoders,
    share_vectors,
)
from automl_text.families.registry import available, load_family
from automl_text.tuning.space import load_space, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from automl_text.families.contract import Estimator, Sample


def _fitted(sample: Sample, **changes: object) -> Estimator:
    family = load_family("encoder")
    labels = [str(code) for code in sample.train_codes]
    plan = RefitPlan(texts=sample.train_texts, labels=labels, groups=sample.train_groups, seed=0)
    return family.refit(plan, settings_of(family, {**load_space("encoder").default_params, **changes}))


def _opened(folder: Path) -> SentenceEncoder:
    return open_encoders([place_of(folder)])[0]


def _moved(folder: Path, estimator: Estimator, elsewhere: Path) -> None:
    """Leave the estimator with a folder that is not there."""
    estimator.named_steps["features"].encoders[0][1] = str(elsewhere / "gone" / folder.name)


def test_texts_of_one_meaning_lie_close(encoder_folder: Path):
    vectors = _opened(encoder_folder).vectors(
        ["where is my parcel", "track a shipment", "reset the password"]
    )
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_a_vector_is_the_mean_of_its_tokens_scaled_to_length_1(tiny_encoder: Path):
    vector = _opened(tiny_encoder).vectors(["late parcel late parcel password unheard"])[0]
    mean = np.array([4, 2, 1, 1]) / 6
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), rtol=1e-6)


def test_a_model_under_onnx_is_found_and_is_the_same_encoder(tiny_encoder: Path, tmp_path: Path):
    other = write_tiny_encoder(tmp_path / "other", model="onnx/model.onnx")
    assert folder_digest(other) == folder_digest(tiny_encoder)
    np.testing.assert_array_equal(_opened(other).vectors(["late"]), [[1, 0, 0, 0]])


def test_a_vector_does_not_depend_on_the_texts_beside_it(encoder_folder: Path):
    encoder = _opened(encoder_folder)
    alone = encoder.vectors(["late again"])
    np.testing.assert_array_equal(alone[0], encoder.vectors(["a " * 300, "late again", ""])[1])


@pytest.mark.parametrize("columns", ["vectors", "vectors_and_tfidf"])
def test_a_saved_model_names_its_encoder_and_finds_it(columns: str, sample: Sample, encoder_folder: Path):
    estimator = _fitted(sample, columns=columns)
    file = io.BytesIO()
    joblib.dump(estimator, file)
    assert file.tell() < 3_000_000
    file.seek(0)
    features = joblib.load(file).named_steps["features"]
    assert features.encoders == [
        [encoder_folder.name, str(encoder_folder), folder_digest(encoder_folder)],
    ]
    assert (estimator.predict(sample.train_texts) == [str(code) for code in sample.train_codes]).mean() > 0.9


def test_a_missing_encoder_says_which_and_where(sample: Sample, tiny_encoder: Path, tmp_path: Path):
    estimator = _fitted(sample)
    _moved(tiny_encoder, estimator, tmp_path)
    with pytest.raises(
        InputError, match=r"needs the sentence encoder [0-9a-f]{12}, which is not in .*--with-encoder"
    ):
        estimator.predict(["late"])


def test_another_encoder_is_not_taken_for_it(
    sample: Sample, tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    estimator = _fitted(sample)
    _moved(tiny_encoder, estimator, tmp_path)
    for name in ("model.onnx", "tokenizer.json"):
        shutil.copy(tiny_encoder / name, tmp_path / name)
    (tmp_path / "tokenizer.json").write_text((tmp_path / "tokenizer.json").read_text() + "\n")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(InputError, match="needs the sentence encoder"):
        estimator.predict(["late"])


def test_an_embedded_encoder_needs_no_folder(sample: Sample, tiny_encoder: Path, tmp_path: Path):
    estimator = _fitted(sample)
    expected = estimator.predict_proba(["late parcel"])
    estimator.named_steps["features"].embed_encoders()
    _moved(tiny_encoder, estimator, tmp_path)
    np.testing.assert_array_equal(estimator.predict_proba(["late parcel"]), expected)


@pytest.mark.parametrize("is_inside", [False, True])
def test_a_model_that_was_saved_when_models_named_one_encoder_still_predicts(
    tiny_encoder: Path, *, is_inside: bool
):
    content = tuple((tiny_encoder / name).read_bytes() for name in ("model.onnx", "tokenizer.json"))
    old = SentenceFeatures.__new__(SentenceFeatures)
    old.__setstate__(
        {
            "folder": "/gone" if is_inside else str(tiny_encoder),
            "digest": folder_digest(tiny_encoder),
            "scale": 2.0,
            "tfidf": None,
            "content": content if is_inside else None,
        }
    )
    np.testing.assert_array_equal(old.transform(["late"]), [[1, 0, 0, 0]])


def test_texts_that_are_read_in_pieces_are_reported(make_sample, tiny_encoder: Path):  # noqa: ARG001
    family = load_family("encoder")
    settings = settings_of(family, load_space("encoder").default_params)
    sample = make_sample(2)
    assert family.score(sample, settings, seed=0).notes == ()
    texts = ["late " * 300, *sample.train_texts[1:]]
    notes = family.score(make_sample(2, train_texts=texts), settings, seed=0).notes
    assert "are read in pieces of up to 256 tokens, whose vectors are averaged" in notes[0]


def test_without_an_encoder_the_family_says_what_to_pass(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(USE_VARIABLE, raising=False)
    monkeypatch.setattr(bundled, "find_spec", lambda _: None)
    assert re.search(
        r"is not installed\. Run: pip .* Or name another one: --encoder DIR",
        available(load_family("encoder")),
    )


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path):
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(
        InputError, match=r"lacks tokenizer\.json; it must hold model\.onnx and tokenizer\.json"
    ):
        folder_digest(tmp_path)


def test_two_sets_of_encoders_alone_are_kept_in_memory(tiny_encoder: Path, tmp_path: Path):
    first = _opened(tiny_encoder)
    assert _opened(tiny_encoder) is first
    watched = weakref.ref(first)
    del first
    for name in ("vectors", "others"):
        share_vectors(tmp_path / name)
        _opened(tiny_encoder)
    gc.collect()
    assert watched() is None


def test_a_model_with_columns_beside_the_text_can_hold_its_encoder(tiny_encoder: Path, sample: Sample):
    family, labels = load_family("encoder"), [str(code) for code in sample.train_codes]
    frame = DataFrame(
        {"text": list(sample.train_texts), "grade": [float(code) for code in sample.train_codes]}
    )
    plan = RefitPlan(
        texts=sample.train_texts,
        labels=labels,
        groups=sample.train_groups,
        seed=0,
        frame=frame.astype({"text": object}),
    )
    model = family.refit(plan, settings_of(family, load_space("encoder").default_params))
    told = model.predict_proba(frame)
    embed_encoders(model)
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    shutil.rmtree(tiny_encoder)
    buffer.seek(0)
    np.testing.assert_allclose(joblib.load(buffer).predict_proba(frame), told, atol=1e-6)
    assert (model.predict(frame) == labels).mean() > 0.9
