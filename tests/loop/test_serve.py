"""The service answers as the command line does, and refuses what is wrong without ever failing."""

import dataclasses
import json
import random

import numpy as np
import pytest
from fastapi.testclient import TestClient

from automl_text.bundle.load import load_bundle
from automl_text.loop.serve import _MOST_BYTES, _MOST_CHARACTERS, _MOST_TEXTS, dockerfile, make_app

TEXT = "where is my parcel"


@pytest.fixture(scope="module")
def bundle(finished):
    return load_bundle(finished)


@pytest.fixture(scope="module")
def client(bundle):
    with TestClient(make_app(bundle), raise_server_exceptions=False) as opened:
        yield opened


def test_predictions_are_those_of_the_model(client, bundle):
    texts = [TEXT, "", "I forgot my password", "\u00e4\U0001f600"]
    answer = client.post("/predict", json={"texts": texts})
    expected = bundle.estimator.predict_proba(texts)
    assert [row["prediction"] for row in answer.json()] == bundle.estimator.predict(texts).tolist()
    for row, wanted in zip(answer.json(), expected, strict=True):
        assert list(row["probabilities"].values()) == pytest.approx(wanted.tolist())
        assert row["confidence"] == pytest.approx(wanted.max())


def test_texts_unlike_those_of_training_are_marked_by_their_largest_logit(bundle):
    texts = [TEXT, "qwxz vbnk plgh", "I forgot my password"]
    largest = bundle.estimator.decision_function(texts).max(axis=1)
    below = float(np.median(largest))
    promise = bundle.manifest.promise.model_copy(update={"unlike_below": 0.5, "unlike_logit_below": below})
    telling = dataclasses.replace(bundle, manifest=bundle.manifest.model_copy(update={"promise": promise}))
    answer = TestClient(make_app(telling)).post("/predict", json={"texts": texts}).json()
    assert [row["unlike_training"] for row in answer] == (largest < below).tolist()


def test_one_text_is_one_prediction(client):
    assert (
        client.post("/predict", json={"text": TEXT}).json()
        == client.post("/predict", json={"texts": [TEXT]}).json()
    )


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"{}", b'{"texts": []}', b'{"texts": "one"}', b'{"texts": [1]}', b'{"texts": [null]}', b'{"text": 5}',
        b'{"text": "a", "texts": ["b"]}', b"null", b"", b"{", b'"x"', b"\xff\xfe", b'{"txt": "a"}', b"[" * 100_000,
        b'{"a":' * 50_000, b'{"texts": [[["x"]]]}', b'{"text": NaN}', b'{"text": 1e999}',
        json.dumps({"text": "x" * (_MOST_CHARACTERS + 1)}).encode(),
        json.dumps({"texts": ["x"] * (_MOST_TEXTS + 1)}).encode(),
    ],
)  # fmt: skip
def test_wrong_bodies_are_422_with_a_sentence(client, body):
    answer = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_a_body_too_large_is_413(client):
    answer = client.post(
        "/predict", content=b" " * (_MOST_BYTES + 1), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_half_a_character_is_answered(client):
    answer = client.post(
        "/predict", content=b'{"text": "a\\ud800b"}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {200, 422}


def test_what_is_not_there_is_404_and_what_is_not_meant_405(client):
    assert client.get("/nothing").status_code == 404
    assert client.get("/predict").status_code == 405
    assert client.post("/health", json={}).status_code == 405


def test_health_and_model_say_what_is_served(client, bundle):
    assert client.get("/health").json() == {"status": "ok"}
    about = client.get("/model").json()
    assert about["sha256"] == bundle.sha256
    assert about["promise"]["expected_macro_f1"] == bundle.manifest.promise.expected_macro_f1
    assert "digests" not in json.dumps(about)


def test_the_page_takes_nothing_from_elsewhere(client):
    answer = client.get("/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text.replace("http-equiv", "")


def test_two_thousand_requests_half_of_them_malformed_never_fail(client):
    luck = random.Random(0)  # noqa: S311
    good = json.dumps({"text": TEXT}).encode()
    for number in range(2000):
        body = bytearray(good)
        if number % 2:
            for _ in range(luck.randint(1, 6)):
                body[luck.randrange(len(body))] = luck.randrange(256)
        answer = client.post("/predict", content=bytes(body), headers={"Content-Type": "application/json"})
        assert answer.status_code in ({200, 422} if number % 2 else {200})


def test_the_dockerfile_serves_as_a_user_without_rights_and_pins_what_the_model_needs():
    content = dockerfile("scikit-learn==1.9.1\njoblib==1.5\n", "best_model.pkl")
    assert content.index("USER server") < content.index("CMD [")
    assert '"scikit-learn==1.9.1" "joblib==1.5"' in content


@pytest.mark.parametrize(
    ("more", "expected"),
    [(["--port", "70000"], "a port lies between"), (["--host", "256.0.0.1"], "cannot be listened to")],
)
def test_a_place_that_cannot_be_listened_to_is_refused(command, finished, more, expected):
    done = command("serve", finished, *more)
    assert (done.code, expected in done.err) == (2, True), done.err


def test_the_command_writes_the_dockerfile(command, finished, tmp_path):
    done = command("serve", finished, "--dockerfile", tmp_path / "Dockerfile")
    assert done.code == 0, done.err
    assert "useradd" in (tmp_path / "Dockerfile").read_text()
    assert command("serve", finished, "--dockerfile", tmp_path / "Dockerfile").code == 2
