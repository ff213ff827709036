"""What examples/README.md and the key of planted faults say about the example tickets."""

import csv
import re
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

EXAMPLES = Path(__file__).parents[1] / "examples"
FIRST_LINE = 2  # line 1 is the header


def rows_of(name):
    with (EXAMPLES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def tickets():
    return rows_of("support_tickets.csv")


@pytest.fixture(scope="module")
def key():
    return rows_of("support_tickets_faults.csv")


def faults(tickets, key, kind):
    """Pairs (row of the key, ticket it trials at)."""
    return [(fault, at(tickets, fault["line"])) for fault in key if fault["kind"] == kind]


def at(tickets, line):
    return tickets[int(line) - FIRST_LINE]


def test_eighteen_categories_stand_twenty_to_one(tickets):
    counts = Counter(ticket["category"] for ticket in tickets)
    assert len(tickets) >= 540
    assert len(counts) == 18
    assert max(counts.values()) >= 20 * min(counts.values())


def test_the_readme_counts_the_rows_of_the_file(tickets):
    counts = Counter(ticket["category"] for ticket in tickets)
    stated = re.findall(
        r"\b(\d+) (messages|late deliveries|questions)", (EXAMPLES / "README.md").read_text("utf-8")
    )
    assert [int(number) for number, _ in stated] == [len(tickets), max(counts.values()), min(counts.values())]
    assert counts["delivery_delay"] == max(counts.values())
    assert counts["data_privacy"] == min(counts.values())


def test_every_message_has_3_to_120_words(tickets):
    lengths = [len(ticket["text"].split()) for ticket in tickets]
    assert min(lengths) >= 3
    assert max(lengths) <= 120


def test_no_sentence_stands_in_more_than_three_rows(tickets):
    rows_with = Counter(
        sentence
        for ticket in tickets
        for sentence in {
            re.sub(r"\W+", " ", part).strip() for part in re.split(r"[.!?]+", ticket["text"].lower())
        }
        if re.search(r"[a-z]", sentence)
    )
    assert rows_with.most_common(1)[0][1] <= 3


def test_a_message_is_one_line_so_that_the_lines_of_the_key_are_rows(tickets):
    raw = (EXAMPLES / "support_tickets.csv").read_bytes()
    assert b"\r" not in raw
    assert raw.count(b"\n") == len(tickets) + 1


def test_the_key_names_every_exact_duplicate_and_no_other(tickets, key):
    pairs = faults(tickets, key, "exact_duplicate")
    assert all(ticket == at(tickets, fault["partner_line"]) for fault, ticket in pairs)
    assert all(ticket["category"] == fault["true_category"] for fault, ticket in pairs)
    assert all(fault["line"] != fault["partner_line"] for fault, _ in pairs)
    assert len(tickets) - len({ticket["text"] for ticket in tickets}) == len(pairs) == 12


def test_near_duplicates_are_similar_and_not_equal(tickets, key):
    pairs = faults(tickets, key, "near_duplicate")
    assert len(pairs) == 12
    for fault, ticket in pairs:
        partner = at(tickets, fault["partner_line"])
        assert ticket["text"] != partner["text"]
        assert SequenceMatcher(None, ticket["text"], partner["text"], autojunk=False).ratio() > 0.85
        assert ticket["category"] == partner["category"] == fault["true_category"]


def test_wrong_labels_differ_from_the_true_category(tickets, key):
    wrong = faults(tickets, key, "wrong_label")
    categories = {ticket["category"] for ticket in tickets}
    assert len(wrong) == 10
    assert all(ticket["category"] != fault["true_category"] for fault, ticket in wrong)
    assert {fault["true_category"] for fault, _ in wrong} <= categories


def test_words_and_logistic_regression_find_the_data_neither_hopeless_nor_easy(tickets, key):
    texts = np.array([ticket["text"] for ticket in tickets])
    labels = np.array([ticket["category"] for ticket in tickets])
    groups = np.arange(len(tickets))
    for fault in key:
        if fault["partner_line"]:
            groups[int(fault["line"]) - FIRST_LINE] = int(fault["partner_line"]) - FIRST_LINE
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, class_weight="balanced", max_iter=1000))
    splits = StratifiedGroupKFold(4, shuffle=True, random_state=0)  # the rarest category has 4 rows
    predicted = cross_val_predict(model, texts, labels, groups=groups, cv=splits)
    assert 0.60 < f1_score(labels, predicted, average="macro") < 0.90
