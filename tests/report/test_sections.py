"""What each section says of a result, without its HTML."""

import pytest

from automl_text.report import formats
from automl_text.report.briefing import gained
from automl_text.report.sections import (
    alone,
    answers,
    classes,
    data,
    errors,
    growth,
    leaderboard,
    learned,
    method,
    verdict,
)
from automl_text.results import EncoderInfo
from automl_text.results.after import Fixes
from sample_result import all_failed, eighteen_categories, no_signal, two_categories


@pytest.fixture(scope="module")
def result():
    return eighteen_categories()


def with_insight(result, **changes):
    return result.model_copy(update={"insight": result.insight.model_copy(update=changes)})


def with_shown(result, **changes):
    shown = result.shown
    changed = shown.model_copy(update=changes)
    evaluations = tuple(changed if each is shown else each for each in result.evaluations)
    return result.model_copy(update={"evaluations": evaluations})


def test_the_first_screen_sets_the_others_against_the_recommended_family(result):
    rivals = verdict.view(result).rivals
    assert [each.title for each in rivals] == [
        "LightGBM on TF-IDF",
        "LSTM",
        "LSTM as posted",
        "Majority class",
    ]
    assert [each.words for each in rivals[:2]] == ["cannot be told apart", "behind by 0.23, >99 % sure"]


def renamed(result, old, new):
    """Return the result with one family under another name."""
    changes = {
        "evaluations": [
            each.model_copy(update={"family": new}) if each.family == old else each
            for each in result.evaluations
        ],
        "leaderboard": [
            each.model_copy(update={"family": new}) if each.family == old else each
            for each in result.leaderboard
        ],
        "comparisons": [
            each.model_copy(update={side: new for side in "ab" if getattr(each, side) == old})
            for each in result.comparisons
        ],
    }
    return result.model_copy(update={name: tuple(value) for name, value in changes.items()})


def test_the_first_screen_says_what_sentence_vectors_brought_and_with_which_interval(result):
    assert verdict.view(result).brief.vectors == ""
    encoders = (EncoderInfo(name="bundled", revision="0.2.1", sha256="0" * 64, short_name="bundled"),)
    changed = renamed(result, "lightgbm", "encoder")
    changed = changed.model_copy(update={"config": result.config.model_copy(update={"encoders": encoders})})
    brief = verdict.view(changed).brief
    low, high = changed.encoder_gain.interval
    assert brief.vectors == (
        "What the bundled encoder knows of language brought +0.024 macro-F1 (95 % interval "
        f"{formats.signed(low)} to {formats.signed(high)}), which cannot be told from no difference on these rows: "
        "LightGBM on TF-IDF against TF-IDF + logistic regression, the best family without it."
    )
    assert brief.vectors in brief.sentences


def test_a_gain_whose_interval_excludes_none_is_not_called_none(result):
    gain = result.comparisons[0].model_copy(update={"interval": (0.002, 0.089), "verdict": "undecided"})
    words = gained(gain, 0.01)
    assert "+0.002 to +0.089" in words
    assert "no difference" not in words
    assert "no more than the 0.01" in words
    assert "no difference" in gained(gain.model_copy(update={"interval": (-0.002, 0.089)}), 0.01)


def test_the_command_that_gets_an_encoder_stands_first_after_that_which_labels_texts(result):
    get = "pip install 'automl-text[encoder]'"
    said = (f"No pretrained sentence encoder was tried: run {get}.", "Label more.")
    told = result.verdict.model_copy(update={"first_command": get, "next_steps": said})
    changed = result.model_copy(update={"verdict": told})
    assert [each.line for each in verdict.view(changed).brief.commands][1] == get
    assert growth.view(changed).next_steps == ("Label more.",)
    assert get not in [each.line for each in verdict.view(result).brief.commands]


def test_an_article_stands_once_before_the_family_that_is_recommended(result):
    changed = with_shown(result, title="Sentence encoder")
    assert verdict.view(changed).brief.title == "Use the sentence encoder"
    assert verdict.view(changed).caption == "Macro-F1 of the others against the sentence encoder"


def test_a_family_that_is_ahead_lies_right_of_the_zero_and_one_behind_left_of_it(result):
    view = verdict.view(result)
    zero = float(view.zero.rstrip("%"))
    ahead, behind = (float(each.mark.x.rstrip("%")) for each in view.rivals[:2])
    assert behind < zero < ahead


def test_shuffled_labels_stand_beside_families_that_are_no_better():
    view = verdict.view(no_signal())
    assert view.brief.macro_f1 is None
    assert view.rivals[-1].title == "Shuffled labels"
    assert view.rivals[-1].words == "0.04, seldom above 0.06"


def test_confidence_is_counted_between_thresholds(result):
    rows = [row for row in result.insight.thresholds if row.threshold in {0.9, 0.95}]
    low, high = rows
    n = low.n_decided - high.n_decided
    n_wrong = round(low.n_decided * low.error) - round(high.n_decided * high.error)
    band = next(each for each in alone.view(result).bands if each.sure == "90 % to 95 %")
    assert (band.n, band.right) == (f"{n} texts", f"{formats.percent(1 - n_wrong / n)} right")


def test_the_slider_begins_where_the_first_screen_dots(result):
    view = alone.view(result)
    assert next(each.sentence for each in view.settings if each.is_advised).startswith("At least 0.9 sure")
    assert len(view.by_class) == 18
    assert all(len(cells) == len(view.settings) for _, cells in view.by_class)


def test_what_is_never_safe_says_how_often_it_goes_wrong(result):
    names = [each.label for each in result.dataset.classes]
    n = len(names)
    rows = {0: (6, 0, 4), 1: (0, 0, 3), 2: (0, 0, 5)}
    matrix = tuple(
        tuple(rows.get(i, ())[j] if i in rows and j < 3 else 0 for j in range(n)) for i in range(n)
    )
    changed = with_shown(with_insight(result, never_safe=tuple(names[:3])), confusion=matrix)
    assert [reason for _, reason in alone.view(changed).never_safe] == [
        "0 of 6 put into it wrong, 4 of its 10 missed",
        "no text put into it, 3 of its 3 missed",
        "7 of 12 put into it wrong, 0 of its 5 missed",
    ]


def test_every_question_is_answered_in_a_sentence_with_this_runs_figures(result):
    metric, imbalance, overfitting, other = answers.view(result).answers
    assert "0.70 as measured, beside accuracy 0.78" in metric.sentence
    assert "balanced helps (+0.040 macro-F1" in imbalance.sentence
    moved = {row[1]: row[-1] for row in imbalance.grid.rows}
    assert moved["balanced (chosen)"] == "billing +0.200 (+0.050 to +0.350)"
    assert moved["none"] == formats.MISSING
    assert "0.89 on its training rows and 0.08 on held-out rows, a wide gap of 0.81" in overfitting.sentence
    assert len(overfitting.figures) == 2
    assert "0.19 for the LSTM as posted" in other.sentence


def test_networks_with_and_without_word_vectors_have_a_curve_each(result):
    tuned = next(each for each in result.evaluations if each.family == "lstm")
    curve = tuned.training_curves[0].model_copy(update={"title": "LSTM", "metric": "macro_f1"})
    both = (curve.model_copy(update={"title": "LSTM with word vectors"}), curve)
    changed = tuned.model_copy(update={"training_curves": both})
    evaluations = tuple(changed if each is tuned else each for each in result.evaluations)
    answer = answers.view(result.model_copy(update={"evaluations": evaluations})).answers[2]
    titles = [figure.title.split(":")[0] for figure in answer.figures]
    assert titles == ["As posted", "Tuned", "With word vectors"]
    assert "as posted, macro-F1 ends at" in answer.sentence  # one measure for all three
    assert "; with word vectors, it holds a macro-F1 of 0." in answer.sentence


def test_where_no_lstm_was_trained_nothing_is_said_of_one(result):
    without = [each for each in result.evaluations if not each.family.startswith("lstm")]
    _, _, overfitting, other = answers.view(result.model_copy(update={"evaluations": tuple(without)})).answers
    assert overfitting.sentence.startswith("This run trained no LSTM, so it cannot say;")
    assert overfitting.figures == ()
    assert "LSTM" not in other.sentence


def test_the_answers_stand_when_everything_failed():
    assert [answer.question for answer in answers.view(all_failed()).answers] == [
        "Is my metric right?",
        "Is the imbalance treated right?",
        "Why does the LSTM overfit?",
        "What else should I try?",
    ]


def test_what_corrected_labels_brought_stands_with_the_data(result):
    fixes = Fixes(
        file_name="review.csv", sha256="ab" * 32, changed=(), n_unmatched=0, sentence="13 labels changed."
    )
    assert data.view(result.model_copy(update={"fixes": fixes})).fixed == "13 labels changed."
    assert data.view(result).fixed == ""


def test_few_rows_are_named(result):
    view = data.view(result)
    assert "2 categories with fewer than 5 different texts" in view.bars_title
    assert [bar.note for bar in view.bars].count("too few to stand on") == 2
    assert view.bars[0].width == "100.00%"


def test_the_leaderboard_keeps_rank_order_and_marks_its_rows(result):
    view = leaderboard.view(result)
    assert [line.rank for line in view.lines] == ["1", "2", "3", "4", "5"]
    assert [line.title for line in view.lines if "reference" in line.badges] == [
        "LSTM as posted",
        "Majority class",
    ]
    assert "TF-IDF + logistic regression in 4 and LightGBM on TF-IDF in 1" in view.procedure


def test_every_family_says_what_it_was_given_and_what_was_cut(result):
    lines = {line.title: line for line in leaderboard.view(result).lines}
    assert lines["TF-IDF + logistic regression"].given == "20 trials, 305 fits, 24 s"
    assert lines["LSTM"].reason == "cut: 2 of 8 trials not tried"


def test_what_the_model_costs_is_said_cold_and_warm(result):
    words = leaderboard.view(result).speed
    assert "12,346 texts a second" in words
    assert "from a cold start it answers after 1.4 s" in words
    assert "180 MB" in words


def test_a_failed_family_keeps_its_row_with_the_reason():
    view = leaderboard.view(all_failed())
    assert all(
        line.badges == ("failed",) and "libgomp" in line.reason and line.mark is None for line in view.lines
    )


def test_pairs_with_the_recommended_family_come_first_and_from_its_side(result):
    rows = leaderboard.view(result).pairs.rows
    firsts = [row[0].startswith("TF-IDF + logistic regression") for row in rows]
    assert firsts == sorted(firsts, reverse=True)
    assert len(rows) == len(result.comparisons)


def test_categories_run_from_hardest_to_easiest(result):
    view = classes.view(result)
    values = [float(line.score) for line in view.lines]
    assert values == sorted(values)
    assert classes.view(all_failed()).lines == ()


def test_a_category_with_few_texts_is_marked(result):
    marked = {line.label for line in classes.view(result).lines if "little more than a guess" in line.note}
    assert marked == {each.label for each in result.shown.per_class if each.is_grey}
    assert marked


def test_a_category_that_cannot_be_measured_stands_last_without_a_figure(result):
    best = result.shown
    scores = (best.per_class[0].model_copy(update={"is_measurable": False, "f1": 0.0}), *best.per_class[1:])
    last = classes.view(with_shown(result, per_class=scores)).lines[-1]
    assert (last.label, last.note, last.score) == ("billing", "cannot be measured", "\u2013")


def test_every_text_stands_in_the_cell_that_it_belongs_to(result):
    names = [each.label for each in result.dataset.classes]
    for (true, taken), cell in classes.cells_of(result).items():
        assert {(each.label, each.predicted) for each in cell.examples} <= {(names[true], names[taken])}


def test_a_text_whose_label_is_suspect_is_never_shown_as_a_mistake(result):
    suspects = {each.line for each in result.insight.suspects}
    wrong = {each.line for each in result.insight.examples if each.label != each.predicted}
    assert suspects & wrong
    shown = {each.line for cell in classes.cells_of(result).values() for each in cell.examples}
    assert not suspects & (shown | {each.line for each in errors.view(result).mistakes})


def test_the_matrix_holds_every_count_and_shades_by_share_of_the_row(result):
    matrix = errors.view(result).matrix
    counts = [sum(int(cell.text.replace(",", "") or 0) for cell in row) for _, row in matrix]
    assert sum(counts) == result.dataset.n_rows
    shades = {cell.shade for i, (_, row) in enumerate(matrix) for j, cell in enumerate(row) if i == j}
    assert shades <= {f"d{level}" for level in range(6)}


def test_the_pair_named_first_is_the_fullest_cell_off_the_diagonal(result):
    view = errors.view(result)
    label, cell = view.pairs[0]
    assert view.lede == f"The most common error: {label} {cell.words}."


def test_without_places_there_is_no_map(result):
    flat = tuple(each.model_copy(update={"place": None}) for each in result.insight.examples)
    assert errors.view(result).dots
    view = errors.view(with_insight(result, examples=flat))
    assert (view.dots, view.legend) == ((), ())


def test_every_curve_is_drawn_recommended_first_as_differences_from_today(result):
    view = growth.view(result)
    assert view.figures[0].title.startswith("TF-IDF + logistic regression")
    assert len(view.figures) == 3
    today = next(row for row in view.figures[0].grid.rows if row[1] == "forecast")
    assert today[2] == "0.000"
    assert growth.view(all_failed()).figures == ()


def test_blanks_at_the_ends_of_a_piece_are_shown(result):
    pieces = [piece.text for piece in learned.view(result).groups[0].lines[0].pieces]
    assert "\u2423parc" in pieces


def test_the_search_says_what_tuning_bought_and_how_firm_the_choice_was(result):
    view = method.view(result)
    assert "tuning brought +0.030" in view.searched
    searched = [each for each in result.evaluations if each.family not in {"majority", "lstm-as-posted"}]
    n_trials = sum(len(each.trials) for each in searched)
    assert view.searched.startswith(f"{n_trials} trials of {len(searched)} families were tried")
    stability = {family.title: family.stability for family in view.families}
    assert stability["LSTM"] == "All 5 outer splits chose the trial that is exported."
    assert stability["TF-IDF + logistic regression"].startswith("1 of 5 outer splits")


def test_trials_of_splits_that_tune_for_themselves_are_told_apart_by_their_settings(result):
    each = next(each for each in result.evaluations if each.family == "lstm")
    own = tuple(choice.model_copy(update={"params": {"c": float(choice.split)}}) for choice in each.choices)
    changed = each.model_copy(update={"choices": own})
    view = method.view(result.model_copy(update={"evaluations": (changed,)}))
    assert view.families[0].stability.startswith("0 of 5 outer splits")


def test_two_categories_need_no_plural_of_one():
    assert "2 categories" in data.view(two_categories()).lede
