import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # the sample results are no test module

from sample_result import SAMPLES

from automl_text.report.page import render_html


@pytest.fixture(scope="session")
def pages():
    """Every sample result as a page, by name."""
    return {name: render_html(build()) for name, build in SAMPLES.items()}
