"""What decided a prediction."""

import csv
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from automl_text.bundle.load import load_bundle
from automl_text.errors import InputError
from automl_text.families.encoder.features import SentenceFeatures
from automl_text.loop.reasons import TrainingTexts, because, explain, neighbourhood

TEXT = "I forgot my password and cannot log in"


@pytest.fixture(scope="module")
def estimator(finished):
    return load_bundle(finished).estimator


def test_the_words_that_decide_are_those_whose_absence_hurts_most(estimator):
    found = explain(estimator, [TEXT])
    assert found.prediction == estimator.predict([TEXT])[0]
    assert found.words[0] in {"password", "log"}
    column = list(estimator.classes_).index(found.prediction)
    without = [TEXT.replace(word, " ") for word in TEXT.split()]
    left = estimator.predict_proba(without)[:, column]
    assert TEXT.split()[int(left.argmin())] == found.words[0]


def test_the_second_category_is_the_second_most_probable(estimator):
    found = explain(estimator, [TEXT])
    assert sorted(estimator.predict_proba([TEXT])[0])[-2] == pytest.approx(found.second_confidence)


def test_an_empty_text_has_nothing_to_explain(estimator):
    with pytest.raises(InputError, match="nothing to explain"):
        explain(estimator, [" "])
    assert because(estimator, None, [" "], "login_problem") == ""


def test_a_model_of_words_has_no_neighbourhood(finished, estimator):
    assert neighbourhood(finished, estimator) is None


class Letters:
    """Stands for a sentence encoder: how often each letter occurs."""

    def vectors(self, texts):
        return np.array(
            [[text.casefold().count(c) + 0.01 for c in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        )


def test_with_sentence_vectors_the_nearest_training_texts_are_shown(finished, monkeypatch):
    features = SentenceFeatures(encoders=[], scale=1.0, tfidf=None)
    monkeypatch.setattr(features, "_opened", lambda: [Letters()])
    pipeline = Pipeline([("features", features)])
    near = neighbourhood(finished, pipeline)
    assert isinstance(near, TrainingTexts)
    with (finished.parent / "tickets.csv").open(encoding="utf-8", newline="") as stream:
        rows = dict(enumerate(csv.DictReader(stream), start=2))
    found = near.nearest(rows[40]["text"])
    assert (found[0].line, found[0].label) == (40, rows[40]["category"])
    assert found[0].similarity == pytest.approx(1)
    assert because(pipeline, near, [rows[40]["text"]], "any").startswith("line 40 (")


def test_predict_explains_each_row(command, finished, tmp_path):
    (tmp_path / "new.csv").write_text(f'text\n{TEXT}\n""\nwhere is my parcel\n')
    done = command("predict", finished, tmp_path / "new.csv", "--explain", "-o", tmp_path / "out.csv")
    assert done.code == 0, done.err
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["text", "prediction", "confidence", "unlike_training", "because"]
    assert [bool(row["because"]) for row in rows] == [True, False, True]


def test_the_command_says_what_decided(command, finished):
    done = command("explain", finished, TEXT)
    assert done.code == 0
    assert "because of  " in done.out
    assert done.out.startswith("login_problem  ")


def test_a_parquet_file_of_explained_predictions_holds_text(command, finished, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "new.csv").write_text(f"text\n{TEXT}\n")
    output = Path(tmp_path / "out.parquet")
    assert command("predict", finished, tmp_path / "new.csv", "--explain", "-o", output).code == 0
    assert parquet.read_table(output).column("because").to_pylist()[0].startswith(("password", "log"))
