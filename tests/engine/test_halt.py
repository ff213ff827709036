import itertools

import pytest

from automl_text.engine.halt import first_of, never


@pytest.mark.parametrize("pair", list(itertools.product(["no", "soon", "now"], repeat=2)))
def test_the_most_urgent_check_wins(pair):
    answer = first_of(never, *(lambda one=one: one for one in pair))()
    assert answer == ("now" if "now" in pair else "soon" if "soon" in pair else "no")
