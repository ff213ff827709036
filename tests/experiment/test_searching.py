import csv
import re

import pytest

from automl_text.errors import InputError
from automl_text.experiment.prepare import prepare
from automl_text.experiment.request import SearchRequest
from automl_text.experiment.searching import open_journal


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """60 letters of 20 customers, a third of them complaints, with a subject, a body and two rare categories."""
    path = tmp_path_factory.mktemp("data") / "letters.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["subject", "body", "category", "tone", "customer"])
        for row in range(60):
            category = "rare" if row < 2 else ("complaint", "question", "praise")[row % 3]
            tone = ("calm", "angry")[row // 2 % 2]
            writer.writerow(
                [f"about {row} things", f"{row} words of number {row * row}", category, tone, row // 3]
            )
    return path


def prepared(letters, **changes):
    asked = {"text": ("body",), "label": "category", "preset": "quick", "n_folds": 3, "families": ("logreg",)}
    return prepare(SearchRequest(data=letters, references="none", **{**asked, **changes}))


CHANGES = {
    "folds (--outer-folds) 3 there, 4 here": {"n_folds": 4},
    "repeats 1 there, 2 here": {"n_repeats": 2},
    "repeats 1 there, 3 here": {"preset": "thorough"},
    "group column none there, customer here": {"group": "customer"},
    "text columns body there, subject, body here": {"text": ("subject", "body")},
    "label column category there, tone here": {"label": "tone"},
    "rare categories keep there, drop below 5 rows here": {"rare": "drop"},
    "seed 0 there, 7 here": {"seed": 7},
}


@pytest.mark.parametrize("difference", CHANGES)
def test_another_search_is_refused_in_the_words_of_its_options(letters, tmp_path, difference):
    path = tmp_path / "journal.jsonl"
    with open_journal(path, prepared(letters)):
        pass
    with pytest.raises(InputError, match=re.escape(f"another search: {difference}. --resume continues")):
        open_journal(path, prepared(letters, **CHANGES[difference]))


def test_the_same_search_goes_on_with_more_trials_and_families(letters, tmp_path):
    path = tmp_path / "journal.jsonl"
    with open_journal(path, prepared(letters)):
        pass
    open_journal(path, prepared(letters, n_trials=9, families=("logreg", "linear"), group=None))
