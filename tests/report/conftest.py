import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # the sample results are no test module

from sample_result import SAMPLES

from automl_text.report.page import render_html


class Pages(dict):
    """Sample results as pages, by name; each is made when it is first asked for."""

    def __missing__(self, name):
        self[name] = render_html(SAMPLES[name]())
        return self[name]


@pytest.fixture(scope="session")
def pages():
    return Pages()
