"""When a rival draws level: a range, never, or cannot be told."""

import dataclasses

import numpy as np
import pytest

from automl_text.verdict.curves import _CROSSING_MULTIPLES, _find_crossing, crossing_sentence
from automl_text.verdict.predictions import predictions_of


def test_the_first_multiple_at_which_the_rival_is_no_worse_is_found():
    chosen = np.tile(0.2 * _CROSSING_MULTIPLES**-0.1, (3, 1))
    rival = np.stack(
        [0.4 * _CROSSING_MULTIPLES**-0.6, 0.4 * _CROSSING_MULTIPLES**-0.6, 0.4 * _CROSSING_MULTIPLES**-0.05]
    )
    share, low, _ = _find_crossing(chosen, rival)
    assert (share, low) == pytest.approx((2 / 3, 2.0**2))
    assert _find_crossing(chosen[2:], rival[2:])[0] == 0


def families(build, data, rival_errors, chosen_errors=(0.12, 0.11, 0.105, 0.102, 0.1)):
    sizes = [16, 32, 64, 96, 128]

    def with_curve(name, error_rate, errors, place):
        made = build["family"](data, name, error_rate=error_rate, simplicity=place)
        curve = [build["size"](data, n, macro_f1=1 - e) for n, e in zip(sizes, errors, strict=True)]
        return dataclasses.replace(made, curve=tuple(curve))

    evidence = build["evidence"](
        data, with_curve("own", 0.1, chosen_errors, 0), with_curve("rival", 0.5, rival_errors, 1)
    )
    return predictions_of(evidence)


def test_a_family_may_be_declared_simpler_than_all_others(build, data):
    own, rival = families(build, data, (0.52, 0.515, 0.51, 0.505, 0.5), (0.4, 0.3, 0.2, 0.14, 0.1))
    simplest = dataclasses.replace(own, evidence=dataclasses.replace(own.evidence, simplicity=-1))
    assert "hardly draw level" in crossing_sentence(simplest, rival)


def test_a_rival_far_behind_on_a_flat_curve_hardly_draws_level(build, data):
    own, rival = families(build, data, (0.52, 0.515, 0.51, 0.505, 0.5), (0.4, 0.3, 0.2, 0.14, 0.1))
    assert "hardly draw level" in crossing_sentence(own, rival)


def test_a_rival_that_is_level_already_is_not_mentioned(build, data):
    own, rival = families(build, data, (0.9, 0.8, 0.7, 0.6, 0.5))
    assert crossing_sentence(rival, own) == ""


def test_without_curves_nothing_is_said(build, data):
    own, rival = families(build, data, (0.9, 0.8, 0.7, 0.6, 0.5))
    bare = dataclasses.replace(rival, evidence=dataclasses.replace(rival.evidence, curve=()))
    assert crossing_sentence(own, bare) == ""
