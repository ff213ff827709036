"""What every form of the report leads with; and that no two forms, figures or words disagree."""

import html
import itertools
import json
import re
from functools import cache

import pytest

from automl_text.report.briefing import briefing, facts
from automl_text.report.markdown import render_markdown
from automl_text.report.page import render_html
from automl_text.results import Comparison, ThresholdRow
from automl_text.wording import mid_sentence
from sample_evaluation import TOPICS, Scenario
from sample_result import SAMPLES, eighteen_categories, recommended

KINDS = ("better", "worse", "equivalent", "undecided")
RELATIONS = {
    "better": ("behind by", "is better than"),
    "worse": ("ahead by", "is worse than"),
    "equivalent": ("just as good", "is as good as"),
    "undecided": ("cannot be told apart", "cannot be told from"),
}
CONFIDENCES = ("clear", "leaning", "undecided")


def row(threshold, coverage, error):
    return ThresholdRow(
        threshold=threshold,
        coverage=coverage,
        coverage_interval=(coverage - 0.02, min(1.0, coverage + 0.02)),
        error=error,
        error_interval=(error / 2, error * 2),
        n_decided=round(500 * coverage),
    )


def varied(seed):
    """Return a result whose figures, comparisons and verdict were drawn anew."""
    result = recommended(Scenario(labels=TOPICS[: 4 + seed], n_rows=300 + 40 * seed, seed=seed))
    kinds = itertools.cycle(KINDS[seed % 4 :] + KINDS[: seed % 4])
    pairs = tuple(
        Comparison(**{**each.model_dump(), "verdict": kind, "p_worse": 0.9, "p_equivalent": 0.85})
        for each, kind in zip(result.comparisons, kinds, strict=False)
    )
    expected = 0.31 + 0.053 * seed
    promised = result.procedure.model_copy(
        update={"expected_macro_f1": expected, "interval": (expected - 0.07, expected + 0.06)}
    )
    return result.model_copy(
        update={
            "comparisons": pairs,
            "procedure": promised,
            "verdict": result.verdict.model_copy(update={"confidence": CONFIDENCES[seed % 3]}),
        }
    )


RESULTS = [*(varied(seed) for seed in range(5)), SAMPLES["two"]()]


def words_of(page):
    """Return the words that a reader sees, without what stands in the head or the script."""
    body = re.sub(r"<(style|script|title)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@cache
def pages_of(number):
    return render_html(RESULTS[number]), render_markdown(RESULTS[number])


def forms(number):
    page, text = pages_of(number)
    return words_of(page), " ".join(text.split())


def claims(result):
    """Return every claim that names a figure: its pattern in a text, its key, and the figure as it must be written."""
    brief, promised = briefing(result), result.procedure
    low, high = promised.interval
    return [
        (r"(\d+) of 100 new texts get the right category", "accuracy", f"{brief.accuracy * 100:.0f}"),
        (r"(\d\.\d\d) macro-F1 expected on new texts", "procedure", f"{promised.expected_macro_f1:.2f}"),
        (r"The (\d\.\d\d) promised above", "procedure", f"{promised.expected_macro_f1:.2f}"),
        (
            r"macro-F1 expected on new texts \(95 % interval (\d\.\d\d to \d\.\d\d)",
            "procedure.interval",
            f"{low:.2f} to {high:.2f}",
        ),
        (r"where it is at least (\d\.?\d*) sure", "thresholds", f"{brief.alone.threshold:g}"),
        (r"new\.csv -o labelled\.csv --min-confidence (\S+)", "thresholds", f"{brief.alone.threshold:g}"),
        (r"guessing gets (\d\.\d\d)", "chance", f"{brief.chance:.2f}"),
    ]


@pytest.mark.parametrize("number", range(len(RESULTS)))
def test_a_figure_that_stands_in_several_places_is_the_same_in_all(number):
    result = RESULTS[number]
    for form in forms(number):
        for pattern, key, written in claims(result):
            found = re.findall(pattern, form.replace("\\", ""))
            assert found, (key, pattern)
            assert set(found) == {written}, (key, found)


@pytest.mark.parametrize("number", range(len(RESULTS)))
def test_every_figure_of_the_first_screen_is_one_of_the_briefing(number):
    result = RESULTS[number]
    screen = words_of(pages_of(number)[0].split('<div class="body">')[0])
    brief = briefing(result)
    said = " ".join(
        [
            *brief.sentences,
            brief.certainty,
            brief.title,
            *(f"{each.purpose} {each.line}" for each in brief.commands),
        ]
    )
    said += f" {result.dataset.n_rows:,} {result.dataset.file_name} {len(result.dataset.classes)}"
    for pair in result.comparisons:
        if result.recommended in {pair.a, pair.b}:
            said += f" {abs(pair.difference):.2f} 99 {100 * pair.p_better:.0f} {100 * pair.p_worse:.0f}"
            said += f" {100 * pair.p_equivalent:.0f}"
    axis = screen[screen.index("Family Interval") : screen.index("How it compares")]
    figures = re.findall(r"\d[\d.,]*\d|\d", screen.replace(axis, ""))
    known = set(re.findall(r"\d[\d.,]*\d|\d", said))
    assert [figure for figure in figures if figure not in known] == []


@pytest.mark.parametrize("number", range(len(RESULTS)))
def test_two_families_are_related_by_the_same_word_wherever_they_meet(number):
    result = RESULTS[number]
    page, _ = forms(number)
    screen, rows = page[: page.index("Label new texts")], pages_of(number)[1].splitlines()
    titles = {each.family: each.title for each in result.evaluations}
    for pair in (each for each in result.comparisons if result.recommended in {each.a, each.b}):
        seen = pair.seen_from(result.recommended)
        lead, rival = titles[seen.a], titles[seen.b]
        short, long = RELATIONS[seen.verdict]
        assert f"{rival} {short}" in screen
        assert f"{lead} {long} {mid_sentence(rival)}" in page
        row = next(each for each in rows if each.startswith("|") and rival in each)
        assert short in row


@pytest.mark.parametrize("number", range(len(RESULTS)))
def test_how_sure_it_is_never_contradicts_that_it_is_recommended(number):
    result = RESULTS[number]
    words = briefing(result).certainty.lower()
    assert not re.search(r"undecided|not sure|unclear", words)
    confidence = result.verdict.confidence
    assert words.startswith(
        {"clear": "clear", "leaning": "probably", "undecided": "a close call"}[confidence]
    )


def with_thresholds(*rows, advised=None):
    result = eighteen_categories()
    insight = result.insight.model_copy(update={"thresholds": rows, "advised_threshold": advised})
    return result.model_copy(update={"insight": insight})


def test_the_confidence_to_work_at_is_the_one_that_the_verdict_advises():
    rows = (row(0.7, 0.6, 0.05), row(0.8, 0.5, 0.03), row(0.9, 0.4, 0.04))
    brief = briefing(with_thresholds(*rows, advised=0.8))
    assert brief.alone == rows[1]
    share, words = brief.decides
    assert share == "50 %"
    assert words.startswith(
        "of texts it can decide alone, where it is at least 0.8 sure; it errs in 3 % of those (1.5"
    )


def test_where_none_is_advised_it_is_the_one_that_errs_least_and_its_price_is_told():
    brief = briefing(with_thresholds(row(0.5, 0.8, 0.2), row(0.9, 0.4, 0.06)))
    assert brief.alone.threshold == 0.9
    assert "it errs in 6 % of those" in brief.decides[1]


def test_where_no_confidence_is_enough_no_text_is_left_to_the_model():
    brief = briefing(with_thresholds(row(0.5, 1.0, 0.4), row(0.9, 0.1, 0.2)))
    assert brief.alone is None
    assert brief.decides[0] == "No text"
    assert "--min-confidence" not in brief.commands[0].line


def test_where_every_text_may_be_decided_nothing_is_left_out_of_the_predictions():
    brief = briefing(with_thresholds(row(0.3, 1.0, 0.02), advised=0.3))
    assert brief.decides[0] == "Every text"
    assert "--min-confidence" not in brief.commands[0].line


def test_where_no_category_is_safe_none_is_named():
    result = eighteen_categories()
    labels = tuple(each.label for each in result.dataset.classes)
    insight = result.insight.model_copy(update={"never_safe": labels})
    brief = briefing(result.model_copy(update={"insight": insight}))
    assert brief.unsafe == (
        "All 18",
        "categories may, as far as their texts tell, err in over 1 of 10 at any confidence",
    )


def test_a_macro_f1_of_some_categories_says_of_how_many():
    result = eighteen_categories()
    classes = (
        result.dataset.classes[0].model_copy(update={"is_measurable": False}),
        *result.dataset.classes[1:],
    )
    dataset = result.dataset.model_copy(update={"classes": classes})
    words = briefing(result.model_copy(update={"dataset": dataset})).promise[1]
    assert "over 17 of 18 categories: the others cannot be judged" in words


def test_facts_are_plain_values_of_the_same_briefing():
    result = eighteen_categories()
    stated = json.loads(json.dumps(facts(result)))
    assert stated["macro_f1"] == result.procedure.expected_macro_f1
    assert stated["alone"]["threshold"] == briefing(result).alone.threshold
    assert {each["b"] for each in stated["against"]} == {"lightgbm", "lstm", "lstm-as-posted", "majority"}


def test_without_another_family_nothing_is_claimed_of_the_others():
    result = eighteen_categories()
    alone = tuple(each for each in result.leaderboard if each.is_reference or each.family == "logreg")
    brief = briefing(result.model_copy(update={"leaderboard": alone}))
    assert brief.certainty.startswith("Nothing to compare it with")


def test_the_command_names_the_folder_safely_and_the_model_that_the_file_holds():
    result = eighteen_categories()
    model = result.timing.model.model_copy(update={"folder": "my reports/it's", "family": "linear"})
    timing = result.timing.model_copy(update={"model": model})
    command = briefing(result.model_copy(update={"timing": timing})).commands[0]
    assert command.line.startswith("automl-text predict 'my reports/it'\"'\"'s' new.csv")
    assert "the file holds linear" in command.purpose


@pytest.mark.parametrize("name", ["no_signal", "all_failed"])
def test_without_a_model_there_is_nothing_to_run_and_the_headline_says_why(name):
    brief = briefing(SAMPLES[name]())
    assert brief.commands == ()
    assert brief.sentences[0] == SAMPLES[name]().verdict.headline
    assert not brief.sentences[0].startswith(brief.title)
