"""The report in a real browser: headless Chromium, driven by Playwright."""

import os
import re
from pathlib import Path

import pytest

AXE = os.environ.get("AUTOML_TEXT_AXE", "")
NAMES = ("two", "eighteen", "sixty", "no_signal", "all_failed", "hostile")
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SORT_COLUMN = "table.leaderboard th:nth-child({}) button"
FIT = 8
"""Column of the seconds that one fit takes."""
FAMILIES = "table.leaderboard tbody th"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module")
def files(pages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in NAMES:
        (folder / f"{name}.html").write_text(pages[name], encoding="utf-8")
    return folder


@pytest.fixture
def visit(open_file, files):
    """Open a sample page."""
    return lambda name, **options: open_file(files / f"{name}.html", **options)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_without_error_or_request(visit, name):
    page = visit(name)
    assert page.locator("h1").is_visible()
    assert page.locator("section").count() == 10


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_never_scrolls_sideways(visit, name):
    page = visit(name, width=375)
    assert not page.evaluate(SCROLLS_SIDEWAYS)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert not page.evaluate(SCROLLS_SIDEWAYS)


def test_the_verdict_and_the_command_fit_the_first_screen(visit):
    page = visit("eighteen")
    for selector in ("h1", ".decisions", ".promise", ".forest", ".commands"):
        box = page.locator(selector).first.bounding_box()
        assert box["y"] + box["height"] <= 800


def test_the_leaderboard_sorts_by_click(visit):
    page = visit("eighteen")
    before = page.locator(FAMILIES).all_inner_texts()
    page.click(SORT_COLUMN.format(FIT))  # longest first
    assert page.locator(FAMILIES).first.inner_text().startswith("LSTM as posted")
    page.click(SORT_COLUMN.format(FIT))
    assert page.locator(FAMILIES).first.inner_text().startswith("Majority class")
    assert page.locator("table.leaderboard th[aria-sort]").get_attribute("aria-sort") == "ascending"
    page.click(SORT_COLUMN.format(3))
    assert page.locator(FAMILIES).all_inner_texts() == before


def test_the_leaderboard_sorts_by_keyboard(visit):
    page = visit("eighteen")
    page.focus(SORT_COLUMN.format(FIT))
    page.keyboard.press("Enter")
    assert page.locator(FAMILIES).first.inner_text().startswith("LSTM as posted")
    page.keyboard.press("Space")
    assert page.locator(FAMILIES).first.inner_text().startswith("Majority class")


def test_typing_leaves_only_the_categories_that_match(visit):
    page = visit("eighteen")
    page.fill(".filter input", "refund")
    assert page.locator(".category:visible .name").all_inner_texts() == ["refund"]


def test_a_category_opens_its_texts_and_a_count_of_the_matrix_opens_its_own(visit):
    page = visit("eighteen")
    assert page.locator(".category .example").first.is_hidden()
    page.click(".category >> nth=2")
    assert page.locator(".category[open] .example").first.is_visible()
    page.click("table.matrix a[href='#cell-7-8']")
    opened = page.locator(".opened").inner_text()
    assert opened.startswith("invoice copy: taken for damaged item, 4 times")
    assert "parcel number" in opened


def test_the_slider_shows_what_another_confidence_decides_overall_and_by_category(visit):
    page = visit("eighteen")
    assert page.locator(".setting:visible").inner_text().startswith("At least 0.9 sure")
    page.focus(".settings input")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".setting:visible").inner_text().startswith("At least 0.8 sure")
    page.click("text=By category")
    assert page.locator("table.by-class thead th:visible").all_inner_texts() == ["Category", "0.8"]


def test_a_category_of_the_map_stands_out_when_it_is_chosen(visit):
    page = visit("eighteen")
    page.click(".legend button >> nth=3")
    assert page.locator(".map circle.on").count() > 0
    page.click(".legend button >> nth=3")
    assert page.locator(".map circle.on").count() == 0


@pytest.mark.parametrize("width", [375, 675, 1280])
def test_nothing_is_cut_off_at_the_width_of(visit, width):
    page = visit("eighteen", width=width)
    for selector in (".categories", ".forest", ".leaderboard", ".bands"):
        box = page.locator(selector).bounding_box()
        room = page.locator(selector).locator("..").bounding_box()
        if selector == ".leaderboard" and width < 1000:  # it scrolls inside its own box
            continue
        assert box["x"] + box["width"] <= room["x"] + room["width"] + 1, selector


def test_a_page_is_short_until_a_reader_asks_for_more(visit):
    page = visit("eighteen")
    assert len(page.inner_text("body").split()) <= 2250
    assert page.evaluate("document.documentElement.scrollHeight") <= 13 * 850


def test_a_printed_page_is_at_most_eight_sheets(visit, tmp_path):
    page = visit("eighteen")
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "12mm")
    sheets = page.pdf(path=tmp_path / "x.pdf", format="A4", margin=margin)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) <= 8


def test_a_term_explains_itself_on_focus_and_escape_closes_it(visit):
    page = visit("eighteen")
    page.focus("a.term")
    assert "harmonic mean" in page.locator("#tip").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()


def test_the_first_tab_reaches_the_skip_link(visit):
    page = visit("eighteen")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_dark_mode_turns_page_and_charts(visit):
    colours = []
    for scheme in ("light", "dark"):
        page = visit("eighteen", color_scheme=scheme)
        script = """() => [document.body, document.querySelector('svg.chart text')].map(
            (each, i) => getComputedStyle(each)[i ? 'fill' : 'backgroundColor'])"""
        colours.append(page.evaluate(script))
    light, dark = colours
    assert light[0] == "rgb(255, 255, 255)"
    assert light[0] != dark[0]
    assert light[1] != dark[1]


def test_everything_is_there_without_scripts(visit):
    page = visit("eighteen", java_script_enabled=False)
    assert page.locator("table.leaderboard tbody tr").count() == 5
    assert page.locator("table.leaderboard th button").count() == 0
    page.click("text=Words used here")
    assert page.locator("#def-expected dd").is_visible()
    page.click(".category >> nth=2")
    assert page.locator(".category[open] .example").first.is_visible()
    assert page.locator(".setting:visible").count() == 1


def test_attacks_run_nothing(visit):
    page = visit("hostile")
    page.hover("h1")
    for element in page.locator("bdi").all()[:40]:
        element.dispatch_event("mouseover")
    assert "pwned" not in page.title().replace("document.title='pwned'", "")
    assert page.locator("script").count() == 1
    assert page.evaluate("document.querySelectorAll('[onload],[onmouseover],a[href*=evil],img').length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["eighteen", "no_signal", "hostile"])
def test_axe_finds_nothing_serious(visit, missing, name, scheme):
    if not Path(AXE).is_file():
        missing("AUTOML_TEXT_AXE names no axe.min.js: npm install axe-core")
    page = visit(name, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then((results) => results.violations)"
    )
    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []
