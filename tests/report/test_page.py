import base64
import hashlib
import html.parser
import itertools
import re

import pytest

from automl_text.report.page import notebook_html, render_family, render_html
from automl_text.report.sections import sections
from sample_evaluation import ATTACKS
from sample_result import SAMPLES, eighteen_categories

VOID = {"meta", "br", "input", "hr", "img", "link"}
LIMITS = {"eighteen": 1_500_000, "sixty": 5_000_000, "hostile": 1_500_000}


class Reader(html.parser.HTMLParser):
    """Collects what a browser would act on, and checks that tags nest."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.ids, self.headings, self.open = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def readers(pages):
    return {name: Reader(pages[name]) for name in SAMPLES}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_tag_is_closed_in_order(readers, name):
    assert readers[name].open == []


def test_the_same_result_gives_the_same_bytes(pages):
    assert render_html(eighteen_categories()) == pages["eighteen"]


@pytest.mark.parametrize(("name", "limit"), LIMITS.items())
def test_a_page_stays_small(pages, name, limit):
    assert len(pages[name].encode()) < limit


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_fetched_and_nothing_runs_but_the_one_script(readers, name):
    reader = readers[name]
    assert reader.tags.count("script") == 1
    assert not {"img", "link", "iframe", "object", "embed", "base", "form", "video", "audio"} & set(
        reader.tags
    )
    for tag, attribute, value in reader.attributes:
        assert not attribute.startswith("on"), (tag, attribute)
        assert attribute not in {"src", "srcset", "action", "formaction"}
        if attribute in {"href", "xlink:href"}:
            assert value.startswith("#")
    assert not re.search(r"url\((?!#)", "".join(v or "" for *_, v in reader.attributes))


def test_the_policy_allows_exactly_the_script_in_the_page(pages):
    page = pages["eighteen"]
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace(
        "&#39;", "'"
    )
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_headings_descend_one_level_at_a_time(readers, name):
    headings = readers[name].headings
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))


@pytest.mark.parametrize("name", SAMPLES)
def test_ids_are_unique_and_every_link_arrives(readers, name):
    reader = readers[name]
    assert len(reader.ids) == len(set(reader.ids))
    links = {value[1:] for _, attribute, value in reader.attributes if attribute in {"href", "xlink:href"}}
    assert links <= set(reader.ids)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sections_stand_in_order(pages, name):
    names = [
        "verdict",
        "alone",
        "holdout",
        "classes",
        "errors",
        "growth",
        "leaderboard",
        "data",
        "learned",
        "answers",
        "method",
    ]
    assert [section.name for section in sections()] == names
    names.remove("holdout")  # no rows were kept apart in the samples
    places = [pages[name].index(f' id="{section}"') for section in names]
    assert places == sorted(places)


def test_the_first_screen_says_what_to_use_how_good_how_sure_what_not_to_trust_and_what_next(pages):
    screen = " ".join(re.sub(r"<[^>]+>", " ", pages["eighteen"].split('<div class="body">')[0]).split())
    for words in (
        "Use TF-IDF + logistic regression",
        "80 of 100 new texts get the right category (95 % interval 74 to 83)",
        "macro-F1 expected on new texts (95 % interval 0.",
        "Probably the best of 3 families; LightGBM on TF-IDF cannot be ruled out",
        (
            "3 of 18 categories may, as far as their texts tell, err in over 1 of 10 at any confidence: "
            "praise, privacy request and data export"
        ),
        "automl-text predict reports/support_tickets new.csv -o labelled.csv --min-confidence 0.9",
    ):
        assert words in screen


@pytest.mark.parametrize("name", ["eighteen", "hostile"])
def test_every_count_of_the_matrix_leads_to_its_texts(pages, name):
    anchors = re.findall(r'<td class="e\d"><a href="#(cell-\d+-\d+)">', pages[name])
    assert anchors
    assert all(f'<div class="cell" id="{anchor}">' in pages[name] for anchor in anchors)


@pytest.mark.parametrize(
    ("name", "words"),
    [("no_signal", "No model can be recommended"), ("all_failed", "No model could be fitted")],
)
def test_without_a_recommendation_the_screen_leads_with_why(pages, name, words):
    screen = pages[name].split('<div class="body">')[0]
    assert words in screen
    assert "What next" in screen
    assert "automl-text predict" not in screen


def test_attacks_arrive_as_text(pages):
    page = pages["hostile"]
    assert "<svg onload" not in page
    assert "--><script>" not in page
    assert "&lt;svg onload=document.title=&#39;pwned&#39;&gt;" in page
    assert "{{7*7}}" in page
    assert "$\\frac$ x" in page
    assert not set("\u202e\u2066\x1b\x07") & set(page)
    assert r"\u202e" in page
    assert "L" * 200 not in page


def test_every_attack_is_one_of_the_categories_shown(pages):
    rows = re.findall(r'<th scope="row"><bdi>(.*?)</bdi>', pages["hostile"])
    assert len(set(rows)) >= len(ATTACKS)


def test_withheld_texts_are_said_to_be_withheld(pages):
    assert "(text withheld)" in pages["without_text"]
    assert "parcel number was changed" not in pages["without_text"]


def test_a_notebook_frame_holds_the_whole_page_and_lets_nothing_out(pages):
    frame = notebook_html(eighteen_categories())
    reader = Reader(frame)
    attributes = {name: value for _, name, value in reader.attributes}
    assert reader.tags == ["iframe"]
    assert attributes["srcdoc"] == pages["eighteen"]
    assert attributes["sandbox"] == "allow-scripts"


@pytest.mark.parametrize("family", ["logreg", "lightgbm", "lstm-as-posted"])
def test_a_page_on_one_family_promises_nothing_and_stands_on_its_own(family):
    result = eighteen_categories()
    page = render_family(result, family)
    reader = Reader(page)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    links = {value[1:] for _, attribute, value in reader.attributes if attribute == "href"}
    assert links <= set(reader.ids)
    title = next(each.title for each in result.evaluations if each.family == family)
    assert f'<h1 id="family"><bdi>{title}</bdi></h1>' in page
    assert ("expected on new texts" in page) is False
    assert ("The recommended family of this run" in page) == (family == "logreg")


def test_a_page_on_another_family_shows_no_text_of_the_recommended_one():
    page = render_family(eighteen_categories(), "lightgbm")
    assert "parcel number was changed" not in page
    assert "behind" in page
