import pytest

from automl_text.report.page import render_html
from sample_result import SAMPLES


class Pages(dict):
    """Sample results as pages, by name; each is made when it is first asked for."""

    def __missing__(self, name):
        self[name] = render_html(SAMPLES[name]())
        return self[name]


@pytest.fixture(scope="session")
def pages():
    return Pages()
