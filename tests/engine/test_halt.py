import itertools
import time

import pytest

from automl_text.engine.halt import Deadline, first_of, never


@pytest.mark.parametrize("pair", list(itertools.product(["no", "soon", "now"], repeat=2)))
def test_the_most_urgent_check_wins(pair):
    answer = first_of(never, *(lambda one=one: one for one in pair))()
    assert answer == ("now" if "now" in pair else "soon" if "soon" in pair else "no")


@pytest.mark.parametrize(("soft", "hard", "answer"), [(9, 9, "no"), (-1, 9, "soon"), (-2, -1, "now")])
def test_a_deadline_grows_more_urgent(soft, hard, answer):
    now = time.monotonic()
    assert Deadline(soft=now + soft, hard=now + hard)() == answer
