"""Photographs the first screen of a report: ``make_report_picture.py REPORT.html PICTURE.png``."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
WITHOUT_NETWORK = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Open the report as a reader on a laptop would and save what they see first."""
    report, picture = (Path(argument) for argument in sys.argv[1:3])
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=WITHOUT_NETWORK)
        page = browser.new_page(viewport={"width": 1280, "height": 850}, color_scheme="light")
        page.goto(report.absolute().as_uri())
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    main()
