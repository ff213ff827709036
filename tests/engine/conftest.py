import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # worker processes import the fakes by name

from engine_fakes import Work


@pytest.fixture
def work(tmp_path):
    return Work(tmp_path / "diary.txt")
