"""A real browser for whoever asks: headless Chromium, driven by Playwright."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # what tests of several rooms share

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # tests run side by side
    os.environ.setdefault(_name, "1")

CHROMIUM = (
    os.environ.get("AUTOML_TEXT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def _missing(reason):
    if os.environ.get("AUTOML_TEXT_BROWSER_REQUIRED") == "1":
        pytest.fail(f"AUTOML_TEXT_BROWSER_REQUIRED is set, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def missing():
    """Skip for a reason, or fail where a browser is required."""
    return _missing


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        _missing("no chromium is on the path: apt-get install chromium, or set AUTOML_TEXT_CHROMIUM")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  (may be missing)
    except ImportError:
        _missing("Playwright is not installed: pip install playwright")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_file(browser):
    """Open a file; at the end nothing may have been requested, logged or thrown."""
    opened, troubles = [], []

    def open_page(path, *, width=1280, **options):
        page = browser.new_page(viewport={"width": width, "height": 800}, **options)
        opened.append(page)
        address = path.as_uri()
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: None if request.url == address else troubles.append(request.url))
        page.goto(address)
        return page

    yield open_page
    for page in opened:
        page.close()
    assert troubles == []
