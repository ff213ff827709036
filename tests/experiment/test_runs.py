"""A finished search as Python holds it."""

import pytest

from automl_text.errors import RunError
from automl_text.experiment.runs import Report, Run, leaderboard_frame
from automl_text.report.page import render_html
from sample_result import all_failed, eighteen_categories, no_signal


def test_the_frame_has_a_row_for_each_family_and_the_interval_in_two_columns():
    result = eighteen_categories()
    frame = leaderboard_frame(result)
    assert frame["family"].tolist() == [row.family for row in result.leaderboard]
    ends = zip(frame["interval_low"], frame["interval_high"], strict=True)
    for (low, high), row in zip(ends, result.leaderboard, strict=True):
        assert row.interval is None or (low, high) == row.interval
    assert "interval" not in frame.columns


def test_a_report_is_one_line_in_a_shell_and_a_page_in_a_file(tmp_path):
    start = "<Report of 492 texts, 18 categories: Use TF-IDF + logistic regression; 0."
    assert repr(Report(eighteen_categories())).startswith(start)
    report = Report(all_failed())
    assert report.save(tmp_path / "page.html").read_text("utf-8") == render_html(report.result)
    assert report._repr_html_().startswith("<iframe ")


def test_a_run_without_a_model_says_why_and_what_would_give_one(tmp_path):
    with pytest.raises(RunError, match=r"No model was fitted\. .* force=True fits a model all the same\."):
        Run(folder=tmp_path, result=no_signal()).load_model()


def test_a_run_whose_time_was_over_says_so(tmp_path):
    result = eighteen_categories()
    timing = result.timing.model_copy(update={"model": None, "limited": ("The time was over.",)})
    with pytest.raises(RunError, match="The time was over"):
        Run(folder=tmp_path, result=result.model_copy(update={"timing": timing})).load_model()
