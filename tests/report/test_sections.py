import pytest
from sample_result import all_failed, eighteen_categories, no_signal, two_categories

from automl_text.report import formats
from automl_text.report.elements import against, shown_evaluation
from automl_text.report.sections import (
    alone,
    answers,
    categories,
    data,
    differences,
    errors,
    growth,
    leaderboard,
    learned,
    method,
    search,
    verdict,
)
from automl_text.report.sections.verdict import predict_command
from automl_text.results import ModelInfo, ThresholdRow


@pytest.fixture(scope="module")
def result():
    return eighteen_categories()


def with_insight(result, **changes):
    return result.model_copy(update={"insight": result.insight.model_copy(update=changes)})


def test_a_comparison_turned_twice_is_itself(result):
    for pair in result.comparisons:
        assert pair.seen_from(pair.b).seen_from(pair.a) == pair
        turned = pair.seen_from(pair.b)
        assert (turned.difference, turned.p_better, turned.p_worse) == (
            -pair.difference,
            pair.p_worse,
            pair.p_better,
        )
        assert turned.interval[0] == -pair.interval[1]


def test_a_family_is_compared_from_its_own_side(result):
    assert against(result, "lstm", "logreg").a == "lstm"
    assert against(result, "lstm", "lstm") is None


def test_without_a_recommendation_the_best_family_is_shown(result):
    assert shown_evaluation(result).family == "logreg"
    assert shown_evaluation(no_signal()).family == "lightgbm"
    assert shown_evaluation(all_failed()) is None


def test_the_recommended_family_leads_the_first_screen_whatever_its_rank(result):
    forest = verdict.view(result).forest
    assert result.leaderboard[0].family != "logreg"
    assert forest[0].is_lead
    assert [row.relation for row in forest[:3]] == [
        "recommended",
        "cannot be told apart",
        "beaten by 0.23, >99 % sure",
    ]


def test_the_large_figure_and_its_interval_are_those_of_the_whole_search(result):
    promised = result.procedure.model_copy(update={"expected_macro_f1": 0.42, "interval": (0.31, 0.53)})
    view = verdict.view(result.model_copy(update={"procedure": promised}))
    assert (view.figure, view.interval) == ("0.42", "95 % interval 0.31 to 0.53")


def test_shuffled_labels_stand_beside_families_that_are_no_better():
    view = verdict.view(no_signal())
    assert view.figure is None
    assert view.forest[-1].title == "Shuffled labels"
    assert view.forest[-1].relation == "seldom above 0.06"


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        ("", "automl-text predict reports/support_tickets/best_model.pkl new.csv"),
        ("runs/my run", "automl-text predict 'runs/my run/best_model.pkl' new.csv"),
    ],
)
def test_the_command_names_the_model_where_it_lies(result, folder, command):
    model = ModelInfo(**(result.timing.model.model_dump() | {"folder": folder}))
    moved = result.model_copy(update={"timing": result.timing.model_copy(update={"model": model})})
    assert predict_command(moved) == command


def test_a_family_measured_alone_is_not_called_a_clear_winner(result):
    alone = tuple(row for row in result.leaderboard if row.is_reference or row.family == result.recommended)
    assert verdict.view(result.model_copy(update={"leaderboard": alone})).confidence.startswith(
        "Nothing to compare"
    )
    assert not verdict.view(result).confidence.startswith("Nothing to compare")


def test_a_model_that_stands_in_for_the_recommended_one_is_said_to(result):
    model = result.timing.model.model_copy(update={"family": "majority"})
    view = verdict.view(
        result.model_copy(update={"timing": result.timing.model_copy(update={"model": model})})
    )
    assert view.next_steps[0].startswith(
        "best_model.pkl holds majority: the final fit of logreg gave no model"
    )
    assert not any("did not end" in step for step in verdict.view(result).next_steps)


def test_what_the_first_screen_has_no_room_for_is_kept_below_it(result):
    steps = tuple(f"Step {i}." for i in range(5))
    view = verdict.view(
        result.model_copy(update={"verdict": result.verdict.model_copy(update={"next_steps": steps})})
    )
    assert view.next_steps == steps[:3]
    assert view.more == steps[3:]


def threshold(level, coverage, error):
    return ThresholdRow(
        threshold=level,
        coverage=coverage,
        coverage_interval=(0, 1),
        error=error,
        error_interval=None,
        n_decided=5,
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(0.0, 1.0, 0.04)], "Yes, for nearly every text"),
        (
            [(0.0, 1.0, 0.2), (0.5, 0.6, 0.05), (0.9, 0.3, 0.01)],
            "confidence is 0.5 or more it can decide 60 %",
        ),
        ([(0.0, 1.0, 0.3), (0.9, 0.3, 0.2)], "No."),
        ([], "Nothing is recommended"),
    ],
)
def test_it_works_alone_where_one_error_in_twenty_is_kept(result, rows, words):
    changed = with_insight(result, thresholds=tuple(threshold(*row) for row in rows))
    assert words in alone.view(changed).lede


def test_the_four_questions_are_answered_with_this_runs_figures(result):
    metric, imbalance, overfitting, other = answers.view(result).answers
    assert "0.70 here, beside accuracy 0.78" in metric.sentence
    assert "balanced helps (+0.040 macro-F1" in imbalance.sentence
    moved = {row[1]: row[-1] for row in imbalance.grid.rows}
    assert moved["balanced (chosen)"] == "billing +0.200 (+0.050 to +0.350)"
    assert moved["none"] == formats.MISSING
    assert "0.89 on its training rows and 0.08 on held-out rows, a wide gap of 0.81" in overfitting.sentence
    assert len(overfitting.figures) == 2
    assert "0.19 for the LSTM as posted" in other.sentence


def test_where_no_lstm_was_trained_nothing_is_said_of_one(result):
    without = [each for each in result.evaluations if not each.family.startswith("lstm")]
    _, _, overfitting, other = answers.view(result.model_copy(update={"evaluations": tuple(without)})).answers
    assert overfitting.sentence.startswith("This run trained no LSTM, so it cannot say;")
    assert overfitting.figures == ()
    assert "LSTM" not in other.sentence


def test_what_is_never_safe_says_why(result):
    shown, names = shown_evaluation(result), [each.label for each in result.dataset.classes]
    n = len(names)
    put_into = [0, 4, 50]
    matrix = tuple(tuple(put_into[j] if i == 0 and j < 3 else 0 for j in range(n)) for i in range(n))
    changed = with_insight(result, never_safe=tuple(names[:3])).model_copy(
        update={
            "evaluations": tuple(
                each.model_copy(update={"confusion": matrix}) if each is shown else each
                for each in result.evaluations
            )
        }
    )
    assert [each.reason for each in alone.view(changed).never_safe] == [
        "the model put no text into it",
        "the model put only 4 texts into it, too few to judge",
        "wherever at least 5 texts were put into it, more than one in ten were wrong",
    ]


def test_a_category_with_few_texts_is_marked(result):
    marked = {line.label for line in categories.view(result).lines if "little more than a guess" in line.note}
    assert marked == {each.label for each in shown_evaluation(result).per_class if each.is_grey}
    assert marked


def test_a_confidence_is_never_rounded_to_certainty(result):
    sure = result.insight.worst_errors[0].model_copy(update={"confidence": 0.9996})
    assert alone.view(with_insight(result, worst_errors=(sure,))).examples[0].confidence == ">99 %"


def test_the_answers_stand_when_everything_failed():
    assert [answer.question for answer in answers.view(all_failed()).answers] == [
        "Is my metric right?",
        "Is the imbalance treated right?",
        "Why does the LSTM overfit?",
        "What else should I try?",
    ]


def test_few_rows_are_named_and_findings_carry_their_lines(result):
    view = data.view(result)
    assert "2 categories with fewer than 5 different texts" in view.bars_title
    assert [bar.note for bar in view.bars].count("too few to stand on") == 2
    assert view.findings[0].lines == "12, 80, 91, 300"
    assert view.bars[0].width == "100.00%"


def test_the_leaderboard_keeps_rank_order_and_marks_its_rows(result):
    view = leaderboard.view(result)
    assert [line.rank for line in view.lines] == ["1", "2", "3", "4", "5"]
    assert [line.title for line in view.lines if "reference" in line.badges] == [
        "LSTM as posted",
        "Majority class",
    ]
    assert "TF-IDF + logistic regression in 4 and LightGBM on TF-IDF in 1" in view.procedure_words


def test_a_failed_family_keeps_its_row_with_the_reason():
    view = leaderboard.view(all_failed())
    assert all(
        line.badges == ("failed",) and "libgomp" in line.reason and line.mark is None for line in view.lines
    )


def test_pairs_with_the_recommended_family_come_first_and_from_its_side(result):
    view = differences.view(result)
    firsts = [pair.a == "TF-IDF + logistic regression" for pair in view.pairs]
    assert firsts == sorted(firsts, reverse=True)
    assert len(view.pairs) + len(view.others) == len(result.comparisons)


def test_the_three_probabilities_fill_the_bar(result):
    for pair in differences.view(result).pairs:
        assert sum(float(width.rstrip("%")) for width in pair.widths) == pytest.approx(100, abs=0.05)


def test_categories_run_from_hardest_to_easiest(result):
    view = categories.view(result)
    values = [line.scores[0].value for line in view.lines]
    assert values == sorted(values)
    assert len(view.families) == 4
    assert categories.view(all_failed()) is None


def test_a_category_that_cannot_be_measured_stands_last_without_a_figure(result):
    best = shown_evaluation(result)
    scores = (best.per_class[0].model_copy(update={"is_measurable": False, "f1": 0.0}), *best.per_class[1:])
    changed = best.model_copy(update={"per_class": scores})
    evaluations = tuple(changed if each is best else each for each in result.evaluations)
    last = categories.view(result.model_copy(update={"evaluations": evaluations})).lines[-1]
    assert (last.label, last.note, last.scores[0].text) == ("billing", "cannot be measured", "\u2013")


def test_the_matrix_holds_every_count_and_shades_by_share_of_the_row(result):
    view = errors.view(result)
    counts = [sum(int(cell.text.replace(",", "") or 0) for cell in row.cells) for row in view.matrix]
    assert sum(counts) == result.dataset.n_rows
    shades = {cell.shade for i, row in enumerate(view.matrix) for j, cell in enumerate(row.cells) if i == j}
    assert shades <= {f"d{level}" for level in range(6)}


def test_every_curve_is_drawn_recommended_first(result):
    view = growth.view(result)
    assert view.figures[0].title.startswith("TF-IDF + logistic regression")
    assert len(view.figures) == 3
    assert growth.view(all_failed()).figures == ()


def test_blanks_at_the_ends_of_a_piece_are_shown(result):
    pieces = [piece.text for piece in learned.view(result).groups[0].lines[0].pieces]
    assert "\u2423parc" in pieces


def test_the_search_says_what_tuning_bought_and_how_firm_the_choice_was(result):
    view = search.view(result)
    assert "tuning brought +0.030" in view.lede
    searched = [each for each in result.evaluations if each.family not in {"majority", "lstm-as-posted"}]
    n_trials = sum(len(each.trials) for each in searched)
    assert view.lede.startswith(f"{n_trials} trials of {len(searched)} families were tried")
    stability = {family.title: family.stability for family in view.families}
    assert stability["LSTM"] == "All 5 outer splits chose the trial that is exported."
    assert stability["TF-IDF + logistic regression"].startswith("1 of 5 outer splits")


def test_points_of_splits_that_tune_for_themselves_are_told_apart_by_their_settings(result):
    each = next(each for each in result.evaluations if each.family == "lstm")
    own = tuple(choice.model_copy(update={"params": {"c": float(choice.split)}}) for choice in each.choices)
    changed = each.model_copy(update={"choices": own})
    view = search.view(result.model_copy(update={"evaluations": (changed,)}))
    assert view.families[0].stability.startswith("0 of 5 outer splits")


def test_each_part_judges_once(result):
    boxes = method.view(result).boxes
    assert len(boxes) == 25
    assert len({box.x for box in boxes if box.kind == "judge"}) == 5


def test_two_categories_need_no_plural_of_one():
    assert "2 categories" in data.view(two_categories()).lede
