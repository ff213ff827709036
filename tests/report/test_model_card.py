"""The card of an exported model."""

import json

import pytest

from automl_text.report.model_card import model_card
from automl_text.results.model import Manifest, Promise, TextHashes, TrainingData


def manifest(**changes):
    fields = {
        "file_name": "best_model.pkl",
        "sha256": "ab" * 32,
        "family": "logreg",
        "title": "Logistic regression",
        "trial": 3,
        "steps": 0,
        "temperature": 1.0,
        "parameters": {"C": 30.0},
        "labels": ("refund", "late_delivery"),
        "text_columns": ("text",),
        "label_column": "category",
        "trained_on": TrainingData(
            file_name="tickets.csv", sha256="cd" * 32, n_rows=1234, rows=TextHashes(salt="s", digests="")
        ),
        "promise": Promise(macro_f1=0.7, expected_macro_f1=0.7149, interval=(0.66, 0.77)),
        "python": "3.11.7",
        "versions": {"scikit-learn": "1.9.1"},
        "requirements": ("scikit-learn==1.9.1",),
    }
    return Manifest(**{**fields, **changes})


def front_matter(card: str) -> dict[str, str]:
    lines = card.split("---\n")[1].splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line and not line.startswith("- "))


def test_the_card_quotes_the_promise_and_how_to_load_the_file():
    card = model_card(manifest())
    assert "**0.71** (95 % interval 0.66 to 0.77)" in card
    assert 'joblib.load("best_model.pkl")' in card
    assert "scikit-learn==1.9.1" in card
    assert "1,234 rows of `tickets.csv`" in card


def test_the_metadata_is_hugging_faces():
    head = front_matter(model_card(manifest()))
    assert head["library_name"] == "sklearn"
    assert head["pipeline_tag"] == "text-classification"
    index = json.loads(head["model-index"])
    assert index[0]["results"][0]["metrics"][0]["value"] == 0.7149


def test_without_a_promise_no_figure_is_given():
    card = model_card(manifest(promise=Promise(interval_reason="one training size only")))
    assert "model-index" not in card
    assert "Not measured. one training size only" in card


@pytest.mark.parametrize("name", ["m.skops", "m.npz"])
def test_a_form_that_runs_no_code_is_used_by_our_command(name):
    card = model_card(manifest(file_name=name))
    assert f"automl-text predict {name} texts.csv --sha256" in card
    assert "joblib" not in card


@pytest.mark.parametrize(
    "attack", ["</script><svg onload=x>", "[a](http://x)", "`code`", "a\n# heading", "![](http://x)"]
)
def test_names_from_the_data_stay_text(attack):
    trained_on = TrainingData(file_name=attack, sha256="cd", n_rows=1, rows=TextHashes(salt="s", digests=""))
    card = model_card(manifest(labels=(attack,), trained_on=trained_on))
    body = card.split("---\n", 2)[2]
    listed = next(line for line in body.splitlines() if line.startswith("- "))
    assert listed != f"- {attack}" or attack.isalnum()
    assert "\n# heading" not in body
    assert json.loads(front_matter(card)["model-index"])[0]["results"][0]["dataset"]["name"] == attack


def test_an_lstm_with_pretrained_vectors_says_what_its_encoders_absence_costs():
    encoders = {"0" * 64: "bundled"}
    said = model_card(manifest(encoders=encoders, parameters={"embedding": "pretrained"}))
    assert "takes words that its training\ntexts lack as unknown" in said
    assert "as unknown" not in model_card(manifest(encoders=encoders, parameters={"embedding": "learned"}))
