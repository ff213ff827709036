import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_result import SAMPLES

from automl_text.report.markdown import escaped, render_markdown


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_result_gives_the_same_text(name):
    assert render_markdown(SAMPLES[name]()) == render_markdown(SAMPLES[name]())


@given(st.text())
def test_data_never_ends_a_cell_a_line_or_a_code_span(text):
    line = escaped(text)
    assert "\n" not in line
    assert not re.search(r"(?<!\\)(\\\\)*[|`<\[]", line)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b`c`", "a\\|b\\`c\\`"),
        ("# heading", "\\# heading"),
        ("1. item", "1\\. item"),
        ("- item", "\\- item"),
        ("@everyone", "\\@everyone"),
        ("![i](http://x)", "\\!\\[i\\]\\(http\\://x\\)"),
    ],
)
def test_markup_is_escaped(text, shown):
    assert escaped(text) == shown


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    text = render_markdown(SAMPLES["hostile"]())
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(counts) == 1


def test_the_text_leads_with_the_verdict_and_the_command():
    text = render_markdown(SAMPLES["eighteen"]())
    assert text.startswith("## Use TF-IDF \\+ logistic regression\n")
    assert "```\nautoml-text predict reports/support_tickets/best_model.pkl new.csv\n```" in text


def test_nothing_to_recommend_is_said_first():
    assert render_markdown(SAMPLES["no_signal"]()).startswith("## No model can be recommended\n")
