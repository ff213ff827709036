import html
import re

import markdown
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from automl_text.report.markdown import escaped, render_markdown
from automl_text.wording import excerpt
from sample_result import SAMPLES

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PLACES = {
    "paragraph": ("{}", "<p>{}</p>"),
    "heading": ("## {}", "<h2>{}</h2>"),
    "item": ("- {}", "<ul>\n<li>{}</li>\n</ul>"),
    "bold": ("x **{}** x", "<p>x <strong>{}</strong> x</p>"),
    "cell": ("| h | i |\n| --- | --- |\n| x | {} |", "<td>x</td>\n<td>{}</td>"),
}
TAGS = [
    "<script x=1>",
    "<img src=x>",
    "<!-- x -->",
    "<http://x>",
    "<a@b.c>",
    "<",
    ">",
    "](http://x)",
    "[",
    "\\",
    "&lt;",
    "x",
    " ",
    "`",
]
MARKUP = st.text(st.sampled_from("\\`*_{}[]()<>#+-=!|~$&@:;/.1aé \n"), min_size=1, max_size=30)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_result_gives_the_same_text(name):
    assert render_markdown(SAMPLES[name]()) == render_markdown(SAMPLES[name]())


@pytest.mark.parametrize("place", PLACES)
@given(st.one_of(MARKUP, st.text(min_size=1)))
def test_a_renderer_shows_the_text_as_it_is(place, text):
    written, set_as = PLACES[place]
    assume(shown := excerpt(text, 500))
    if place == "bold":  # emphasis must begin and end beside a letter to be any
        text = shown = f"a{shown}a"
    found = GITHUB.render(written.format(escaped(text)))
    before, after = set_as.split("{}")
    assert (
        html.unescape(found)
        .rstrip("\n")
        .removesuffix("\n</tr>\n</tbody>\n</table>")
        .endswith(f"{before}{shown}{after}")
    )


@pytest.mark.parametrize("render", [GITHUB.render, markdown.markdown])
@given(st.lists(st.sampled_from(TAGS), max_size=12).map("".join))
def test_no_renderer_makes_a_tag_of_the_data(render, text):
    tags = set(re.findall(r"<\s*/?\s*[a-z!?][^>]*>?", render(f"x {escaped(text)}")))
    assert tags <= {"<p>", "</p>"}


@pytest.mark.parametrize(
    "text",
    [
        "data_privacy",
        "x <5 > y",
        "TF-IDF + linear (0.71 to 0.79): 3 * 4 < 5 -> 12",
        "R&D - {x} = 1.5!",
        "-5",
        "a#b",
    ],
)
def test_nothing_harmless_is_escaped(text):
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b`c`", "a\\|b\\`c\\`"),
        ("# heading", "\\# heading"),
        ("1. item", "1\\. item"),
        ("- item", "\\- item"),
        ("@everyone", "\\@everyone"),
        ("![i](http://x)", "!\\[i](http\\://x)"),
        ("</td><img src=x>", "&lt;/td>&lt;img src=x>"),
        ("&amp;", "&amp;amp;"),
        ("www.evil.example", "www\\.evil.example"),
        ("see #12 and !7", "see \\#12 and \\!7"),
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
    assert text.startswith("## Use TF-IDF + logistic regression for support_tickets.csv\n")
    assert (
        "```\nautoml-text predict reports/support_tickets new.csv -o labelled.csv --min-confidence 0.9\n```"
        in text
    )


def test_nothing_to_recommend_is_said_first():
    assert render_markdown(SAMPLES["no_signal"]()).startswith("## No model can be recommended for ")
