"""The Python face: scikit-learn's contract, the kinds of input, and the same result as the command line."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from automl_text import AutoTextClassifier, search
from automl_text.api import SearchOptions
from automl_text.api.runs import CellObserver
from automl_text.errors import InputError, RunError
from automl_text.experiment.observer import Progress
from automl_text.experiment.request import SearchRequest
from automl_text.files import ReadAs
from automl_text.tables.memory import checked_labels, checked_texts

TOPICS = {
    "garden": "rose soil spade tulip hedge lawn compost seedling mulch pruning",
    "kitchen": "pan oven garlic simmer knife whisk flour butter recipe stove",
    "sky": "comet orbit lunar telescope eclipse nebula meteor planet galaxy aurora",
}
SMALL = {"families": ("logreg",), "n_trials": 1, "n_folds": 3, "jobs": 1}


def rows(n_per_topic=14, seed=0):
    """Short made-up texts whose words tell the topic, and their topics."""
    rng = np.random.default_rng(seed)
    filler = ["today", "often", "maybe", "later", "quite", "nearly", "while", "under", "along", "again"]
    labels = [topic for topic in TOPICS for _ in range(n_per_topic)]
    texts = [
        " ".join([*rng.choice(TOPICS[label].split(), 3, replace=False), *rng.choice(filler, 2)])
        for label in labels
    ]
    return texts, labels


def digits(labels):
    """The topics as whole numbers, 10 being the first of them as a string and the last as a number."""
    return np.array([{"garden": 9, "kitchen": 2, "sky": 10}[label] for label in labels])


@pytest.fixture(scope="module")
def fitted():
    return AutoTextClassifier(**SMALL).fit(*rows())


def test_get_params_gives_back_what_was_passed_and_clone_copies_it():
    made = AutoTextClassifier(preset="quick", families=["logreg"], seed=3, time_budget=60.0)
    assert clone(made).get_params() == made.get_params()
    assert made.get_params()["families"] == ["logreg"]
    assert made.set_params(seed=4).seed == 4


def test_it_is_a_classifier_of_strings():
    tags = get_tags(AutoTextClassifier())
    assert is_classifier(AutoTextClassifier())
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (
        True,
        True,
        False,
    )


def test_an_unfitted_one_says_so():
    for use in (AutoTextClassifier().predict, AutoTextClassifier().predict_proba):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            use(["a text"])
    with pytest.raises(NotFittedError, match="not fitted yet"):
        _ = AutoTextClassifier().leaderboard_


def test_new_texts_get_the_right_label(fitted):
    texts, labels = rows(seed=1)
    assert f1_score(labels, fitted.predict(texts), average="macro") > 0.9
    assert fitted.classes_.tolist() == sorted(TOPICS)


def test_probabilities_sum_to_one_and_agree_with_the_prediction(fitted):
    texts, _ = rows(seed=2)
    probabilities = fitted.predict_proba(texts)
    assert probabilities.shape == (len(texts), 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(fitted.classes_[probabilities.argmax(axis=1)], fitted.predict(texts))
    np.testing.assert_array_equal(fitted.predict(texts), fitted.estimator_.predict(texts))


@pytest.mark.parametrize(
    "kind",
    [tuple, np.array, lambda x: np.array(x, dtype=object), pd.Series, pl.Series],
    ids=["tuple", "array of strings", "array of objects", "pandas", "polars"],
)
def test_texts_may_come_in_any_usual_container(fitted, kind):
    texts, _ = rows(seed=3)
    np.testing.assert_array_equal(fitted.predict(kind(texts)), fitted.predict(texts))


def test_a_fitted_one_survives_pickling(fitted):
    texts, _ = rows(seed=4)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(texts), fitted.predict_proba(texts))


def test_the_leaderboard_is_a_frame_of_what_was_measured(fitted):
    frame = fitted.leaderboard_
    assert frame["family"].tolist() == ["logreg"]
    assert frame["macro_f1"].tolist() == [fitted.result_.leaderboard[0].macro_f1]
    assert {"rank", "expected_macro_f1", "interval_low", "interval_high"} <= set(frame.columns)


def test_the_report_shows_itself_in_a_notebook_and_is_one_page_as_a_file(fitted, tmp_path):
    assert fitted.report_._repr_html_().startswith("<iframe")
    saved = fitted.report_.save(tmp_path / "report.html")
    assert saved.read_text("utf-8").lower().startswith("<!doctype html>")


def test_a_report_is_one_line_where_it_cannot_show_itself(fitted):
    line = repr(fitted.report_)
    assert "\n" not in line
    assert line.startswith("<Report of ")
    assert "Use logistic regression" in line
    assert len(line) < 250


def test_a_notebook_shows_one_line_that_moves_on_until_the_last_fit():
    lines = []
    watcher = CellObserver(lines.append)
    watcher.stage("search")
    for n_done in range(1, 31):
        watcher.finished(
            Progress(
                family="logreg",
                trial_number=0,
                status="done",
                best_inner=0.71,
                n_done=n_done,
                n_planned=30,
                seconds_left=30.0 - n_done,
            )
        )
    assert lines[0] == "automl-text: search"
    assert lines[-1] == "automl-text: 30 of 30 fits, about 0 s left; logreg 0.710"
    assert len(lines) < 10


def test_whole_numbers_stay_the_labels_that_they_are():
    texts, labels = rows()
    by_number = AutoTextClassifier(**SMALL).fit(pl.Series(texts), pd.Series(digits(labels)))
    assert by_number.classes_.tolist() == [2, 9, 10]
    new, expected = rows(seed=5)
    assert by_number.predict(new).dtype == by_number.classes_.dtype
    assert by_number.score(new, digits(expected)) > 0.9


@pytest.mark.slow
def test_it_works_in_a_pipeline_under_cross_validation_and_in_a_grid():
    texts, labels = rows(n_per_topic=20)
    lower = FunctionTransformer(lambda values: [value.lower() for value in values])
    pipeline = Pipeline([("lower", lower), ("classifier", AutoTextClassifier(**SMALL))])
    grid = GridSearchCV(pipeline, {"classifier__seed": [1]}, cv=2, scoring="f1_macro").fit(texts, labels)
    scores = [grid.cv_results_[f"split{fold}_test_score"][0] for fold in range(2)]
    assert min(scores) > 0.8
    assert set(grid.predict(texts)) == set(TOPICS)


def test_one_group_stays_on_one_side_and_an_output_folder_keeps_the_files(fitted, tmp_path):
    texts, labels = rows()
    groups = [row // 2 for row in range(len(texts))]
    grouped = AutoTextClassifier(**SMALL, output=tmp_path / "kept").fit(
        texts, labels, groups=np.array(groups)
    )
    assert grouped.result_.dataset.n_groups <= len(set(groups)) < fitted.result_.dataset.n_groups
    files = {path.name for path in (tmp_path / "kept").iterdir()}
    assert {"report.html", "result.json", "best_model.pkl"} <= files


def test_nothing_to_learn_is_an_error_unless_forced():
    texts, labels = rows()
    shuffled = np.random.default_rng(0).permutation(labels)
    with pytest.raises(RunError, match="force=True fits a model all the same"):
        AutoTextClassifier(**SMALL).fit(texts, shuffled)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", r"One string was given .* Write \[text\]"),
        (["fine", None], r"texts\[1\] is None, not str"),
        (pd.Series(["fine", None]), r"texts\[1\] is None, not str"),
        (np.array([["two"], ["axes"]]), r"texts\[0\] is list, not str"),
        (pd.DataFrame({"text": ["a frame"]}), r"The texts are a DataFrame\. Give one of its columns"),
        (pl.DataFrame({"text": ["a frame"]}), r"The texts are a DataFrame\. Give one of its columns"),
    ],
)
def test_what_is_no_text_is_refused(texts, message):
    with pytest.raises(InputError, match=message):
        checked_texts(texts)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"], r"2 texts and 1 label\."),
        (["a", None], r"labels\[1\] is None"),
        (np.array([1.0, np.nan]), r"labels\[1\] is nan"),
        (pd.Series(["a", pd.NA], dtype="string"), r"labels\[1\] is None"),
        (["a", " "], r"labels\[1\] is ' '"),
        (["a", 1], "mix the types int, str"),
        (np.array([["a"], ["b"]]), r"labels\[0\] is a list"),
        ([("a", "b"), ("c", "d")], r"labels\[0\] is a tuple"),
        (pd.DataFrame({"label": ["a", "b"]}), r"The labels are a DataFrame\. Give one of its columns"),
    ],
)
def test_what_is_no_label_is_refused(labels, message):
    with pytest.raises(InputError, match=message):
        checked_labels(labels, 2)


def test_a_file_and_a_frame_of_either_library_give_the_same_figures(tmp_path):
    texts, labels = rows()
    frame = pd.DataFrame({"message": texts, "topic": labels})
    path = tmp_path / "rows.csv"
    frame.to_csv(path, index=False)
    runs = [
        search(data, **SMALL, output=tmp_path / str(number), label="topic")
        for number, data in enumerate((path, frame, pl.from_pandas(frame)))
    ]
    boards = [run.leaderboard.to_dict("records") for run in runs]
    assert boards[0] == boards[1] == boards[2]
    assert runs[1].result.dataset.text_columns == ("message",)
    assert json.loads((runs[1].folder / "result.json").read_text())["recommended"] == "logreg"
    assert set(runs[2].load_model().predict(texts)) == set(TOPICS)


def test_a_misspelt_option_names_the_nearest():
    with pytest.raises(InputError, match=r"no option 'familes'.* Did you mean 'families'"):
        search("any.csv", familes="logreg")


def test_lists_are_sent_to_the_classifier():
    with pytest.raises(InputError, match=r"not list\. For lists of texts and labels use AutoTextClassifier"):
        search(["a text"])


def test_the_options_are_those_of_a_request():
    assert set(SearchOptions.__annotations__) == (
        set(SearchRequest.__dataclass_fields__) - {"data", "table", "read_as"}
    ) | set(ReadAs.__dataclass_fields__)


def printed_by(code):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603  (ours)


def test_the_package_itself_imports_nothing_heavy():
    heavy = "{'sklearn', 'numpy', 'pandas', 'tensorflow'}"
    assert printed_by(f"import sys, automl_text; print({heavy} & set(sys.modules))") == "set()"
