"""Each command's answer as a DataFrame."""

import csv

import pytest

import automl_text
from automl_text.errors import InputError
from automl_text.loop.review import COLUMNS, review_rows


@pytest.fixture(scope="module")
def pool(finished):
    with (finished.parent / "pool.csv").open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def test_suspects_are_those_of_the_command(finished):
    frame = automl_text.suspects(finished, n=3)
    assert tuple(frame.columns) == COLUMNS
    assert frame["line"].tolist() == [each.line for each in review_rows(finished, most=3)]


def test_a_run_compared_with_itself_has_a_row_for_the_figure_and_for_each_category(finished):
    frame = automl_text.compare(finished, str(finished))
    assert frame.loc[0, ["label", "verdict"]].tolist() == ["macro-F1", "equivalent"]
    assert (frame["before"] == frame["after"]).all()
    assert frame.attrs["sentence"].endswith("no different in practice.")


def test_texts_to_label_name_their_place_in_the_list(finished, pool):
    frame = automl_text.next_to_label(finished, pool, n=5)
    assert len(frame) == 5
    assert [pool[place] for place in frame["place"]] == frame["text"].tolist()


def test_watching_says_whether_something_is_off(finished, pool):
    frame = automl_text.watch(finished, pool)
    assert frame.attrs["is_off"] == frame["is_off"].any()
    assert sum(frame.attrs["shares"].values()) == pytest.approx(1)


def test_merging_gives_two_figures_with_their_intervals(finished):
    frame = automl_text.whatif(finished, merge=[("damaged_item", "wrong_item")])
    assert frame["what"].tolist() == ["before", "after"]
    assert ((frame["low"] < frame["macro_f1"]) & (frame["macro_f1"] < frame["high"])).all()


def test_explaining_gives_a_row_for_each_text(finished, pool):
    frame = automl_text.explain(finished, pool[:2])
    assert frame["text"].tolist() == pool[:2]
    assert all(isinstance(words, tuple) for words in frame["words"])


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no run"):
        automl_text.suspects(tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n": 0}, "n is 0: it must be at least 1"),
        ({"n": -5}, "n is -5: it must be at least 1"),
        ({"strategy": "unsur"}, "'unsur': there is no such strategy. Did you mean 'unsure'"),
        ({"strategy": "random", "seed": -1}, "seed is -1: it must be at least 0"),
    ],
)
def test_texts_to_label_are_never_picked_by_what_makes_no_sense(finished, pool, options, said):
    with pytest.raises(InputError, match=said):
        automl_text.next_to_label(finished, pool, **options)


@pytest.mark.parametrize("n", [0, -1])
def test_no_number_of_suspects_below_one_is_taken_for_another(finished, n):
    with pytest.raises(InputError, match=f"n is {n}: it must be at least 1"):
        automl_text.suspects(finished, n=n)


def test_watching_refuses_a_seed_that_no_generator_takes(finished, pool):
    with pytest.raises(InputError, match="seed is -1: it must be at least 0"):
        automl_text.watch(finished, pool, seed=-1)
