"""The reference that looks at no text, beside scikit-learn's."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from automl_text.families.contract import ABSENT_LOGIT, RefitPlan, Sample
from automl_text.families.majority import FAMILY

CODES = np.array([2, 0, 2, 2, 0, 3])
TEXTS = ["one", "two", "three", "four", "five", "six"]


def test_its_probabilities_are_those_of_scikit_learns_prior():
    sample = Sample(
        train_texts=TEXTS,
        train_codes=CODES,
        train_groups=np.arange(6),
        test_texts=["x", ""],
        n_classes=4,
        key="k",
    )
    scores = FAMILY.score(sample, FAMILY.settings(), seed=0)
    probabilities = np.exp(scores.logits[0])
    expected = DummyClassifier(strategy="prior").fit(TEXTS, CODES).predict_proba(["x", ""])
    np.testing.assert_allclose(probabilities[:, [0, 2, 3]], expected, rtol=1e-6)
    assert (scores.logits[0][:, 1] == ABSENT_LOGIT).all()  # the category that no row holds


def test_the_model_names_the_largest_category_whatever_it_reads():
    labels = np.array(["a", "b", "c", "d"], dtype=object)[CODES]
    plan = RefitPlan(texts=TEXTS, labels=labels.tolist(), groups=np.arange(6), seed=0)
    model = FAMILY.refit(plan, FAMILY.settings())
    assert model.classes_.tolist() == ["a", "c", "d"]
    assert model.predict(["anything", ""]).tolist() == ["c", "c"]
    assert model.predict_proba(["anything"])[0] == pytest.approx([2 / 6, 3 / 6, 1 / 6], abs=1e-6)
