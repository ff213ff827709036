from __future__ import annotations

import numpy as np
import pytest

from automl_text.families.contract import RefitPlan, Sample
from automl_text.families.explain import pushing_words, top_features
from automl_text.families.registry import load_family
from automl_text.tuning.space import load_space, settings_of

NAMES = ["billing", "delivery", "login"]


def _fitted(name: str, sample: Sample, **changes: object):
    family = load_family(name)
    params = {**load_space(name).default_params, **changes}
    labels = [NAMES[code] for code in sample.train_codes]
    plan = RefitPlan(texts=sample.train_texts, labels=labels, groups=sample.train_groups, seed=0)
    return family.refit(plan, settings_of(family, params))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", ["logreg", "linear"])
def test_words_of_a_category_stand_at_its_top(name: str, n_classes: int, make_sample):
    tops = top_features(_fitted(name, make_sample(n_classes), pieces="words"), n=3)
    assert [top.label for top in tops] == NAMES[:n_classes]
    assert {"invoice", "refund", "charged", "twice", "card", "euro"} & {
        piece for piece, _ in tops[0].features
    }
    for top in tops:
        weights = [weight for _, weight in top.features]
        assert len(weights) == 3
        assert weights == sorted(weights, reverse=True)
        assert min(weights) > 0


def test_no_piece_repeats_a_stronger_one(sample: Sample):
    for top in top_features(_fitted("logreg", sample, pieces="both"), n=8):
        cores = [piece.strip("…") for piece, _ in top.features]
        assert not any(a in b for a in cores for b in cores if a is not b)


def test_gain_of_trees_stands_for_each_category(sample: Sample):
    tops = top_features(_fitted("lightgbm", sample, pieces="words", min_df=1, rounds=10), n=4)
    known = " ".join(sample.train_texts)
    assert all(0 < share <= 1 and piece in known for top in tops for piece, share in top.features)
    assert all(top.features for top in tops)
    assert {top.measure for top in tops} == {"gain"}


def test_the_word_that_speaks_for_a_category_pushes_towards_it(sample: Sample):
    estimator = _fitted("logreg", sample)
    words = pushing_words(estimator, ["please, and the invoice it was"], "billing", n=2)
    assert words[0] == "invoice"


def test_a_text_without_words_has_nothing_that_pushes(sample: Sample):
    assert pushing_words(_fitted("logreg", sample), ["?!"], "billing") == ()


def test_an_estimator_without_features_has_no_top():
    class Network:
        classes_ = np.array(["a", "b"])

    assert top_features(Network()) == ()
