"""An exported model on a labelled file."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_fscore_support

from automl_text.bundle.bundle import Bundle
from automl_text.bundle.evaluate import EvaluateOptions, _decimals, evaluate_file
from automl_text.bundle.load import load_bundle
from automl_text.bundle.write import write_bundle
from automl_text.data.health_labels import folded_label
from automl_text.errors import InputError
from automl_text.results.model import Promise
from automl_text.tables.csv_guard import write_csv

from .conftest import LABELS, TEXTS, fitted, source

NEW = [f"{text} again" for text in TEXTS]
WRONG = ["bug" if i % 4 == 0 else label for i, label in enumerate(LABELS)]


@pytest.fixture
def loaded(model: Path) -> Bundle:
    return load_bundle(model)


def table(path: Path, texts: list[str], labels: list[str]) -> str:
    write_csv(path, ["text", "category"], zip(texts, labels, strict=True), raw=True)
    return str(path)


def promising(folder: Path, low: float, high: float) -> Bundle:
    path = folder / "promising.pkl"
    write_bundle(path, fitted(), source(promise=Promise(expected_macro_f1=low, interval=(low, high))))
    return load_bundle(path)


@pytest.mark.parametrize(("score", "decimals"), [(0.95, 2), (1.0, 3), (0.9971, 4), (1.2, 2)])
def test_what_is_outside_is_never_written_as_inside(score: float, decimals: int):
    assert _decimals(score, 0.91, 0.99708) == decimals


def test_the_figures_are_scikit_learns(loaded: Bundle, tmp_path: Path):
    holdout = evaluate_file(loaded, table(tmp_path / "t.csv", NEW, WRONG))
    predicted = fitted().predict(NEW)
    assert holdout.macro_f1 == pytest.approx(f1_score(WRONG, predicted, average="macro"))
    assert holdout.balanced_accuracy == pytest.approx(balanced_accuracy_score(WRONG, predicted))
    assert holdout.accuracy == pytest.approx(np.mean(np.array(WRONG) == predicted))
    columns = precision_recall_fscore_support(WRONG, predicted)
    rows = [(row.precision, row.recall, row.f1, row.support) for row in holdout.per_class]
    np.testing.assert_allclose(rows, np.transpose(columns))


def test_training_rows_are_counted_whatever_their_case(loaded: Bundle, tmp_path: Path):
    texts = [TEXTS[0].upper(), TEXTS[1] + " ", *NEW[2:]]
    assert evaluate_file(loaded, table(tmp_path / "t.csv", texts, LABELS)).n_training_rows == 2


def test_a_label_the_model_never_saw_counts_as_zero_and_is_named(loaded: Bundle, tmp_path: Path):
    labels = ["parking" if i < 3 else label for i, label in enumerate(LABELS)]
    holdout = evaluate_file(loaded, table(tmp_path / "t.csv", NEW, labels))
    assert [(row.label, row.n_rows) for row in holdout.unseen_labels] == [("parking", 3)]
    assert {row.label: row.f1 for row in holdout.per_class}["parking"] == 0
    assert holdout.macro_f1 == pytest.approx(f1_score(labels, fitted().predict(NEW), average="macro"))
    assert holdout.promise.n_rows == len(NEW) - 3


def test_rows_without_a_label_are_left_out_and_counted(loaded: Bundle, tmp_path: Path):
    holdout = evaluate_file(loaded, table(tmp_path / "t.csv", NEW, ["", " ", *LABELS[2:]]))
    assert (holdout.n_rows, holdout.n_left_out) == (len(NEW) - 2, 2)


@pytest.mark.parametrize(
    ("interval", "labels", "agreement"),
    [
        ((0.9, 1.0), LABELS, "inside"),
        ((0.5, 0.7), LABELS, "above"),
        ((0.97, 1.0), ["bug", "chat", "billing"] * 8, "below"),
        ((0.86, 0.9), WRONG, "compatible"),
    ],
)
def test_the_figure_is_held_against_the_promise(
    tmp_path: Path, interval: tuple[float, float], labels: list[str], agreement: str
):
    holdout = evaluate_file(promising(tmp_path, *interval), table(tmp_path / "t.csv", NEW, labels))
    assert holdout.promise.agreement == agreement
    assert f"{interval[0]:.2f} to {interval[1]:.2f}" in holdout.promise.sentence


def test_training_rows_do_not_count_for_the_promise(loaded: Bundle, tmp_path: Path):
    holdout = evaluate_file(loaded, table(tmp_path / "t.csv", [*TEXTS, *NEW[:19]], [*LABELS, *LABELS[:19]]))
    assert holdout.promise.agreement == "too_few"
    assert "Only 19 texts are new" in holdout.promise.sentence


def test_without_a_manifest_columns_are_found_and_nothing_is_promised(model: Path, tmp_path: Path):
    model.with_suffix(".json").unlink()
    with pytest.warns(UserWarning, match="has no manifest"):
        bundle = load_bundle(model)
    holdout = evaluate_file(bundle, table(tmp_path / "t.csv", NEW, LABELS))
    assert holdout.promise.agreement == "no_promise"
    assert holdout.n_training_rows is None


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (
            "text,wrong\na,b\n",
            EvaluateOptions(),
            "there is no column 'category', which holds the label in the training",
        ),
        (
            "body,category\na,b\n",
            EvaluateOptions(),
            r"there is no column 'text' \(the model was trained on it\)",
        ),
        (
            "text,category\na,b\n",
            EvaluateOptions(label="categry"),
            "--label 'categry': there is no such column",
        ),
        ("text,category\na,b\n", EvaluateOptions(text=("txt",)), r"no column 'txt' .*Did you mean 'text'\?"),
        ("text,category\na,b\n", EvaluateOptions(label="text"), "'text' is both text and label"),
        ("text,category\na,\nb, \n", EvaluateOptions(), "no row has a label in 'category'"),
        ("", EvaluateOptions(), "the file is empty"),
        ("text,category\n", EvaluateOptions(), "there is a header but no row"),
    ],
)
def test_a_file_that_cannot_be_judged_is_refused(
    loaded: Bundle, tmp_path: Path, content: str, options: EvaluateOptions, expected: str
):
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=expected):
        evaluate_file(loaded, str(path), options)


def test_the_same_rows_twenty_times_are_judged_as_they_are_once(tmp_path: Path):
    once, many = (
        evaluate_file(promising(tmp_path, 0.97, 1.0), table(tmp_path / "t.csv", NEW * n, WRONG * n))
        for n in (1, 20)
    )
    assert once.promise == many.promise
    assert many.interval == pytest.approx(once.interval)


def test_training_rows_with_other_punctuation_are_no_new_texts(loaded: Bundle, tmp_path: Path):
    texts = [f"  {text.upper().replace(' ', ' - ')} !" for text in TEXTS]
    holdout = evaluate_file(loaded, table(tmp_path / "t.csv", texts, LABELS))
    assert holdout.n_training_rows == len(TEXTS)
    assert holdout.promise.n_rows == 0


def test_the_promise_is_moved_to_the_labels_that_occur(tmp_path: Path):
    path = tmp_path / "promising.pkl"
    promise = Promise(
        expected_macro_f1=0.8, interval=(0.7, 0.9), class_f1={"billing": 0.9, "bug": 0.9, "chat": 0.6}
    )
    write_bundle(path, fitted(), source(promise=promise))
    rows = [(text, label) for text, label in zip(NEW, LABELS, strict=True) if label != "chat"] * 2
    texts = [f"{text} {number}" for number, (text, _) in enumerate(rows)]
    check = evaluate_file(load_bundle(path), table(tmp_path / "t.csv", texts, [y for _, y in rows])).promise
    assert check.promised_macro_f1 == pytest.approx(0.9)
    assert check.promised_interval == pytest.approx((0.8, 1.0))


def test_it_is_said_what_fall_so_few_texts_would_notice(tmp_path: Path):
    check = evaluate_file(promising(tmp_path, 0.9, 1.0), table(tmp_path / "t.csv", NEW, LABELS)).promise
    assert 0.05 < check.noticeable_fall < 0.5
    assert f"a fall of {check.noticeable_fall:.2f}" in check.sentence


def test_a_label_of_another_spelling_is_named_with_the_one_that_is_meant(loaded: Bundle, tmp_path: Path):
    labels = ["Billing ", "bug", "chat", "other"] * 5
    holdout = evaluate_file(loaded, table(tmp_path / "t.csv", ["a b", "c d", "e f", "g h"] * 5, labels))
    assert {row.label: row.meant for row in holdout.unseen_labels} == {"Billing ": "billing", "other": ""}


@pytest.mark.parametrize(("one", "other"), [("1", "1.0"), ("2,50", "2.5"), ("A_b", "a-B"), ("3", "3.000")])
def test_labels_are_folded_by_case_hyphens_and_the_value_of_a_number(one: str, other: str):
    assert folded_label(one) == folded_label(other)
    assert folded_label(one) != folded_label(one + "1")
